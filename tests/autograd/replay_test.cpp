#include <xgrad/autograd/replay.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/array.hpp>
#include <xgrad/autograd/functional.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/map.hpp>

using namespace xgrad;
using namespace engine;

namespace {

Variable batch(std::size_t n, int call) {
    Rng rng(static_cast<std::uint64_t>(call));
    return random_normal({n, 3}, rng);
}

/// A step over weights of its own, with a gradient descent made of operators.
struct Descent {
    Variable w = parameter(Variable({{0.1, 0.2}, {-0.3, 0.4}, {0.5, -0.6}}));
    Variable b = parameter(Variable({0.1, -0.1}));

    Variable operator()(const Variable& x) {
        w.zero_grad();
        b.zero_grad();
        const Variable h = tanh(matmul(x, w) + b);
        Variable loss = mean(square(h - 0.5)) + 0.01 * sum(w * w);
        loss.backward();
        const NoGrad off;
        for (Variable* p : {&w, &b}) p->assign(*p - 0.1 * p->grad());
        return loss;
    }
};

void check_same(const Variable& a, const Variable& b) { BOOST_TEST(a.to_vector() == b.to_vector(), per_element()); }

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

/// That a step is refused, and why; it must be right all the same.
template <class F>
void check_refused(F f, const std::string& why) {
    auto step = replay(f);
    for (int call = 0; call < 6; ++call) {
        const Variable x = batch(2, call);
        check_same(step(x), f(x));
        BOOST_TEST(!step.is_replayed());
        if (call > 0) BOOST_TEST(step.why_not().find(why) != std::string::npos, step.why_not());
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

BOOST_AUTO_TEST_CASE(indices_out_of_range_end_a_replay_with_the_functions_error) {
    const Variable x = zeros({3});
    struct Use {
        const char* name;
        Variable (*f)(const Variable& x, const Variable& indices);
    };
    for (const Use& use :
         {Use{"index_add", [](const Variable&v, const Variable&i) { return index_add(v, 0, i, ones({2})); }},
          Use{"index_fill", [](const Variable&v, const Variable&i) { return index_fill(v, 0, i, 1); }},
          Use{"put_at", [](const Variable&v, const Variable&i) { return put_at(v, {i}, 1); }},
          Use{"put_along_axis", [](const Variable&v, const Variable&i) { return put_along_axis(v, i, 1); }},
          Use{"take_along_axis", [](const Variable&v, const Variable&i) { return take_along_axis(v, i); }},
          Use{"segment_sum", [](const Variable&, const Variable&i) { return segment_sum(ones({2}), i, 3); }}}) {
        auto step = replay([&](const Variable& places) { return use.f(x, places.to(DType::int64)); });
        for (int call = 0; call < 3; ++call) step(Variable({0, 2}));
        BOOST_TEST(step.is_replayed(), use.name << ": " << step.why_not());
        BOOST_CHECK_EXCEPTION(step(Variable({0, 3})), IndexError,
                              Says({std::string(use.name) + ": ", "3", "replay_test.cpp"}));
    }
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

BOOST_AUTO_TEST_CASE(a_shape_that_depends_on_elements_ends_a_replay) {
    const auto f = [](const Variable& x) { return sum(take(x, nonzero(x)[0])); };
    const auto chosen = [](int count) {
        std::vector<double> values(4, 0.0);
        for (int i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = i + 1;
        return Variable::from(std::span<const double>(values), {4});
    };
    auto step = replay(f);
    std::vector<bool> replayed;
    for (const int count : {2, 2, 2, 3, 2, 3, 3}) {
        BOOST_TEST(step(chosen(count)).item() == f(chosen(count)).item());
        replayed.push_back(step.is_replayed());
    }
    BOOST_TEST(replayed[2], step.why_not());
    BOOST_TEST(!replayed[3]);
}

BOOST_AUTO_TEST_CASE(changed_circumstances_are_noticed) {
    Descent plain, recorded;
    auto step = replay([&](const Variable& x) { return recorded(x); });
    const auto both = [&](int call, bool replayed) {
        const Variable x = batch(4, call).to(plain.w.dtype());
        check_same(step(x), plain(x));
        BOOST_TEST(step.is_replayed() == replayed, "call " << call << ": " << step.why_not());
        check_same(recorded.w, plain.w);
    };
    for (int call = 0; call < 4; ++call) both(call, call >= 2);
    for (Descent* d : {&plain, &recorded}) d->b.set_requires_grad(false);
    for (Descent* d : {&plain, &recorded}) d->b.set_requires_grad(true);
    both(4, true);
    for (Descent* d : {&plain, &recorded})
        for (Variable* v : {&d->w, &d->b}) v->convert(DType::float64);
    both(5, false);
    both(6, true);
    detail::forget_recordings();
    both(7, false);
    both(8, true);
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_cleared_outside_must_be_cleared) {
    Variable w = parameter(Variable({1.0, 2.0, 3.0}));
    auto step = replay([&](const Variable& x) {
        Variable loss = sum(w * x);
        loss.backward();
        return loss;
    });
    const auto total = [&] { return w.grad().to_vector()[0]; };
    const Variable x = ones({2, 3});
    for (int call = 0; call < 3; ++call) {
        w.zero_grad();
        step(x);
        BOOST_TEST(total() == 2);
    }
    BOOST_TEST(step.is_replayed());
    step(x);  // adds to what is there
    BOOST_TEST(!step.is_replayed());
    BOOST_TEST(total() == 4);
    BOOST_TEST(step.why_not().find("gradient") != std::string::npos);
    w.zero_grad();
    step(x);
    BOOST_TEST(step.is_replayed());
    BOOST_TEST(total() == 2);
}

BOOST_AUTO_TEST_CASE(a_value_that_somebody_holds_is_not_written_over) {
    Variable w = parameter(Variable({1.0, 2.0, 3.0}));
    Variable side;
    auto step = replay([&](const Variable& x) {
        w.zero_grad();
        side = x * 2.0;
        const Variable loss = sum(side * w);
        loss.backward();
        return loss;
    });
    const auto input = [](int call) { return full({1, 3}, call); };
    for (int call = 0; call < 4; ++call) step(input(call));
    BOOST_TEST(step.is_replayed());
    const Variable gradient = w.grad(), made = side, seen = reshape(gradient, {3, 1});
    step(input(5));
    BOOST_TEST(!step.is_replayed());
    BOOST_TEST(step.why_not().find("still held outside") != std::string::npos, step.why_not());
    for (int call = 6; call < 9; ++call) step(input(call));
    BOOST_TEST(step.is_replayed());
    BOOST_TEST(gradient.to_vector() == (numbers{6, 6, 6}), per_element());
    BOOST_TEST(seen.to_vector() == (numbers{6, 6, 6}), per_element());
    BOOST_TEST(made.to_vector() == (numbers{6, 6, 6}), per_element());
    BOOST_TEST(w.grad().to_vector() == (numbers{16, 16, 16}), per_element());
    BOOST_TEST(side.to_vector() == (numbers{16, 16, 16}), per_element());
}

BOOST_AUTO_TEST_CASE(a_gradient_that_only_its_holder_has_left_is_not_written_over) {
    Variable w = parameter(Variable({1.0, 2.0, 3.0}));
    auto step = replay([&](const Variable& x) {
        w.zero_grad();
        const Variable loss = sum(w * x);
        loss.backward();
        return loss;
    });
    const auto input = [](std::size_t rows, int value) { return full({rows, 3}, value); };
    for (int call = 0; call < 4; ++call)
        for (const std::size_t rows : {1U, 2U}) step(input(rows, call));
    BOOST_TEST(step.is_replayed());
    step(input(1, 5));
    const Variable taken_by_another = w.grad();
    step(input(2, 6));  // a recording of its own takes the leaf's gradient away
    step(input(1, 7));
    BOOST_TEST(taken_by_another.to_vector() == (numbers{5, 5, 5}), per_element());
    for (int call = 0; call < 2; ++call) step(input(2, 8));
    const Variable cleared = w.grad();
    w.zero_grad();
    step(input(2, 9));
    BOOST_TEST(cleared.to_vector() == (numbers{16, 16, 16}), per_element());
}

BOOST_AUTO_TEST_CASE(a_hook_registered_later_is_noticed) {
    Variable w = parameter(Variable({1.0, 2.0, 3.0}));
    auto step = replay([&](const Variable& x) {
        w.zero_grad();
        const Variable loss = sum(x * w);
        loss.backward();
        return loss;
    });
    const Variable x = ones({1, 3});
    for (int call = 0; call < 3; ++call) step(x);
    BOOST_TEST(step.is_replayed());
    HookHandle hook = register_hook(w, [](const Variable& dw) { return dw * 0.0; });
    for (int call = 0; call < 3; ++call) {
        step(x);
        BOOST_TEST(w.grad().to_vector() == (numbers{0, 0, 0}), per_element());
    }
    hook.remove();
    step(x);
    BOOST_TEST(w.grad().to_vector() == (numbers{1, 1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(an_input_that_the_step_assigns_to_is_the_callers) {
    auto step = replay([](const Variable& x) {
        Variable(x).assign(x * 2.0);
        return sum(x);
    });
    for (int call = 0; call < 5; ++call) {
        const Variable x({1.0, 2.0});
        BOOST_TEST(step(x).item() == 6);
        BOOST_TEST(x.to_vector() == (numbers{2, 4}), per_element());
    }
    BOOST_TEST(step.why_not().find("assigns to one of its inputs") != std::string::npos, step.why_not());
    auto by_view = replay([](const Variable& x) {
        x.detach().assign(x * 2.0);
        return sum(x);
    });
    for (int call = 0; call < 5; ++call) {
        const Variable x = ones({100});
        BOOST_TEST(by_view(x).item() == 200);
        BOOST_TEST(sum(x).item() == 200);
    }
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

BOOST_AUTO_TEST_CASE(what_cannot_be_replayed_is_refused) {
    check_refused([](const Variable& x) { return sum(x).item() > 0 ? sum(x) : -sum(x); }, "are read inside the step");
    check_refused([](const Variable& x) { return x * *mean(x).data<float>(); }, "are read inside the step");
    check_refused([](const Variable& x) { return x * Variable({1.0, 2.0, 3.0}); }, "is made inside the step");
    check_refused(
        [](const Variable& x) {
            Variable y = x + 1.0;
            y.mutable_data<float>()[0] = 3;
            return y * 2.0;
        },
        "is changed in place");
    check_refused(
        [](const Variable& x) {
            Rng rng(3);
            return x + random_normal(x.shape(), rng);
        },
        "generator of random numbers is made in it");
    Rng rng(3);
    check_refused(
        [rng](const Variable& x) {
            Rng own = rng;
            return x + random_normal(x.shape(), own);
        },
        "generator of random numbers is used in it");
    check_refused([](const Variable& x) { return sum(x) < 1.0 ? x + 1.0 : -x; }, "are read inside the step");
    Variable w = parameter(ones({3}));
    const auto hooked = [&](const Variable& x) {
        w.zero_grad();
        const Variable y = w * 2.0;
        register_hook(y, [](const Variable& dy) { return dy * 2.0; });
        sum(y * x).backward();
        return w.grad();
    };
    check_refused(hooked, "hook");
    check_refused(
        [](const Variable& x) {
            const auto cube = [](const Variable& v) { return v * v * v; };
            return gradcheck(cube, {ones({2}, DType::float64)}) ? x * 2.0 : x;
        },
        "a gradient check runs in it");
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

BOOST_AUTO_TEST_CASE(inputs_that_require_a_gradient_keep_the_step_as_it_stands) {
    auto step = replay([](const Variable& x) { return sum(x * x); });
    for (int call = 0; call < 4; ++call) {
        step(parameter(batch(2, call)));
        BOOST_TEST(!step.is_replayed());
    }
    BOOST_TEST(step.why_not().find("requires a gradient") != std::string::npos);
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

BOOST_AUTO_TEST_CASE(an_error_while_recording_leaves_nothing_behind) {
    bool fails = false;
    auto step = replay([&](const Variable& x) {
        if (fails) throw ValueError("on purpose");
        return x * 2.0;
    });
    step(batch(2, 0));
    fails = true;
    BOOST_CHECK_THROW(step(batch(2, 1)), ValueError);
    fails = false;
    step(batch(2, 2));
    step(batch(2, 3));
    BOOST_TEST(step.is_replayed());
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
