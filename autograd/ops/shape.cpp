#include <xgrad/autograd/ops/shape.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/kernels/copy.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/reduce.hpp>

namespace xgrad {

namespace {

using Steps = std::array<std::ptrdiff_t, Shape::max_rank>;

Steps steps_of(const Shape& shape) {
    Steps steps{};
    const auto strides = strides_of(shape);
    for (std::size_t i = 0; i < shape.rank(); ++i) steps[i] = static_cast<std::ptrdiff_t>(strides[i]);
    return steps;
}

void strided_copy(Variable& y, const Steps& to, std::ptrdiff_t to_offset, const Variable& x, const Steps& from,
                  std::ptrdiff_t from_offset, const Shape& shape) {
    std::array<std::size_t, Shape::max_rank> sizes{};
    std::copy(shape.begin(), shape.end(), sizes.begin());
    const auto bytes = static_cast<std::ptrdiff_t>(size_of(x.dtype()));
    kernels::copy(x.dtype(), static_cast<char*>(y.node().data) + to_offset * bytes, std::span(to.data(), shape.rank()),
                  static_cast<const char*>(x.node().data) + from_offset * bytes, std::span(from.data(), shape.rank()),
                  std::span(sizes.data(), shape.rank()));
}

struct Reshape {
    static constexpr auto name = "reshape";
    static constexpr bool is_view = true;
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Shape to;

    Shape shape(const Variable& x) const {
        if (x.size() != to.elements())
            throw ShapeError(fmt::format("{} has {} elements, {} needs {}", detail::describe(x), x.size(),
                                         to_string(to), to.elements()));
        return to;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return reshape(dy, x.shape()); }
};

struct Transpose {
    static constexpr auto name = "transpose";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    std::vector<int> order;

    Shape shape(const Variable& x) const {
        Shape result;
        std::array<bool, Shape::max_rank> seen{};
        for (const int axis : order) {
            const std::size_t i = normalize_axis(axis, x.rank());
            if (std::exchange(seen[i], true)) throw ValueError(fmt::format("axis {} is named twice", axis));
            result.push_back(x.shape()[i]);
        }
        if (order.size() != x.rank())
            throw ValueError(
                fmt::format("{} axes in the order for an input of shape {}", order.size(), to_string(x.shape())));
        return result;
    }
    void forward(Variable& y, const Variable& x) const {
        const Steps own = steps_of(x.shape());
        Steps from{};
        for (std::size_t i = 0; i < order.size(); ++i) from[i] = own[normalize_axis(order[i], x.rank())];
        strided_copy(y, steps_of(y.shape()), 0, x, from, 0, y.shape());
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        std::vector<int> inverse(order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            inverse[normalize_axis(order[i], x.rank())] = static_cast<int>(i);
        return transpose(dy, inverse);
    }
    std::string details() const { return fmt::format("order {}", fmt::join(order, ",")); }
};

struct BroadcastTo {
    static constexpr auto name = "broadcast_to";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Shape to;

    Shape shape(const Variable& x) const {
        if (!(broadcast(x.shape(), to) == to))
            throw ShapeError(fmt::format("{} does not broadcast to {}", detail::describe(x), to_string(to)));
        return to;
    }
    void forward(Variable& y, const Variable& x) const {
        const Steps own = steps_of(x.shape());
        Steps from{};
        const std::size_t skip = to.rank() - x.rank();
        for (std::size_t i = 0; i < x.rank(); ++i) from[skip + i] = x.shape()[i] == 1 ? 0 : own[i];
        strided_copy(y, steps_of(to), 0, x, from, 0, to);
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return sum_to(dy, x.shape()); }
};

struct Concatenate {
    static constexpr auto name = "concatenate";
    static constexpr Reads reads = Reads::none;
    int axis;

