#include <xgrad/optim/optimizer.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/flush_denormal.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/replay.hpp>

#include <fmt/format.h>

namespace xgrad::optim {

Optimizer::Optimizer(std::vector<Variable> parameters, double learning_rate, const Location& at)
    : parameters_(std::move(parameters)) {
    detail::located("optimizer", at, [&] {
        if (parameters_.empty()) throw ValueError("no parameters: does the module list its members?");
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            if (!parameters_[i].requires_grad())
                throw ValueError(fmt::format("parameter {} requires no gradient; see parameter()", i));
            for (std::size_t k = 0; k < i; ++k)
                if (parameters_[i].is_same(parameters_[k]))
                    throw ValueError(fmt::format("parameter {} is parameter {} again: it would move twice", i, k));
        }
    });
    set_learning_rate(learning_rate, at);
}

void Optimizer::step(const Location& at) {
    run_replayable("optimizer", [this, at] {
        const NoGrad off;
        const CallSite here(at);
        const FlushDenormal fast;
        ++steps_;
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const Variable gradient = parameters_[i].grad();
            if (!gradient) continue;
            try {
                update_parameter(i, parameters_[i], gradient);
            } catch (Error& error) {
                detail::explain(error, fmt::format("step: parameter {}, {}", i, detail::describe(parameters_[i])), at);
                throw;
            }
        }
    });
}

void Optimizer::zero_grad() {
    for (Variable& parameter : parameters_) parameter.zero_grad();
}

void Optimizer::set_learning_rate(double learning_rate, const Location& at) {
    detail::located("optimizer", at, [&] {
        if (!(learning_rate > 0)) throw ValueError(fmt::format("learning_rate {} is not positive", learning_rate));
    });
    if (thread_state.capture != nullptr) thread_state.capture->refuse("a learning rate is set in it");
    learning_rate_ = learning_rate;
}

std::vector<Variable> Optimizer::zeros_beside_parameters() const {
    std::vector<Variable> zeros;
    for (const Variable& parameter : parameters_) zeros.push_back(zeros_like(parameter));
    return zeros;
}

void Optimizer::check_beside(const Variable& parameter, const Variable& beside) {
    if (parameter.dtype() != beside.dtype())
        throw DTypeError(
            fmt::format("it is {} now and was {} when the optimizer was made; make the optimizer after "
                        "converting the parameters",
                        to_string(parameter.dtype()), to_string(beside.dtype())));
}

}  // namespace xgrad::optim
