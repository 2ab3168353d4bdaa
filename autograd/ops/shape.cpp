#include <xgrad/autograd/ops/shape.hpp>

#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/strided.hpp>
#include <xgrad/autograd/ops/reduce.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace xgrad {

using detail::explained;

namespace {

using detail::Steps;
using detail::steps_of;
using detail::strided_copy;

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

/// The axes as they stand, with `from` taken out and put at the places `to`.
std::vector<int> moved(std::size_t rank, const std::vector<int>& from, const std::vector<int>& to) {
    if (from.size() != to.size())
        throw ValueError(fmt::format("{} axes to be moved to {} places", from.size(), to.size()));
    std::vector<int> order(rank, -1);
    std::vector<bool> taken(rank);
    for (std::size_t k = 0; k < from.size(); ++k) {
        const std::size_t source = normalize_axis(from[k], rank), place = normalize_axis(to[k], rank);
        if (taken[source]) throw IndexError(fmt::format("axis {} is moved twice", from[k]));
        if (order[place] != -1) throw IndexError(fmt::format("place {} is named twice", to[k]));
        taken[source] = true;
        order[place] = static_cast<int>(source);
    }
    std::size_t next = 0;
    for (int& axis : order) {
        if (axis != -1) continue;
        while (taken[next]) ++next;
        axis = static_cast<int>(next++);
    }
    return order;
}

/// The sizes with what the others leave in the place of a -1. @throws ShapeError
Shape completed(const std::vector<long>& sizes, std::size_t elements) {
    const auto open = std::count(sizes.begin(), sizes.end(), -1);
    if (open > 1 || std::any_of(sizes.begin(), sizes.end(), [](long s) { return s < -1; }))
        throw ShapeError(fmt::format("sizes ({}): one may be -1, the others not negative", fmt::join(sizes, ", ")));
    long known = 1;
    for (const long s : sizes)
        if (s != -1 && __builtin_mul_overflow(known, s, &known))
            throw ShapeError(fmt::format("sizes ({}): too many elements", fmt::join(sizes, ", ")));
    const long size = static_cast<long>(elements);
    if (open == 1 && (known == 0 || size % known != 0))
        throw ShapeError(fmt::format("{} elements do not divide into ({})", size, fmt::join(sizes, ", ")));
    Shape shape;
    for (const long s : sizes) shape.push_back(static_cast<std::size_t>(s == -1 ? size / known : s));
    return shape;
}

Shape common_shape(const std::vector<Variable>& arrays) {
    Shape shape;
    for (const Variable& v : arrays) shape = broadcast(shape, v.shape());
    return shape;
}

}  // namespace

Variable reshape(const Operand& x, const Shape& shape) {
    return x->shape() == shape ? x.get() : apply(Reshape{shape}, x);
}

Variable reshape(const Operand& x, std::initializer_list<long> sizes) {
    return reshape(x, explained("reshape", x.at(), [&] { return completed(sizes, x->size()); }));
}

Variable flatten(const Operand& x, int first_axis) {
    return reshape(x, explained("flatten", x.at(), [&] {
                       const Shape& from = x->shape();
                       const std::size_t first = from.rank() == 0 ? 0 : normalize_axis(first_axis, from.rank());
                       Shape shape(from.begin(), from.begin() + first);
                       shape.push_back(Shape(from.begin() + first, from.end()).elements());
                       return shape;
                   }));
}

Variable squeeze(const Operand& x, const Axes& axes) {
    return reshape(
        x, explained("squeeze", x.at(), [&] {
            const auto named = axes.flags(x->rank());
            Shape shape;
            for (std::size_t i = 0; i < x->rank(); ++i) {
                const std::size_t size = x->shape()[i];
                if (!named[i] || (axes.empty() && size != 1))
                    shape.push_back(size);
                else if (size != 1)
                    throw ShapeError(fmt::format("axis {} of {} is not of size 1", i, to_string(x->shape())));
            }
            return shape;
        }));
}

