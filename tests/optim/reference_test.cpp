#include "reference.hpp"

#include <xgrad/autograd/ops.hpp>
#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/sgd.hpp>

#include <memory>

using namespace xgrad;

namespace {

using reference::Options;
using Maker = std::function<std::unique_ptr<optim::Optimizer>(std::vector<Variable>, const Options&)>;

std::unique_ptr<optim::Optimizer> make_sgd(std::vector<Variable> weights, const Options& o) {
    return std::make_unique<optim::SGD>(std::move(weights), optim::SGDOptions{.learning_rate = o.at("lr"),
                                                                              .momentum = o.value("momentum", 0.0),
                                                                              .nesterov = o.value("nesterov", false)});
}

std::unique_ptr<optim::Optimizer> make_adam(std::vector<Variable> weights, const Options& o) {
    return std::make_unique<optim::Adam>(std::move(weights), optim::AdamOptions{.learning_rate = o.at("lr"),
                                                                                .beta1 = o.at("beta1"),
                                                                                .beta2 = o.at("beta2"),
                                                                                .epsilon = o.at("eps"),
                                                                                .weight_decay = o.at("l2"),
                                                                                .epsilon_after_correction = true});
}

const std::map<std::string, Maker> optimizers{{"sgd", make_sgd}, {"keras_sgd", make_sgd}, {"adam", make_adam}};

/// Entry `i` along the first axis.
Variable entry(const Variable& all, std::size_t i) {
    const long at = static_cast<long>(i);
    return squeeze(slice(all, 0, at, at + 1), 0);
}

/// Takes 20 steps of two weights along given gradients, and compares the weights after each.
void check(const reference::Case& c, const Maker& make) {
    Variable a = parameter(copy(c.array("w0.a"))), b = parameter(copy(c.array("w0.b")));
    const std::unique_ptr<optim::Optimizer> optimizer = make({a, b}, c.args);
    const std::size_t steps = c.array("g.a").shape()[0];
    for (std::size_t i = 0; i < steps; ++i) {
        a.set_grad(entry(c.array("g.a"), i));
        b.set_grad(entry(c.array("g.b"), i));
        optimizer->step();
        reference::check_close("a after step " + std::to_string(i + 1), a, entry(c.array("w.a"), i));
        reference::check_close("b after step " + std::to_string(i + 1), b, entry(c.array("w.b"), i));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(optimizers_agree_with_the_reference_vectors) {
    for (const reference::Case& c : reference::read_cases("optimizer")) BOOST_TEST_CONTEXT(c.name) {
            const auto maker = optimizers.find(c.op);
            BOOST_TEST(bool(maker != optimizers.end()), "no entry for " << c.op);
            if (maker != optimizers.end()) check(c, maker->second);
        }
}
