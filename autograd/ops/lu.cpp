#include <xgrad/autograd/ops/lu.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/solve.hpp>

#include <algorithm>

namespace xgrad {

namespace {

using namespace detail;

struct Lu {
    static constexpr auto name = "lu";
    static constexpr std::size_t outputs = 3;
    static constexpr Reads reads = Reads::output;

    std::array<Shape, 3> shapes(const Variable& a) const {
        check_matrix(a);
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        return {matrices(leading(a), m, m), matrices(leading(a), m, k), matrices(leading(a), k, n)};
    }
    void forward(std::array<Variable, 3>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            const T* const from = a.data<T>();
            T *const p = y[0].mutable_data<T>(), *const l = y[1].mutable_data<T>(), *const u = y[2].mutable_data<T>();
            for_each_matrix(leading(a).elements(), m * n * k, [&](std::size_t i) {
                kernels::plu(m, n, from + i * m * n, p + i * m * m, l + i * m * k, u + i * k * n);
                return 0;
            });
        });
    }
    Variable backward(const Variable&, const std::array<Variable, 3>& y, const std::array<Variable, 3>& dy) const {
        const auto& [p, l, u] = y;
        const auto& [dp, dl, du] = dy;
        const auto m = static_cast<long>(rows(l)), n = static_cast<long>(columns(u)), k = std::min(m, n);
        // The square parts, and what lies below l's and right of u's.
        const Variable l1 = slice(l, -2, 0, k), l2 = slice(l, -2, k, m), u1 = slice(u, -1, 0, k),
                       u2 = slice(u, -1, k, n);
        const Variable dl1 = slice(dl, -2, 0, k), dl2 = slice(dl, -2, k, m);
        const Variable du1 = slice(du, -1, 0, k), du2 = slice(du, -1, k, n);
        const Variable below = matmul(l1, dl1, {.transpose_a = true}) - matmul(du2, u2, {.transpose_b = true});
        const Variable above = matmul(du1, u1, {.transpose_b = true}) - matmul(l2, dl2, {.transpose_a = true});
        const auto by_u = [&u1 = u1](const Variable& v) {  // v u1^-T
            return transposed(triangular_solve(u1, transposed(v), {.lower = false}));
        };
        const auto by_l = [&l1 = l1](const Variable& v) {  // l1^-T v
            return triangular_solve(l1, v, {.transpose = true, .unit_diagonal = true});
        };
        Variable turned = by_u(by_l(tril(below, -1) + triu(above)));
        if (n > k) turned = concatenate({turned, by_l(du2)}, -1);
        if (m > k) turned = concatenate({turned, by_u(dl2)}, -2);
        return matmul(p, turned);
    }
};

}  // namespace

LuResult lu(const Operand& a) {
    const auto [p, l, u] = apply(Lu{}, a);
    return {p, l, u};
}

}  // namespace xgrad
