#include <xgrad/autograd/backward.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <stdexcept>

using namespace xgrad;
using namespace engine;

namespace {

/// Doubles, with a rule that throws while it is told to.
struct Fragile {
    static constexpr auto name = "fragile";
    bool* broken;
    bool foreign = false;

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const { y.assign((2 * x).to(y.dtype())); }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const {
        if (*broken && foreign) throw std::runtime_error("not one of ours");
        if (*broken) throw ValueError("the rule is broken");
        return 2 * dy;
    }
};

/// A rule that is plainly wrong, in shape or in type.
template <bool in_shape>
struct Wrong {
    static constexpr auto name = in_shape ? "wrong_shape" : "wrong_type";
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        std::copy_n(x.data<double>(), x.size(), y.mutable_data<double>());
    }
    Variable backward(const Variable& x, const Variable&, const Variable&) const {
        return in_shape ? ones({5}, x.dtype()) : ones(x.shape(), DType::float32);
    }
};

/// Has a gradient for its first input only.
struct FirstOnly {
    static constexpr auto name = "first_only";
    Shape shape(const Variable& a, const Variable&) const { return a.shape(); }
    void forward(Variable& y, const Variable& a, const Variable&) const {
        std::copy_n(a.data<double>(), a.size(), y.mutable_data<double>());
    }
    std::array<Variable, 2> backward(const Variable&, const Variable&, const Variable&, const Variable& dy) const {
        return {dy, Variable()};
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_shared_input_gets_both_gradients) {
    const Variable x = leaf({2, 3}, {2});
    sum(x * x + x).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({5, 7}), per_element());
}

BOOST_AUTO_TEST_CASE(gradients_meet_again_after_a_fork) {
    const Variable x = leaf(2);
    const Variable trunk = x * x, left = trunk * 3, right = trunk * trunk;
    (left + right + trunk).backward();
    BOOST_TEST(x.grad().item() == 4 * 4 + 4 * 8);  // (3 + 2 x^2 + 1) 2x
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_leaf_itself_is_one) {
    const Variable x = leaf(2);
    x.backward();
    BOOST_TEST(x.grad().item() == 1);
    x.backward();
    BOOST_TEST(x.grad().item() == 2);
}

BOOST_AUTO_TEST_CASE(a_second_backward_adds_and_zero_grad_starts_again) {
    Variable x = leaf({1, 2}, {2});
    sum(x * x).backward();
    sum(x * 10).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({12, 14}), per_element());
    x.zero_grad();
    BOOST_TEST(!x.grad());
    sum(x * 10).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({10, 10}), per_element());
}

BOOST_AUTO_TEST_CASE(a_gradient_taken_out_does_not_change_behind_the_back) {
    const Variable x = leaf({1, 2}, {2});
    sum(x * x).backward();
    const Variable first = x.grad();
    sum(x * x).backward();
    BOOST_TEST(first.to_vector() == numbers({2, 4}), per_element());
    BOOST_TEST(x.grad().to_vector() == numbers({4, 8}), per_element());
}

BOOST_AUTO_TEST_CASE(no_two_leaves_share_the_elements_of_a_gradient) {
    for (const std::size_t n : {2UL, 200UL}) {
        const Variable a = uneven_leaf({n}), b = uneven_leaf({n}), seed = ones({n}, DType::float64);
        Variable middle = b + 0;
        middle.retain_grad();
        (a + middle).backward({.gradient = seed});
        BOOST_TEST(a.grad().data<double>() != b.grad().data<double>());
        BOOST_TEST(a.grad().data<double>() != middle.grad().data<double>());
        BOOST_TEST(a.grad().data<double>() != seed.data<double>());
        Variable changed = a.grad();
        changed.mutable_data<double>()[0] = 100;
        BOOST_TEST(b.grad().data<double>()[0] == 1);
        BOOST_TEST(seed.data<double>()[0] == 1);
    }
}

