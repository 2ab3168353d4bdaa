#pragma once

#include <xgrad/autograd/shape.hpp>

#include <cstddef>

/// Running sums and their like along one axis.
namespace xgrad::kernels {

/// The lines that a scan runs along: an array seen as (outer, n, inner), and the direction.
struct Lines {
    std::size_t outer = 1, n = 1, inner = 1;
    bool reverse = false;

    Lines(const Shape& shape, std::size_t axis, bool backwards) : n(shape[axis]), reverse(backwards) {
        for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
        for (std::size_t i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
    }
};

enum class Scan { sum, product, maximum, minimum, logaddexp };

/// Each element of y is the elements of x up to there joined; with `exclusive`, without the one there. The running
/// value of real numbers is a float64. In maximum and minimum a NaN stays.
template <class T>
void scan(Scan how, T* y, const T* x, const Lines& lines, bool exclusive);

/// y_k = c y_(k-1) + b_k, from 0, where c is a_k, or a_(k-1) when `late`.
template <class T>
void linear_scan(T* y, const T* a, const T* b, const Lines& lines, bool late);

/// y_k = x_(k-1), from 0.
template <class T>
void shift(T* y, const T* x, const Lines& lines);

}  // namespace xgrad::kernels
