#include <xgrad/autograd/ops/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/reduce.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/explained.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/reducing.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/sort.hpp>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;
using detail::reducing;

/// y = the sums of `terms`.
void sum_into(Variable& y, const Variable& terms, const Reducing& over) {
    visit_floating(y.dtype(), [&](auto number) {
        using T = decltype(number);
        kernels::reduce(kernels::Reduction::sum, y.mutable_data<T>(), terms.data<T>(), terms.shape(), over.axes);
    });
}

struct Variance : Reducing {
    static constexpr auto name = "var";
    static constexpr Reads reads = Reads::inputs;
    double correction;

    /// 1 / (n - correction)
    double share(const Variable& x) const { return 1 / std::max(static_cast<double>(length(x)) - correction, 0.0); }
    Variable centre(const Variable& x) const { return mean(x, list(), {.keepdims = true}); }
    void forward(Variable& y, const Variable& x) const {
        const NoGrad off;
        const auto squared = [](auto v, auto m) {
            const auto distance = v - m;
            return distance * distance;
        };
        sum_into(y, map(squared, x, centre(x)), *this);
        const double scale = share(x);
        detail::evaluate_into(
            y, [scale](auto total) { return total * scale; }, y);
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        const double scale = 2 * share(x);
        return map([scale](auto v, auto m, auto d) { return scale * d * (v - m); }, x, centre(x), beside(x, dy));
    }
};

struct StandardDeviation : Variance {
    static constexpr auto name = "stddev";
    static constexpr Reads reads = Reads::all;
    void forward(Variable& y, const Variable& x) const {
        Variance::forward(y, x);
        detail::evaluate_into(
            y, [](auto v) { return sqrt(v); }, y);
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const double scale = share(x);
        const Variable slope =
            map([scale](auto s, auto d) { return where(s == 0, 0, scale * d / where(s == 0, 1, s)); }, y, dy);
        return map([](auto v, auto m, auto d) { return d * (v - m); }, x, centre(x), beside(x, slope));
    }
};

/// The norm for a finite p other than 0.
struct Norm : Reducing {
    static constexpr auto name = "norm";
    double p;

    void forward(Variable& y, const Variable& x) const {
        const NoGrad off;
        sum_powers(y, x);
        if (p == 1 || x.size() == 0 || is_accurate(y)) return;
        const Variable largest = max(abs(x), list(), {.keepdims = true});
        const Variable unit = where(largest > 0 && isfinite(largest) != 0, largest, 1);
        sum_powers(y, x / unit);
        detail::evaluate_into(
            y, [](auto v, auto u) { return v * u; }, y, reshape(unit, y.shape()));
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable total = beside(x, y), d = beside(x, dy);
        if (p == 1) return map([](auto v, auto t) { return where(v > 0, t, where(v < 0, -t, 0)); }, x, d);
        // Where the norm is 0, or an element, a safe number stands in its place, so that no 0 / 0 spoils a gradient of
        // second order.
        if (p == 2)
            return map([](auto v, auto n, auto t) { return v * where(n == 0, 0, t / where(n == 0, 1, n)); }, x, total,
                       d);
        const double exponent = p - 1;
        return map(
            [exponent](auto v, auto n, auto t) {
                const auto size = where(v == 0, 1, abs(v) / where(n == 0, 1, n));
                return where(v > 0, t, where(v < 0, -t, 0)) * pow(size, exponent);
            },
            x, total, d);
    }

private:
    void sum_powers(Variable& y, const Variable& x) const {
        const auto power_of = [e = p](auto v) {
            if (e == 1) return abs(v);
            return e == 2 ? v * v : pow(abs(v), e);
        };
        sum_into(y, map(power_of, x), *this);
        detail::evaluate_into(
            y,
            [e = p](auto total) {
                if (e == 1) return total;
                return e == 2 ? sqrt(total) : pow(total, 1 / e);
            },
            y);
    }
    /// Whether the sums of powers stayed where the type has all its digits.
    bool is_accurate(const Variable& y) const {
        bool good = true;
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            using Limits = std::numeric_limits<T>;
            const double least = std::pow(static_cast<double>(Limits::min() / Limits::epsilon()), 1 / std::abs(p));
            for (const T v : y.span<T>()) good = good && static_cast<double>(v) >= least && std::isfinite(v);
        });
        return good;
    }
};

/// How much of the upper one of its two neighbours a place between them takes.
double upper_share(double place, Interpolation how) {
    const double fraction = place - std::floor(place);
    switch (how) {
        case Interpolation::lower:
            return 0;
        case Interpolation::higher:
            return fraction > 0 ? 1 : 0;
        case Interpolation::nearest:
            return std::nearbyint(place) - std::floor(place);
        case Interpolation::midpoint:
            return fraction > 0 ? 0.5 : 0;
        default:
            return fraction;
    }
}

