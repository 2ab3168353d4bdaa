#include <xgrad/autograd/ops/random.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/random_log.hpp>

namespace xgrad {

void Rng::note() { thread_state.random_log->note(state_); }

double Rng::normal() {
    if (thread_state.random_log != nullptr) note();
    if (state_->has_spare) {
        state_->has_spare = false;
        return state_->spare;
    }
    const double radius = std::sqrt(-2 * std::log(1 - uniform())), angle = 2 * std::numbers::pi * uniform();
    state_->spare = radius * std::sin(angle);
    state_->has_spare = true;
    return radius * std::cos(angle);
}

std::uint64_t Rng::below(std::uint64_t n) {
    if (n == 0) throw ValueError("Rng::below: n is 0");
    const std::uint64_t limit = max() - (max() % n + 1) % n;
    std::uint64_t bits = (*this)();
    while (bits > limit) bits = (*this)();
    return bits % n;
}

namespace {

template <class F>
Variable generate(const Shape& shape, DType dtype, F&& draw) {
    Variable v = Variable::empty(shape, dtype);
    visit(dtype, [&](auto number) {
        using T = decltype(number);
        std::generate_n(v.mutable_data<T>(), v.size(), [&] { return static_cast<T>(draw()); });
    });
    return v;
}

}  // namespace

Variable random_uniform(const Shape& shape, Rng& rng, double low, double high, DType dtype) {
    return generate(shape, dtype, [&] { return low + (high - low) * rng.uniform(); });
}

Variable random_normal(const Shape& shape, Rng& rng, double mean, double stddev, DType dtype) {
    return generate(shape, dtype, [&] { return mean + stddev * rng.normal(); });
}

Variable random_bernoulli(const Shape& shape, Rng& rng, double probability, DType dtype) {
    if (!(probability >= 0 && probability <= 1))
        throw ValueError(fmt::format("random_bernoulli: probability {} is outside [0, 1]", probability));
    return generate(shape, dtype, [&] { return rng.uniform() < probability ? 1 : 0; });
}

Variable random_permutation(std::size_t n, Rng& rng) {
    Variable v = Variable::empty({n}, DType::int64);
    auto* const order = v.mutable_data<std::int64_t>();
    std::iota(order, order + n, std::int64_t{0});
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    return v;
}

}  // namespace xgrad
