#pragma once

#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/variable.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the operators on (batches of) matrices share.
namespace xgrad::detail {

template <class T>
using Scratch = std::vector<T, memory::Allocator<T>>;

/// The axes before the last two: how many matrices there are.
inline Shape leading(const Variable& v) { return Shape(v.shape().begin(), v.shape().end() - 2); }
inline std::size_t rows(const Variable& v) { return v.shape()[v.rank() - 2]; }
inline std::size_t columns(const Variable& v) { return v.shape().back(); }
/// `batch` matrices of (m, n).
inline Shape matrices(Shape batch, std::size_t m, std::size_t n) {
    batch.push_back(m);
    batch.push_back(n);
    return batch;
}

/// @throws ShapeError unless v has two axes at least
void check_matrix(const Variable& v);
/// @throws ShapeError unless the last two axes of v are equal
void check_square(const Variable& v);

/// With the last two axes swapped.
Variable transposed(const Variable& x);
/// Square matrices plus their transposes, halved.
Variable symmetric_part(const Variable& x);
/// The constant (n, n) matrix of these numbers below, on and above the diagonal.
Variable triangles(std::size_t n, double below, double on, double above, DType dtype);

/// so_far + a b, in the shape of so_far, which may lose its elements.
Variable add_product(Variable&& so_far, const Variable& a, const Variable& b, const MatmulOptions& options);
/// What a rule that is given what has come so far returns for a factor of a product: that, if anything has, and a b.
inline Variable plus_product(Variable&& so_far, const Variable& a, const Variable& b, const MatmulOptions& options) {
    return so_far ? add_product(std::move(so_far), a, b, options) : matmul(a, b, options);
}

/// How many multiply-adds a thread should have to do.
inline constexpr std::size_t matrix_grain = 400000;
inline std::size_t matrices_per_thread(std::size_t work) {
    return std::max<std::size_t>(matrix_grain / std::max<std::size_t>(work, 1), 1);
}

/// The first matrix of a batch with which LAPACK failed, and what it said.
struct Failure {
    std::size_t matrix;
    int status;
};

/// Calls one(i) -> status for each of `count` matrices, many small ones on several threads; `work` multiply-adds each.
template <class F>
std::optional<Failure> for_each_matrix(std::size_t count, std::size_t work, F&& one) {
    std::optional<Failure> first;
    std::mutex mutex;
    kernels::parallel_for(count, matrices_per_thread(work), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            if (const int status = one(i); status != 0) {
                const std::scoped_lock lock(mutex);
                if (!first || i < first->matrix) first = Failure{i, status};
                return;
            }
    });
    return first;
}

/// Calls one(i, ia, ib) for each matrix i of the batch `y`, made from those of the batches `a` and `b` that
/// broadcasting puts together.
template <class F>
void for_each_pair(const Shape& y, const Shape& a, const Shape& b, std::size_t work, F&& one) {
    const kernels::Broadcast<2> walk(y, {&a, &b});
    if (walk.elements == 0) return;
    if (walk.flat) {
        kernels::parallel_for(walk.elements, matrices_per_thread(work), [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) one(i, i * walk.steps[0], i * walk.steps[1]);
        });
    } else {
        kernels::for_each_row(walk, 0, walk.elements / walk.inner(),
                              [&](std::size_t out, const std::array<std::size_t, 2>& from) {
                                  for (std::size_t i = 0; i < walk.inner(); ++i)
                                      one(out + i, from[0] + i * walk.steps[0], from[1] + i * walk.steps[1]);
                              });
    }
}

/// Says which matrix of `count` failed, and `why`; or that it holds a NaN or an infinity. @throws ValueError
[[noreturn]] void throw_failure(const Failure& failure, std::size_t count, const std::string& why);

}  // namespace xgrad::detail
