#include <autograd/engine.hpp>
#include <autograd/on_threads.hpp>
#include <xgrad/autograd/checkpoint.hpp>
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/tape.hpp>

#include <atomic>
#include <cmath>
#include <thread>

using namespace xgrad;
using namespace engine;

// Several threads at work on the same recorded nodes, or adding to the same gradients.

namespace {

/// A graph of a few hundred nodes in which most have two users.
struct Ladder {
    Variable x = uneven_leaf({3}), y = uneven_leaf({3});
    Variable top;
    explicit Ladder(int steps = 100) {
        Variable a = x, b = y;
        for (int i = 0; i < steps; ++i) {
            const Variable sum = a + b;
            b = sin(a) * 0.5;
            a = sum * 0.5;
        }
        top = a * b;
    }
    Variable loss(std::size_t t) const { return sum(top * static_cast<double>(t + 1)); }
};

numbers joined(const std::vector<Variable>& gradients) {
    numbers all;
    for (const Variable& g : gradients)
        for (const double v : g.to_vector()) all.push_back(v);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(threads_take_gradients_through_one_graph_at_the_same_time) {
    const Ladder ladder;
    const Variable loss = ladder.loss(0);
    const auto gradients = [&] { return joined(grad({loss}, {ladder.x, ladder.y}, {.retain_graph = true})); };
    const numbers alone = gradients();
    std::atomic<int> different{0};
    on_threads([&](std::size_t) {
        for (int i = 0; i < 20; ++i)
            if (gradients() != alone) ++different;
    });
    BOOST_TEST(different.load() == 0);
    BOOST_TEST(gradients() == alone, per_element());
}

BOOST_AUTO_TEST_CASE(threads_build_on_one_graph_and_differentiate_through_it) {
    const Ladder ladder;
    const auto gradients = [&](std::size_t t) {
        return joined(grad({ladder.loss(t)}, {ladder.x, ladder.y}, {.retain_graph = true}));
    };
    std::vector<numbers> alone(thread_total);
    for (std::size_t t = 0; t < thread_total; ++t) alone[t] = gradients(t);
    std::atomic<int> different{0};
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 20; ++i)
            if (gradients(t) != alone[t]) ++different;
    });
    BOOST_TEST(different.load() == 0);
}

BOOST_AUTO_TEST_CASE(threads_take_second_derivatives_through_one_graph) {
    const Variable x = leaf(0.7), y = exp(x * x);
    const double expected = (2 + 4 * 0.49) * std::exp(0.49);
    std::atomic<int> wrong{0};
    on_threads([&](std::size_t) {
        for (int i = 0; i < 50; ++i) {
            const Variable slope = grad(y, x, {.create_graph = true});
            if (std::abs(grad(slope, x, {.retain_graph = true}).item() - expected) > 1e-12) ++wrong;
        }
    });
    BOOST_TEST(wrong.load() == 0);
}

// The hook holds the first walk where it is, so that the second one certainly finds another thread's marks.
BOOST_AUTO_TEST_CASE(a_graph_is_differentiated_while_another_thread_is_in_the_midst_of_it) {
    for (const int steps : {3, 100, 3000}) {
        const Ladder ladder(steps);
        const Variable loss = ladder.loss(0);
        const auto gradients = [&] { return joined(grad({loss}, {ladder.x, ladder.y}, {.retain_graph = true})); };
        const numbers alone = gradients();
        numbers beside;
        std::size_t nodes = 0;
        HookHandle hook = register_hook(ladder.top, [&](const Variable&) {
            hook.remove();
            std::thread([&] {
                beside = gradients();
                nodes = Tape(loss).size();
            }).join();
            return Variable();
        });
        BOOST_TEST(gradients() == alone, per_element());
        BOOST_TEST(beside == alone, per_element());
        BOOST_TEST(nodes == Tape(loss).size());
    }
}

