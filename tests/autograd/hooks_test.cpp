#include <xgrad/autograd/hooks.hpp>

#include <autograd/engine.hpp>

#include <memory>
#include <utility>

using namespace xgrad;
using namespace engine;

namespace {

GradientHook times(double factor) {
    return [factor](const Variable& dy) { return dy * factor; };
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_hook_sees_the_whole_gradient_of_a_value_once) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    std::vector<numbers> seen;
    register_hook(h, [&](const Variable& dy) {
        seen.push_back(dy.to_vector());
        return Variable();
    });
    (sum(h) + sum(h * h)).backward();
    BOOST_REQUIRE(seen.size() == 1U);
    BOOST_TEST(seen[0] == (numbers{7, 13}), per_element());
    BOOST_TEST(x.grad().to_vector() == (numbers{21, 39}), per_element());
}

BOOST_AUTO_TEST_CASE(what_a_hook_returns_takes_the_gradients_place) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    register_hook(h, times(10));
    register_hook(h, [](const Variable& dy) { return dy + 1; });
    sum(h).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{33, 33}), per_element());
}

BOOST_AUTO_TEST_CASE(a_leafs_hook_sees_the_gradient_of_all_its_uses_together) {
    const Variable x = leaf({1, 2}, {2});
    int calls = 0;
    register_hook(x, [&](const Variable& dy) {
        ++calls;
        return clip(dy, -4, 4);
    });
    (sum(x * 3) + sum(x * x)).backward();
    BOOST_TEST(calls == 1);
    BOOST_TEST(x.grad().to_vector() == (numbers{4, 4}), per_element());
    sum(x).backward();  // added to what is there already
    BOOST_TEST(calls == 2);
    BOOST_TEST(x.grad().to_vector() == (numbers{5, 5}), per_element());
}

BOOST_AUTO_TEST_CASE(grad_runs_hooks_too) {
    const Variable x = leaf({1, 2}, {2}), other = leaf(5);
    const Variable h = x * x;
    register_hook(x, times(2));
    register_hook(h, times(10));
    register_hook(other, [](const Variable&) -> Variable { throw ValueError("not asked for"); });
    const auto gradients = grad({sum(h) * other}, {x, h});
    BOOST_TEST(gradients[0].to_vector() == (numbers{200, 400}), per_element());
    BOOST_TEST(gradients[1].to_vector() == (numbers{50, 50}), per_element());
}

BOOST_AUTO_TEST_CASE(under_create_graph_a_hook_is_differentiated_as_well) {
    const Variable x = leaf({2}, {1});
    register_hook(x, [](const Variable& dy) { return dy * dy; });
    const Variable slope = grad(sum(x * x), x, {.create_graph = true});  // (2x)^2
    BOOST_TEST(slope.item() == 16);
    Variable again = leaf({2}, {1});
    BOOST_TEST(grad(sum(slope), x).item() == 256);  // d/dx 4x^2 = 8x = 16, which the hook squares
}

BOOST_AUTO_TEST_CASE(a_hook_can_be_taken_off) {
    const Variable x = leaf({1, 2}, {2});
    HookHandle handle = register_hook(x, times(10));
    handle.remove();
    handle.remove();
    sum(x).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(a_hook_may_take_itself_off) {
    const Variable x = leaf({1, 2}, {2});
    HookHandle handle;
    handle = register_hook(x, [&](const Variable& dy) {
        handle.remove();
        return dy * 10;
    });
    sum(x).backward();
    sum(x).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{11, 11}), per_element());
}

BOOST_AUTO_TEST_CASE(a_hook_that_an_earlier_one_takes_off_is_not_called_any_more) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    for (const Variable& v : {h, x}) {  // in the middle and at a leaf
        auto later = std::make_shared<HookHandle>();
        register_hook(v, [later](const Variable& dy) {
            later->remove();
            return dy * 10;
        });
        *later = register_hook(v, [](const Variable&) -> Variable { throw ValueError("taken off"); });
        register_hook(v, [](const Variable& dy) { return dy + 1; });
    }
    sum(h).backward({.retain_graph = true});
    BOOST_TEST(x.grad().to_vector() == (numbers{331, 331}), per_element());  // (10 + 1) * 3 * 10 + 1
    sum(h).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{662, 662}), per_element());
}

BOOST_AUTO_TEST_CASE(a_hook_takes_off_that_of_a_value_which_the_walk_has_not_reached) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    HookHandle below = register_hook(x, [](const Variable&) -> Variable { throw ValueError("taken off"); });
    register_hook(h, [&](const Variable& dy) {
        below.remove();
        return dy;
    });
    sum(h).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{3, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(a_hook_that_a_hook_registers_waits_for_the_next_gradient) {
    const Variable x = leaf({1, 2}, {2});
    bool first = true;
    register_hook(x, [&](const Variable& dy) {
        if (std::exchange(first, false))
            for (int i = 0; i < 20; ++i) register_hook(x, times(2));
        return dy * 10;
    });
    sum(x).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{10, 10}), per_element());
    BOOST_TEST(grad(sum(x), x).to_vector() == (numbers{10485760, 10485760}), per_element());  // 10 * 2^20
}

BOOST_AUTO_TEST_CASE(a_hook_that_spoils_the_gradient_is_an_error) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    const auto of_three = [](const Variable&) { return zeros({3}, DType::float64); };
    for (const Variable& v : {h, x}) {
        // clang-format off
        const std::string registered = at_line(); HookHandle wrong = register_hook(v, of_three);
        // clang-format on
        BOOST_CHECK_EXCEPTION(sum(h).backward({.retain_graph = true}), ShapeError,
                              Says({"hook", "(3,)", "(2,)", registered}));
        wrong.remove();
    }
    register_hook(h, [](const Variable&) { return zeros({2}); });
    BOOST_CHECK_EXCEPTION(sum(h).backward(), DTypeError, Says({"hook", "float32", "float64"}));
}

BOOST_AUTO_TEST_CASE(a_hook_on_what_carries_no_gradient_is_an_error) {
    BOOST_CHECK_EXCEPTION(register_hook(zeros({2}), times(1)), GraphError, Says({"register_hook", "(2,)"}));
}