BOOST_AUTO_TEST_CASE(no_two_chosen_inputs_share_the_elements_of_a_gradient) {
    const Variable a = uneven_leaf({200}), b = uneven_leaf({200}), seed = ones({200}, DType::float64);
    (a + b).backward({.gradient = seed, .inputs = {a, b}});
    BOOST_TEST(a.grad().data<double>() != b.grad().data<double>());
    BOOST_TEST(a.grad().data<double>() != seed.data<double>());
}

BOOST_AUTO_TEST_CASE(a_non_scalar_needs_a_gradient_to_start_from) {
    const Variable x = leaf({1, 2}, {2});
    BOOST_CHECK_EXCEPTION((x * x).backward(), GraphError, Says({"non-scalar", "(2,)", "sum"}));
    (x * x).backward({.gradient = Variable({10, 100}, DType::float64)});
    BOOST_TEST(x.grad().to_vector() == numbers({20, 400}), per_element());
    BOOST_CHECK_EXCEPTION((x * x).backward({.gradient = ones({3}, DType::float64)}), ShapeError,
                          Says({"(3,)", "(2,)"}));
    BOOST_CHECK_EXCEPTION((x * x).backward({.gradient = ones({2})}), std::invalid_argument,
                          Says({"float32", "float64"}));
    const Variable single = leaf({3}, {1, 1});
    (single * single).backward();
    BOOST_TEST(single.grad().item() == 6);
}

BOOST_AUTO_TEST_CASE(what_was_not_recorded_has_nothing_to_differentiate) {
    const Variable x = leaf(2), constant(2.0);
    BOOST_CHECK_EXCEPTION((constant * constant).backward(), GraphError,
                          Says({"nothing to differentiate", "set_requires_grad()"}));
    const Variable silent = [&] {
        const NoGrad off;
        return x * x;
    }();
    BOOST_CHECK_EXCEPTION(silent.backward(), GraphError, Says({"NoGrad"}));
    BOOST_CHECK_THROW((x * x).detach().backward(), GraphError);
}

BOOST_AUTO_TEST_CASE(two_losses_share_a_trunk_when_the_graph_is_kept) {
    const Variable x = leaf(2);
    const Variable trunk = x * x, first = trunk * 3, second = exp(trunk);
    first.backward({.retain_graph = true});
    BOOST_TEST(x.grad().item() == 12);
    second.backward();
    BOOST_TEST(x.grad().item() == 12 + 4 * std::exp(4.0));
}

BOOST_AUTO_TEST_CASE(a_trunk_freed_by_the_first_loss_is_an_error_that_names_operator_and_line) {
    const Variable x = leaf(2), other = leaf(5);
    const unsigned line = __LINE__ + 1;
    const Variable trunk = exp(x);
    const Variable first = trunk * trunk, second = trunk * other, third = trunk + other;
    first.backward();
    const Says freed{"an earlier backward freed", "\"exp\"", at_line(line), "retain_graph"};
    BOOST_CHECK_EXCEPTION(second.backward(), GraphError, freed);
    BOOST_CHECK_EXCEPTION(grad(third, x), GraphError, freed);
}

BOOST_AUTO_TEST_CASE(a_second_backward_needs_the_graph_kept) {
    const unsigned line = __LINE__ + 1;
    const Variable x = leaf(3), y = x * x;
    y.backward({.retain_graph = true});
    y.backward({.retain_graph = true});
    y.backward();
    BOOST_TEST(x.grad().item() == 18);
    BOOST_CHECK_EXCEPTION(y.backward(), GraphError, Says({"an earlier backward freed", "\"multiply\"", at_line(line)}));
    BOOST_TEST(x.grad().item() == 18);
    BOOST_TEST(y.item() == 9);
}

