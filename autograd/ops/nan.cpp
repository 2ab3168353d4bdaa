#include <xgrad/autograd/ops/nan.hpp>

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/masked.hpp>
#include <xgrad/autograd/ops/detail/reducing.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace xgrad {

namespace {

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
            throw ValueError(x.rank() == 0
                                 ? "nothing but NaN"
                                 : fmt::format("nothing but NaN over {} of {}", details(), to_string(x.shape())));
        const Variable places = argmax(x == extreme, axis);
        std::copy_n(places.data<std::int64_t>(), y.size(), y.mutable_data<std::int64_t>());
    }
};

/// f(the mask of the numbers that take part) as the function `name`. @throws DTypeError unless x is real
template <class F>
Variable of_numbers(const char* name, const Operand& x, const Variable& mask, F&& f) {
    return detail::as_function(name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()});
        return f(detail::masked(x == x, mask, 0));
    });
}

template <bool largest>
Variable extreme(const Operand& x, const Axes& axes, const FoldOptions& o) {
    using Op = NanExtreme<largest>;
    if (o.initial)
        return of_numbers(Op::name, x, o.where, [&](const Variable& numbers) {
            const FoldOptions options{.keepdims = o.keepdims, .initial = o.initial, .where = numbers};
            return largest ? max(x, axes, options) : min(x, axes, options);
        });
    const Op op{reducing(x, axes, {o.keepdims}, Op::name)};
    if (!o.where) return apply(op, x);
    return detail::as_function(Op::name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()});
        return apply(op, detail::masked(x, o.where, std::numeric_limits<double>::quiet_NaN()));
    });
}

}  // namespace

Variable nansum(const Operand& x, const Axes& axes, const FoldOptions& o) {
    return of_numbers("nansum", x, o.where, [&](const Variable& numbers) {
        return sum(x, axes, {.keepdims = o.keepdims, .initial = o.initial, .where = numbers});
    });
}
Variable nanprod(const Operand& x, const Axes& axes, const FoldOptions& o) {
    return of_numbers("nanprod", x, o.where, [&](const Variable& numbers) {
        return prod(x, axes, {.keepdims = o.keepdims, .initial = o.initial, .where = numbers});
    });
}
Variable nanmean(const Operand& x, const Axes& axes, const MaskedOptions& o) {
    return of_numbers("nanmean", x, o.where, [&](const Variable& numbers) {
        return mean(x, axes, {.keepdims = o.keepdims, .where = numbers});
    });
}

Variable nanmax(const Operand& x, const Axes& axes, const FoldOptions& options) {
    return extreme<true>(x, axes, options);
}
Variable nanmin(const Operand& x, const Axes& axes, const FoldOptions& options) {
    return extreme<false>(x, axes, options);
}

Variable nanargmax(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(NanArgExtreme<true>{reducing(x, axis ? Axes(*axis) : Axes(), options, "nanargmax"), axis}, x);
}
Variable nanargmin(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(NanArgExtreme<false>{reducing(x, axis ? Axes(*axis) : Axes(), options, "nanargmin"), axis}, x);
}

Variable nanvar(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return of_numbers("nanvar", x, o.where, [&](const Variable& numbers) {
        return var(x, axes, {.correction = o.correction, .keepdims = o.keepdims, .where = numbers});
    });
}
Variable nanstddev(const Operand& x, const Axes& axes, const VarianceOptions& o) {
    return of_numbers("nanstddev", x, o.where, [&](const Variable& numbers) {
        return stddev(x, axes, {.correction = o.correction, .keepdims = o.keepdims, .where = numbers});
    });
}

}  // namespace xgrad
