#pragma once

#include <xgrad/optim/optimizer.hpp>

namespace xgrad::optim {

struct SGDOptions {
    double learning_rate = 0.01;
    double momentum = 0;      ///< in [0, 1)
    bool nesterov = false;    ///< look ahead along the velocity (Nesterov 1983; Sutskever et al. 2013)
    double weight_decay = 0;  ///< adds weight_decay * w to the gradient
};

/// Stochastic gradient descent.
///
///     w <- w - lr g                                       without momentum
///     v <- m v - lr g,  w <- w + v                        with momentum m
///     v <- m v - lr g,  w <- w + m v - lr g               with Nesterov's look-ahead
///
/// As in Keras the velocity has the learning rate in it; at a constant rate that is the same path as PyTorch's.
/// Each parameter is updated in one pass over memory.
class SGD : public Optimizer {
public:
    /// @throws ValueError on a momentum outside [0, 1), Nesterov without momentum, or a negative weight decay
    explicit SGD(std::vector<Variable> parameters, const SGDOptions& options = {},
                 const Location& at = Location::current());

protected:
    void update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) override;

private:
    SGDOptions options_;
    std::vector<Variable> velocities_;  // empty without momentum
};

}  // namespace xgrad::optim
