#include <xgrad/autograd/ops/reduce.hpp>

#include <xgrad/autograd/kernels/reduce.hpp>
#include <xgrad/autograd/kernels/softmax.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/masked.hpp>
#include <xgrad/autograd/ops/detail/reducing.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/scan.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

namespace {

using detail::Reducing;
using detail::reducing;
using detail::Rows;

/// A reduction that is a kernel's: what is left to say is the rule.
template <kernels::Reduction how>
struct ByKernel : Reducing {
    static constexpr bool integers = true;
    void forward(Variable& y, const Variable& x) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::reduce(how, y.mutable_data<T>(), x.data<T>(), x.shape(), axes);
        });
    }
};

struct Sum : ByKernel<kernels::Reduction::sum> {
    static constexpr auto name = "sum";
    static constexpr Reads reads = Reads::none;
    // Not yet broadcast: the engine does so where it must, and pointwise rules cope.
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return beside(x, dy); }
};

/// A sum and its scaling as one step: most losses end in one or two means.
struct Mean : Sum {
    static constexpr auto name = "mean";
    static constexpr bool integers = false;
    double scale(const Variable& x, const Variable& y) const {
        return static_cast<double>(y.size()) / static_cast<double>(x.size());
    }
    void forward(Variable& y, const Variable& x) const {
        Sum::forward(y, x);
        const double factor = scale(x, y);
        detail::evaluate_into(
            y, [factor](auto total) { return total * factor; }, y);
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        return beside(x, detail::differentiate_by(
                             "mean'", [factor = scale(x, y)](auto d) { return d * factor; }, dy));
    }
};

template <bool largest>
struct Extreme : ByKernel<largest ? kernels::Reduction::maximum : kernels::Reduction::minimum> {
    static constexpr auto name = largest ? "max" : "min";
    bool has_initial = false;
    void forward(Variable& y, const Variable& x) const {
        if (x.size() == 0 && y.size() != 0 && !has_initial) xgrad::detail::throw_of_nothing(x);
        ByKernel<largest ? kernels::Reduction::maximum : kernels::Reduction::minimum>::forward(y, x);
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        if (x.size() == 0) return zeros(x.shape(), x.dtype());  // not of dy, which a count of 0 would divide
        // A NaN is the result where there is one.
        const Variable hit = isclose(x, this->beside(x, y), {.rtol = 0, .atol = 0, .equal_nan = true});
        const Variable count = xgrad::detail::record(Sum{{this->axes, true}}, {}, hit);
        return hit * (this->beside(x, dy) / count);
    }
};

struct Prod : ByKernel<kernels::Reduction::product> {
    static constexpr auto name = "prod";
    static constexpr Reads reads = Reads::inputs;
    // The product of the others is that of those before times that of those behind: zeros need no care, to any order.
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Rows rows(x, axes);
        const Variable flat = reshape(rows.x, Shape{y.size(), length(x)});
        const Variable others =
            cumprod(flat, 1, {.exclusive = true}) * cumprod(flat, 1, {.reverse = true, .exclusive = true});
        return rows.back(reshape(others, rows.x.shape())) * beside(x, dy);
    }
};

enum class Truth { any, all, count };

/// How many elements are not 0, and what follows from it.
template <Truth which>
struct CountNonzero : Reducing {
    static constexpr auto name = which == Truth::any ? "any" : which == Truth::all ? "all" : "count_nonzero";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    DType dtype(const Variable& x) const {
        if (which == Truth::count) return DType::int64;
        return is_floating(x.dtype()) ? x.dtype() : DType::float32;
    }
    void forward(Variable& y, const Variable& x) const {
        const Variable mask = x != 0;
        const Variable count = xgrad::sum(mask.to(DType::float64), list(), {.keepdims = keepdims});
        const auto all = static_cast<double>(length(x));
        visit(y.dtype(), [&](auto number) {
            using T = decltype(number);
            std::ranges::transform(count.span<double>(), y.mutable_data<T>(), [all](double n) {
                return static_cast<T>(which == Truth::count ? n : which == Truth::any ? n > 0 : n == all);
            });
        });
    }
};

struct LogSumExp : Reducing {
    static constexpr auto name = "logsumexp";
    void forward(Variable& y, const Variable& x) const {
        const NoGrad off;
        const Rows rows(x, axes);
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::logsumexp_rows(y.mutable_data<T>(), rows.x.data<T>(), y.size(), length(x));
        });
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        // Of nothing but -infinity no term has a share.
        return map([](auto v, auto total, auto d) { return where(total == -INFINITY, 0, d * exp(v - total)); }, x,
                   beside(x, y), beside(x, dy));
    }
};

template <bool largest>
struct ArgExtreme : Reducing {
    static constexpr auto name = largest ? "argmax" : "argmin";
    static constexpr bool differentiable = false;
    static constexpr bool integers = true;
    DType dtype(const Variable&) const { return DType::int64; }
    // One axis, or all of them as one.
    void forward(Variable& y, const Variable& x) const {
        std::size_t axis = 0, outer = 1, inner = 1;
        while (axis < x.rank() && !axes[axis]) outer *= x.shape()[axis++];
        const std::size_t n = length(x);
        for (std::size_t i = axis + 1; i < x.rank(); ++i)
            if (!axes[i]) inner *= x.shape()[i];
        if (n == 0) xgrad::detail::throw_of_nothing(x);
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::arg_extremum(largest, y.mutable_data<std::int64_t>(), x.data<T>(), outer, n, inner);
        });
    }
};

