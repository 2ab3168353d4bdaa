#include <xgrad/optim/sgd.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/map.hpp>

#include <fmt/format.h>

namespace xgrad::optim {

SGD::SGD(std::vector<Variable> parameters, const SGDOptions& options, const Location& at)
    : Optimizer(std::move(parameters), options.learning_rate, at), options_(options) {
    detail::located("SGD", at, [&] {
        if (!(options.momentum >= 0 && options.momentum < 1))
            throw ValueError(fmt::format("momentum {} is outside [0, 1)", options.momentum));
        if (options.nesterov && options.momentum == 0) throw ValueError("nesterov needs a momentum");
        if (!(options.weight_decay >= 0))
            throw ValueError(fmt::format("weight_decay {} is negative", options.weight_decay));
    });
    if (options.momentum > 0) velocities_ = zeros_beside_parameters();
}

void SGD::update_parameter(std::size_t i, Variable& parameter, const Variable& gradient) {
    const double rate = learning_rate(), momentum = options_.momentum, decay = options_.weight_decay;
    const bool nesterov = options_.nesterov;
    if (velocities_.empty()) {
        update(
            std::tie(parameter), [=](auto w, auto g) { return std::array{w - rate * (g + decay * w)}; }, gradient);
        return;
    }
    check_beside(parameter, velocities_[i]);
    const auto rule = [=](auto w, auto v, auto g) {
        const auto pull = rate * (g + decay * w);
        const auto velocity = momentum * v - pull;
        return std::array{nesterov ? w + momentum * velocity - pull : w + velocity, velocity};
    };
    update(std::tie(parameter, velocities_[i]), rule, gradient);
}

}  // namespace xgrad::optim
