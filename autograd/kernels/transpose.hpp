#pragma once

#include <xgrad/autograd/packet.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace xgrad::kernels {

namespace detail {

/// As many rows as a register holds elements.
template <class T>
struct Square {
    using Row = simd::Packet<T>;
    static constexpr std::size_t lanes = Row::size;

    std::array<Row, lanes> rows;

    Square(const T* from, std::size_t stride) {
        for (std::size_t i = 0; i < lanes; ++i) rows[i] = Row::load(from + i * stride);
    }
    void store(T* to, std::size_t stride) const {
        for (std::size_t i = 0; i < lanes; ++i) rows[i].store(to + i * stride);
    }
    /// Seen as one number, row before lane, an element's place is turned left by one bit in each stage; after
    /// log2(lanes) of them rows and lanes have changed places.
    void transpose() {
        for (std::size_t stage = 1; stage < lanes; stage *= 2) {
            const std::array<Row, lanes> before = rows;
            for (std::size_t i = 0; i < lanes / 2; ++i) {
                const Row &a = before[i], &b = before[i + lanes / 2];
                rows[2 * i] = interleaved<0>(a, b, std::make_index_sequence<lanes>());
                rows[2 * i + 1] = interleaved<lanes / 2>(a, b, std::make_index_sequence<lanes>());
            }
        }
    }

private:
    /// a[first], b[first], a[first + 1], ... (xsimd 8's zip_lo and zip_hi do that within each 128 bits.)
    template <std::size_t first, std::size_t... I>
    static Row interleaved(const Row& a, const Row& b, std::index_sequence<I...>) {
        using Register = typename Row::Batch::register_type;
        return
            typename Row::Batch(__builtin_shufflevector(static_cast<Register>(a.lanes), static_cast<Register>(b.lanes),
                                                        static_cast<int>(first + I / 2 + I % 2 * lanes)...));
    }
};

}  // namespace detail

/// to[j * to_stride + i] = from[i * from_stride + j] for i below `rows`, j below `columns`: squares by way of
/// registers.
template <class T>
void transpose(const T* from, std::size_t from_stride, std::size_t rows, std::size_t columns, T* to,
               std::size_t to_stride) {
    constexpr std::size_t lanes = detail::Square<T>::lanes;
    const auto rest = [&](std::size_t i0, std::size_t i1, std::size_t j0) {
        for (std::size_t i = i0; i < i1; ++i)
            for (std::size_t j = j0; j < columns; ++j) to[j * to_stride + i] = from[i * from_stride + j];
    };
    std::size_t i = 0;
    for (; i + lanes <= rows; i += lanes) {
        std::size_t j = 0;
        for (; j + lanes <= columns; j += lanes) {
            detail::Square<T> square(from + i * from_stride + j, from_stride);
            square.transpose();
            square.store(to + j * to_stride + i, to_stride);
        }
        rest(i, i + lanes, j);
    }
    rest(i, rows, 0);
}

}  // namespace xgrad::kernels
