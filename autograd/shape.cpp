#include <xgrad/autograd/shape.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

void Shape::push_back(std::size_t size) {
    if (rank_ == max_rank) throw ShapeError(fmt::format("an array has at most {} axes", max_rank));
    set(rank_, size);
    ++rank_;
}

void Shape::throw_size(std::size_t size) {
    throw ShapeError(fmt::format("a size of {} is too large: sizes are below 2^32", size));
}

void Shape::throw_too_large() const {
    throw ShapeError(fmt::format("shape {} has too many elements", to_string(*this)));
}

std::string to_string(const Shape& shape) {
    return fmt::format("({}{})", fmt::join(shape, ", "), shape.rank() == 1 ? "," : "");
}

Shape broadcast(const Shape& a, const Shape& b) {
    const Shape& longer = a.rank() >= b.rank() ? a : b;
    const Shape& shorter = a.rank() >= b.rank() ? b : a;
    Shape result = longer;
    const std::size_t skip = longer.rank() - shorter.rank();
    for (std::size_t i = skip; i < longer.rank(); ++i) {
        const std::size_t m = longer[i], n = shorter[i - skip];
        if (m != n && m != 1 && n != 1)
            throw ShapeError(fmt::format("shapes {} and {} do not broadcast together", to_string(a), to_string(b)));
        result.set(i, m == 1 ? n : m);
    }
    return result;
}

bool can_broadcast(const Shape& a, const Shape& b) {
    for (std::size_t i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
        const std::size_t m = a[a.rank() - i], n = b[b.rank() - i];
        if (m != n && m != 1 && n != 1) return false;
    }
    return true;
}

bool broadcasts_to(const Shape& shape, const Shape& whole) {
    return can_broadcast(shape, whole) && broadcast(shape, whole) == whole;
}

std::array<std::size_t, Shape::max_rank> strides_of(const Shape& shape) {
    std::array<std::size_t, Shape::max_rank> strides{};
    std::size_t step = 1;
    for (std::size_t i = shape.rank(); i-- > 0; step *= shape[i]) strides[i] = step;
    return strides;
}

std::size_t normalize_axis(int axis, std::size_t rank) {
    const int n = static_cast<int>(rank);
    if (axis < -n || axis >= n)
        throw IndexError(n == 0
                             ? fmt::format("axis {} of a scalar, which has no axes", axis)
                             : fmt::format("axis {} is out of range for {} axes (from {} to {})", axis, n, -n, n - 1));
    return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

void Axes::push_back(int axis) {
    if (count_ == Shape::max_rank) throw ShapeError(fmt::format("an array has at most {} axes", Shape::max_rank));
    axes_[count_++] = axis;
}

std::array<bool, Shape::max_rank> Axes::flags(std::size_t rank) const {
    std::array<bool, Shape::max_rank> flags{};
    if (empty()) flags.fill(true);
    for (std::size_t i = 0; i < count_; ++i) {
        const int axis = axes_[i];
        bool& flag = flags[normalize_axis(axis, rank)];
        if (flag) throw IndexError(fmt::format("axis {} is named twice", axis));
        flag = true;
    }
    return flags;
}

}  // namespace xgrad
