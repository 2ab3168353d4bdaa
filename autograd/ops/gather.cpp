#include <xgrad/autograd/ops/gather.hpp>

#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

using detail::explained;

namespace {

struct Gather {
    static constexpr auto name = "gather";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    int axis;

    Shape shape(const Variable& x, const Variable& indices) const {
        detail::check_gather(x, indices, normalize_axis(axis, x.rank()));
        return indices.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& indices) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const T* const from = x.data<T>();
            detail::for_each_place(indices, x.shape(), normalize_axis(axis, x.rank()),
                                   [&](std::size_t k, std::size_t place) { to[k] = from[place]; });
        });
    }
    std::array<Variable, 2> backward(const Variable& x, const Variable& indices, const Variable&,
                                     const Variable& dy) const {
        return {scatter_add(zeros(x.shape(), dy.dtype()), axis, indices, dy), Variable()};
    }
    std::string details() const { return fmt::format("axis {}", axis); }
};

struct TakeAlongAxis : Gather {
    static constexpr auto name = "take_along_axis";
};

/// x with the updates put in the place of the elements that gather() finds, or added to them.
template <bool add>
struct Scatter {
    static constexpr auto name = add ? "scatter_add" : "scatter";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::inputs;
    int axis;

    Shape shape(const Variable& x, const Variable& indices, const Variable& updates) const {
        detail::check_scatter(x, indices, updates, normalize_axis(axis, x.rank()));
        return x.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& indices, const Variable& updates) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const T* const from = updates.data<T>();
            std::copy_n(x.data<T>(), x.size(), to);
            detail::for_each_place(indices, x.shape(), normalize_axis(axis, x.rank()),
                                   [&](std::size_t k, std::size_t place) {
                                       to[place] = add ? kernels::plus(to[place], from[k]) : from[k];
                                   });
        });
    }
    std::array<Variable, 3> backward(const Variable& x, const Variable& indices, const Variable&, const Variable&,
                                     const Variable& dy, Needs needs) const {
        if constexpr (add) {
            return {dy, Variable(), needs[2] ? gather(dy, axis, indices) : Variable()};
        } else {
            return {needs[0] ? scatter(dy, axis, indices, 0) : Variable(), Variable(),
                    needs[2] ? where(lasting(x.shape(), indices).to(dy.dtype()), gather(dy, axis, indices), 0)
                             : Variable()};
        }
    }
    std::string details() const { return fmt::format("axis {}", axis); }

private:
    /// 1 where an update is the last one of its element.
    Variable lasting(const Shape& whole, const Variable& indices) const {
        const Variable order =
            reshape(arange(0, static_cast<double>(indices.size()), 1, DType::int64), indices.shape());
        return gather(scatter(zeros(whole, DType::int64), axis, indices, order), axis, indices) == order;
    }
};

struct PutAlongAxis : Scatter<false> {
    static constexpr auto name = "put_along_axis";
};

struct Argwhere {
    static constexpr auto name = "argwhere";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;

    DType dtype(const Variable&) const { return DType::int64; }
    Shape shape(const Variable& x) const {
        const std::size_t count = visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            return x.size() - static_cast<std::size_t>(std::count(x.data<T>(), x.data<T>() + x.size(), T(0)));
        });
        return {count, x.rank()};
    }
    void forward(Variable& y, const Variable& x) const {
        const auto strides = strides_of(x.shape());
        auto* to = y.mutable_data<std::int64_t>();
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const T* const from = x.data<T>();
            for (std::size_t place = 0; place < x.size(); ++place) {
                if (from[place] == T(0)) continue;
                for (std::size_t i = 0; i < x.rank(); ++i)
                    *to++ = static_cast<std::int64_t>(place / strides[i] % x.shape()[i]);
            }
        });
    }
};

}  // namespace

Variable detail::reached(const Variable& updates, const Variable& indices) {
    if (updates.shape() == indices.shape() || updates.rank() != indices.rank()) return updates;
    std::vector<Index> part;
    for (const std::size_t n : indices.shape()) part.emplace_back(Slice{0, static_cast<long>(n)});
    return index(updates, part);
}

Variable gather(const Operand& x, int axis, const Variable& indices) { return apply(Gather{axis}, x, indices); }