    Shape shape(std::span<const Variable> parts) const {
        const Shape& first = parts[0].shape();
        const std::size_t along = normalize_axis(axis, first.rank());
        std::size_t total = 0;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const Shape& s = parts[k].shape();
            bool fits = s.rank() == first.rank();
            for (std::size_t i = 0; i < s.rank() && fits; ++i) fits = i == along || s[i] == first[i];
            if (!fits)
                throw ShapeError(fmt::format("part 0 is {}, part {} is {}; all sizes but that of axis {} must agree",
                                             to_string(first), k, to_string(s), along));
            total += s[along];
        }
        Shape result = first;
        result.set(along, total);
        return result;
    }
    void forward(Variable& y, std::span<const Variable> parts) const {
        const std::size_t along = normalize_axis(axis, y.rank());
        const Steps to = steps_of(y.shape());
        std::ptrdiff_t at = 0;
        for (const Variable& part : parts) {
            strided_copy(y, to, at * to[along], part, steps_of(part.shape()), 0, part.shape());
            at += static_cast<std::ptrdiff_t>(part.shape()[along]);
        }
    }
    std::vector<Variable> backward(std::span<const Variable> parts, const Variable&, const Variable& dy) const {
        const std::size_t along = normalize_axis(axis, dy.rank());
        std::vector<Variable> gradients;
        long at = 0;
        for (const Variable& part : parts) {
            const long next = at + static_cast<long>(part.shape()[along]);
            gradients.push_back(part.requires_grad() ? slice(dy, axis, at, next) : Variable());
            at = next;
        }
        return gradients;
    }
    std::string details() const { return fmt::format("axis {}", axis); }
};

/// A slice whose positions are settled: `count` elements from `start` in steps.
struct Settled {
    std::size_t axis;
    long start, step;
    std::size_t count;
};

/// Zeros of a shape with dy in the places of a slice: what slicing's gradient is, and slicing is its.
struct Unslice {
    static constexpr auto name = "unslice";
    static constexpr Reads reads = Reads::none;
    Settled part;
    Shape whole;

    Shape shape(const Variable&) const { return whole; }
    void forward(Variable& y, const Variable& x) const;
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const;
};

struct SliceOp {
    static constexpr auto name = "slice";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Settled part;

