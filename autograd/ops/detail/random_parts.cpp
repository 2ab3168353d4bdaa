#include <xgrad/autograd/ops/detail/random_parts.hpp>

#include <xgrad/autograd/kernels/special.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace xgrad::detail {

double positive_exponential(Rng& r) {
    double e = r.exponential();
    while (e == 0) e = r.exponential();
    return e;
}

// Marsaglia & Tsang 2000, "A simple method for generating gamma variables".
double log_gamma_number(double concentration, Rng& r) {
    if (concentration < 1) return log_gamma_number(concentration + 1, r) - positive_exponential(r) / concentration;
    const double d = concentration - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = r.normal(), root = 1 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root;
        if (-positive_exponential(r) < 0.5 * x * x + d * (1 - v + std::log(v))) return std::log(d * v);
    }
}

// Their distances are exponential.
double few_events(double rate, Rng& r) {
    double count = 0, time = r.exponential();
    while (time < rate) {
        ++count;
        time += r.exponential();
    }
    return count;
}

// Hoermann 1993, "The transformed rejection method for generating Poisson random variables", algorithm PTRS.
double many_events(double rate, Rng& r) {
    const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
    const double scale = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = r.uniform() - 0.5, v = 1 - r.uniform(), us = 0.5 - std::abs(u);
        const double count = std::floor((2 * a / us + b) * u + rate + 0.43);
        if (us >= 0.07 && v <= squeeze) return count;
        if (count < 0 || (us < 0.013 && v > us)) continue;
        if (std::log(v * scale / (a / (us * us) + b)) <= count * std::log(rate) - rate - kernels::lgamma(count + 1))
            return count;
    }
}

void choose_with_replacement(std::size_t n, const std::vector<double>& weights, std::int64_t* chosen, std::size_t count,
                             Rng& r) {
    if (weights.empty()) {
        std::generate_n(chosen, count, [&] { return static_cast<std::int64_t>(r.below(n)); });
        return;
    }
    std::vector<double> sums(n);
    std::partial_sum(weights.begin(), weights.end(), sums.begin());
    std::generate_n(chosen, count, [&] {
        // A product that is rounded up to the whole sum belongs to the last one that has a weight.
        const auto place = std::upper_bound(sums.begin(), sums.end(), r.uniform() * sums.back());
        return (place == sums.end() ? std::lower_bound(sums.begin(), sums.end(), sums.back()) : place) - sums.begin();
    });
}

// With weights, those that an event due at that rate meets first (Efraimidis & Spirakis 2006, "Weighted random sampling
// with a reservoir").
void choose_different(std::size_t n, const std::vector<double>& weights, std::int64_t* chosen, std::size_t count,
                      Rng& r) {
    std::vector<std::int64_t> order(n);
    std::iota(order.begin(), order.end(), std::int64_t{0});
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(count);
    if (weights.empty()) {
        for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + r.below(n - i)]);
    } else {
        std::vector<double> times(n);
        for (std::size_t i = 0; i < n; ++i) times[i] = positive_exponential(r) / weights[i];
        std::partial_sort(order.begin(), end, order.end(), [&](std::int64_t a, std::int64_t b) {
            return times[static_cast<std::size_t>(a)] < times[static_cast<std::size_t>(b)];
        });
    }
    std::copy(order.begin(), end, chosen);
}

}  // namespace xgrad::detail
