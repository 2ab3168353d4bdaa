#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/variable.hpp>

#include <vector>

namespace xgrad::optim {

/// What every optimizer is: some parameters, a learning rate, and a step that moves the parameters along their
/// gradients. Parameters without a gradient stay as they are. Nothing of a step is recorded.
class Optimizer {
public:
    /// @throws ValueError when there are no parameters, one is empty or requires no gradient, or the rate is not
    /// positive
    Optimizer(std::vector<Variable> parameters, double learning_rate, const Location& at = Location::current());
    virtual ~Optimizer() = default;
    Optimizer(Optimizer&&) = default;
    Optimizer& operator=(Optimizer&&) = default;
    Optimizer(const Optimizer&) = delete;  // two optimizers would share the parameters, and not the moments
    Optimizer& operator=(const Optimizer&) = delete;

    /// One update of every parameter that has a gradient. An error names the parameter and this call's line, also one
    /// that comes out of an operator within update_parameter(). Subnormal numbers (below 1e-38 in float32) count as 0.
    /// @throws DTypeError when a parameter was converted after the optimizer made its moments
    void step(const Location& at = Location::current());
    /// Forgets the gradients, so that the next backward() starts from none.
    void zero_grad();

    double learning_rate() const { return learning_rate_; }
    /// @throws ValueError unless the rate is positive
    void set_learning_rate(double learning_rate, const Location& at = Location::current());
    const std::vector<Variable>& parameters() const { return parameters_; }
    /// Steps taken so far.
    std::size_t steps() const { return steps_; }

protected:
    /// Updates parameter number `i`; steps() counts this step already.
    virtual void update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) = 0;
    /// Zeros beside every parameter: velocities, moments.
    std::vector<Variable> zeros_beside_parameters() const;
    /// That the parameter still has the element type of what zeros_beside_parameters() made for it. @throws DTypeError
    static void check_beside(const Variable& parameter, const Variable& beside);

private:
    std::vector<Variable> parameters_;
    double learning_rate_;
    std::size_t steps_ = 0;
};

}  // namespace xgrad::optim