Variable expand_dims(const Operand& x, const std::vector<int>& axes) {
    return reshape(x, explained("expand_dims", x.at(), [&] {
                       const std::size_t rank = x->rank() + axes.size();
                       std::vector<bool> is_new(rank);
                       for (const int axis : axes) {
                           const std::size_t i = normalize_axis(axis, rank);
                           if (is_new[i]) throw IndexError(fmt::format("axis {} is named twice", axis));
                           is_new[i] = true;
                       }
                       Shape shape;
                       for (std::size_t i = 0, own = 0; i < rank; ++i)
                           shape.push_back(is_new[i] ? 1 : x->shape()[own++]);
                       return shape;
                   }));
}

Variable atleast_1d(const Operand& x) { return x->rank() == 0 ? expand_dims(x, 0) : x.get(); }
Variable atleast_2d(const Operand& x) {
    if (x->rank() >= 2) return x.get();
    return x->rank() == 0 ? expand_dims(x, {0, 1}) : expand_dims(x, 0);
}
Variable atleast_3d(const Operand& x) {
    if (x->rank() >= 3) return x.get();
    if (x->rank() == 2) return expand_dims(x, 2);
    return x->rank() == 0 ? expand_dims(x, {0, 1, 2}) : expand_dims(x, {0, 2});
}

Variable unflatten(const Operand& x, int axis, const std::vector<long>& sizes) {
    return reshape(x, explained("unflatten", x.at(), [&] {
                       const std::size_t along = normalize_axis(axis, x->rank());
                       Shape shape(x->shape().begin(), x->shape().begin() + along);
                       const Shape cut = completed(sizes, x->shape()[along]);
                       if (cut.elements() != x->shape()[along])
                           throw ShapeError(fmt::format("sizes {} do not make up axis {} of {}", to_string(cut), axis,
                                                        to_string(x->shape())));
                       for (const std::size_t s : cut) shape.push_back(s);
                       for (std::size_t i = along + 1; i < x->rank(); ++i) shape.push_back(x->shape()[i]);
                       return shape;
                   }));
}

Variable transpose(const Operand& x, const std::vector<int>& order) {
    if (!order.empty()) return apply(Transpose{order}, x);
    std::vector<int> reversed(x->rank());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return apply(Transpose{reversed}, x);
}

Variable swap_axes(const Operand& x, int axis1, int axis2) {
    return apply(Transpose{explained("swap_axes", x.at(),
                                     [&] {
                                         std::vector<int> order(x->rank());
                                         std::iota(order.begin(), order.end(), 0);
                                         std::swap(order[normalize_axis(axis1, x->rank())],
                                                   order[normalize_axis(axis2, x->rank())]);
                                         return order;
                                     })},
                 x);
}

Variable move_axis(const Operand& x, const std::vector<int>& from, const std::vector<int>& to) {
    return apply(Transpose{explained("move_axis", x.at(), [&] { return moved(x->rank(), from, to); })}, x);
}

Variable broadcast_to(const Operand& x, const Shape& shape) {
    return x->shape() == shape ? x.get() : apply(BroadcastTo{shape}, x);
}

std::vector<Variable> broadcast_arrays(const std::vector<Variable>& arrays, const Location& at) {
    const CallSite here(at, "broadcast_arrays");
    const Shape shape = explained("broadcast_arrays", at, [&] { return common_shape(arrays); });
    std::vector<Variable> results;
    results.reserve(arrays.size());
    for (const Variable& v : arrays) results.push_back(broadcast_to(v, shape));
    return results;
}

std::vector<Variable> meshgrid(const std::vector<Variable>& vectors, Indexing indexing, const Location& at) {
    return detail::as_function("meshgrid", at, [&] {
        const std::size_t n = vectors.size();
        std::vector<Variable> along_own_axis;
        for (std::size_t k = 0; k < n; ++k) {
            if (vectors[k].rank() != 1)
                throw ShapeError(fmt::format("takes vectors, array {} is {}", k, to_string(vectors[k].shape())));
            const std::size_t axis = indexing == Indexing::xy && n > 1 && k < 2 ? 1 - k : k;
            Shape shape;
            for (std::size_t i = 0; i < n; ++i) shape.push_back(i == axis ? vectors[k].size() : 1);
            along_own_axis.push_back(reshape(vectors[k], shape));
        }
        return broadcast_arrays(along_own_axis);
    });
}

}  // namespace xgrad
