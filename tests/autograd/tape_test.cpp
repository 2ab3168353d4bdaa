#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/tape.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <algorithm>
#include <cmath>
#include <set>

using namespace xgrad;
using namespace engine;

namespace {

constexpr std::size_t million = 1'000'000;

Variable chain(const Variable& x, std::size_t length) {
    Variable y = x;
    for (std::size_t i = 0; i < length; ++i) y = y + 1;
    return y;
}

std::set<const Node*> nodes_of(const Tape& tape) {
    std::set<const Node*> nodes;
    for (std::size_t i = 0; i < tape.size(); ++i) nodes.insert(&tape[i]);
    return nodes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_tape_lists_what_leads_to_a_result_newest_first) {
    const Variable a = leaf(2), b = leaf(3);
    const Variable product = a * b, unrelated = exp(a), sine = sin(product), total = sine + product;
    const Tape tape(total);
    BOOST_REQUIRE_EQUAL(tape.size(), 3U);
    BOOST_TEST(tape[0].operator_name() == "add");
    BOOST_TEST(tape[1].operator_name() == "sin");
    BOOST_TEST(tape[2].operator_name() == "multiply");
    BOOST_TEST(&tape[2] == product.get());
}

BOOST_AUTO_TEST_CASE(a_tape_starts_from_several_results_and_meets_each_node_once) {
    const Variable x = leaf(2);
    const Variable trunk = x * x, first = trunk * trunk, second = exp(trunk);
    const std::vector<Variable> results{first, second, first, Variable()};
    const Tape tape(results);
    BOOST_TEST(tape.size() == 3U);
    BOOST_TEST(nodes_of(tape) == (std::set<const Node*>{trunk.get(), first.get(), second.get()}), "each node once");
}

BOOST_AUTO_TEST_CASE(an_operator_stands_before_its_inputs_on_a_tape) {
    std::vector<Variable> values{leaf(1), leaf(2)};
    for (std::size_t i = 0; i < 200; ++i)  // each from two older ones, in no regular order
        values.push_back(values[(i * 7 + 1) % values.size()] + values[(i * i + 3) % values.size()]);
    const Tape tape(values);
    std::set<const Node*> seen;
    for (std::size_t i = 0; i < tape.size(); ++i) {
        seen.insert(&tape[i]);
        for (std::uint32_t k = 0; k < tape[i].input_count; ++k) BOOST_REQUIRE(!seen.contains(tape[i].inputs[k].get()));
    }
    BOOST_TEST(tape.size() == 200U);
}

BOOST_AUTO_TEST_CASE(tapes_of_one_graph_may_live_at_the_same_time) {
    const Variable x = leaf(2), y = x * x, z = exp(y) + y;
    const Tape outer(z);
    {
        const Tape inner(y);
        BOOST_TEST(inner.size() == 1U);
        const Tape again(z);
        BOOST_TEST(again.size() == 3U);
    }
    BOOST_TEST(outer.size() == 3U);
    BOOST_TEST(grad(z, x, {.retain_graph = true}).item() == 4 * std::exp(4.0) + 4);
    BOOST_TEST(&outer[2] == y.get());
}

BOOST_AUTO_TEST_CASE(a_leaf_or_nothing_gives_an_empty_tape) {
    BOOST_TEST(Tape(leaf(1)).size() == 0U);
    BOOST_TEST(Tape(Variable()).size() == 0U);
    BOOST_TEST(Tape(std::vector<Variable>{}).size() == 0U);
}

BOOST_AUTO_TEST_CASE(since_leaves_out_older_nodes) {
    const Variable x = leaf(1), a = x + 1, b = a + 1, c = b + 1;
    const std::vector<Variable> results{c};
    const Tape tape(results, b.node().sequence);
    BOOST_REQUIRE_EQUAL(tape.size(), 2U);
    BOOST_TEST(&tape[1] == b.get());
}

BOOST_AUTO_TEST_CASE(a_chain_of_a_million_operators_is_built_walked_and_differentiated) {
    const Variable x = leaf(0.5);
    const Variable y = chain(x, million);
    BOOST_TEST(y.item() == million + 0.5);
    BOOST_TEST(Tape(y).size() == million);
    y.backward();
    BOOST_TEST(x.grad().item() == 1);
}

BOOST_AUTO_TEST_CASE(a_chain_of_a_million_operators_dies_without_a_backward) {
    const Variable x = leaf(0.5);
    { const Variable y = chain(x, million); }
    BOOST_TEST(x.node().references.load() == 1U);
}

BOOST_AUTO_TEST_CASE(a_long_chain_dies_though_its_middle_is_still_held) {
    const Variable x = leaf(0.5);
    Variable middle, end;
    {
        middle = chain(x, 1000);
        end = chain(middle, million / 10);
    }
    end = Variable();
    BOOST_TEST(Tape(middle).size() == 1000U);
    middle.backward();
    BOOST_TEST(x.grad().item() == 1);
}

BOOST_AUTO_TEST_CASE(a_long_chain_of_gradients_under_create_graph_dies_flat) {
    const Variable x = leaf(0.5);
    Variable y = x;
    for (std::size_t i = 0; i < million / 20; ++i) y = y * 1.00001;
    const Variable slope = grad(y, x, {.create_graph = true});
    BOOST_TEST(slope.item() == std::pow(1.00001, million / 20), boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(squaring_sixty_times_is_linear_in_the_squarings) {
    Variable x = leaf(1);
    const Variable start = x;
    for (int i = 0; i < 60; ++i) x = x * x;
    BOOST_TEST(Tape(x).size() == 60U);
    x.backward();
    BOOST_TEST(start.grad().item() == std::pow(2.0, 60));
}

BOOST_AUTO_TEST_CASE(a_wide_graph_is_walked_whole) {
    const Variable x = leaf(2);
    std::vector<Variable> parts;
    parts.reserve(10'000);
    for (int i = 0; i < 10'000; ++i) parts.push_back(expand_dims(x * i, 0));
    const Variable total = sum(concatenate(parts));
    total.backward();
    BOOST_TEST(x.grad().item() == 10'000.0 * 9'999 / 2);
}

BOOST_AUTO_TEST_CASE(a_walk_that_lets_go_of_its_nodes_uses_their_places_again) {
    const Variable y = chain(leaf(1), 1000);
    Walk walk(std::span(&y, 1));
    std::size_t nodes = 0, highest = 0;
    for (std::size_t place = walk.next(); place != Walk::none; place = walk.next()) {
        ++nodes;
        highest = std::max(highest, place);
        BOOST_TEST(walk.place_of(walk.node(place)) == place);
        walk.drop(place);
    }
    BOOST_TEST(nodes == 1000U);
    BOOST_TEST(highest <= 2U);
}

BOOST_AUTO_TEST_CASE(what_a_backward_frees_lives_on_where_it_is_held) {
    const Variable x = leaf(3), middle = x * x, y = middle * middle + middle;
    y.backward();
    BOOST_TEST(x.grad().item() == 4 * 27 + 2 * 3);
    BOOST_TEST(middle.item() == 9);
    BOOST_TEST(middle.node().references.load() == 1U);
    BOOST_TEST(x.node().references.load() == 1U);
}

BOOST_AUTO_TEST_CASE(a_hook_may_differentiate_and_free_what_lies_before_it) {
    const Variable x = leaf(3);
    Variable middle = x * x;
    const Variable last = middle * 2;
    register_hook(last, [&](const Variable& gradient) {
        middle.backward();
        middle = Variable();
        return gradient;
    });
    BOOST_CHECK_THROW(last.backward(), GraphError);  // the hook has freed it
    BOOST_TEST(x.grad().item() == 6);
}

BOOST_AUTO_TEST_CASE(nothing_is_recorded_under_no_grad_and_scopes_nest) {
    const Variable x = leaf(2);
    BOOST_TEST(is_recording());
    {
        const NoGrad off;
        BOOST_TEST(!is_recording());
        BOOST_TEST((x * x).is_leaf());
        {
            const Recording on(true);
            BOOST_TEST(!(x * x).is_leaf());
            const NoGrad off_again;
            BOOST_TEST(!(x * x).requires_grad());
        }
        BOOST_TEST(!is_recording());
        const Variable parameter_made_here = parameter(Variable(1));
        BOOST_TEST(parameter_made_here.requires_grad());
    }
    BOOST_TEST(is_recording());
}

BOOST_AUTO_TEST_CASE(no_grad_ends_with_an_exception) {
    try {
        const NoGrad off;
        throw ValueError("out of here");
    } catch (const ValueError&) {
    }
    BOOST_TEST(is_recording());
}

BOOST_AUTO_TEST_CASE(gradients_can_be_asked_for_inside_no_grad) {
    const Variable x = leaf(3), y = x * x * x;
    const NoGrad off;
    const Variable slope = grad(y, x, {.create_graph = true});
    BOOST_TEST(slope.item() == 27);
    BOOST_TEST(slope.requires_grad());
    BOOST_TEST(grad(slope, x).item() == 18);
    BOOST_TEST(!is_recording());
}

BOOST_AUTO_TEST_CASE(the_number_of_walks_on_a_thread_has_no_end) {
    const std::uint64_t before = thread_state.sweeps;
    for (const int bits : {16, 28, 32, 36, 40, 63}) {
        thread_state.sweeps = (std::uint64_t{1} << bits) - 3;
        for (int i = 0; i < 6; ++i) {
            const Variable x = leaf(3);
            (x * x).backward();
            BOOST_TEST_REQUIRE(bool(x.grad()), "walk 2^" << bits << " - 2 + " << i << " brought no gradient");
            BOOST_TEST(x.grad().item() == 6);
        }
    }
    thread_state.sweeps = before;
}
