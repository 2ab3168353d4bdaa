#include <xgrad/autograd/ops/nan.hpp>

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/reducing.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace xgrad {

namespace {

using detail::explained;
using detail::Reducing;
using detail::reducing;

/// An operator of its own: the gradient goes to what equals the result, which a NaN never does, but an infinity that
/// stands for it may.
template <bool largest>
struct NanExtreme : Reducing {
    static constexpr auto name = largest ? "nanmax" : "nanmin";
    void forward(Variable& y, const Variable& x) const {
        if (x.size() == 0 && y.size() != 0) xgrad::detail::throw_of_nothing(x);
        const NoGrad off;
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const Variable missing = isnan(x), numbers = where(missing, largest ? -infinity : infinity, x);
        const Variable found = largest ? max(numbers, list(), {keepdims}) : min(numbers, list(), {keepdims});
        xgrad::detail::evaluate_into(
            y, [](auto none, auto v) { return where(none != 0, std::numeric_limits<double>::quiet_NaN(), v); },
            all(missing, list(), {keepdims}), found);
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable hit = x == beside(x, y);
        return where(hit, beside(x, dy) / maximum(sum(hit, list(), {.keepdims = true}), 1), 0);
    }
};

/// An operator of its own, so that a replay looks for what is missing again.
template <bool largest>
struct NanArgExtreme : Reducing {
    std::optional<int> axis;
    static constexpr auto name = largest ? "nanargmax" : "nanargmin";
    static constexpr bool differentiable = false;
    DType dtype(const Variable&) const { return DType::int64; }
    void forward(Variable& y, const Variable& x) const {
        if (x.size() == 0 && y.size() != 0) xgrad::detail::throw_of_nothing(x);
        const NoGrad off;
        const Variable extreme =
            largest ? nanmax(x, list(), {.keepdims = true}) : nanmin(x, list(), {.keepdims = true});
        if (any(isnan(extreme)).item() != 0)
            throw ValueError(fmt::format("nothing but NaN over {} of {}", details(), to_string(x.shape())));
        const Variable places = argmax(x == extreme, axis);
        std::copy_n(places.data<std::int64_t>(), y.size(), y.mutable_data<std::int64_t>());
    }
};

/// f(the mask of the numbers) as the function `name`. @throws DTypeError unless x is real
template <class F>
Variable of_numbers(const char* name, const Operand& x, F&& f) {
    return detail::as_function(name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()});
        return f(x == x);
    });
}

}  // namespace

Variable nansum(const Operand& x, const Axes& axes, const ReduceOptions& o) {
    return of_numbers("nansum", x, [&](const Variable& numbers) { return sum(x, axes, {o.keepdims, {}, numbers}); });
}
Variable nanprod(const Operand& x, const Axes& axes, const ReduceOptions& o) {
    return of_numbers("nanprod", x, [&](const Variable& numbers) { return prod(x, axes, {o.keepdims, {}, numbers}); });
}
Variable nanmean(const Operand& x, const Axes& axes, const ReduceOptions& o) {
    return of_numbers("nanmean", x, [&](const Variable& numbers) { return mean(x, axes, {o.keepdims, numbers}); });
}

Variable nanmax(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(NanExtreme<true>{reducing(x, axes, options, "nanmax")}, x);
}
Variable nanmin(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(NanExtreme<false>{reducing(x, axes, options, "nanmin")}, x);
}

Variable nanargmax(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(NanArgExtreme<true>{reducing(x, axis ? Axes(*axis) : Axes(), options, "nanargmax"), axis}, x);
}
Variable nanargmin(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(NanArgExtreme<false>{reducing(x, axis ? Axes(*axis) : Axes(), options, "nanargmin"), axis}, x);
}

Variable nanvar(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return of_numbers("nanvar", x, [&](const Variable& numbers) {
        return var(x, axes, {o.correction, o.keepdims, o.where ? numbers * (o.where != 0) : numbers});
    });
}
Variable nanstddev(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return of_numbers("nanstddev", x, [&](const Variable& numbers) {
        return stddev(x, axes, {o.correction, o.keepdims, o.where ? numbers * (o.where != 0) : numbers});
    });
}

}  // namespace xgrad
