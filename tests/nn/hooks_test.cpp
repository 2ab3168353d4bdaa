#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/replay.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/sequential.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <string>

using namespace xgrad;
using boost::test_tools::per_element;

namespace {

struct Net {
    Rng rng{1};
    nn::Dense first{2, 3, rng, {.activation = "tanh", .dtype = DType::float64}};
    nn::Dense second{3, 1, rng, {.dtype = DType::float64}};
    Variable x = parameter(Variable({{0.5, -1.0}, {2.0, 0.25}}, DType::float64));
    Variable loss() { return sum(square(second(first(x)))); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_layers_hook_sees_the_gradients_of_its_input_and_its_result) {
    Net net;
    const Variable h = net.first(net.x), y = net.second(h);
    const auto direct = grad({sum(square(y))}, {h, y});
    int calls = 0;
    net.second.register_backward_hook([&](const Variable& dx, const Variable& dy) {
        ++calls;
        BOOST_TEST(dx.to_vector() == direct[0].to_vector(), per_element());
        BOOST_TEST(dy.to_vector() == direct[1].to_vector(), per_element());
        return Variable();
    });
    net.loss().backward();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_layers_hook_may_change_what_goes_on) {
    Net net;
    const std::vector<double> before = grad(net.loss(), net.x).to_vector();
    nn::LayerHookHandle handle =
        net.second.register_backward_hook([](const Variable& dx, const Variable&) { return 2 * dx; });
    std::vector<double> doubled = before;
    for (double& v : doubled) v *= 2;
    BOOST_TEST(grad(net.loss(), net.x).to_vector() == doubled, per_element());
    handle.remove();
    handle.remove();
    BOOST_TEST(grad(net.loss(), net.x).to_vector() == before, per_element());
}

BOOST_AUTO_TEST_CASE(a_layers_hook_registered_later_is_called_in_a_replayed_step) {
    Net net;
    auto step = replay([&](const Variable& x) {
        net.first.zero_grad();
        net.second.zero_grad();
        Variable loss = sum(square(net.second(net.first(x))));
        loss.backward();
        return loss;
    });
    const Variable x = net.x.detach();
    for (int call = 0; call < 3; ++call) step(x);
    BOOST_TEST(step.is_replayed());
    int calls = 0;
    net.second.register_backward_hook([&](const Variable&, const Variable&) {
        ++calls;
        return Variable();
    });
    for (int call = 0; call < 3; ++call) step(x);
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(a_layers_hook_may_take_itself_and_a_later_one_off) {
    for (const bool input_has_gradient : {true, false}) {
        Net net;
        net.x.set_requires_grad(input_has_gradient);
        auto own = std::make_shared<nn::LayerHookHandle>(), later = std::make_shared<nn::LayerHookHandle>();
        int calls = 0;
        *own = net.first.register_backward_hook([own, later, &calls](const Variable&, const Variable&) {
            own->remove();
            later->remove();
            ++calls;
            return Variable();
        });
        *later = net.first.register_backward_hook([&](const Variable&, const Variable&) {
            calls += 100;
            return Variable();
        });
        net.loss().backward();
        net.loss().backward();
        BOOST_TEST(calls == 1);
    }
}

BOOST_AUTO_TEST_CASE(the_first_layers_hook_has_no_gradient_of_its_input) {
    Net net;
    net.x.set_requires_grad(false);
    int calls = 0;
    net.first.register_backward_hook([&](const Variable& dx, const Variable& dy) {
        ++calls;
        BOOST_TEST(!dx);
        BOOST_TEST((dy.shape() == Shape{2, 3}));
        return Variable();
    });
    net.loss().backward();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(a_modules_gradient_hook_is_told_the_parameters_names) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 3, rng), nn::Dense(3, 1, rng)};
    std::vector<std::string> names;
    auto handles = model.register_gradient_hook([&](const std::string& name, const Variable& dw) {
        names.push_back(name);
        return 0 * dw;
    });
    sum(model(ones({4, 2}))).backward();
    std::sort(names.begin(), names.end());
    std::vector<std::string> expected;
    for (const auto& [name, parameter] : model.named_parameters()) {
        expected.push_back(name);
        BOOST_TEST(parameter.grad().to_vector() == std::vector<double>(parameter.size(), 0.0), per_element());
    }
    std::sort(expected.begin(), expected.end());
    BOOST_TEST(names == expected, per_element());
    for (HookHandle& handle : handles) handle.remove();
    names.clear();
    sum(model(ones({4, 2}))).backward();
    BOOST_TEST(names.empty());
}

BOOST_AUTO_TEST_CASE(a_gradient_hook_that_a_frozen_parameter_refuses_stays_nowhere) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 3, rng), nn::Dense(3, 1, rng)};
    model.parameters().back().set_requires_grad(false);
    int calls = 0;
    const auto count = [&](const std::string&, const Variable& dw) {
        ++calls;
        return dw;
    };
    BOOST_CHECK_THROW(model.register_gradient_hook(count), GraphError);
    sum(model(ones({4, 2}))).backward();
    BOOST_TEST(calls == 0);
}

BOOST_AUTO_TEST_CASE(a_hook_that_spoils_the_gradient_is_an_error_at_the_users_line) {
    const auto is_here = [](const ShapeError& error) {
        const std::string message = error.what();
        return message.find("hook") != message.npos && message.find("hooks_test.cpp:") != message.npos;
    };
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 3, rng), nn::Dense(3, 1, rng)};
    const Variable x = parameter(ones({4, 2}));
    nn::LayerHookHandle of_layer =
        model.register_backward_hook([](const Variable&, const Variable&) { return zeros({7}); });
    BOOST_CHECK_EXCEPTION(sum(model(x)).backward(), ShapeError, is_here);
    of_layer.remove();
    model.register_gradient_hook([](const std::string&, const Variable&) { return zeros({7}); });
    BOOST_CHECK_EXCEPTION(sum(model(x)).backward(), ShapeError, is_here);
}
