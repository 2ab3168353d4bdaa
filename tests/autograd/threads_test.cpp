#include <autograd/engine.hpp>
#include <autograd/on_threads.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/scope.hpp>

#include <atomic>
#include <cmath>
#include <thread>

using namespace xgrad;
using namespace engine;

namespace {

struct Shared {
    Variable w = uneven_leaf({6, 40}), b = uneven_leaf({40});
    Variable loss(double scale) const {
        const Variable x = full({5, 6}, scale, DType::float64);
        const Variable hidden = map([](auto v, auto s) { return tanh(0.01 * v * s); }, matmul(x, w) + b, b);
        return mean(square(softmax(hidden, -1))) + sum(w) * scale;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(threads_take_gradients_of_the_same_parameters) {
    const Shared net;
    std::vector<numbers> alone(thread_total);
    for (std::size_t t = 0; t < thread_total; ++t)
        alone[t] = grad(net.loss(0.1 * static_cast<double>(t)), net.w).to_vector();
    std::atomic<int> different{0};
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 100; ++i)
            if (grad(net.loss(0.1 * static_cast<double>(t)), net.w).to_vector() != alone[t]) ++different;
    });
    BOOST_TEST(different.load() == 0);
    BOOST_TEST(!net.w.grad());
    BOOST_TEST(net.w.node().references.load() == 1U);
}

BOOST_AUTO_TEST_CASE(threads_take_second_derivatives_of_the_same_parameters) {
    const Variable w = uneven_leaf({30});
    const numbers expected = (6 * w).to_vector();
    std::atomic<int> wrong{0};
    on_threads([&](std::size_t) {
        for (int i = 0; i < 100; ++i) {
            const Variable slope = grad(sum(w * w * w), w, {.create_graph = true});
            if (!all_close(grad(sum(slope), w).to_vector(), expected)) ++wrong;
        }
    });
    BOOST_TEST(wrong.load() == 0);
}

BOOST_AUTO_TEST_CASE(threads_run_backward_into_leaves_of_their_own) {
    std::vector<Variable> leaves;
    for (std::size_t t = 0; t < thread_total; ++t) leaves.push_back(uneven_leaf({50}));
    const Variable shared = uneven_leaf({50}).detach();
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 100; ++i) sum(leaves[t] * shared).backward();
    });
    for (const Variable& x : leaves) BOOST_TEST(all_close(x.grad().to_vector(), (100 * shared).to_vector(), 1e-10));
}

BOOST_AUTO_TEST_CASE(values_die_on_another_thread_than_made_them) {
    std::vector<Variable> made(thread_total);
    for (int round = 0; round < 20; ++round) {
        std::vector<Variable> next(thread_total);
        on_threads([&](std::size_t t) {
            Variable x = uneven_leaf({100});
            for (int i = 0; i < 200; ++i) x = x * 1.001 + 0.1;
            next[t] = x;                                // a graph for another thread to take apart
            made[(t + 1) % thread_total] = Variable();  // what another thread made
        });
        made = std::move(next);
    }
    BOOST_TEST(made[0].size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_graph_made_on_one_thread_is_differentiated_on_another) {
    const Variable x = leaf(0.5);
    Variable y;
    std::thread([&] {
        for (int i = 0; i < 1000; ++i) static_cast<void>(x * 2);  // its clock runs ahead
        y = exp(x) * x;
    }).join();
    const Variable z = y * y;  // newer than its input, whatever this thread's clock said
    BOOST_TEST(z.node().sequence > y.node().sequence);
    std::thread([&] { z.backward(); }).join();
    const double e = std::exp(0.5);
    BOOST_TEST(x.grad().item() == 2 * e * 0.5 * (e * 0.5 + e), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(recording_is_switched_off_for_one_thread_only) {
    const NoGrad off;
    bool recorded = false;
    std::thread([&] { recorded = (leaf(2) * 2).requires_grad(); }).join();
    BOOST_TEST(recorded);
    BOOST_TEST(!(leaf(2) * 2).requires_grad());
}

BOOST_AUTO_TEST_CASE(threads_make_and_enter_scopes_at_the_same_time) {
    std::atomic<int> wrong{0};
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 200; ++i) {
            const std::string label = "layer_" + std::to_string(t);
            const std::uint32_t id = new_scope(label);
            const Scope scope(id);
            if (scope_path(id) != label || (leaf(1) * 2).node().scope != id) ++wrong;
        }
    });
    BOOST_TEST(wrong.load() == 0);
}

