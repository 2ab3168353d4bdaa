#include <xgrad/autograd/gradcheck_numeric.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::detail {

namespace {

struct Quotient {
    double value, noise;
};

// Differences are taken before weighing and summing: what does not change cancels exactly and adds no noise.
Quotient quotient(const Ray& ray, double from, double to) {
    const std::vector<double> a = ray.values(from), b = ray.values(to);
    double change = 0, size = 0;
    for (std::size_t j = 0; j < a.size(); ++j) {
        if (a[j] == b[j]) continue;
        change += ray.weights[j] * (b[j] - a[j]);
        size += std::abs(ray.weights[j]) * (std::abs(a[j]) + std::abs(b[j]));
    }
    return {change / (to - from), ray.roundoff * size / std::abs(to - from)};
}

/// Richardson's tableau over halved steps; each column takes away the next power of the step, `ratio` per halving.
template <class Difference>
Slope extrapolate(Difference difference, double step, double ratio, double wanted) {
    constexpr int steps = 24, columns = 5, least_steps = 4;
    std::vector<double> above, row;
    Slope best;
    for (int k = 0; k < steps; ++k, step /= 2) {
        const Quotient d = difference(step);
        row.assign(1, d.value);
        if (!std::isfinite(d.value)) row.clear();
        double power = 1;
        for (std::size_t m = 1; m <= above.size() && m < columns && !row.empty(); ++m) {
            power *= ratio;
            row.push_back(row[m - 1] + (row[m - 1] - above[m - 1]) / (power - 1));
            const double error = std::max(std::abs(row[m] - row[m - 1]), std::abs(row[m] - above[m - 1])) + 2 * d.noise;
            if (error < best.error) best = {row[m], error, d.noise};
        }
        std::swap(row, above);
        if (k + 1 >= least_steps && (best.error <= wanted * std::abs(best.value) || d.noise > best.error)) break;
    }
    return best;
}

}  // namespace

Slope central_slope(const Ray& ray, double first_step) {
    return extrapolate([&](double h) { return quotient(ray, -h, h); }, first_step, 4, ray.wanted);
}

Slope one_sided_slope(const Ray& ray, double first_step) {
    return extrapolate([&](double h) { return quotient(ray, 0, h); }, first_step, 2, ray.wanted);
}

bool has_jump(const Ray& ray) {
    const auto jumps_within = [&](double far) {
        const double near = far / 4096;
        const Quotient a = quotient(ray, 0, far), b = quotient(ray, 0, near);
        return std::abs(b.value * near) > 0.5 * std::abs(a.value * far) && std::abs(b.value) > 100 * b.noise;
    };
    return jumps_within(small_step(ray)) || jumps_within(-small_step(ray));
}

double small_step(const Ray& ray) { return std::pow(ray.roundoff, 0.25); }

}  // namespace xgrad::detail
