#pragma once

#include <xgrad/optim/optimizer.hpp>

namespace xgrad::optim {

struct AdamOptions {
    double learning_rate = 1e-3;
    double beta1 = 0.9;    ///< decay of the first moment
    double beta2 = 0.999;  ///< decay of the second moment
    double epsilon = 1e-7;
    double weight_decay = 0;  ///< adds weight_decay * w to the gradient (L2); for decoupled decay see AdamW
    /// Where epsilon is added: false, as in Keras, to sqrt(v) (the paper's "epsilon hat"); true, as in PyTorch, to
    /// sqrt(v / (1 - beta2^t)). They differ early in training and where gradients are small.
    bool epsilon_after_correction = false;
};

/// Adam (Kingma & Ba 2015, algorithm 1, in the order of section 2's last paragraph).
///
///     m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
///     w <- w - lr sqrt(1 - beta2^t) / (1 - beta1^t)  m / (sqrt(v) + epsilon)
///
/// Each parameter is updated in one pass over memory: w, m, v and g are read once, w, m and v written once.
class Adam : public Optimizer {
public:
    /// @throws ValueError on a beta outside [0, 1), an epsilon that is not positive, or a negative weight decay
    explicit Adam(std::vector<Variable> parameters, const AdamOptions& options = {},
                  const Location& at = Location::current());

protected:
    void update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) override;
    /// The update, after shrinking w by the factor `keep` and adding l2 w to the gradient.
    void update_moments(std::size_t i, Variable& parameter, const Variable& gradient, double keep, double l2);

private:
    AdamOptions options_;
    std::vector<Variable> first_, second_;
    // Of the moments' start at 0, for the step that they were computed for.
    std::size_t corrected_step_ = 0;
    double first_correction_ = 1, second_correction_ = 1;
};

}  // namespace xgrad::optim
