#include <autograd/engine.hpp>
#include <autograd/on_threads.hpp>
#include <xgrad/autograd/checkpoint.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/replay.hpp>

#include <array>
#include <functional>
#include <vector>

// A weight that is used several times: what comes to it from one use may be added to what came from another while it
// is computed. The sums are, to the last bit, those of uses that are told apart.

using namespace xgrad;
using namespace engine;

namespace {

constexpr std::size_t uses = 3;

Variable random_leaf(const Shape& shape, unsigned seed) {
    Rng rng(seed);
    return parameter(random_uniform(shape, rng, -1, 1, DType::float64));
}

using Function = std::function<Variable(const std::vector<Variable>&)>;

/// Checks f(w, ..., w), of as many uses, against the gradients of f(w1, ..., wn), added newest first.
void check_uses(Variable w, const Function& f) {
    std::vector<Variable> apart;
    for (std::size_t i = 0; i < uses; ++i) apart.push_back(parameter(copy(w.detach())));
    f(apart).backward();
    Variable expected = apart.back().grad();
    for (std::size_t i = uses - 1; i-- > 0;) expected = expected + apart[i].grad();

    const std::vector<Variable> together(uses, w);
    BOOST_TEST(all_equal(grad(f(together), w), expected));
    w.zero_grad();
    f(together).backward();
    BOOST_TEST(all_equal(w.grad(), expected));
    w.zero_grad();
    f(together).backward({.inputs = {w}});
    BOOST_TEST(all_equal(w.grad(), expected));
    const Variable from_w = w * 1, sum_of_middle = grad(f(std::vector<Variable>(uses, from_w)), w);
    BOOST_TEST(all_equal(sum_of_middle, expected));
    BOOST_TEST(all_close(grad(f(together), w, {.create_graph = true}).to_vector(), expected.to_vector()));
}

enum class Behaviour { takes, leaves, throws };

/// Three times its input; counts how often its rule is given what has come so far.
struct Counting {
    static constexpr auto name = "counting";
    static constexpr bool adds_gradients = true;
    std::size_t* handed;
    Behaviour how = Behaviour::takes;

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const { y.assign(3 * x.detach()); }
    std::array<Variable, 1> backward(const Variable&, const Variable&, const Variable& dy, Needs, Sums so_far) const {
        if (how == Behaviour::throws) throw ValueError("the rule is broken");
        const Variable sum = how == Behaviour::leaves ? Variable() : so_far.take(0);
        if (!sum) return {3 * dy};
        ++*handed;
        return {sum + 3 * dy};
    }
};

/// The same, with a rule that copes with a dy still to be broadcast.
struct BroadcastCounting : Counting {
    static constexpr auto name = "broadcast_counting";
    static constexpr bool accepts_broadcast_dy = true;
};

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_of_a_recurrent_weight_add_up) {
    for (const std::size_t batch : {5U, 70U, 900U}) {
        const Variable x = random_leaf({batch, 12}, 1), h = random_leaf({batch, 30}, 2);
        check_uses(random_leaf({12 + 30, 30}, 3), [&](const std::vector<Variable>& w) {
            Variable state = h;
            for (const Variable& each : w) state = tanh(matmul(concatenate({x, state}, 1), each));
            return sum(state * state);
        });
        check_uses(random_leaf({30, 12 + 30}, 4), [&](const std::vector<Variable>& w) {
            Variable state = h;
            for (const Variable& each : w)
                state = tanh(transpose(matmul(each, concatenate({x, state}, 1), {.transpose_b = true})));
            return sum(state * state);
        });
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_a_shared_layer_add_up) {
    const Variable x = random_leaf({2, 20, 30}, 1), w = random_leaf({30, 30}, 2), b = random_leaf({30}, 3);
    for (const Epilogue f : {Epilogue::none, Epilogue::tanh}) {
        const auto layers = [&](const std::vector<Variable>& weights, const std::vector<Variable>& biases) {
            Variable y = x;
            for (std::size_t i = 0; i < uses; ++i) y = linear(y, weights[i], biases[i], f);
            return sum(y * y);
        };
        const std::vector<Variable> all_w(uses, w), all_b(uses, b);
        check_uses(w, [&](const std::vector<Variable>& all) { return layers(all, all_b); });
        check_uses(b, [&](const std::vector<Variable>& all) { return layers(all_w, all); });
    }
    check_uses(x, [&](const std::vector<Variable>& all) {
        Variable total;
        for (const Variable& each : all) {
            const Variable loss = sum(square(linear(each, w, b)));
            total = total ? total + loss : loss;
        }
        return total;
    });
}

BOOST_AUTO_TEST_CASE(a_rule_is_given_what_nobody_else_sees) {
    std::size_t handed = 0;
    const auto counting = [&](const Variable& x) { return apply(Counting{&handed}, x); };
    const auto handed_by = [&](const auto& f) {
        handed = 0;
        f();
        return handed;
    };
    const Variable x = random_leaf({40}, 1), few = random_leaf({3}, 1);
    const Variable twice = ones({40}, DType::float64) * 6;
    const auto step = [&](const Variable& v) { return sum(counting(v) + counting(v)); };
    BOOST_TEST(handed_by([&] { BOOST_TEST(all_equal(grad(step(x), x), twice)); }) == 1U);
    BOOST_TEST(handed_by([&] { grad(step(few), few); }) == 0U);                      // not worth it
    BOOST_TEST(handed_by([&] { grad(step(x), x, {.create_graph = true}); }) == 0U);  // a graph of its own
    BOOST_TEST(handed_by([&] { step(x).backward(); }) == 1U);
    BOOST_TEST(handed_by([&] { step(x).backward(); }) == 2U);  // what an earlier backward() left, too
    BOOST_TEST(all_equal(x.grad(), twice * 2));
    const Variable seen = x.grad();
    BOOST_TEST(handed_by([&] { step(x).backward(); }) == 1U);
    BOOST_TEST(all_equal(seen, twice * 2));
    BOOST_TEST(all_equal(x.grad(), twice * 3));
}

BOOST_AUTO_TEST_CASE(a_hook_sees_what_one_backward_brings_to_a_shared_weight) {
    const Variable w = random_leaf({30, 30}, 2), x = random_leaf({20, 30}, 1);
    const auto loss = [&] { return sum(square(matmul(matmul(x, w), w))); };
    const Variable expected = grad(loss(), w);
    loss().backward();
    Variable seen;
    register_hook(w, [&](const Variable& dy) {
        seen = dy;
        return dy;
    });
    loss().backward();
    BOOST_TEST(all_equal(seen, expected));
    BOOST_TEST(all_equal(w.grad(), expected * 2));
}

BOOST_AUTO_TEST_CASE(what_a_rule_leaves_is_added_and_what_it_does_not_take_is_put_back) {
    std::size_t handed = 0;
    const Variable x = random_leaf({40}, 1), six = ones({40}, DType::float64) * 6;
    const auto counting = [&](const Variable& v, Behaviour how) { return apply(Counting{&handed, how}, v); };
    sum(counting(x, Behaviour::takes) + counting(x, Behaviour::leaves)).backward();
    BOOST_TEST(all_equal(x.grad(), six));
    const Variable broken = sum(counting(x, Behaviour::throws));
    BOOST_CHECK_THROW(broken.backward(), ValueError);
    BOOST_TEST(all_equal(x.grad(), six));
    const Variable held = x.grad();
    const Variable broken_again = sum(counting(x, Behaviour::throws));
    BOOST_CHECK_THROW(broken_again.backward(), ValueError);
    BOOST_TEST(x.grad().is_same(held));
}

BOOST_AUTO_TEST_CASE(a_rule_that_takes_a_small_dy_is_not_given_sums) {
    // The engine scales its gradients by how often the broadcast input counts.
    std::size_t handed = 0;
    const Variable x = random_leaf({40}, 1);
    const auto small = [&] { return apply(BroadcastCounting{{&handed}}, x); };
    const auto shared = grad(sum(x * 2) + sum(small()), x);
    BOOST_TEST(all_equal(shared, ones({40}, DType::float64) * 5));
    BOOST_TEST(handed == 0U);
}

BOOST_AUTO_TEST_CASE(threads_add_products_to_one_weight) {
    constexpr std::size_t rounds = 25;
    const Variable w = parameter(ones({40, 40}, DType::float64)), x = ones({8, 40}, DType::float64);
    on_threads([&](std::size_t) {
        for (std::size_t i = 0; i < rounds; ++i) sum(matmul(matmul(x, w), w)).backward();
    });
    const Variable once = grad(sum(matmul(matmul(x, w), w)), w);
    BOOST_TEST(all_equal(w.grad(), once * static_cast<double>(thread_total * rounds)));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_and_a_replay_give_the_gradients_of_shared_weights) {
    Variable w = random_leaf({30, 30}, 2);
    const Variable x = random_leaf({20, 30}, 1), b = random_leaf({30}, 3);
    const auto layers = [&](const Variable& v) { return linear(linear(v, w, b, Epilogue::tanh), w, b); };
    const auto step = [&](const Variable& v) {
        w.zero_grad();
        sum(square(layers(layers(v)))).backward();
        return w.grad();
    };
    const Variable expected = copy(step(x));
    auto replayed = replay(step);
    for (int i = 0; i < 4; ++i) BOOST_TEST(all_equal(replayed(x), expected));
    w.zero_grad();
    sum(square(checkpoint(layers, checkpoint(layers, x)))).backward();
    BOOST_TEST(all_close(w.grad().to_vector(), expected.to_vector()));
}

BOOST_AUTO_TEST_CASE(addmm_reads_and_keeps_only_its_factors) {
    Variable c = random_leaf({20, 10}, 1);
    const Variable a = random_leaf({20, 30}, 2), b = random_leaf({30, 10}, 3);
    Variable x = c * 1;
    const Variable y = addmm(x, a, b);
    x.mutable_data<double>()[0] = 7;
    BOOST_TEST(all_equal(grad(sum(y), c), ones({20, 10}, DType::float64)));
    Variable temporary = c * 1;
    const void* const place = temporary.node().data;
    const Variable z = addmm(std::move(temporary), a, b);
    BOOST_TEST(z.node().data == place);
    const auto of_z = grad({sum(z * z)}, {c, a, b});
    const auto expected = grad({sum(square(c + matmul(a, b)))}, {c, a, b});
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(all_equal(of_z[i], expected[i]));
    const Variable w = random_leaf({20, 20}, 4), once = addmm(w, w, w), apart = w + matmul(w, w);
    BOOST_TEST(all_close(grad(sum(once * once), w).to_vector(), grad(sum(apart * apart), w).to_vector()));
}
