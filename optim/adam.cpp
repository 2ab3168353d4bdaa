#include <xgrad/optim/adam.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/map.hpp>

#include <fmt/format.h>

#include <cmath>

namespace xgrad::optim {

namespace {

/// 1 - beta^t. A power takes its time, so it is left out where the difference rounds to 1:
/// beta^t <= exp(-t (1 - beta)) < exp(-38) < 2^-54.
double weight_so_far(double beta, double t) { return t * (1 - beta) > 38 ? 1 : 1 - std::pow(beta, t); }

}  // namespace

Adam::Adam(std::vector<Variable> parameters, const AdamOptions& options, const Location& at)
    : Optimizer(std::move(parameters), options.learning_rate, at), options_(options) {
    detail::located("Adam", at, [&] {
        for (const double beta : {options.beta1, options.beta2})
            if (!(beta >= 0 && beta < 1)) throw ValueError(fmt::format("beta {} is outside [0, 1)", beta));
        if (!(options.epsilon > 0)) throw ValueError(fmt::format("epsilon {} is not positive", options.epsilon));
        if (!(options.weight_decay >= 0))
            throw ValueError(fmt::format("weight_decay {} is negative", options.weight_decay));
    });
    first_ = zeros_beside_parameters();
    second_ = zeros_beside_parameters();
}

void Adam::update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) {
    update_moments(i, parameter, gradient, 1, options_.weight_decay);
}

void Adam::update_moments(std::size_t i, Variable& parameter, const Variable& gradient, double keep, double l2) {
    check_beside(parameter, first_[i]);
    const double beta1 = options_.beta1, beta2 = options_.beta2;
    if (corrected_step_ != steps()) {  // once for all parameters
        corrected_step_ = steps();
        const auto t = static_cast<double>(corrected_step_);
        first_correction_ = weight_so_far(beta1, t);
        second_correction_ = std::sqrt(weight_so_far(beta2, t));
    }
    const double correction = second_correction_, rate = learning_rate() * correction / first_correction_;
    // PyTorch's sqrt(v) / c + epsilon is (sqrt(v) + c epsilon) / c: the same pass serves both forms.
    const double epsilon = options_.epsilon_after_correction ? options_.epsilon * correction : options_.epsilon;
    // Constants of the elements' own type need no conversion in the loop.
    visit_floating(parameter.dtype(), [&](auto number) {
        using T = decltype(number);
        const auto targets = std::tie(parameter, first_[i], second_[i]);
        const auto rule = [rate = T(rate), epsilon = T(epsilon), beta1 = T(beta1), beta2 = T(beta2),
                           rest1 = T(1 - beta1), rest2 = T(1 - beta2)](auto w, auto m, auto v, auto g) {
            m = beta1 * m + rest1 * g;
            v = beta2 * v + rest2 * g * g;
            w = w - fast_divide(rate * m, sqrt(v) + epsilon);
            return std::array{w, m, v};
        };
        if (keep == 1 && l2 == 0)  // as a rule, and two multiplications less
            update(targets, rule, gradient);
        else
            update(
                targets,
                [rule, keep = T(keep), l2 = T(l2)](auto w, auto m, auto v, auto g) {
                    return rule(keep * w, m, v, g + l2 * w);
                },
                gradient);
    });
}

}  // namespace xgrad::optim
