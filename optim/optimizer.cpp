#include <xgrad/optim/optimizer.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/replay.hpp>
#include <xgrad/autograd/tape.hpp>

namespace xgrad::optim {

Optimizer::Optimizer(std::vector<Variable> parameters, double learning_rate) : parameters_(std::move(parameters)) {
    if (parameters_.empty()) throw ValueError("an optimizer without parameters: does the module list its members?");
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        if (!parameters_[i].requires_grad())
            throw ValueError(fmt::format("parameter {} of an optimizer requires no gradient; see parameter()", i));
    set_learning_rate(learning_rate);
}

void Optimizer::step() {
    run_replayable("optimizer", [this] {
        const NoGrad off;
        ++steps_;
        for (std::size_t i = 0; i < parameters_.size(); ++i)
            if (const Variable gradient = parameters_[i].grad()) update_parameter(i, parameters_[i], gradient);
    });
}

void Optimizer::zero_grad() {
    for (Variable& parameter : parameters_) parameter.zero_grad();
}

void Optimizer::set_learning_rate(double learning_rate) {
    if (!(learning_rate > 0)) throw ValueError(fmt::format("learning_rate {} is not positive", learning_rate));
    learning_rate_ = learning_rate;
}

std::vector<Variable> Optimizer::zeros_beside_parameters() const {
    std::vector<Variable> zeros;
    for (const Variable& parameter : parameters_) zeros.push_back(zeros_like(parameter));
    return zeros;
}

}  // namespace xgrad::optim
