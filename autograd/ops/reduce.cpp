#include <xgrad/autograd/ops/reduce.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/reduce.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad {

namespace {

using Flags = std::array<bool, Shape::max_rank>;

/// What every reduction knows: which axes go, and whether they leave a 1 behind.
struct Reducing {
    Flags axes;
    bool keepdims;

    Shape reduced(const Shape& shape, bool keep) const {
        Shape result;
        for (std::size_t i = 0; i < shape.rank(); ++i)
            if (!axes[i])
                result.push_back(shape[i]);
            else if (keep)
                result.push_back(1);
        return result;
    }
    Shape shape(const Variable& x) const { return reduced(x.shape(), keepdims); }
    /// y or dy with the reduced axes back as 1, so that it broadcasts against x.
    Variable beside(const Variable& x, const Variable& y) const {
        // A dy that is still to be broadcast may be smaller than y: its own sizes are kept.
        Shape full;
        for (std::size_t i = 0, j = 0; i < x.rank(); ++i) full.push_back(axes[i] ? 1 : y.shape()[keepdims ? i : j++]);
        return reshape(y, full);
    }
    std::string details() const {
        std::string text;
        for (std::size_t i = 0; i < axes.size(); ++i)
            if (axes[i]) text += (text.empty() ? "axes " : ",") + std::to_string(i);
        return text;
    }
};

Reducing reducing(const Operand& x, const Axes& axes, const ReduceOptions& options, const char* name) {
    try {
        Reducing r{axes.flags(x->rank()), options.keepdims};
        for (std::size_t i = x->rank(); i < r.axes.size(); ++i) r.axes[i] = false;
        return r;
    } catch (Error& error) {
        detail::explain(error, name, x.at());
        throw;
    }
}

struct Sum : Reducing {
    static constexpr auto name = "sum";
    static constexpr Reads reads = Reads::none;
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::reduce(kernels::Reduction::sum, y.mutable_data<T>(), x.data<T>(), x.shape(), axes);
        });
    }
    // Not yet broadcast: the engine does so where it must, and pointwise rules cope.
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return beside(x, dy); }
};

/// A sum and its scaling as one step: most losses end in one or two means.
struct Mean : Sum {
    static constexpr auto name = "mean";
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
        return beside(x, dy) * scale(x, y);
    }
};

template <bool largest>
struct Extreme : Reducing {
    static constexpr auto name = largest ? "max" : "min";
    void forward(Variable& y, const Variable& x) const {
        if (x.size() == 0 && y.size() != 0)
            throw ShapeError(fmt::format("of nothing: input {} has no elements along the axes", to_string(x.shape())));
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::reduce(largest ? kernels::Reduction::maximum : kernels::Reduction::minimum, y.mutable_data<T>(),
                            x.data<T>(), x.shape(), axes);
        });
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable hit = x == beside(x, y);
        const Variable count = xgrad::detail::record(Sum{{axes, true}}, {}, hit);
        return hit * (beside(x, dy) / count);
    }
};

/// The axes to be reduced last, so that each result is one row.
struct Rows {
    Variable x;
    std::size_t length = 1;

    Rows(const Variable& v, const Flags& axes) {
        std::vector<int> order;
        bool moved = false;
        for (std::size_t i = 0; i < v.rank(); ++i)
            if (!axes[i]) order.push_back(static_cast<int>(i));
        for (std::size_t i = 0; i < v.rank(); ++i)
            if (axes[i]) {
                order.push_back(static_cast<int>(i));
                length *= v.shape()[i];
            }
        for (std::size_t i = 0; i < order.size(); ++i) moved = moved || order[i] != static_cast<int>(i);
        const NoGrad off;
        x = moved ? transpose(v, order) : v;
    }
};

struct LogSumExp : Reducing {
    static constexpr auto name = "logsumexp";
    void forward(Variable& y, const Variable& x) const {
        const Rows rows(x, axes);
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::logsumexp_rows(y.mutable_data<T>(), rows.x.data<T>(), y.size(), rows.length);
        });
    }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        return map([](auto v, auto total, auto d) { return d * exp(v - total); }, x, beside(x, y), beside(x, dy));
    }
};

template <bool largest>
struct ArgExtreme : Reducing {
    static constexpr auto name = largest ? "argmax" : "argmin";
    static constexpr bool differentiable = false;
    DType dtype(const Variable&) const { return DType::int64; }
    void forward(Variable& y, const Variable& x) const {
        std::size_t axis = 0, outer = 1, inner = 1;
        while (!axes[axis]) outer *= x.shape()[axis++];
        for (std::size_t i = axis + 1; i < x.rank(); ++i) inner *= x.shape()[i];
        if (x.shape()[axis] == 0)
            throw ShapeError(fmt::format("of nothing: axis {} of {} is empty", axis, to_string(x.shape())));
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::arg_extremum(largest, y.mutable_data<std::int64_t>(), x.data<T>(), outer, x.shape()[axis], inner);
        });
    }
};

}  // namespace

Variable sum(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(Sum{reducing(x, axes, options, Sum::name)}, x);
}

Variable mean(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(Mean{{reducing(x, axes, options, Mean::name)}}, x);
}

Variable max(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(Extreme<true>{reducing(x, axes, options, "max")}, x);
}
Variable min(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(Extreme<false>{reducing(x, axes, options, "min")}, x);
}
Variable logsumexp(const Operand& x, const Axes& axes, const ReduceOptions& options) {
    return apply(LogSumExp{reducing(x, axes, options, LogSumExp::name)}, x);
}
Variable argmax(const Operand& x, int axis, const ReduceOptions& options) {
    return apply(ArgExtreme<true>{reducing(x, axis, options, "argmax")}, x);
}
Variable argmin(const Operand& x, int axis, const ReduceOptions& options) {
    return apply(ArgExtreme<false>{reducing(x, axis, options, "argmin")}, x);
}

Variable sum_to(const Operand& x, const Shape& shape) {
    const Shape& from = x->shape();
    if (from == shape) return x.get();
    if (!can_broadcast(from, shape)) {
        ShapeError error(fmt::format("{} does not sum to {}", to_string(from), to_string(shape)));
        detail::explain(error, "sum_to", x.at());
        throw error;
    }
    const std::size_t skip = from.rank() > shape.rank() ? from.rank() - shape.rank() : 0;
    Axes extra, ones;
    for (std::size_t i = 0; i < from.rank(); ++i) {
        if (i < skip)
            extra.push_back(static_cast<int>(i));
        else if (from[i] != 1 && shape[i - skip + (shape.rank() > from.rank() ? shape.rank() - from.rank() : 0)] == 1)
            ones.push_back(static_cast<int>(i - skip));
    }
    Variable y = x.get();
    if (!extra.empty()) y = sum(y, extra);
    if (!ones.empty()) y = sum(y, ones, {.keepdims = true});
    return y;
}

}  // namespace xgrad
