#pragma once

#include <xgrad/autograd/replay.hpp>

#include <autograd/engine.hpp>

/// What the tests of replay() share.
namespace replaying {

using namespace xgrad;
using namespace engine;

inline Variable batch(std::size_t n, int call) {
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

inline void check_same(const Variable& a, const Variable& b) {
    BOOST_TEST(a.to_vector() == b.to_vector(), per_element());
}

}  // namespace replaying
