#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace xgrad {

/// The sizes of an array along its axes, outermost first; () is a single number. At most 8 axes, each below 2^32.
class Shape {
public:
    static constexpr std::size_t max_rank = 8;

    Shape() = default;
    Shape(std::initializer_list<std::size_t> sizes) : Shape(sizes.begin(), sizes.end()) {}
    /// @throws ShapeError on more than 8 axes or a size of 2^32 and more
    template <class Iterator>
    Shape(Iterator first, Iterator last) {
        for (; first != last; ++first) push_back(static_cast<std::size_t>(*first));
    }

    std::size_t rank() const { return rank_; }
    std::size_t operator[](std::size_t axis) const { return sizes_[axis]; }
    std::size_t back() const { return sizes_[rank_ - 1U]; }
    /// The number of elements: the product of the sizes, 1 for ().
    std::size_t elements() const {
        std::size_t product = 1;
        for (std::size_t i = 0; i < rank_; ++i) product *= sizes_[i];
        return product;
    }

    /// The same. @throws ShapeError when there are 2^44 elements and more: a mistake, not an array
    std::size_t checked_elements() const {
        std::size_t product = 1;
        bool too_many = false;
        for (std::size_t i = 0; i < rank_; ++i) too_many |= __builtin_mul_overflow(product, sizes_[i], &product);
        if (too_many || product >> 44 != 0) throw_too_large();
        return product;
    }

    const std::uint32_t* begin() const { return sizes_.data(); }
    const std::uint32_t* end() const { return sizes_.data() + rank_; }

    void push_back(std::size_t size);
    void set(std::size_t axis, std::size_t size) {
        if (size > largest_size) throw_size(size);
        sizes_[axis] = static_cast<std::uint32_t>(size);
    }

    friend bool operator==(const Shape& a, const Shape& b) {
        if (a.rank_ != b.rank_) return false;
        for (std::size_t i = 0; i < a.rank_; ++i)
            if (a.sizes_[i] != b.sizes_[i]) return false;
        return true;
    }

private:
    static constexpr std::size_t largest_size = 0xFFFFFFFF;

    [[noreturn]] static void throw_size(std::size_t size);
    [[noreturn]] void throw_too_large() const;

    std::array<std::uint32_t, max_rank> sizes_{};
    std::uint32_t rank_ = 0;
};

/// `shape` with another size of one axis. @throws ShapeError when that is 2^32 or more
inline Shape with_size(Shape shape, std::size_t axis, std::size_t size) {
    shape.set(axis, size);
    return shape;
}

/// "(2, 3)", "(4,)", "()": as Python prints a tuple.
std::string to_string(const Shape& shape);

/// The common shape of NumPy's broadcasting: aligned at the last axis, sizes equal or 1.
/// @throws ShapeError naming both when they do not fit
Shape broadcast(const Shape& a, const Shape& b);

/// Whether broadcast() would accept them.
bool can_broadcast(const Shape& a, const Shape& b);
/// Whether broadcast() with `whole` gives `whole`.
bool broadcasts_to(const Shape& shape, const Shape& whole);

/// Row-major strides in elements.
std::array<std::size_t, Shape::max_rank> strides_of(const Shape& shape);

/// Counts a negative axis from the end.
/// @throws IndexError unless -rank <= axis < rank
std::size_t normalize_axis(int axis, std::size_t rank);

/// Axes of a reduction: one, several, or (empty) all of them. Negative axes count from the end.
class Axes {
public:
    Axes() = default;
    Axes(int axis) : Axes({axis}) {}
    /// @throws ShapeError on more than 8
    Axes(std::initializer_list<int> axes) {
        for (const int axis : axes) push_back(axis);
    }
    void push_back(int axis);
    bool empty() const { return count_ == 0; }

    /// A flag for each of `rank` axes: true where it is meant.
    /// @throws IndexError on an axis out of range or named twice
    std::array<bool, Shape::max_rank> flags(std::size_t rank) const;

private:
    std::array<int, Shape::max_rank> axes_{};
    std::size_t count_ = 0;
};

}  // namespace xgrad
