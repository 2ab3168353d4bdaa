#include <xgrad/autograd/ops/quantile.hpp>

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/reducing.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/sort.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;
using detail::reducing;

double round(double place) { return std::nearbyint(place); }  // halves to the even place, as for Variables

/// A place between two elements itself, or that of the neighbour that is asked for.
template <class V>
V chosen(const V& place, Interpolation how) {
    using std::ceil, std::floor;
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
    const double place = q * static_cast<double>(rows.shape().back() - 1),
                 share = chosen(place, how) - std::floor(place);
    const auto below = static_cast<std::size_t>(place);
    const Variable last = index(rows, {ellipsis, -1}), low = index(rows, {ellipsis, below + (share == 1 ? 1U : 0U)});
    const Variable y = share == 0 || share == 1 ? low : between(low, index(rows, {ellipsis, below + 1}), share);
    return where(isnan(last), last, y);  // where a NaN stands, if there is one
}

/// The quantile of those elements of sorted rows that stand before the NaN. Where there are none, the NaN is a
/// constant.
Variable quantile_of_numbers(const Variable& rows, double q, Interpolation how) {
    const Variable counts = sum((1 - isnan(rows)).to(DType::float64), -1, {.keepdims = true});
    const Variable place = chosen(q * maximum(counts - 1, 0), how), below = floor(place), above = ceil(place);
    const auto at = [&](const Variable& places) { return gather(rows, -1, places.to(DType::int64)); };
    const Variable low = at(below), high = at(above);
    const Variable y = between(low, high, (place - below).to(rows.dtype()));
    return squeeze(where(isnan(low), std::numeric_limits<double>::quiet_NaN(), y), -1);
}

using OfRows = Variable (*)(const Variable& rows, double q, Interpolation how);

/// One for each q.
std::vector<Variable> quantiles(const char* name, OfRows of_rows, const Operand& x, const std::vector<double>& q,
                                const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at(), name);
    const Reducing over = reducing(x, axes, {options.keepdims}, name);
    return explained(name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()});
        for (const double share : q)
            if (!(share >= 0 && share <= 1)) throw ValueError(fmt::format("q {} is outside [0, 1]", share));
        if (over.length(x) == 0) detail::throw_of_nothing(x);
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

/// The same as one Variable, with a new first axis for q.
Variable stacked_quantiles(const char* name, OfRows of_rows, const Operand& x, const std::vector<double>& q,
                           const Axes& axes, const QuantileOptions& options) {
    const CallSite here(x.at(), name);
    return stack(quantiles(name, of_rows, x, q, axes, options));
}

}  // namespace

Variable quantile(const Operand& x, double q, const Axes& axes, const QuantileOptions& options) {
    return quantiles("quantile", quantile_of_sorted, x, {q}, axes, options)[0];
}
Variable quantile(const Operand& x, const std::vector<double>& q, const Axes& axes, const QuantileOptions& options) {
    return stacked_quantiles("quantile", quantile_of_sorted, x, q, axes, options);
}
Variable median(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return quantiles("median", quantile_of_sorted, x, {0.5}, axes, {.keepdims = options.keepdims})[0];
}

Variable nanquantile(const Operand& x, double q, const Axes& axes, const QuantileOptions& options) {
    return quantiles("nanquantile", quantile_of_numbers, x, {q}, axes, options)[0];
}
Variable nanquantile(const Operand& x, const std::vector<double>& q, const Axes& axes, const QuantileOptions& options) {
    return stacked_quantiles("nanquantile", quantile_of_numbers, x, q, axes, options);
}
Variable nanmedian(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return quantiles("nanmedian", quantile_of_numbers, x, {0.5}, axes, {.keepdims = options.keepdims})[0];
}

}  // namespace xgrad
