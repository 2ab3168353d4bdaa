#include <xgrad/autograd/ops/index.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace xgrad {

namespace {

using detail::check_indices;

/// x seen as (outer, n, inner) around an axis.
struct Around {
    std::size_t axis, outer = 1, n, inner = 1;
    Around(const Shape& shape, std::size_t at) : axis(at), n(shape[at]) {
        for (std::size_t i = 0; i < at; ++i) outer *= shape[i];
        for (std::size_t i = at + 1; i < shape.rank(); ++i) inner *= shape[i];
    }
};

/// The shape of the entries at `indices` along an axis.
Shape shape_of_entries(const Shape& whole, const Shape& indices, std::size_t axis) {
    Shape result(whole.begin(), whole.begin() + axis);
    for (const std::size_t s : indices) result.push_back(s);
    for (std::size_t i = axis + 1; i < whole.rank(); ++i) result.push_back(whole[i]);
    return result;
}

/// Adds each entry of the first input to where take() would have found it: the transpose of take.
struct Untake {
    static constexpr auto name = "untake";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    int axis;
    Shape whole;

    Shape shape(const Variable&, const Variable&) const { return whole; }
    void forward(Variable& y, const Variable& x, const Variable& indices) const;
    std::array<Variable, 2> backward(const Variable& x, const Variable& indices, const Variable& y,
                                     const Variable& dy) const;
};

struct Take {
    static constexpr auto name = "take";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    int axis;

    Shape shape(const Variable& x, const Variable& indices) const {
        const std::size_t at = normalize_axis(axis, x.rank());
        check_indices(indices, x.shape(), at);
        return shape_of_entries(x.shape(), indices.shape(), at);
    }
    /// Calls f(place among the taken, place in the whole) for every run of `inner` neighbouring elements.
    template <class F>
    static void for_each(const Around& a, const Variable& indices, F&& f) {
        const auto list = indices.span<std::int64_t>();
        for (std::size_t o = 0; o < a.outer; ++o)
            for (std::size_t k = 0; k < list.size(); ++k)
                f((o * list.size() + k) * a.inner, (o * a.n + detail::place_of(list[k], a.n)) * a.inner);
    }
    void forward(Variable& y, const Variable& x, const Variable& indices) const {
        const Around a(x.shape(), normalize_axis(axis, x.rank()));
        if (a.inner == 1) {  // single elements are not worth a call of memcpy each
            visit(x.dtype(), [&](auto number) {
                using T = decltype(number);
                T* const to = y.mutable_data<T>();
                const T* const from = x.data<T>();
                for_each(a, indices, [&](std::size_t taken, std::size_t whole) { to[taken] = from[whole]; });
            });
            return;
        }
        const std::size_t bytes = size_of(x.dtype());
        auto* const to = static_cast<char*>(y.node().data);
        const auto* const from = static_cast<const char*>(x.node().data);
        for_each(a, indices, [&](std::size_t taken, std::size_t whole) {
            std::memcpy(to + taken * bytes, from + whole * bytes, a.inner * bytes);
        });
    }
    std::array<Variable, 2> backward(const Variable& x, const Variable& indices, const Variable&,
                                     const Variable& dy) const {
        return {apply(Untake{axis, x.shape()}, dy, indices), Variable()};
    }
    std::string details() const { return fmt::format("axis {}", axis); }
};

void Untake::forward(Variable& y, const Variable& x, const Variable& indices) const {
    kernels::fill(y, 0);
    const Around a(whole, normalize_axis(axis, whole.rank()));
    visit_floating(x.dtype(), [&](auto number) {
        using T = decltype(number);
        T* const to = y.mutable_data<T>();
        const T* const from = x.data<T>();
        Take::for_each(a, indices, [&](std::size_t taken, std::size_t place) {
            for (std::size_t i = 0; i < a.inner; ++i) to[place + i] += from[taken + i];
        });
    });
}

std::array<Variable, 2> Untake::backward(const Variable&, const Variable& indices, const Variable&,
                                         const Variable& dy) const {
    return {apply(Take{axis}, dy, indices), Variable()};
}

/// x with the updates put in the place of the entries that take() finds, or added to them.
template <bool add>
struct IndexUpdate {
    static constexpr auto name = add ? "index_add" : "index_copy";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    int axis;

    Shape shape(const Variable& x, const Variable& indices, const Variable& updates) const {
        const Shape expected = Take{axis}.shape(x, indices);
        if (updates.shape() != expected)
            throw ShapeError(fmt::format("updates {} for the entries {} that the indices name in {}",
                                         to_string(updates.shape()), to_string(expected), to_string(x.shape())));
        if (updates.dtype() != x.dtype())
            throw DTypeError(
                fmt::format("x is {}, the updates are {}", to_string(x.dtype()), to_string(updates.dtype())));
        return x.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& indices, const Variable& updates) const {
        const Around a(x.shape(), normalize_axis(axis, x.rank()));
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const T* const from = updates.data<T>();
            std::copy_n(x.data<T>(), x.size(), to);
            Take::for_each(a, indices, [&](std::size_t taken, std::size_t place) {
                for (std::size_t i = 0; i < a.inner; ++i)
                    to[place + i] = add ? kernels::plus(to[place + i], from[taken + i]) : from[taken + i];
            });
        });
    }
    std::array<Variable, 3> backward(const Variable& x, const Variable& indices, const Variable&, const Variable&,
                                     const Variable& dy, Needs needs) const {
        if constexpr (add) {
            return {dy, Variable(), needs[2] ? take(dy, indices, axis) : Variable()};
        } else {
            return {
                needs[0] ? index_fill(dy, axis, indices, 0) : Variable(), Variable(),
                needs[2] ? where(lasting(x.shape(), indices).to(dy.dtype()), take(dy, indices, axis), 0) : Variable()};
        }
    }
    std::string details() const { return fmt::format("axis {}", axis); }

