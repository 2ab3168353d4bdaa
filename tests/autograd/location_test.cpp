#include <xgrad/autograd/location.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/tape.hpp>

#include <thread>

using namespace xgrad;
using namespace engine;

namespace {

/// All nodes of a graph carry one line of this file.
void check_lines(const Variable& result, unsigned line) {
    const Tape tape(result);
    BOOST_TEST(tape.size() > 0U);
    for (std::size_t i = 0; i < tape.size(); ++i)
        BOOST_TEST(to_string(tape[i].location) == at_line(line), tape[i].operator_name());
}

/// A loss as users write one: its operators belong to the caller's line.
Variable my_loss(const Operand& x, const Variable& target) {
    const CallSite here(x.at());
    return mean(square(x - target));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_location_prints_the_last_two_parts_of_its_path) {
    BOOST_TEST(to_string(Location{"/home/me/labs/signs.cpp", 41}) == "labs/signs.cpp:41");
    BOOST_TEST(to_string(Location{"labs/signs.cpp", 41}) == "labs/signs.cpp:41");
    BOOST_TEST(to_string(Location{"signs.cpp", 41}) == "signs.cpp:41");
    BOOST_TEST(to_string(Location{}).empty());
    BOOST_TEST(Location::current().line == __LINE__);
}

BOOST_AUTO_TEST_CASE(every_operator_carries_the_line_of_its_call) {
    const Variable x = uneven_leaf({2, 3}), w = uneven_leaf({3, 2});
    check_lines(x + 1, __LINE__);
    check_lines(2 / x, __LINE__);
    check_lines(-x, __LINE__);
    check_lines(exp(x), __LINE__);
    check_lines(pow(x, 2), __LINE__);
    check_lines(gelu(x), __LINE__);
    check_lines(clip(x, 0, 1), __LINE__);
    check_lines(where(x > 1, x, 0), __LINE__);
    check_lines(sum(x, 0), __LINE__);
    check_lines(max(x, 1), __LINE__);
    check_lines(matmul(x, w), __LINE__);
    check_lines(reshape(x, {3, 2}), __LINE__);
    check_lines(transpose(x), __LINE__);
    check_lines(broadcast_to(x, {4, 2, 3}), __LINE__);
    check_lines(slice(x, 0, 0, 1), __LINE__);
    check_lines(concatenate({x, x}), __LINE__);
    check_lines(copy(x), __LINE__);
    check_lines(map([](auto v) { return v * v; }, x), __LINE__);
    check_lines(x.to(DType::float32), __LINE__);
}

BOOST_AUTO_TEST_CASE(functions_made_of_operators_carry_the_line_of_their_caller) {
    const Variable x = uneven_leaf({2, 3}), v = uneven_leaf({3});
    check_lines(mean(x, 0), __LINE__);
    check_lines(softmax(x, 0), __LINE__);
    check_lines(log_softmax(x, 0), __LINE__);
    check_lines(matmul(x, v), __LINE__);
    check_lines(matmul(v, v), __LINE__);
    check_lines(take(x, Variable({0, 2}, DType::int64)), __LINE__);
    check_lines(flatten(x), __LINE__);
    check_lines(my_loss(x, v), __LINE__);
}

BOOST_AUTO_TEST_CASE(compound_assignment_carries_its_line) {
    Variable x = uneven_leaf({2});
    x *= 3;
    BOOST_TEST(to_string(x.node().location) == at_line(__LINE__ - 1));
}

BOOST_AUTO_TEST_CASE(errors_deep_in_a_composition_name_the_callers_line) {
    const Variable x = ones({2, 3}), w = ones({4, 5}), images = ones({8, 4, 4, 3});
    BOOST_CHECK_EXCEPTION(matmul(x, w), ShapeError, Says({"matmul: ", "3 and 4", "(2, 3)", "(4, 5)", at_line()}));
    BOOST_CHECK_EXCEPTION(matmul(images, ones({48, 10})), ShapeError, Says({"matmul: ", "flatten()", at_line()}));
    BOOST_CHECK_EXCEPTION(matmul(x, Variable(1)), ShapeError, Says({"matmul: ", "single number", at_line()}));
    BOOST_CHECK_EXCEPTION(mean(x, 2), IndexError, Says({"mean: ", "axis 2", at_line()}));
    BOOST_CHECK_EXCEPTION(softmax(x, -3), IndexError, Says({"softmax: ", "axis -3", at_line()}));
    BOOST_CHECK_EXCEPTION(sum(x, {0, 0}), IndexError, Says({"sum: ", "twice", at_line()}));
    BOOST_CHECK_EXCEPTION(max(zeros({0, 3}), 0), ShapeError, Says({"max: ", "(0, 3)", at_line()}));
    BOOST_CHECK_EXCEPTION(argmax(x, 5), IndexError, Says({"argmax: ", "axis 5", at_line()}));
    BOOST_CHECK_EXCEPTION(nanargmax(full({3, 2}, NAN), 1), ValueError,
                          Says({"nanargmax: nothing but NaN over axes 1 of (3, 2)", at_line()}));
    BOOST_CHECK_EXCEPTION(nanargmin(Variable(NAN)), ValueError, Says({"nanargmin: nothing but NaN ", at_line()}));
    BOOST_CHECK_EXCEPTION(topk(x, 4), ValueError, Says({"topk: 4 elements of the 3 along axis -1", at_line()}));
    BOOST_CHECK_EXCEPTION(my_loss(x, w), ShapeError, Says({"subtract: ", "(2, 3)", "(4, 5)", at_line()}));
    BOOST_CHECK_EXCEPTION(reshape(x, {4, -1}), ShapeError, Says({"reshape: ", at_line()}));
    BOOST_CHECK_EXCEPTION(squeeze(x, 0), ShapeError, Says({"squeeze: ", at_line()}));
    BOOST_CHECK_EXCEPTION(transpose(x, {0}), ValueError, Says({"transpose: ", "(2, 3)", at_line()}));
    BOOST_CHECK_EXCEPTION(broadcast_to(x, {2, 4}), ShapeError, Says({"broadcast_to: ", "(2, 4)", at_line()}));
    BOOST_CHECK_EXCEPTION(concatenate({x, w}), ShapeError, Says({"concatenate: ", "(4, 5)", at_line()}));
    BOOST_CHECK_EXCEPTION(slice(x, 2, 0, 1), IndexError, Says({"slice: ", "axis 2", at_line()}));
    BOOST_CHECK_EXCEPTION(slice(x, 0, {.step = 0}), ValueError, Says({"slice: ", "step", at_line()}));
    BOOST_CHECK_EXCEPTION(take(x, Variable({5}, DType::int64), 0), IndexError,
                          Says({"take: ", "index 5", "(2, 3)", at_line()}));
    BOOST_CHECK_EXCEPTION(take(x, Variable({1}), 0), DTypeError, Says({"take: ", "float32", "int64", at_line()}));
    BOOST_CHECK_EXCEPTION(take(x, Variable({1}, DType::int64), 7), IndexError, Says({"take: ", "axis 7", at_line()}));
    BOOST_CHECK_EXCEPTION(one_hot(Variable({3}, DType::int64), 3), IndexError,
                          Says({"one_hot: ", "label 3", at_line()}));
    BOOST_CHECK_EXCEPTION(clip(x, 2, 1), ValueError, Says({"clip: ", at_line()}));
}

BOOST_AUTO_TEST_CASE(an_error_leaves_no_call_site_behind) {
    BOOST_CHECK_THROW(my_loss(ones({2}), ones({3})), ShapeError);
    BOOST_CHECK_EXCEPTION(ones({2}) + ones({3}), ShapeError, Says({at_line()}));
    check_lines(leaf(1) * 2, __LINE__);
}

BOOST_AUTO_TEST_CASE(the_outermost_call_site_wins) {
    const Variable x = uneven_leaf({2});
    const CallSite outer(Location{"labs/outer.cpp", 7});
    const Variable y = my_loss(x, x);
    BOOST_TEST(to_string(y.node().location) == "labs/outer.cpp:7");
    const CallSite unknown(Location{});
    BOOST_TEST(to_string((x * 2).node().location) == "labs/outer.cpp:7");
}

BOOST_AUTO_TEST_CASE(scopes_nest_and_name_what_is_recorded_in_them) {
    const Variable x = leaf(2);
    const std::uint32_t outer_id = new_scope("encoder"), inner_id = new_scope("dense_1");
    Variable outside, inside, between;
    {
        const Scope outer(outer_id);
        {
            const Scope inner(inner_id);
            inside = x * 2;
        }
        between = x * 3;
    }
    outside = x * 4;
    BOOST_TEST(scope_path(inside.node().scope) == "encoder.dense_1");
    BOOST_TEST(scope_path(between.node().scope) == "encoder");
    BOOST_TEST(outside.node().scope == 0U);
    BOOST_TEST(scope_parent(inner_id) == outer_id);
    rename_scope(inner_id, "hidden");
    BOOST_TEST(scope_path(inner_id) == "encoder.hidden");
    BOOST_TEST(scope_label(outer_id) == "encoder");
}

BOOST_AUTO_TEST_CASE(scopes_belong_to_their_thread) {
    const Scope here(new_scope("mine"));
    std::uint32_t elsewhere = 99;
    std::thread([&] { elsewhere = (leaf(2) * 2).node().scope; }).join();
    BOOST_TEST(elsewhere == 0U);
}

BOOST_AUTO_TEST_CASE(gradients_recorded_belong_to_the_scope_of_their_operator) {
    const Variable x = leaf(2);
    const std::uint32_t id = new_scope("layer");
    const Variable y = [&] {
        const Scope scope(id);
        return x * x * x;
    }();
    const Variable slope = grad(y, x, {.create_graph = true});
    const Tape tape(slope);
    for (std::size_t i = 0; i < tape.size(); ++i) BOOST_TEST(tape[i].scope == id, tape[i].operator_name());
}