BOOST_AUTO_TEST_CASE(chosen_inputs_alone_accumulate) {
    const Variable a = leaf(2), b = leaf(3);
    const Variable middle = a * b, y = middle * middle;
    y.backward({.retain_graph = true, .inputs = {a}});
    BOOST_TEST(a.grad().item() == 2 * 6 * 3);
    BOOST_TEST(!b.grad());
    y.backward({.inputs = {a, middle}});
    BOOST_TEST(a.grad().item() == 2 * 36);
    BOOST_TEST(middle.grad().item() == 12);
    BOOST_TEST(!b.grad());
}

BOOST_AUTO_TEST_CASE(a_value_in_the_middle_keeps_its_gradient_when_asked) {
    const Variable x = leaf(2);
    Variable middle = x * x;
    const Variable other = x * 3;
    middle.retain_grad();
    (middle * other).backward();
    BOOST_TEST(middle.grad().item() == 6);
    BOOST_TEST(!other.grad());
    BOOST_TEST(x.grad().item() == 36);
}

BOOST_AUTO_TEST_CASE(a_leaf_that_stops_requiring_gradients_gets_none) {
    Variable x = leaf(2), w = leaf(3);
    const Variable y = x * w;
    x.set_requires_grad(false);
    y.backward();
    BOOST_TEST(!x.grad());
    BOOST_TEST(w.grad().item() == 2);
}

BOOST_AUTO_TEST_CASE(an_input_without_a_gradient_ends_the_way_there) {
    const Variable x = leaf({1, 2}, {2}), w = leaf({3, 4}, {2});
    sum(apply(FirstOnly{}, w * w, exp(exp(x)))).backward();  // exp(exp(x)) is held by nobody else
    BOOST_TEST(!x.grad());
    BOOST_TEST(w.grad().to_vector() == numbers({6, 8}), per_element());
    sum(where(exp(exp(x)), w * 2, w * 3)).backward();
    BOOST_TEST(!x.grad());
    BOOST_TEST(w.grad().to_vector() == numbers({8, 10}), per_element());
}

BOOST_AUTO_TEST_CASE(a_rule_that_throws_names_its_operator_and_spoils_nothing_else) {
    for (const bool foreign : {false, true}) {
        bool broken = true;
        const Variable x = leaf({1, 2}, {2});
        const Scope layer(new_scope("layer"));
        const std::uint32_t scope = thread_state.scope;
        unsigned line = 0;
        const Variable loss = [&] {
            const Scope inner(new_scope("inner"));
            line = __LINE__ + 1;
            return sum(apply(Fragile{&broken, foreign}, x * x));
        }();
        if (foreign) {
            BOOST_CHECK_THROW(loss.backward({.retain_graph = true}), std::runtime_error);
        } else {
            BOOST_CHECK_EXCEPTION(loss.backward({.retain_graph = true}), ValueError,
                                  Says({"fragile", "the rule is broken", at_line(line)}));
        }
        BOOST_TEST(thread_state.scope == scope);
        BOOST_TEST(is_recording());
        BOOST_TEST(!thread_state.call_site);
        BOOST_TEST(!x.grad());
        broken = false;
        loss.backward();
        BOOST_TEST(x.grad().to_vector() == numbers({4, 8}), per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_gradient_of_the_wrong_shape_or_type_names_the_rule_and_its_line) {
    const Variable x = leaf({1, 2}, {2});
    for (const bool in_the_middle : {false, true}) {
        const Variable input = in_the_middle ? x * 1 : x;
        const unsigned shape_line = __LINE__ + 1;
        const Variable shape = sum(apply(Wrong<true>{}, input));
        BOOST_CHECK_EXCEPTION(shape.backward(), ShapeError, Says({"wrong_shape", "(5,)", "(2,)", at_line(shape_line)}));
        const unsigned type_line = __LINE__ + 1;
        const Variable type = sum(apply(Wrong<false>{}, input));
        BOOST_CHECK_EXCEPTION(type.backward(), DTypeError,
                              Says({"wrong_type", "float32", "float64", at_line(type_line)}));
    }
    BOOST_TEST(!x.grad());
}
