#include <xgrad/autograd/ops/statistics.hpp>

#include <xgrad/autograd/kernels/reduce.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/masked.hpp>
#include <xgrad/autograd/ops/detail/reducing.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;
using detail::reducing;

/// y = the sums of x, or of its squares or absolute values.
void sum_into(Variable& y, const Variable& x, const Reducing& over, kernels::Reduction how = kernels::Reduction::sum) {
    visit_floating(y.dtype(), [&](auto number) {
        using T = decltype(number);
        kernels::reduce(how, y.mutable_data<T>(), x.data<T>(), x.shape(), over.axes);
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
        // Where the norm is 0, or an element, a safe number stands in its place, so that no 0 / 0 spoils a gradient of
        // second order.
        if (p == 2) {
            const auto scale = [](auto n, auto t) { return where(n == 0, 0, t / where(n == 0, 1, n)); };
            return x * beside(x, map(scale, y, dy));
        }
        const Variable total = beside(x, y), d = beside(x, dy);
        if (p == 1) return map([](auto v, auto t) { return where(v > 0, t, where(v < 0, -t, 0)); }, x, d);
        const double exponent = p - 1;
        return map(
            [exponent](auto v, auto n, auto t) {
                const auto size = where(v == 0, 1, abs(v) / where(n == 0, 1, n));
                return where(n == 0, 0, where(v > 0, t, where(v < 0, -t, 0))) * pow(size, exponent);
            },
            x, total, d);
    }

private:
    void sum_powers(Variable& y, const Variable& x) const {
        if (p == 1) return sum_into(y, x, *this, kernels::Reduction::sum_of_absolutes);
        if (p == 2) {
            sum_into(y, x, *this, kernels::Reduction::sum_of_squares);
            return detail::evaluate_into(
                y, [](auto total) { return sqrt(total); }, y);
        }
        sum_into(y, map([e = p](auto v) { return pow(abs(v), e); }, x), *this);
        detail::evaluate_into(
            y, [e = p](auto total) { return pow(total, 1 / e); }, y);
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

/// @throws DTypeError unless x is real
void check_real(const Operand& x) { detail::check_inputs(std::array{&x.get()}); }

/// @throws DTypeError, ShapeError unless x is a vector or a matrix of real numbers
void check_observations(const char* name, const Operand& x) {
    explained(name, x.at(), [&] {
        check_real(x);
        if (x->rank() != 1 && x->rank() != 2)
            throw ShapeError(fmt::format("takes a vector or a matrix, input is {}", to_string(x->shape())));
    });
}

/// The weights themselves, once they are found good: an operator, so that a replay looks again.
struct CovarianceWeights {
    static constexpr bool is_view = true;
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    static constexpr bool accepts_broadcast_dy = true;
    const char* name;  ///< of the function, for errors
    const char* which;
    std::size_t observations;
    DType expected;

    Shape shape(const Variable& w) const {
        if (w.shape() != Shape{observations})
            throw ShapeError(fmt::format("{} {} for {} observations", which, to_string(w.shape()), observations));
        if (w.dtype() != expected)
            throw DTypeError(fmt::format("{} are {}, not {}", which, to_string(w.dtype()), to_string(expected)));
        visit(expected, [&](auto number) {
            using T = decltype(number);
            for (const T v : w.span<T>())
                if (v < T(0)) throw ValueError(fmt::format("{} hold {}, which is negative", which, v));
        });
        return w.shape();
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return dy; }
};

/// The covariances of the rows of a table.
Variable covariances(const Variable& table, double correction) {
    const Variable centred = table - mean(table, 1, {.keepdims = true});
    const double scale = std::max(static_cast<double>(table.shape()[1]) - correction, 0.0);
    return matmul(centred, centred, {.transpose_b = true}) / scale;
}

/// The same, each observation with its weights.
Variable weighted_covariances(const Variable& table, const CovarianceOptions& o) {
    const std::size_t m = table.shape()[1];
    const auto checked = [m](const Variable& w, const char* which, DType dtype) {
        return apply(CovarianceWeights{"cov", which, m, dtype}, w);
    };
    const Variable a = o.aweights ? checked(o.aweights, "aweights", table.dtype()) : ones({m}, table.dtype());
    const Variable w = o.fweights ? checked(o.fweights, "fweights", DType::int64).to(table.dtype()) * a : a;
    const Variable total = sum(w), scale = maximum(total - o.correction * sum(w * a) / total, 0);
    const Variable centred = table - sum(table * w, 1, {.keepdims = true}) / total;
    return matmul(centred * w, centred, {.transpose_b = true}) / scale;
}

/// @throws ValueError
void check_exponent(const char* name, const Operand& x, double p) {
    explained(name, x.at(), [p] {
        if (std::isnan(p)) throw ValueError("p is NaN");
    });
}

/// The variance where not all elements take part.
Variable variance_of_part(const Variable& x, const Axes& axes, const VarianceOptions& o) {
    detail::check_inputs(std::array{&x});
    const Variable centre = mean(x, axes, {.keepdims = true, .where = o.where});
    const Variable squares = square(detail::masked(x - centre, o.where, 0));
    return sum(squares, axes, {.keepdims = o.keepdims}) /
           maximum(detail::count_masked(x, o.where, axes, o.keepdims) - o.correction, 0);
}

}  // namespace

Variable var(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    const Variance op{reducing(x, axes, {o.keepdims}, Variance::name), o.correction};
    if (!o.where) return apply(op, x);
    return detail::as_function(Variance::name, x.at(), [&] { return variance_of_part(x, axes, o); });
}
Variable stddev(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    const StandardDeviation op{{reducing(x, axes, {o.keepdims}, StandardDeviation::name), o.correction}};
    if (!o.where) return apply(op, x);
    return detail::as_function(StandardDeviation::name, x.at(), [&] {
        // Flat at 0, as StandardDeviation.
        return map([](auto v) { return where(v == 0, 0, sqrt(where(v == 0, 1, v))); }, variance_of_part(x, axes, o));
    });
}
VarianceAndMean var_mean(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    const CallSite here(x.at(), "var_mean");
    return {var(x, axes, o), mean(x, axes, {.keepdims = o.keepdims, .where = o.where})};
}
DeviationAndMean stddev_mean(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    const CallSite here(x.at(), "stddev_mean");
    return {stddev(x, axes, o), mean(x, axes, {.keepdims = o.keepdims, .where = o.where})};
}

Variable average(const Operand& x, const Operand& weights, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at(), "average");
    const Reducing over = reducing(x, axes, options, "average");
    const Variable shares = explained("average", x.at(), [&] {
        const Variable& w = weights.as(x->dtype());
        detail::check_inputs(std::array{&x.get(), &w});
        if (!broadcasts_to(w.shape(), x->shape()))
            throw ShapeError(
                fmt::format("weights {} do not broadcast to {}", to_string(w.shape()), to_string(x->shape())));
        return broadcast_to(w, x->shape());
    });
    return sum(x * shares, over.list(), options) / sum(shares, over.list(), options);
}

Variable cov(const Operand& x, const CovarianceOptions& options) {
    const CallSite here(x.at(), "cov");
    check_observations("cov", x);
    const Variable table = x->rank() == 1 ? expand_dims(x, 0) : options.rowvar ? x.get() : transpose(x);
    const Variable y = options.fweights || options.aweights ? weighted_covariances(table, options)
                                                            : covariances(table, options.correction);
    return x->rank() == 1 ? reshape(y, Shape{}) : y;
}

Variable corrcoef(const Operand& x, bool rowvar) {
    const CallSite here(x.at(), "corrcoef");
    check_observations("corrcoef", x);
    const Variable c = cov(x, {.correction = 0, .rowvar = rowvar});
    if (c.rank() == 0) return c / c;
    const Variable deviations = sqrt(diagonal(c));
    return c / (expand_dims(deviations, 1) * deviations);
}

Variable norm(const Operand& x, double p, const Axes& axes, const ReduceOptions& options) {
    const Norm finite{reducing(x, axes, options, Norm::name), p};
    const CallSite here(x.at(), "norm");
    check_exponent(Norm::name, x, p);
    if (std::isinf(p)) return p > 0 ? max(abs(x), axes, options) : min(abs(x), axes, options);
    if (p == 0) return count_nonzero(x, axes, options).to(x->dtype());
    return apply(finite, x);
}

Variable normalize(const Operand& x, double p, const Axes& axes, double eps) {
    const CallSite here(x.at(), "normalize");
    reducing(x, axes, {}, "normalize");
    explained("normalize", x.at(), [&] { check_real(x); });
    check_exponent("normalize", x, p);
    return x / maximum(norm(x, p, axes, {.keepdims = true}), eps);
}

Variable renorm(const Operand& x, double p, int axis, double maximum) {
    const CallSite here(x.at(), "renorm");
    check_exponent("renorm", x, p);
    const Axes others = explained("renorm", x.at(), [&] {
        check_real(x);
        if (!(maximum >= 0)) throw ValueError(fmt::format("the maximum {} is below 0", maximum));
        const std::size_t along = normalize_axis(axis, x->rank());
        Axes rest;
        for (std::size_t i = 0; i < x->rank(); ++i)
            if (i != along) rest.push_back(static_cast<int>(i));
        return rest;
    });
    // Without other axes each entry is a number of its own.
    const Variable length = others.empty() ? norm(expand_dims(x, -1), p, -1) : norm(x, p, others, {.keepdims = true});
    return x * map([maximum](auto n) { return where(n > maximum, maximum / where(n > maximum, n, 1), 1); }, length);
}

}  // namespace xgrad