BOOST_AUTO_TEST_CASE(a_generator_of_its_own_gives_a_thread_the_numbers_it_gives_alone) {
    const auto draw = [](std::size_t t) {
        Rng rng(t);
        return random_normal({500}, rng, 0, 1, DType::float64).to_vector();
    };
    std::vector<numbers> drawn(thread_total);
    on_threads([&](std::size_t t) { drawn[t] = draw(t); });
    for (std::size_t t = 0; t < thread_total; ++t) BOOST_TEST(drawn[t] == draw(t), per_element());
}

BOOST_AUTO_TEST_CASE(threads_multiply_and_factor_matrices_at_the_same_time) {
    Rng rng(1);
    const Variable a = parameter(random_normal({96, 96}, rng)), b = parameter(random_normal({12, 12}, rng));
    const auto gradients = [&] {
        const Variable spread = matmul(b, b.detach()) + eye(12) * 20;
        const auto slopes = grad({sum(square(matmul(a, a))) + sum(inverse(spread))}, {a, b});
        return std::pair(slopes[0].to_vector(), slopes[1].to_vector());
    };
    const auto alone = gradients();
    std::atomic<int> different{0};
    on_threads([&](std::size_t) {
        for (int i = 0; i < 5; ++i)
            if (gradients() != alone) ++different;
    });
    BOOST_TEST(different.load() == 0);
}

BOOST_AUTO_TEST_CASE(threads_read_what_the_program_has_one_of) {
    std::atomic<int> wrong{0};
    const Variable x = leaf(1);
    on_threads([&](std::size_t) {
        if (operators().empty() || !x.name().empty() || thread_count() == 0) ++wrong;
        try {
            static_cast<void>(reshape(x, {2}));
            ++wrong;
        } catch (const ShapeError&) {
        }
    });
    BOOST_TEST(wrong.load() == 0);
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_may_change_while_others_work) {
    const std::size_t before = thread_count();
    const Variable x = parameter(arange(0, 100'000, 1, DType::float64) * 1e-5);
    const Variable square = reshape(x * x, {250, 400});
    const auto run = [&] { return grad(sum(map([](auto v) { return sin(v) * v; }, x), {0}), x).to_vector(); };
    const auto product = [&] { return matmul(ones({32, 250}, DType::float64), square).to_vector(); };
    const numbers alone = run(), sums = product();
    std::atomic<int> different{0};
    on_threads([&](std::size_t t) {
        for (std::size_t i = 0; i < 10; ++i)
            if (t == 0)
                for (std::size_t threads = 1; threads < 300; ++threads)
                    set_thread_count(threads % 5 == 0 ? threads : 2);
            else if (run() != alone || !all_close(product(), sums, 1e-12))
                ++different;
    });
    BOOST_TEST(different.load() == 0);
    set_thread_count(before);
}

BOOST_AUTO_TEST_CASE(a_reduction_gives_the_same_on_one_thread_and_on_two) {
    const std::size_t before = thread_count();
    Rng rng(3);
    const Variable x = random_normal({300, 1000}, rng);
    const auto run = [&](std::size_t threads) {
        set_thread_count(threads);
        const Variable all = stack({sum(x), norm(x), var(x), logsumexp(x), mean(x * x)});
        return concatenate({all, sum(x, 0), sum(x, 1), var(x, 0)}).to_vector();
    };
    const numbers alone = run(1);
    BOOST_TEST(run(2) == alone, per_element());
    BOOST_TEST(run(3) == alone, per_element());
    set_thread_count(before);
}

BOOST_AUTO_TEST_CASE(a_map_gives_the_same_on_one_thread_and_on_two) {
    const std::size_t before = thread_count();
    const Variable x = parameter(arange(0, 100'000, 1, DType::float64) * 1e-5);
    const auto run = [&](std::size_t threads) {
        set_thread_count(threads);
        return grad(sum(map([](auto v) { return sin(v) * v; }, x), {0}), x).to_vector();
    };
    const numbers alone = run(1);
    BOOST_TEST(run(2) == alone, per_element());
    set_thread_count(before);
}