/// Runs f(x with `other` for what takes no part) as the function Op::name.
template <class Op, class F>
Variable of_part(const Operand& x, const Variable& mask, double other, F&& f) {
    return detail::as_function(Op::name, x.at(), [&] {
        detail::check_inputs(std::array{&x.get()}, detail::input_types<Op>);
        return f(detail::masked(x, mask, other));
    });
}

/// The largest or smallest element, where there may be one more or not all may take part.
template <bool largest>
Variable extreme(const Operand& x, const Axes& axes, const FoldOptions& o) {
    using Op = Extreme<largest>;
    const Op op{{reducing(x, axes, {o.keepdims}, Op::name)}, o.initial.has_value()};
    if (!o.where && !o.initial) return apply(op, x);
    if (!o.initial)
        detail::explained(Op::name, x.at(), [] {
            throw ValueError("where without an initial, which is the result where no element takes part");
        });
    // No number that could tie with a result; int64 has none, and no gradient.
    const double other = x->dtype() == DType::int64 ? *o.initial : largest ? -INFINITY : INFINITY;
    return of_part<Op>(x, o.where, other, [&](const Variable& part) {
        const Variable y = apply(op, part);
        return largest ? maximum(y, *o.initial) : minimum(y, *o.initial);
    });
}

}  // namespace

Variable sum(const Operand& x, const Axes& axes, const FoldOptions& o) {
    const Sum op{{reducing(x, axes, {o.keepdims}, Sum::name)}};
    if (!o.where && !o.initial) return apply(op, x);
    return of_part<Sum>(x, o.where, 0, [&](const Variable& part) {
        const Variable y = apply(op, part);
        return o.initial ? y + *o.initial : y;
    });
}

Variable mean(const Operand& x, const Axes& axes, const MaskedOptions& o) {
    const Mean op{{reducing(x, axes, {o.keepdims}, Mean::name)}};
    if (!o.where) return apply(op, x);
    return of_part<Mean>(x, o.where, 0, [&](const Variable& part) {
        return apply(Sum{op}, part) / detail::count_masked(part, o.where, axes, o.keepdims);
    });
}

Variable max(const Operand& x, const Axes& axes, const FoldOptions& options) { return extreme<true>(x, axes, options); }
Variable min(const Operand& x, const Axes& axes, const FoldOptions& options) {
    return extreme<false>(x, axes, options);
}
Extremes aminmax(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at(), "aminmax");
    return {min(x, axes, options), max(x, axes, options)};
}
Variable ptp(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    const CallSite here(x.at(), "ptp");
    return max(x, axes, options) - min(x, axes, options);
}
Variable logsumexp(const Operand& x, const Axes& axes, const MaskedOptions& o) {
    const LogSumExp op{reducing(x, axes, {o.keepdims}, LogSumExp::name)};
    if (!o.where) return apply(op, x);
    return of_part<LogSumExp>(x, o.where, -INFINITY, [&](const Variable& part) { return apply(op, part); });
}
Variable argmax(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(ArgExtreme<true>{reducing(x, axis ? Axes(*axis) : Axes(), options, "argmax")}, x);
}
Variable argmin(const Operand& x, std::optional<int> axis, const ReduceOptions& options) {
    return apply(ArgExtreme<false>{reducing(x, axis ? Axes(*axis) : Axes(), options, "argmin")}, x);
}

Variable prod(const Operand& x, const Axes& axes, const FoldOptions& o) {
    const Prod op{{reducing(x, axes, {o.keepdims}, Prod::name)}};
    if (!o.where && !o.initial) return apply(op, x);
    return of_part<Prod>(x, o.where, 1, [&](const Variable& part) {
        const Variable y = apply(op, part);
        return o.initial ? y * *o.initial : y;
    });
}

namespace {

template <Truth which>
Variable truth(const Operand& x, const Axes& axes, const MaskedOptions& o) {
    using Op = CountNonzero<which>;
    const Op op{reducing(x, axes, {o.keepdims}, Op::name)};
    if (!o.where) return apply(op, x);
    return of_part<Op>(x, o.where, which == Truth::all ? 1 : 0, [&](const Variable& part) { return apply(op, part); });
}

}  // namespace

Variable any(const Operand& x, const Axes& axes, const MaskedOptions& options) {
    return truth<Truth::any>(x, axes, options);
}
Variable all(const Operand& x, const Axes& axes, const MaskedOptions& options) {
    return truth<Truth::all>(x, axes, options);
}
Variable count_nonzero(const Operand& x, const Axes& axes, const MaskedOptions& options) {
    return truth<Truth::count>(x, axes, options);
}

Variable sum_to(const Operand& x, const Shape& shape) {
    const Shape& from = x->shape();
    if (from == shape) return x.get();
    detail::explained("sum_to", x.at(), [&] {
        if (!can_broadcast(from, shape))
            throw ShapeError(fmt::format("{} does not sum to {}", to_string(from), to_string(shape)));
    });
    const std::size_t skip = from.rank() > shape.rank() ? from.rank() - shape.rank() : 0;
    const std::size_t behind = shape.rank() > from.rank() ? shape.rank() - from.rank() : 0;
    detail::Flags extra{}, ones{};
    bool has_ones = false;
    for (std::size_t i = 0; i < from.rank(); ++i) {
        if (i < skip)
            extra[i] = true;
        else if (from[i] != 1 && shape[i - skip + behind] == 1)
            ones[i - skip] = has_ones = true;
    }
    Variable y = x.get();
    if (skip > 0) y = detail::record(Sum{{{extra, false}}}, x.at(), y);
    if (has_ones) y = detail::record(Sum{{{ones, true}}}, x.at(), y);
    return y;
}

}  // namespace xgrad