    Shape shape(const Variable& x) const {
        Shape result = x.shape();
        result.set(part.axis, part.count);
        return result;
    }
    void forward(Variable& y, const Variable& x) const {
        Steps from = steps_of(x.shape());
        const std::ptrdiff_t offset = part.start * from[part.axis];
        from[part.axis] *= part.step;
        strided_copy(y, steps_of(y.shape()), 0, x, from, offset, y.shape());
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        return apply(Unslice{part, x.shape()}, dy);
    }
    std::string details() const {
        return fmt::format("axis {}, {} from {}{}", part.axis, part.count, part.start,
                           part.step == 1 ? "" : fmt::format(" step {}", part.step));
    }
};

void Unslice::forward(Variable& y, const Variable& x) const {
    kernels::fill(y, 0);
    Steps to = steps_of(whole);
    const std::ptrdiff_t offset = part.start * to[part.axis];
    to[part.axis] *= part.step;
    strided_copy(y, to, offset, x, steps_of(x.shape()), 0, x.shape());
}

Variable Unslice::backward(const Variable&, const Variable&, const Variable& dy) const {
    return apply(SliceOp{part}, dy);
}

/// Python's rules for start:stop:step (CPython, PySlice_AdjustIndices).
Settled settle(const Slice& s, int axis, const Shape& shape) {
    if (s.step == 0) throw ValueError("slice: the step is 0");
    const std::size_t along = normalize_axis(axis, shape.rank());
    const long n = static_cast<long>(shape[along]), low = s.step < 0 ? -1 : 0, high = s.step < 0 ? n - 1 : n;
    const auto place = [&](std::optional<long> at, long otherwise) {
        return at ? std::clamp(*at < 0 ? *at + n : *at, low, high) : otherwise;
    };
    const long start = place(s.start, s.step < 0 ? high : low), stop = place(s.stop, s.step < 0 ? low : high);
    const long distance = s.step < 0 ? start - stop : stop - start, stride = std::abs(s.step);
    return {along, start, s.step, distance > 0 ? static_cast<std::size_t>((distance + stride - 1) / stride) : 0};
}

template <class F>
auto explained(const char* name, const Operand& x, F&& f) {
    try {
        return f();
    } catch (Error& error) {
        detail::explain(error, name, x.at());
        throw;
    }
}

}  // namespace

Variable reshape(const Operand& x, const Shape& shape) {
    return x->shape() == shape ? x.get() : apply(Reshape{shape}, x);
}

Variable reshape(const Operand& x, std::initializer_list<long> sizes) {
    return reshape(
        x, explained("reshape", x, [&] {
            const auto open = std::count(sizes.begin(), sizes.end(), -1);
            const long known =
                std::accumulate(sizes.begin(), sizes.end(), 1L, [](long p, long s) { return s == -1 ? p : p * s; });
            const long size = static_cast<long>(x->size());
            if (open > 1 || std::any_of(sizes.begin(), sizes.end(), [](long s) { return s < -1; }))
                throw ShapeError(
                    fmt::format("sizes ({}): one may be -1, the others not negative", fmt::join(sizes, ", ")));
            if (open == 1 && (known == 0 || size % known != 0))
                throw ShapeError(fmt::format("{} elements do not divide into ({})", size, fmt::join(sizes, ", ")));
            Shape shape;
            for (const long s : sizes) shape.push_back(static_cast<std::size_t>(s == -1 ? size / known : s));
            return shape;
        }));
}

Variable flatten(const Operand& x, int first_axis) {
    return reshape(x, explained("flatten", x, [&] {
                       const Shape& from = x->shape();
                       const std::size_t first = from.rank() == 0 ? 0 : normalize_axis(first_axis, from.rank());
                       Shape shape(from.begin(), from.begin() + first);
                       shape.push_back(Shape(from.begin() + first, from.end()).elements());
                       return shape;
                   }));
}

Variable squeeze(const Operand& x, int axis) {
    return reshape(x, explained("squeeze", x, [&] {
                       const std::size_t along = normalize_axis(axis, x->rank());
                       if (x->shape()[along] != 1)
                           throw ShapeError(fmt::format("axis {} of {} is not of size 1", axis, to_string(x->shape())));
                       Shape shape(x->shape().begin(), x->shape().begin() + along);
                       for (std::size_t i = along + 1; i < x->rank(); ++i) shape.push_back(x->shape()[i]);
                       return shape;
                   }));
}

Variable expand_dims(const Operand& x, int axis) {
    return reshape(x, explained("expand_dims", x, [&] {
                       const std::size_t along = normalize_axis(axis, x->rank() + 1);
                       Shape shape(x->shape().begin(), x->shape().begin() + along);
                       shape.push_back(1);
                       for (std::size_t i = along; i < x->rank(); ++i) shape.push_back(x->shape()[i]);
                       return shape;
                   }));
}

Variable transpose(const Operand& x, const std::vector<int>& order) {
    if (!order.empty()) return apply(Transpose{order}, x);
    std::vector<int> reversed(x->rank());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return apply(Transpose{reversed}, x);
}

Variable broadcast_to(const Operand& x, const Shape& shape) {
    return x->shape() == shape ? x.get() : apply(BroadcastTo{shape}, x);
}

Variable concatenate(const std::vector<Variable>& parts, int axis, const Location& at) {
    return apply_list(Concatenate{axis}, parts, at);
}

Variable slice(const Operand& x, int axis, const Slice& s) {
    return apply(SliceOp{explained("slice", x, [&] { return settle(s, axis, x->shape()); })}, x);
}

}  // namespace xgrad
