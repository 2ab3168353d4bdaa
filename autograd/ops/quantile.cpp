#include <xgrad/autograd/ops/quantile.hpp>

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/explained.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/reducing.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/sort.hpp>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;
using detail::reducing;

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

/// low + share (high - low), also where their difference is infinite or none.
Variable between(const Variable& low, const Variable& high, const Operand& share) {
    return map(
        [](auto a, auto b, auto w) {
            constexpr double infinity = std::numeric_limits<double>::infinity();
            const auto gap = b - a;
            return where(w == 0, a, where(abs(gap) < infinity, a + w * gap, (1 - w) * a + w * b));
        },
        low, high, share);
}

/// The quantile of sorted rows (..., n).
Variable quantile_of_sorted(const Variable& rows, double q, Interpolation how) {
    const double place = q * static_cast<double>(rows.shape().back() - 1), share = upper_share(place, how);
    const auto below = static_cast<std::size_t>(place);
    const Variable last = index(rows, {ellipsis, -1}), low = index(rows, {ellipsis, below + (share == 1 ? 1U : 0U)});
    const Variable y = share == 0 || share == 1 ? low : between(low, index(rows, {ellipsis, below + 1}), share);
    return where(isnan(last), last, y);  // where a NaN stands, if there is one
}

/// The place itself, or that of the neighbour that is asked for.
Variable chosen(const Variable& place, Interpolation how) {
    switch (how) {
        case Interpolation::lower:
            return floor(place);
        case Interpolation::higher:
            return ceil(place);
        case Interpolation::nearest:
            return round(place);
        case Interpolation::midpoint:
            return 0.5 * (floor(place) + ceil(place));
        default:
            return place;
    }
}

/// The quantile of those elements of sorted rows that stand before the NaN.
Variable quantile_of_numbers(const Variable& rows, double q, Interpolation how) {
    const Variable counts = sum((1 - isnan(rows)).to(DType::float64), -1, {.keepdims = true});
    const Variable place = chosen(q * maximum(counts - 1, 0), how), below = floor(place), above = ceil(place);
    const auto at = [&](const Variable& places) { return gather(rows, -1, places.to(DType::int64)); };
    const Variable low = at(below), high = at(above);
    return squeeze(between(low, high, (place - below).to(rows.dtype())), -1);
}

using OfRows = Variable (*)(const Variable& rows, double q, Interpolation how);

std::vector<Variable> quantiles(const char* name, OfRows of_rows, const Operand& x, const std::vector<double>& q,
                                const Axes& axes, const QuantileOptions& options) {
    const Reducing over = reducing(x, axes, {options.keepdims}, name);
    return explained(name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()}, false);
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
            results.push_back(reshape(of_rows(sorted, share, options.interpolation), over.shape(x)));
        return results;
    });
}

}  // namespace

Variable quantile(const Operand& x, double q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return quantiles("quantile", quantile_of_sorted, x, {q}, axes, options)[0];
}
Variable quantile(const Operand& x, const std::vector<double>& q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return stack(quantiles("quantile", quantile_of_sorted, x, q, axes, options));
}
Variable median(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return quantiles("median", quantile_of_sorted, x, {0.5}, axes, {.keepdims = options.keepdims})[0];
}

Variable nanquantile(const Operand& x, double q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return quantiles("nanquantile", quantile_of_numbers, x, {q}, axes, options)[0];
}
Variable nanquantile(const Operand& x, const std::vector<double>& q, const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at());
    return stack(quantiles("nanquantile", quantile_of_numbers, x, q, axes, options));
}
Variable nanmedian(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return quantiles("nanmedian", quantile_of_numbers, x, {0.5}, axes, {.keepdims = options.keepdims})[0];
}

}  // namespace xgrad
