#include <autograd/replaying.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/hooks.hpp>

using namespace xgrad;
using namespace engine;
using namespace replaying;

namespace {

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
                              Says({std::string(use.name) + ": ", "3", "replay_limits_test.cpp"}));
    }
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

BOOST_AUTO_TEST_CASE(inputs_that_require_a_gradient_keep_the_step_as_it_stands) {
    auto step = replay([](const Variable& x) { return sum(x * x); });
    for (int call = 0; call < 4; ++call) {
        step(parameter(batch(2, call)));
        BOOST_TEST(!step.is_replayed());
    }
    BOOST_TEST(step.why_not().find("requires a gradient") != std::string::npos);
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