BOOST_AUTO_TEST_CASE(backward_on_several_threads_adds_up_in_one_leaf) {
    const Variable w = uneven_leaf({20'000}), small = leaf(3);
    constexpr int rounds = 50;
    on_threads([&](std::size_t t) {
        for (int i = 0; i < rounds; ++i) sum(w * (static_cast<double>(t) + small)).backward();
    });
    const double factors = 3 * thread_total + thread_total * (thread_total - 1) / 2.0;
    BOOST_TEST(w.grad().to_vector() == numbers(w.size(), rounds * factors), per_element());
    BOOST_TEST(small.grad().item() == rounds * static_cast<double>(thread_total) * sum(w).item(),
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(backward_on_several_threads_adds_up_in_a_retained_gradient) {
    const Variable x = uneven_leaf({1000});
    Variable y = x * 2;
    y.retain_grad();
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 50; ++i) sum(y * static_cast<double>(t)).backward({.retain_graph = true});
    });
    const double total = 50.0 * thread_total * (thread_total - 1) / 2;
    BOOST_TEST(y.grad().to_vector() == numbers(y.size(), total), per_element());
    BOOST_TEST(x.grad().to_vector() == numbers(x.size(), 2 * total), per_element());
}

BOOST_AUTO_TEST_CASE(hooks_run_on_every_thread_that_differentiates) {
    const Variable x = leaf(2), y = x * x;
    std::atomic<int> calls{0};
    register_hook(y, [&](const Variable& dy) {
        ++calls;
        return dy * 10;
    });
    register_hook(x, [&](const Variable& dy) {
        ++calls;
        return dy + 1;
    });
    std::atomic<int> wrong{0};
    on_threads([&](std::size_t) {
        for (int i = 0; i < 50; ++i)
            if (grad(y * 3, x, {.retain_graph = true}).item() != 121) ++wrong;
    });
    BOOST_TEST(wrong.load() == 0);
    BOOST_TEST(calls.load() == 2 * 50 * static_cast<int>(thread_total));
}

BOOST_AUTO_TEST_CASE(threads_replay_one_checkpoint_while_its_generator_is_drawn_from) {
    Rng rng(7);
    const Variable x = uneven_leaf({40});
    const Variable y = checkpoint(
        [&](const Variable& v) {
            return checkpoint(
                [&](const Variable& u) { return sin(u) * random_normal({40}, rng, 0, 1, DType::float64); },
                v * random_bernoulli({40}, rng, 0.5, DType::float64));
        },
        x);
    const auto gradient = [&] { return grad(sum(y * y), x, {.retain_graph = true}).to_vector(); };
    const numbers alone = gradient();
    Rng same(rng);
    std::atomic<int> different{0};
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 20; ++i)
            if (t == 0)
                random_normal({100}, rng);
            else if (gradient() != alone)
                ++different;
    });
    BOOST_TEST(different.load() == 0);
    for (int i = 0; i < 20; ++i) random_normal({100}, same);
    BOOST_TEST(rng() == same());
}

BOOST_AUTO_TEST_CASE(a_graph_is_drawn_while_other_threads_differentiate_it) {
    const Ladder ladder(20);
    const Variable loss = ladder.loss(0);
    const std::string text = graph(loss).to_text();
    std::atomic<int> different{0};
    on_threads([&](std::size_t t) {
        for (int i = 0; i < 10; ++i)
            if (t % 2 == 0)
                grad(loss, ladder.x, {.retain_graph = true});
            else if (graph(loss).to_text() != text)
                ++different;
    });
    BOOST_TEST(different.load() == 0);
}

BOOST_AUTO_TEST_CASE(threads_differentiate_one_sum_whose_partials_only_one_gets) {
    for (int i = 0; i < 50; ++i) {
        Variable x = uneven_leaf({1000});
        const Variable y = map_reduce([](auto v) { return sin(v) * v; }, x);
        std::atomic<int> different{0};
        on_threads([&](std::size_t) {
            const Variable d = grad(y, x, {.retain_graph = true});
            if (!all_close(d.to_vector(), (sin(x) + x * cos(x)).to_vector())) ++different;
        });
        BOOST_TEST(different.load() == 0);
    }
}
