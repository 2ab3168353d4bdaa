#include <xgrad/autograd/checkpoint.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/tape.hpp>

using namespace xgrad;
using namespace engine;

namespace {

Variable block(const Variable& x, const Variable& w) { return tanh(matmul(x, w) + 0.1 * x); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_checkpoint_changes_no_gradient) {
    const Variable x = uneven_leaf({2, 4}), w = uneven_leaf({4, 4});
    const auto direct = grad({sum(square(block(x, w)))}, {x, w}),
               saved = grad({sum(square(checkpoint(block, x, w)))}, {x, w});
    for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(direct[i].to_vector() == saved[i].to_vector(), per_element());
}

BOOST_AUTO_TEST_CASE(weights_that_a_checkpoint_captures_get_their_gradients) {
    const Variable x = uneven_leaf({2, 4}), w = uneven_leaf({4, 4});
    const Variable scaled = w * 0.5;  // in the middle of the graph
    const auto f = [&](const Variable& v) { return block(v, scaled) * sum(w); };
    const auto direct = grad({sum(f(x))}, {x, w}, {.retain_graph = true}),
               saved = grad({sum(checkpoint(f, x))}, {x, w});
    for (std::size_t i = 0; i < 2; ++i) BOOST_TEST(all_close(direct[i].to_vector(), saved[i].to_vector()));
    const auto captures = [](const Variable& v, const Variable& weights) {
        const Variable half = weights * 0.5;
        return checkpoint([half, weights](const Variable& u) { return block(u, half) * sum(weights); }, v);
    };
    BOOST_TEST(gradcheck(captures, {x.detach(), w.detach()}));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_keeps_one_node_and_its_outputs) {
    const Variable x = uneven_leaf({2, 4}), w = uneven_leaf({4, 4});
    const Variable y = checkpoint(block, x, w);
    const Tape tape(y);
    BOOST_TEST(tape.size() == 2U);
    BOOST_TEST(tape[1].operator_name() == "checkpoint");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_draws_the_same_random_numbers_again) {
    Rng rng(5);
    const Variable x = uneven_leaf({50});
    Variable kept;
    const auto drop = [&](const Variable& v) {
        Rng own(rng());
        kept = random_bernoulli(v.shape(), rng, 0.5, v.dtype()) + random_normal(v.shape(), own, 0, 1, v.dtype()) +
               random_normal({3}, rng, 0, 1, v.dtype()).to_vector()[2];
        return v * kept;
    };
    const Variable y = checkpoint(drop, x);
    const numbers first = kept.to_vector();
    const std::uint64_t next = Rng(rng)();
    sum(y).backward();
    BOOST_TEST(kept.to_vector() == first, per_element());
    BOOST_TEST(x.grad().to_vector() == first, per_element());
    BOOST_TEST(rng() == next);  // the second run left no trace
}

BOOST_AUTO_TEST_CASE(a_chain_cut_into_pieces_holds_the_square_root_of_its_memory) {
    constexpr std::size_t layers = 50, pieces = 8, length = 7, width = 131000;
    const Variable x = uneven_leaf({width});
    const auto run = [&](std::size_t per_piece) {
        Variable h = x;
        for (std::size_t i = 0; i < layers; i += per_piece) {
            const auto piece = [count = std::min(per_piece, layers - i)](const Variable& v) {
                Variable y = v;
                for (std::size_t k = 0; k < count; ++k) y = sin(y);
                return y;
            };
            h = per_piece == layers ? piece(h) : checkpoint(piece, h);
        }
        return grad(sum(h), x).to_vector();
    };
    const auto peak = [&](std::size_t per_piece, numbers& gradient) {
        memory::trim();
        const std::size_t before = memory::statistics().system_bytes;
        gradient = run(per_piece);
        return memory::statistics().system_bytes - before;
    };
    numbers cut, whole;
    const std::size_t small = peak(length, cut), large = peak(layers, whole);
    BOOST_TEST(cut == whole, per_element());
    if (memory::is_pooled()) {
        // What each piece began with, one piece, and the gradients on their way: 2 sqrt(n) and a little.
        constexpr std::size_t layer = 1 << 20;  // with what the pool rounds up
        BOOST_TEST(large >= (layers - 2) * layer);
        BOOST_TEST(small <= (pieces + length + 3) * layer);
    }
}

BOOST_AUTO_TEST_CASE(checkpoints_nest_and_give_several_outputs) {
    const auto inner = [](const Variable& v) { return sin(v) * v; };
    const auto outer = [&](const Variable& v) {
        const Variable h = checkpoint(inner, v * 2);
        return std::vector<Variable>{h, sum(h * h)};
    };
    const auto f = [&](const Variable& v) {
        const auto y = checkpoint(outer, {v});
        return y[0] * y[1];
    };
    BOOST_TEST(gradcheck(f, {uneven_leaf({3})}));
}

BOOST_AUTO_TEST_CASE(a_second_order_gradient_passes_through_a_checkpoint) {
    const Variable x = leaf({0.5, 2}, {2});
    const Variable y = checkpoint([](const Variable& v) { return v * v * v; }, x);
    const Variable slope = grad(sum(y), x, {.create_graph = true});
    BOOST_TEST(all_close(grad(sum(slope), x).to_vector(), {3, 12}));
}

BOOST_AUTO_TEST_CASE(a_hook_inside_the_graph_runs_once_with_checkpoints) {
    const Variable x = leaf({1, 2}, {2});
    const Variable h = x * 3;
    int calls = 0;
    register_hook(h, [&](const Variable&) {
        ++calls;
        return Variable();
    });
    register_hook(x, [&](const Variable&) {
        ++calls;
        return Variable();
    });
    sum(checkpoint([&](const Variable& v) { return v * h + x; }, h)).backward();
    BOOST_TEST(calls == 2);
    BOOST_TEST(x.grad().to_vector() == (numbers{19, 37}), per_element());
}

BOOST_AUTO_TEST_CASE(without_recording_a_checkpoint_is_a_call) {
    const NoGrad off;
    BOOST_TEST(checkpoint([](const Variable& v) { return v * 2; }, leaf(3)).item() == 6);
}

BOOST_AUTO_TEST_CASE(an_input_changed_before_the_second_run_is_reported) {
    Variable x = uneven_leaf({40});
    const Variable y = sum(checkpoint([](const Variable& v) { return v * 2; }, x));
    x.mutable_data<double>()[0] = 9;
    BOOST_CHECK_EXCEPTION(y.backward(), GraphError, Says({"checkpoint", "changed in place"}));
}

BOOST_AUTO_TEST_CASE(a_second_run_that_gives_other_shapes_is_reported) {
    std::size_t n = 1;
    const Variable y =
        sum(checkpoint([&](const Variable& v) { return slice(v, 0, 0, static_cast<long>(++n)); }, uneven_leaf({5})));
    BOOST_CHECK_EXCEPTION(y.backward(), GraphError, Says({"checkpoint", "other shapes"}));
}

BOOST_AUTO_TEST_CASE(a_captured_value_that_a_checkpoint_returns_gets_its_gradient) {
    const Variable x = leaf({1, 2}, {2}), w = leaf({3, 4}, {2});
    const Variable h = w * 10;
    const auto y = checkpoint([&](const Variable& v) { return std::vector<Variable>{v * 2, w, h}; }, {x});
    const auto gradients = grad({sum(y[0] + 5 * y[1] + y[2])}, {x, w});
    BOOST_TEST(gradients[0].to_vector() == (numbers{2, 2}), per_element());
    BOOST_TEST(gradients[1].to_vector() == (numbers{15, 15}), per_element());
}

BOOST_AUTO_TEST_CASE(checkpoints_nest_around_a_second_order) {
    const Variable x = leaf({1, 2}, {2});
    const auto cube = [](const Variable& v) { return v * v * v; };
    const auto slope = [&](const Variable& v) {
        return grad(sum(checkpoint(cube, v)), v, {.create_graph = true}) * v;  // 3 v^3
    };
    BOOST_TEST(grad(sum(slope(x)), x).to_vector() == (numbers{9, 36}), per_element());
    BOOST_TEST(grad(sum(checkpoint(slope, x)), x).to_vector() == (numbers{9, 36}), per_element());
}

BOOST_AUTO_TEST_CASE(a_generator_inside_f_draws_the_same_numbers_again) {
    const auto same = [](auto f) {
        const Variable x = leaf(numbers(8, 1.0), {8});
        const Variable y = checkpoint(f, x);
        const numbers drawn = y.to_vector();
        return all_close(grad(sum(y), x).to_vector(), drawn);
    };
    BOOST_TEST(same(
        [rng = Rng(3)](const Variable& v) mutable { return v * random_uniform(v.shape(), rng, 0, 1, v.dtype()); }));
    Rng outer(4);
    BOOST_TEST(same([&](const Variable& v) {
        Rng own = outer;
        outer();
        return v * random_uniform(v.shape(), own, 0, 1, v.dtype());
    }));
    BOOST_TEST(same([&](const Variable& v) {
        const auto inner = [&](const Variable& u) { return u * random_uniform(u.shape(), outer, 0, 1, u.dtype()); };
        const Variable own = v.detach().set_requires_grad();
        return v * grad(sum(checkpoint(inner, own)), own);
    }));
}

BOOST_AUTO_TEST_CASE(hooks_that_f_registers_run_in_its_second_run) {
    const auto f = [](const Variable& v) {
        const Variable h = v * 3;
        register_hook(h, [](const Variable& dy) { return dy * 100; });
        return h * h;
    };
    const Variable x = leaf({1, 2}, {2});
    BOOST_TEST(grad(sum(checkpoint(f, x)), x).to_vector() == grad(sum(f(x)), x).to_vector(), per_element());
}

BOOST_AUTO_TEST_CASE(outputs_of_a_checkpoint_without_a_gradient_stay_so) {
    const Variable x = leaf({1, 2}, {2});
    const auto y = checkpoint(
        [](const Variable& v) {
            return std::vector<Variable>{v.detach() * 3, v * 2, Variable()};
        },
        {x});
    BOOST_TEST(!y[0].requires_grad());
    BOOST_TEST(y[1].requires_grad());
    BOOST_TEST(!y[2]);
    BOOST_TEST(grad(sum(y[0] * y[1]), x).to_vector() == (numbers{6, 12}), per_element());
}

BOOST_AUTO_TEST_CASE(a_checkpoint_takes_what_cannot_be_copied) {
    struct Block {
        Variable w = leaf({2, 3}, {2});
        Block() = default;
        Block(const Block&) = delete;
        Variable operator()(const Variable& v) { return v * w; }
    } block;
    const Variable x = leaf({1, 2}, {2});
    BOOST_TEST(grad(sum(checkpoint(block, x)), x).to_vector() == (numbers{2, 3}), per_element());
}