Variable take_along_axis(const Operand& x, const Variable& indices, int axis) {
    return detail::as_function("take_along_axis", x.at(), [&] {
        const std::size_t along = normalize_axis(axis, x->rank());
        if (indices.rank() != x->rank())
            throw ShapeError(
                fmt::format("indices {} and x {} differ in rank", to_string(indices.shape()), to_string(x->shape())));
        detail::check_indices(indices);
        const Shape common = broadcast(with_size(x->shape(), along, 1), with_size(indices.shape(), along, 1));
        return apply(TakeAlongAxis{axis}, broadcast_to(x, with_size(common, along, x->shape()[along])),
                     broadcast_to(indices, with_size(common, along, indices.shape()[along])));
    });
}

Variable scatter_add(const Operand& x, int axis, const Variable& indices, const Variable& updates) {
    const CallSite here(x.at(), "scatter_add");
    return apply(Scatter<true>{axis}, x, indices, detail::reached(updates, indices));
}

Variable scatter(const Operand& x, int axis, const Variable& indices, const Operand& updates) {
    const CallSite here(x.at(), "scatter");
    const Variable& values = updates.as(x->dtype());
    return apply(Scatter<false>{axis}, x, indices,
                 updates.is_number() ? broadcast_to(values, indices.shape()) : detail::reached(values, indices));
}

Variable put_along_axis(const Operand& x, const Variable& indices, const Operand& values, int axis) {
    return detail::as_function("put_along_axis", x.at(), [&] {
        const std::size_t along = normalize_axis(axis, x->rank());
        const Variable& updates = values.as(x->dtype());
        if (indices.rank() != x->rank())
            throw ShapeError(
                fmt::format("indices {} and x {} differ in rank", to_string(indices.shape()), to_string(x->shape())));
        const Shape places = with_size(x->shape(), along, indices.shape()[along]);
        if (!broadcasts_to(indices.shape(), places) || !broadcasts_to(updates.shape(), places))
            throw ShapeError(fmt::format("indices {} and values {} do not broadcast to {}", to_string(indices.shape()),
                                         to_string(updates.shape()), to_string(places)));
        return apply(PutAlongAxis{axis}, x, broadcast_to(indices, places), broadcast_to(updates, places));
    });
}

Variable masked_select(const Operand& x, const Variable& mask) {
    const CallSite here(x.at(), "masked_select");
    const Shape common = explained("masked_select", x.at(), [&] { return broadcast(x->shape(), mask.shape()); });
    return take(broadcast_to(x, common), flatnonzero(broadcast_to(mask, common)));
}

Variable masked_fill(const Operand& x, const Variable& mask, const Operand& value) {
    const CallSite here(x.at(), "masked_fill");
    explained("masked_fill", x.at(), [&] {
        const Shape filled = value.is_number() ? Shape{} : value->shape();
        for (const Shape& shape : {mask.shape(), filled})
            if (!broadcasts_to(shape, x->shape()))
                throw ShapeError(fmt::format("mask {} and value {} do not broadcast to {}", to_string(mask.shape()),
                                             to_string(filled), to_string(x->shape())));
    });
    return where(is_floating(x->dtype()) ? mask.to(x->dtype()) : mask, value, x);
}

Variable masked_scatter(const Operand& x, const Variable& mask, const Variable& source) {
    return detail::as_function("masked_scatter", x.at(), [&] {
        if (!broadcasts_to(mask.shape(), x->shape()))
            throw ShapeError(
                fmt::format("mask {} does not broadcast to {}", to_string(mask.shape()), to_string(x->shape())));
        const Variable places = flatnonzero(broadcast_to(mask, x->shape()));
        if (source.size() < places.size())
            throw ShapeError(fmt::format("the mask chooses {} elements, the source {} has {}", places.size(),
                                         to_string(source.shape()), source.size()));
        return reshape(scatter(flatten(x), 0, places, flatten(source)), x->shape());
    });
}

Variable argwhere(const Operand& x) { return apply(Argwhere{}, x); }

std::vector<Variable> nonzero(const Operand& x) {
    const CallSite here(x.at(), "nonzero");
    return unstack(argwhere(x), 1);
}

Variable flatnonzero(const Operand& x) {
    const CallSite here(x.at(), "flatnonzero");
    return reshape(argwhere(flatten(x)), {-1});
}

}  // namespace xgrad