private:
    /// 1 where an update is the last one of its entry, 1 in size beside the indices.
    Variable lasting(const Shape& whole, const Variable& indices) const {
        const std::size_t along = normalize_axis(axis, whole.rank());
        const Variable order =
            reshape(arange(0, static_cast<double>(indices.size()), 1, DType::int64), indices.shape());
        const Variable last = index_copy(zeros({whole[along]}, DType::int64), 0, indices, order);
        Shape beside = indices.shape();
        for (std::size_t i = along + 1; i < whole.rank(); ++i) beside.push_back(1);
        return reshape(take(last, indices) == order, beside);
    }
};

struct IndexFill : IndexUpdate<false> {
    static constexpr auto name = "index_fill";
};

void check_labels(const Variable& labels, std::size_t classes) {
    check_indices(labels, "the labels");
    for (const std::int64_t label : labels.span<std::int64_t>())
        if (label < 0 || label >= static_cast<std::int64_t>(classes))
            throw IndexError(fmt::format("label {} is outside [0, {})", label, classes));
}

/// Puts the entries of the first input where pick() found them, in rows of `classes`: the transpose of pick.
struct Unpick {
    static constexpr auto name = "unpick";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    std::size_t classes;

    Shape shape(const Variable& x, const Variable&) const {
        Shape result = x.shape();
        result.push_back(classes);
        return result;
    }
    void forward(Variable& y, const Variable& x, const Variable& labels) const {
        kernels::fill(y, 0);
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* row = y.mutable_data<T>();
            const T* from = x.data<T>();
            for (const std::int64_t label : labels.span<std::int64_t>()) {
                row[label] = *from++;
                row += classes;
            }
        });
    }
    std::array<Variable, 2> backward(const Variable&, const Variable& labels, const Variable&,
                                     const Variable& dy) const {
        return {pick(dy, labels), Variable()};
    }
};

struct Pick {
    static constexpr auto name = "pick";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;

    Shape shape(const Variable& x, const Variable& labels) const {
        if (x.rank() == 0 || !(Shape(x.shape().begin(), x.shape().end() - 1) == labels.shape()))
            throw ShapeError(fmt::format("needs one label for each row: rows {}, labels {}", to_string(x.shape()),
                                         to_string(labels.shape())));
        check_labels(labels, x.shape().back());
        return labels.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& labels) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* to = y.mutable_data<T>();
            const T* row = x.data<T>();
            for (const std::int64_t label : labels.span<std::int64_t>()) {
                *to++ = row[label];
                row += x.shape().back();
            }
        });
    }
    std::array<Variable, 2> backward(const Variable& x, const Variable& labels, const Variable&,
                                     const Variable& dy) const {
        return {apply(Unpick{x.shape().back()}, dy, labels), Variable()};
    }
};

struct OneHot {
    static constexpr auto name = "one_hot";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    std::size_t classes;
    DType type;

    Shape shape(const Variable& labels) const {
        check_labels(labels, classes);
        Shape result = labels.shape();
        result.push_back(classes);
        return result;
    }
    DType dtype(const Variable&) const { return type; }
    void forward(Variable& y, const Variable& labels) const {
        kernels::fill(y, 0);
        visit(type, [&](auto number) {
            using T = decltype(number);
            T* row = y.mutable_data<T>();
            for (const std::int64_t label : labels.span<std::int64_t>()) {
                row[label] = T(1);
                row += classes;
            }
        });
    }
};

}  // namespace

Variable take(const Operand& x, const Variable& indices, std::optional<int> axis) {
    const CallSite here(x.at(), "take");
    if (!axis) return apply(Take{0}, flatten(x), indices);
    return apply(Take{*axis}, x, indices);
}

Variable index_add(const Operand& x, int axis, const Variable& indices, const Variable& updates) {
    return apply(IndexUpdate<true>{axis}, x, indices, updates);
}

Variable index_copy(const Operand& x, int axis, const Variable& indices, const Variable& updates) {
    return apply(IndexUpdate<false>{axis}, x, indices, updates);
}

Variable index_fill(const Operand& x, int axis, const Variable& indices, const Operand& value) {
    const CallSite here(x.at(), "index_fill");
    const Variable& one = value.as(x->dtype());
    const Shape entries = detail::explained("index_fill", x.at(), [&] {
        if (one.rank() != 0)
            throw ShapeError(fmt::format("the value is {}, not a single number", to_string(one.shape())));
        return shape_of_entries(x->shape(), indices.shape(), normalize_axis(axis, x->rank()));
    });
    return apply(IndexFill{axis}, x, indices, broadcast_to(one, entries));
}

Variable pick(const Operand& x, const Variable& labels) { return apply(Pick{}, x, labels); }

Variable one_hot(const Operand& labels, std::size_t classes, DType dtype) {
    return apply(OneHot{classes, dtype}, labels);
}

}  // namespace xgrad
