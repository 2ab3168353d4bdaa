#include <xgrad/autograd/ops/detail/matrices.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <numeric>

namespace xgrad::detail {

void check_matrix(const Variable& v) {
    if (v.rank() < 2) throw ShapeError(fmt::format("needs a matrix or a batch of them, not {}", describe(v)));
}

void check_square(const Variable& v) {
    check_matrix(v);
    if (rows(v) != columns(v)) throw ShapeError(fmt::format("needs square matrices, not {}", describe(v)));
}

Variable transposed(const Variable& x) {
    std::vector<int> order(x.rank());
    std::iota(order.begin(), order.end(), 0);
    std::swap(order.end()[-1], order.end()[-2]);
    return transpose(x, order);
}

Variable symmetric_part(const Variable& x) { return 0.5 * (x + transposed(x)); }

Variable triangles(std::size_t n, double below, double on, double above, DType dtype) {
    return constant({n, n}, dtype, [&]<class T>(T* m) {
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) m[i * n + j] = static_cast<T>(j < i ? below : j == i ? on : above);
    });
}

void throw_failure(const Failure& failure, std::size_t count, const std::string& why) {
    const std::string which = count == 1 ? "the matrix" : fmt::format("matrix {} of {}", failure.matrix, count);
    throw ValueError(which + (failure.status == kernels::not_finite ? " holds a NaN or an infinity" : " " + why));
}

}  // namespace xgrad::detail
