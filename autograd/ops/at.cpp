#include <xgrad/autograd/ops/at.hpp>

#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

namespace xgrad {

using detail::explained;

namespace {

/// places * n + indices for the next axis, of size n.
struct RavelIndex {
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    const char* name;  ///< of the function, for errors
    Shape whole;
    std::size_t axis;

    Shape shape(const Variable& places, const Variable& indices) const {
        detail::check_indices(indices, whole, axis);
        return broadcast(places.shape(), indices.shape());
    }
    void forward(Variable& y, const Variable& places, const Variable& indices) const {
        const Variable before = broadcast_to(places, y.shape()), own = broadcast_to(indices, y.shape());
        const auto list = own.span<std::int64_t>();
        const auto* const from = before.data<std::int64_t>();
        auto* const to = y.mutable_data<std::int64_t>();
        const std::size_t n = whole[axis];
        for (std::size_t i = 0; i < list.size(); ++i)
            to[i] = from[i] * static_cast<std::int64_t>(n) + static_cast<std::int64_t>(detail::place_of(list[i], n));
    }
};

Variable ravelled(const char* name, const std::vector<Variable>& indices, const Shape& whole) {
    Variable places = zeros({}, DType::int64);
    for (std::size_t i = 0; i < indices.size(); ++i) places = apply(RavelIndex{name, whole, i}, places, indices[i]);
    return places;
}

/// Which entry of an axis the places are in.
struct UnravelIndex {
    static constexpr auto name = "unravel_index";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    Shape whole;
    std::size_t axis;

    Shape shape(const Variable& places) const {
        detail::check_indices(places, {whole.elements()}, 0);
        return places.shape();
    }
    void forward(Variable& y, const Variable& places) const {
        const std::size_t stride = strides_of(whole)[axis], elements = whole.elements();
        auto* to = y.mutable_data<std::int64_t>();
        for (const std::int64_t place : places.span<std::int64_t>())
            *to++ = static_cast<std::int64_t>(detail::place_of(place, elements) / stride % whole[axis]);
    }
};

/// x with its first axes, as many as there are indices, merged into one, and the places along it.
struct Merged {
    Variable x, places;

    Merged(const char* name, const Operand& from, const std::vector<Variable>& indices) {
        const Shape& shape = from->shape();
        explained(name, from.at(), [&] {
            if (indices.empty()) throw ValueError("no indices");
            if (indices.size() > shape.rank())
                throw IndexError(fmt::format("{} indices for {}", indices.size(), to_string(shape)));
            const Shape first(shape.begin(), shape.begin() + indices.size());
            places = ravelled(name, indices, first);
            Shape merged{first.elements()};
            for (std::size_t i = indices.size(); i < shape.rank(); ++i) merged.push_back(shape[i]);
            x = reshape(from, merged);
        });
    }
};

/// The updates in the shape of what they replace.
Variable updates_for(const char* name, const Merged& merged, const Operand& x, const Operand& updates) {
    return explained(name, x.at(), [&] {
        const Variable& values = updates.as(x->dtype());
        Shape shape = merged.places.shape();
        for (std::size_t i = 1; i < merged.x.rank(); ++i) shape.push_back(merged.x.shape()[i]);
        if (!broadcasts_to(values.shape(), shape))
            throw ShapeError(
                fmt::format("updates {} do not broadcast to {}", to_string(values.shape()), to_string(shape)));
        if (values.dtype() != x->dtype())
            throw DTypeError(
                fmt::format("x is {}, the updates are {}", to_string(x->dtype()), to_string(values.dtype())));
        return broadcast_to(values, shape);
    });
}

}  // namespace

Variable take_at(const Operand& x, const std::vector<Variable>& indices) {
    const CallSite here(x.at(), "take_at");
    const Merged merged("take_at", x, indices);
    return take(merged.x, merged.places, 0);
}

Variable put_at(const Operand& x, const std::vector<Variable>& indices, const Operand& updates) {
    const CallSite here(x.at(), "put_at");
    const Merged merged("put_at", x, indices);
    return reshape(index_copy(merged.x, 0, merged.places, updates_for("put_at", merged, x, updates)), x->shape());
}

Variable add_at(const Operand& x, const std::vector<Variable>& indices, const Operand& updates) {
    const CallSite here(x.at(), "add_at");
    const Merged merged("add_at", x, indices);
    return reshape(index_add(merged.x, 0, merged.places, updates_for("add_at", merged, x, updates)), x->shape());
}

Variable ravel_index(const std::vector<Variable>& indices, const Shape& shape, const Location& at) {
    return detail::as_function("ravel_index", at, [&] {
        if (indices.size() != shape.rank())
            throw IndexError(fmt::format("{} indices for {}", indices.size(), to_string(shape)));
        return ravelled("ravel_index", indices, shape);
    });
}

std::vector<Variable> unravel_index(const Operand& places, const Shape& shape) {
    std::vector<Variable> indices;
    for (std::size_t i = 0; i < shape.rank(); ++i) indices.push_back(apply(UnravelIndex{shape, i}, places));
    return indices;
}

}  // namespace xgrad
