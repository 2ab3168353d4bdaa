#pragma once

#include <xgrad/optim/adam.hpp>

namespace xgrad::optim {

struct AdamWOptions {
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0.004;            ///< Keras's default; PyTorch's is 0.01
    bool epsilon_after_correction = false;  ///< see AdamOptions
};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019): w <- (1 - lr weight_decay) w before the Adam step, in
/// the same pass.
class AdamW : public Adam {
public:
    /// @throws ValueError as Adam
    explicit AdamW(std::vector<Variable> parameters, const AdamWOptions& options = {},
                   const Location& at = Location::current());

protected:
    void update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) override;

private:
    double weight_decay_;
};

}  // namespace xgrad::optim