/// The quantile of sorted rows (..., n).
Variable quantile_of_sorted(const Variable& rows, double q, Interpolation how) {
    const double place = q * static_cast<double>(rows.shape().back() - 1), share = upper_share(place, how);
    const auto below = static_cast<std::size_t>(place);
    const Variable last = index(rows, {ellipsis, -1}), low = index(rows, {ellipsis, below + (share == 1 ? 1U : 0U)});
    const Variable y = share == 0 || share == 1 ? low : lerp(low, index(rows, {ellipsis, below + 1}), share);
    return where(isnan(last), last, y);  // where a NaN stands, if there is one
}

/// @throws DTypeError unless x is real
void check_real(const Operand& x) { detail::check_inputs(std::array{&x.get()}, false); }

std::vector<Variable> quantiles(const char* name, const Operand& x, const std::vector<double>& q, const Axes& axes,
                                const QuantileOptions& options) {
    const Reducing over = reducing(x, axes, {options.keepdims}, name);
    return explained(name, x.at(), [&] {
        check_real(x);
        for (const double share : q)
            if (!(share >= 0 && share <= 1)) throw ValueError(fmt::format("q {} is outside [0, 1]", share));
        if (over.length(x) == 0)
            throw ShapeError(fmt::format("of nothing: input {} has no elements along the axes", to_string(x->shape())));
        Shape lines = over.reduced(x->shape(), false);
        lines.push_back(over.length(x));
        const Variable sorted = sort(reshape(detail::Rows(x, over.axes).x, lines)).values;
        std::vector<Variable> results;
        results.reserve(q.size());
        for (const double share : q)
            results.push_back(reshape(quantile_of_sorted(sorted, share, options.interpolation), over.shape(x)));
        return results;
    });
}

/// @throws DTypeError, ShapeError unless x is a vector or a matrix of real numbers
void check_observations(const char* name, const Operand& x) {
    explained(name, x.at(), [&] {
        check_real(x);
        if (x->rank() != 1 && x->rank() != 2)
            throw ShapeError(fmt::format("takes a vector or a matrix, input is {}", to_string(x->shape())));
    });
}

/// The sum of those elements that are not NaN.
Variable sum_of_numbers(const Variable& x, const Reducing& over) {
    return sum(where(isnan(x), 0, x), over.list(), {over.keepdims});
}

}  // namespace

Variable var(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return apply(Variance{reducing(x, axes, {o.keepdims}, Variance::name), o.correction}, x);
}
Variable stddev(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return apply(StandardDeviation{{reducing(x, axes, {o.keepdims}, StandardDeviation::name), o.correction}}, x);
}

Variable quantile(const Operand& x, double q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return quantiles("quantile", x, {q}, axes, options)[0];
}
Variable quantile(const Operand& x, const std::vector<double>& q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return stack(quantiles("quantile", x, q, axes, options));
}
Variable median(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return quantiles("median", x, {0.5}, axes, {.keepdims = options.keepdims})[0];
}

Variable nansum(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    const Reducing over = reducing(x, axes, options, "nansum");
    explained("nansum", x.at(), [&] { check_real(x); });
    return sum_of_numbers(x, over);
}
Variable nanmean(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    const Reducing over = reducing(x, axes, options, "nanmean");
    explained("nanmean", x.at(), [&] { check_real(x); });
    return sum_of_numbers(x, over) / sum(1 - isnan(x), over.list(), options);
}

Variable diff(const Operand& x, std::size_t n, int axis) {
    const CallSite here(x.at());
    const std::size_t size = explained("diff", x.at(), [&] {
        check_real(x);
        return x->shape()[normalize_axis(axis, x->rank())];
    });
    Variable y = x.get();
    for (std::size_t left = std::min(n, size); left > 0; --left)
        y = slice(y, axis, {.start = 1}) - slice(y, axis, {.stop = -1});
    return y;
}

Variable cov(const Operand& x, const CovarianceOptions& options) {
    const CallSite here(x.at());
    check_observations("cov", x);
    const Variable table = x->rank() == 1 ? expand_dims(x, 0) : options.rowvar ? x.get() : transpose(x);
    const Variable centred = table - mean(table, 1, {.keepdims = true});
    const double weight = std::max(static_cast<double>(table.shape()[1]) - options.correction, 0.0);
    const Variable y = matmul(centred, centred, {.transpose_b = true}) / weight;
    return x->rank() == 1 ? reshape(y, Shape{}) : y;
}

Variable corrcoef(const Operand& x, bool rowvar) {
    const CallSite here(x.at());
    check_observations("corrcoef", x);
    const Variable c = cov(x, {.correction = 0, .rowvar = rowvar});
    if (c.rank() == 0) return c / c;
    const Variable deviations = sqrt(diagonal(c));
    return c / (expand_dims(deviations, 1) * deviations);
}

Variable norm(const Operand& x, double p, const Axes& axes, const ReduceOptions& options) {
    const Norm finite{reducing(x, axes, options, Norm::name), p};
    const CallSite here(x.at());
    if (std::isnan(p)) {
        ValueError error("p is NaN");
        detail::explain(error, Norm::name, x.at());
        throw error;
    }
    if (std::isinf(p)) return p > 0 ? max(abs(x), axes, options) : min(abs(x), axes, options);
    if (p == 0) return count_nonzero(x, axes, options).to(x->dtype());
    return apply(finite, x);
}

}  // namespace xgrad
