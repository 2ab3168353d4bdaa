#include <xgrad/autograd/ops/decompositions.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/matrices.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/solve.hpp>

namespace xgrad {

namespace {

using namespace detail;

/// The symmetric parts of `count` matrices (n, n).
template <class T>
void copy_symmetric(std::size_t count, std::size_t n, const T* a, T* to) {
    for (std::size_t i = 0; i < count; ++i, a += n * n, to += n * n)
        for (std::size_t r = 0; r < n; ++r)
            for (std::size_t c = 0; c <= r; ++c) to[r * n + c] = to[c * n + r] = (a[r * n + c] + a[c * n + r]) / 2;
}

struct Cholesky {
    static constexpr auto name = "cholesky";
    static constexpr Reads reads = Reads::output;

    Shape shape(const Variable& a) const {
        check_square(a);
        return a.shape();
    }
    void forward(Variable& y, const Variable& a) const {
        const std::size_t n = rows(a), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const l = y.mutable_data<T>();
            copy_symmetric(count, n, a.data<T>(), l);
            const auto failure = for_each_matrix(count, n * n * n / 3,
                                                 [&](std::size_t i) { return kernels::cholesky(n, l + i * n * n); });
            if (failure)
                throw_failure(*failure, count,
                              fmt::format("is not positive definite: its leading minor of order {} is not positive",
                                          failure->status));
        });
    }
    Variable backward(const Variable&, const Variable& l, const Variable& dl) const {
        const std::size_t n = rows(l);
        const Variable p = matmul(l, dl, {.transpose_a = true}) * triangles(n, 1, 0.5, 0, l.dtype());
        const Variable half = triangular_solve(l, symmetric_part(p), {.transpose = true});
        return triangular_solve(l, transposed(half), {.transpose = true});
    }
};

}  // namespace

Variable cholesky(const Operand& a) { return apply(Cholesky{}, a); }

}  // namespace xgrad
