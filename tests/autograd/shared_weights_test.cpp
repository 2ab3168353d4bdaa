#include <autograd/engine.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops.hpp>

#include <functional>
#include <span>
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

/// Three times its input; counts how often its rule is given what has come so far.
struct Counting {
    static constexpr auto name = "counting";
    static constexpr bool adds_gradients = true;
    std::size_t* handed;

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const { y.assign(3 * x.detach()); }
    Variable backward(const Variable&, const Variable&, const Variable& dy, Needs,
                      std::span<Variable, 1> so_far) const {
        if (!so_far[0]) return 3 * dy;
        ++*handed;
        return std::move(so_far[0]) + 3 * dy;
    }
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
        const auto layers = [f](const Variable& input, const auto& weight_of, const auto& bias_of) {
            Variable y = input;
            for (std::size_t i = 0; i < uses; ++i) y = linear(y, weight_of(i), bias_of(i), f);
            return sum(y * y);
        };
        check_uses(w, [&](const std::vector<Variable>& all) {
            return layers(
                x, [&](std::size_t i) { return all[i]; }, [&](std::size_t) { return b; });
        });
        check_uses(b, [&](const std::vector<Variable>& all) {
            return layers(
                x, [&](std::size_t) { return w; }, [&](std::size_t i) { return all[i]; });
        });
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

BOOST_AUTO_TEST_CASE(a_hook_sees_the_whole_gradient_of_a_shared_weight) {
    const Variable w = random_leaf({30, 30}, 2);
    const Variable x = random_leaf({20, 30}, 1);
    const auto loss = [&] { return sum(square(matmul(matmul(x, w), w))); };
    const Variable expected = grad(loss(), w);
    Variable seen;
    register_hook(w, [&](const Variable& dy) {
        seen = dy;
        return dy;
    });
    loss().backward();
    BOOST_TEST(all_equal(seen, expected));
    BOOST_TEST(all_equal(w.grad(), expected));
}
