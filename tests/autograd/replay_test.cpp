#include <autograd/replaying.hpp>
#include <xgrad/autograd/array.hpp>
#include <xgrad/autograd/functional.hpp>
#include <xgrad/autograd/map.hpp>

using namespace xgrad;
using namespace engine;
using namespace replaying;

namespace {

/// An operator whose forward pass works on arrays.
struct Cubic {
    static constexpr auto name = "cubic";
    template <class T>
    Array<T> forward(const ArrayView<T>& x) const {
        return x * x * x;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return 3.0 * x * x * dy; }
};

/// Calls a step as it stands and by replay(), each with an object of its own, and compares what they give.
template <class Step, class Input>
void check_replays(Step plain, Step recorded, const Input& input, int calls = 6) {
    auto step = replay([&](const Variable& x) { return recorded(x); });
    for (int call = 0; call < calls; ++call) {
        const Variable x = input(call);
        check_same(step(x), plain(x));
        BOOST_TEST(step.is_replayed() == (call >= 2), "call " << call << ": " << step.why_not());
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_training_step_gives_the_same_to_the_last_bit) {
    Descent plain, recorded;
    auto step = replay([&](const Variable& x) { return recorded(x); });
    for (int call = 0; call < 20; ++call) {
        const Variable x = batch(4, call);
        check_same(step(x), plain(x));
        BOOST_TEST(step.is_replayed() == (call >= 2), step.why_not());
        check_same(recorded.w, plain.w);
        check_same(recorded.b.grad(), plain.b.grad());
    }
}

BOOST_AUTO_TEST_CASE(results_of_different_calls_are_different_values) {
    Descent descent;
    auto step = replay([&](const Variable& x) { return descent(x); });
    std::vector<Variable> losses;
    std::vector<double> values;
    for (int call = 0; call < 5; ++call) {
        losses.push_back(step(batch(4, call)));
        values.push_back(losses.back().item());
        BOOST_TEST(!losses.back().requires_grad());
    }
    for (std::size_t i = 0; i < losses.size(); ++i) BOOST_TEST(losses[i].item() == values[i]);
}

BOOST_AUTO_TEST_CASE(each_batch_size_has_a_recording) {
    Descent plain, recorded;
    auto step = replay([&](const Variable& x) { return recorded(x); });
    std::vector<bool> replayed;
    for (int call = 0; call < 9; ++call) {
        const Variable x = batch(call % 3 == 2 ? 2 : 4, call);
        check_same(step(x), plain(x));
        replayed.push_back(step.is_replayed());
    }
    const std::vector<bool> expected{false, false, false, true, true, true, true, true, true};
    BOOST_TEST(replayed == expected, per_element());
}

BOOST_AUTO_TEST_CASE(operators_of_every_form) {
    const auto forms = [](const Variable& x) {
        const Variable w = ones({3, 3}, x.dtype());
        const auto [q, r] = qr(matmul(transpose(x), x) + w);
        const std::vector<Variable> parts = {slice(x, 0, {0, 1}), flip(x, {0}), x};
        const Variable joined = concatenate(parts, 0);
        const Variable mapped = map([](auto a, auto b) { return a * exp(-b * b); }, joined, mean(joined));
        const auto both = map([](auto a) { return std::array{sin(a), cos(a)}; }, joined);
        return std::vector<Variable>{reshape(mapped, {-1}),
                                     sum(abs(q), 0),
                                     r,
                                     both[0] * both[1],
                                     max(joined, 1),
                                     softmax(joined, 0),
                                     cumsum(joined, 0),
                                     where(joined > 0, joined, 0)};
    };
    auto step = replay(forms);
    for (int call = 0; call < 5; ++call) {
        const Variable x = batch(4, call);
        const std::vector<Variable> now = step(x), expected = forms(x);
        BOOST_TEST(step.is_replayed() == (call >= 2), step.why_not());
        for (std::size_t i = 0; i < expected.size(); ++i) check_same(now[i], expected[i]);
    }
}

BOOST_AUTO_TEST_CASE(operators_that_look_at_their_elements) {
    const Variable xp({-1, 0, 1}), fp({2, 0, 1});
    const auto f = [&](const Variable& input) {
        const Variable x = input + 0.0, square = matmul(x, x, {.transpose_a = true});
        const Variable w = parameter(ones({3, 3})), y = matrix_exp(square * w);
        const Variable places = argcummax(x, 0), bins = histogram(x, 4, {.weights = square + x}).counts;
        return sum(grad(sum(y), w) / max(y)) + sum(lu(square).u) + sum(bins) + nanmedian(where(x > 1, NAN, x)) +
               sum(interp(x, xp, fp)) + sum(take_at(x, {places, places})) + sum(unfold(x, 2)) +
               sum(mode(round(x)).values);
    };
    check_replays(f, f, [](int call) {
        Rng rng(static_cast<std::uint64_t>(call));
        return random_normal({3, 3}, rng, 0, 0.2 * (1 + call));
    });
}

BOOST_AUTO_TEST_CASE(indices_that_a_step_computes_are_read_anew) {
    const auto order_of = [](const Variable& x) { return argsort(x, 0); };
    const auto f = [&](const Variable& input) {
        const Variable x = input + 0.0, w = parameter(ones({3, 3})), order = order_of(x);
        const Variable rows = index(order, {ellipsis, 0}), updates = x * w, squares = square(w);
        const std::vector<Variable> results{index_add(squares, 0, rows, updates),
                                            index_copy(squares, 0, rows, updates),
                                            index_fill(squares, 0, slice(rows, 0, 0, 1), sum(updates)),
                                            put_at(squares, {rows, rows}, index(updates, {0})),
                                            add_at(squares, {rows}, updates),
                                            take_along_axis(updates, order, 0),
                                            put_along_axis(squares, order, updates, 0),
                                            scatter(squares, 0, order, updates),
                                            scatter_reduce(squares, 0, order, updates, Reduce::prod),
                                            segment_max(updates, rows, 3),
                                            segment_mean(updates, rows, 3),
                                            cov(updates, {.fweights = rows, .aweights = square(index(x, {1}))})};
        Variable total = sum(grad(sum(square(concatenate(results))), w));
        for (const Variable& v : results) total = total + sum(v * x);
        const Unique different = unique(rows, 0);
        return total + sum(take(different.values, different.indices).to(x.dtype())) +
               sum(different.inverse.to(x.dtype()) * x);
    };
    check_replays(f, f, [](int call) {
        Rng rng(static_cast<std::uint64_t>(call));
        return reshape(random_permutation(9, rng).to(DType::float32) - 4, {3, 3});
    });
}

BOOST_AUTO_TEST_CASE(gradients_of_many_outputs_and_of_gradients) {
    struct Penalty {
        Variable w = parameter(Variable({{0.1, 0.2, 0.3}, {-0.3, 0.4, 0.1}, {0.5, -0.6, 0.2}}));
        Variable operator()(const Variable& input) {
            w.zero_grad();
            const Variable x = identity(input);
            const auto factors = qr(matmul(transpose(matmul(x, w)), matmul(x, w)) + 3.0 * w);
            const auto both = map([](auto a) { return std::array{sin(a), cos(a)}; }, factors.q);
            const Variable y = sum(both[0] * factors.r) + sum(both[1]);
            const Variable slope = grad(y, w, {.create_graph = true});
            const Variable loss = y + sum(square(slope));
            loss.backward();
            return sum(w.grad() * w.grad());
        }
    };
    check_replays(Penalty{}, Penalty{}, [](int call) { return batch(4, call); });
}

BOOST_AUTO_TEST_CASE(an_operator_that_works_on_arrays) {
    const auto f = [](const Variable& x) {
        const Variable w = x + 0.0;
        return sum(apply(Cubic{}, w));
    };
    check_replays(f, f, [](int call) { return batch(4, call); });
}

BOOST_AUTO_TEST_CASE(leaves_and_gradients_inside_the_step) {
    const auto f = [](const Variable& x) {
        const Variable w = parameter(ones({3, 3}));
        return grad(sum(tanh(matmul(x, w))), w) + w.detach();
    };
    check_replays(f, f, [](int call) { return batch(4, call); });
}

BOOST_AUTO_TEST_CASE(random_numbers_are_drawn_anew) {
    struct Noisy {
        Rng rng{7};
        Variable operator()(const Variable& x) {
            return sum(x * random_bernoulli(x.shape(), rng, 0.5) + random_normal({3}, rng));
        }
    };
    check_replays(Noisy{}, Noisy{}, [](int call) { return batch(4, call); });
    struct Drawing {
        Rng rng{8};
        Variable operator()(const Variable& x) {
            const Variable events = random_poisson(exp(x), rng),
                           chosen = random_choice(4, {2}, rng, {.replace = false});
            return sum(x * events) + sum(take(x, chosen, 0)) + sum(random_bernoulli(sigmoid(x), rng)) +
                   sum(random_gamma({3}, rng, 2));
        }
    };
    check_replays(Drawing{}, Drawing{}, [](int call) { return batch(4, call); });
}

BOOST_AUTO_TEST_CASE(integer_inputs_and_errors_of_operators) {
    const Variable table({1.0, 2.0, 4.0});
    auto step = replay([&](const Variable& index) { return take(table, index, 0); });
    const auto index = [](std::int64_t i) { return Variable::from(std::span<const std::int64_t>(&i, 1), {1}); };
    for (std::int64_t i : {0, 1, 2, 0})
        BOOST_TEST(step(index(i)).item() == table.to_vector()[static_cast<std::size_t>(i)]);
    BOOST_TEST(step.is_replayed(), step.why_not());
    BOOST_CHECK_EXCEPTION(step(index(3)), IndexError, Says({"take: ", "replay_test.cpp"}));
    BOOST_TEST(step(index(2)).item() == 4.0);
    BOOST_TEST(step.is_replayed());
}

BOOST_AUTO_TEST_CASE(a_gradient_penalty_is_replayed) {
    const auto step_of = [](Variable w) {
        return [w](const Variable& x) mutable {
            w.zero_grad();
            const auto critic = [&](const Variable& v) { return sum(tanh(matmul(v, w))); };
            Variable inside = parameter(x * 2.0);
            const Variable loss = sum(square(grad(critic)(x))) + sum(critic(inside));
            loss.backward();
            const NoGrad off;
            w.assign(w - 0.1 * w.grad());
            return loss + sum(inside.grad());
        };
    };
    const auto weights = [] { return parameter(Variable({{0.1, 0.2}, {-0.3, 0.4}, {0.5, -0.6}})); };
    auto plain = step_of(weights());
    auto step = replay(step_of(weights()));
    for (int call = 0; call < 6; ++call) {
        check_same(step(batch(2, call)), plain(batch(2, call)));
        BOOST_TEST(step.is_replayed() == (call >= 2), "call " << call << ": " << step.why_not());
    }
}

BOOST_AUTO_TEST_CASE(functions_that_make_constants_are_replayed) {
    const Variable w({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}, {7.0, 8.0, 9.0}});
    const auto step = [&](const Variable& x) {
        const Variable near = pad(x, {{0, 0}, {2, 1}}, {.mode = PadMode::reflect}), again = repeat(x, {2, 0, 1}, 1);
        const auto f = [&](const Variable& v) { return tanh(matmul(v, w)); };
        const auto size = [&](const Variable& v) { return sum(square(matmul(v, w))); };
        return sum(near) + sum(again * again) + sum(matmul(x, eye(3))) + sum(jacobian(f, x)) + sum(hessian(size, x));
    };
    check_replays(step, step, [](int call) { return batch(2, call); });
}

BOOST_AUTO_TEST_CASE(masks_of_reductions_are_computed_anew) {
    const auto step = [](const Variable& x) {
        const Variable positive = x > 0;
        return sum(x, 0, {.initial = 1, .where = positive}) * max(x, 0, {.initial = 0.5, .where = positive}) +
               var(x, 0, {.correction = -1, .where = positive}) + nansum(sqrt(x), 0, {.where = x < 1});
    };
    check_replays(step, step, [](int call) { return batch(4, call); });
}

BOOST_AUTO_TEST_CASE(a_sum_that_leaves_its_partials_finds_them_anew) {
    struct Fit {
        Variable w = parameter(ones({3}));
        Variable operator()(const Variable& x) {
            w.zero_grad();
            Variable loss = map_reduce([](auto a, auto b) { return tanh(a * b) * a; }, x, w) / 2;
            loss.backward();
            const NoGrad off;
            w.assign(w - 0.5 * w.grad());
            return loss;
        }
    };
    check_replays(Fit{}, Fit{}, [](int call) { return batch(3, call); });
}

BOOST_AUTO_TEST_CASE(effects_run_in_each_replay) {
    int runs = 0;
    auto step = replay([&](const Variable& x) {
        run_replayable("count", [&] { ++runs; });
        return x + 1.0;
    });
    for (int call = 0; call < 5; ++call) step(batch(2, call));
    BOOST_TEST(step.is_replayed());
    BOOST_TEST(runs == 5);
}

BOOST_AUTO_TEST_CASE(a_step_within_a_step_is_part_of_it) {
    auto inner = replay([](const Variable& x) { return tanh(x); });
    const auto f = [&](const Variable& x) { return sum(inner(x) * 2.0); };
    auto outer = replay(f);
    for (int call = 0; call < 5; ++call) {
        const Variable x = batch(2, call);
        check_same(outer(x), sum(tanh(x) * 2.0));
    }
    BOOST_TEST(outer.is_replayed(), outer.why_not());
}

BOOST_AUTO_TEST_CASE(complete_decompositions_are_replayed_and_checked_again) {
    struct Step {
        Variable w = parameter(Variable({{1, 2}, {3, 5}, {-1, 4}}));
        Variable operator()(const Variable& x) {
            w.zero_grad();
            const Variable a = w * sum(x);
            (sum(qr(a, {.complete = true}).r) + sum(svd(a, {.full_matrices = true}).s)).backward();
            return sum(w.grad() * w.grad());
        }
    };
    check_replays(Step{}, Step{}, [](int call) { return batch(4, call); });
}
