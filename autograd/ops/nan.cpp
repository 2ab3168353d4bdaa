#include <xgrad/autograd/ops/nan.hpp>

#include <limits>

#include <fmt/format.h>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/explained.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/reducing.hpp>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;

/// What the function called `name` reduces over. @throws IndexError, DTypeError unless x is real
Reducing numbers_of(const char* name, const Operand& x, const Axes& axes, const ReduceOptions& options) {
    explained(name, x.at(), [&] { detail::check_inputs(std::array{&x.get()}, false); });
    return detail::reducing(x, axes, options, name);
}

Variable sum_of_numbers(const Variable& x, const Reducing& over) {
    return sum(where(isnan(x), 0, x), over.list(), {over.keepdims});
}
Variable count_of_numbers(const Variable& x, const Reducing& over) {
    return sum(1 - isnan(x), over.list(), {over.keepdims});
}

Variable extreme(const char* name, bool largest, const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const Reducing over = numbers_of(name, x, axes, options);
    explained(name, x.at(), [&] {
        if (x->size() == 0 && over.shape(x).elements() != 0)
            throw ShapeError(fmt::format("of nothing: input {} has no elements along the axes", to_string(x->shape())));
    });
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const Variable missing = isnan(x), numbers = where(missing, largest ? -infinity : infinity, x);
    const Variable y = largest ? max(numbers, over.list(), options) : min(numbers, over.list(), options);
    return where(all(missing, over.list(), options), std::numeric_limits<double>::quiet_NaN(), y);
}

Variable variance(const char* name, const Operand& x, const Axes& axes, const VarianceOptions& o) {
    const Reducing over = numbers_of(name, x, axes, {o.keepdims});
    Reducing kept = over;
    kept.keepdims = true;
    const Variable centre = sum_of_numbers(x, kept) / count_of_numbers(x, kept);
    const Variable squares = square(where(isnan(x), 0, x - centre));
    return sum(squares, over.list(), {over.keepdims}) / maximum(count_of_numbers(x, over) - o.correction, 0);
}

}  // namespace

Variable nansum(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return sum_of_numbers(x, numbers_of("nansum", x, axes, options));
}
Variable nanprod(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    const Reducing over = numbers_of("nanprod", x, axes, options);
    return prod(where(isnan(x), 1, x), over.list(), options);
}
Variable nanmean(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    const Reducing over = numbers_of("nanmean", x, axes, options);
    return sum_of_numbers(x, over) / count_of_numbers(x, over);
}

Variable nanmax(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return extreme("nanmax", true, x, axes, options);
}
Variable nanmin(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at());
    return extreme("nanmin", false, x, axes, options);
}

Variable nanvar(const Operand& x, const Axes& axes, const VarianceOptions& options) {
    const CallSite here(x.at());
    return variance("nanvar", x, axes, options);
}
Variable nanstddev(const Operand& x, const Axes& axes, const VarianceOptions& options) {
    const CallSite here(x.at());
    // Flat where all numbers are the same, as stddev().
    return map([](auto v) { return where(v == 0, 0, sqrt(where(v == 0, 1, v))); },
               variance("nanstddev", x, axes, options));
}

}  // namespace xgrad
