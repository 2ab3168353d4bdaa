#include <xgrad/optim/adamw.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>

#include <fmt/format.h>

namespace xgrad::optim {

AdamW::AdamW(std::vector<Variable> parameters, const AdamWOptions& options, const Location& at)
    : Adam(std::move(parameters),
           {.learning_rate = options.learning_rate,
            .beta1 = options.beta1,
            .beta2 = options.beta2,
            .epsilon = options.epsilon,
            .epsilon_after_correction = options.epsilon_after_correction},
           at),
      weight_decay_(options.weight_decay) {
    detail::located("AdamW", at, [&] {
        if (!(weight_decay_ >= 0)) throw ValueError(fmt::format("weight_decay {} is negative", weight_decay_));
    });
}

void AdamW::update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) {
    update_moments(i, parameter, gradient, 1 - learning_rate() * weight_decay_, 0);
}

}  // namespace xgrad::optim
