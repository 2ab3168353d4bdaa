#include <xgrad/nn/initializers.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops/creation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>
#include <vector>

namespace xgrad::nn {

namespace {

struct Fans {
    double in, out;
};
Fans fans(const Shape& shape) {
    if (shape.rank() == 0) return {1, 1};
    const auto last = static_cast<double>(shape.back());
    if (shape.rank() == 1) return {last, last};
    const double window = std::accumulate(shape.begin(), shape.end() - 2, 1.0, std::multiplies<>());
    return {window * static_cast<double>(shape[shape.rank() - 2]), window * last};
}

/// Replaces the `count` columns, each of `length` neighbouring numbers, by an orthonormal basis of what they span:
/// Gram-Schmidt, done twice, which is enough (Giraud, Langou & Rozloznik 2005). The R it implies has a positive
/// diagonal.
void orthonormalize(std::vector<double>& columns, std::size_t length, std::size_t count) {
    const auto column = [&](std::size_t i) { return std::span(columns).subspan(i * length, length); };
    const auto dot = [](auto a, auto b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); };
    for (std::size_t i = 0; i < count; ++i) {
        const auto c = column(i);
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t j = 0; j < i; ++j) {
                const double overlap = dot(c, column(j));
                for (std::size_t k = 0; k < length; ++k) c[k] -= overlap * column(j)[k];
            }
        const double norm = std::sqrt(dot(c, c));
        for (double& v : c) v /= norm;
    }
}

Variable orthogonal_matrix(const Shape& shape, Rng& rng, DType dtype, double gain) {
    if (shape.rank() < 2)
        throw ShapeError(fmt::format("orthogonal: needs at least two axes, got shape {}", to_string(shape)));
    const std::size_t width = shape.back(), rows = width == 0 ? 0 : shape.elements() / width;
    const std::size_t length = std::max(rows, width), count = std::min(rows, width);
    std::vector<double> columns(length * count);
    for (double& v : columns) v = rng.normal();
    orthonormalize(columns, length, count);
    std::vector<double> values(rows * width);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < width; ++c)
            values[r * width + c] = gain * (rows >= width ? columns[c * length + r] : columns[r * length + c]);
    return Variable::from(values, shape, dtype);
}

const std::map<std::string, Initializer>& by_name() {
    using namespace initializers;
    static const std::map<std::string, Initializer> table{
        {"zeros", initializers::zeros()},
        {"ones", initializers::ones()},
        {"constant", constant(0)},
        {"random_uniform", initializers::random_uniform()},
        {"random_normal", initializers::random_normal()},
        {"truncated_normal", truncated_normal()},
        {"variance_scaling", variance_scaling()},
        {"glorot_uniform", glorot_uniform()},
        {"glorot_normal", glorot_normal()},
        {"he_uniform", he_uniform()},
        {"he_normal", he_normal()},
        {"lecun_uniform", lecun_uniform()},
        {"lecun_normal", lecun_normal()},
        {"orthogonal", orthogonal()},
        {"identity", initializers::identity()},
    };
    return table;
}

}  // namespace

Initializer::Initializer(const std::string& name, const Location& at) {
    const auto found = by_name().find(name);
    if (found != by_name().end()) {
        function_ = found->second.function_;
        return;
    }
    std::string known;
    for (const auto& [other, initializer] : by_name()) known += (known.empty() ? "" : ", ") + other;
    ValueError error(fmt::format("unknown name \"{}\"; known are {}", name, known));
    error.locate("initializer", at);
    throw error;
}

namespace initializers {

Initializer zeros() { return constant(0); }
Initializer ones() { return constant(1); }

Initializer constant(double value) {
    return [=](const Shape& shape, Rng&, DType dtype) { return full(shape, value, dtype); };
}

Initializer random_uniform(double low, double high) {
    return
        [=](const Shape& shape, Rng& rng, DType dtype) { return xgrad::random_uniform(shape, rng, low, high, dtype); };
}

Initializer random_normal(double mean, double stddev) {
    return [=](const Shape& shape, Rng& rng, DType dtype) {
        return xgrad::random_normal(shape, rng, mean, stddev, dtype);
    };
}

Initializer truncated_normal(double mean, double stddev) {
    return [=](const Shape& shape, Rng& rng, DType dtype) {
        return random_truncated_normal(shape, rng, mean, stddev, dtype);
    };
}

Initializer variance_scaling(const VarianceScalingOptions& options) {
    if (!(options.scale > 0))
        throw ValueError(fmt::format("variance_scaling: scale is {}, it must be positive", options.scale));
    return [options](const Shape& shape, Rng& rng, DType dtype) {
        const auto [in, out] = fans(shape);
        const double fan = options.mode == FanMode::fan_in    ? in
                           : options.mode == FanMode::fan_out ? out
                                                              : (in + out) / 2;
        const double variance = options.scale / std::max(1.0, fan);
        if (options.distribution == Distribution::uniform) {
            const double limit = std::sqrt(3 * variance);
            return xgrad::random_uniform(shape, rng, -limit, limit, dtype);
        }
        if (options.distribution == Distribution::untruncated_normal)
            return xgrad::random_normal(shape, rng, 0, std::sqrt(variance), dtype);
        // the standard deviation of a standard normal cut off at +-2
        return random_truncated_normal(shape, rng, 0, std::sqrt(variance) / 0.87962566103423978, dtype);
    };
}

Initializer glorot_uniform() {
    return variance_scaling({.mode = FanMode::fan_avg, .distribution = Distribution::uniform});
}
Initializer glorot_normal() { return variance_scaling({.mode = FanMode::fan_avg}); }
Initializer he_uniform() { return variance_scaling({.scale = 2, .distribution = Distribution::uniform}); }
Initializer he_normal() { return variance_scaling({.scale = 2}); }
Initializer lecun_uniform() { return variance_scaling({.distribution = Distribution::uniform}); }
Initializer lecun_normal() { return variance_scaling({}); }

Initializer orthogonal(double gain) {
    return [=](const Shape& shape, Rng& rng, DType dtype) { return orthogonal_matrix(shape, rng, dtype, gain); };
}

Initializer identity(double gain) {
    return [=](const Shape& shape, Rng&, DType dtype) {
        if (shape.rank() != 2)
            throw ShapeError(fmt::format("identity initializer: needs two axes, got shape {}", to_string(shape)));
        std::vector<double> values(shape.elements());
        for (std::size_t i = 0; i < std::min(shape[0], shape[1]); ++i) values[i * shape[1] + i] = gain;
        return Variable::from(values, shape, dtype);
    };
}

}  // namespace initializers
}  // namespace xgrad::nn
