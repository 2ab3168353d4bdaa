#include <xgrad/autograd/ops/determinant.hpp>

#include <xgrad/autograd/kernels/determinant.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/solve.hpp>

#include <fmt/format.h>

#include <cmath>

namespace xgrad {

namespace {

using namespace detail;

/// One number per matrix, beside matrices.
Variable over_matrices(const Variable& v) { return expand_dims(expand_dims(v, -1), -1); }
/// <a, b>, one number per matrix.
Variable product(const Variable& a, const Variable& b) { return sum(a * b, {-2, -1}, {.keepdims = true}); }

/// Calls each(determinant, matrix) for every matrix of a.
template <class T, class F>
void for_each_determinant(const Variable& a, F&& each) {
    const std::size_t n = rows(a), count = leading(a).elements();
    Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
    for_each_matrix(count, n * n * n / 3, [&](std::size_t i) {
        each(kernels::determinant(n, copy.data() + i * n * n), i);
        return 0;
    });
}

std::string no_singular_values(int left) { return fmt::format("has singular values that do not converge ({})", left); }

/// The gradient of <g, cofactor(a)>, the second derivative of the determinant: linear in g, and symmetric.
struct CofactorSlope {
    static constexpr auto name = "cofactor_slope";
    static constexpr Reads reads = Reads::inputs;

    Shape shape(const Variable& a, const Variable&) const { return a.shape(); }
    void forward(Variable& y, const Variable& a, const Variable& g) const {
        const std::size_t n = rows(a), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const auto failure = for_each_matrix(count, 20 * n * n * n, [&](std::size_t i) {
                return kernels::cofactor_slope(n, a.data<T>() + i * n * n, g.data<T>() + i * n * n, to + i * n * n);
            });
            if (failure) throw_failure(*failure, count, no_singular_values(failure->status));
        });
    }
    /// With w = a^-T the slope is det(a) (<g, w> w - w g^T w); its product with dy, differentiated once more.
    std::array<Variable, 2> backward(const Variable& a, const Variable& g, const Variable&, const Variable& dy,
                                     Needs needs) const {
        std::array<Variable, 2> gradients;
        if (needs[1]) gradients[1] = apply(CofactorSlope{}, a, dy);
        if (!needs[0]) return gradients;
        const Variable w = transposed(inverse(a)), gw = product(g, w), dw = product(dy, w);
        const auto turn = [&](const Variable& x) { return matmul(matmul(w, x, {.transpose_b = true}), w); };
        const Variable wgw = turn(g), wdw = turn(dy), wg = matmul(w, g, {.transpose_b = true}),
                       wd = matmul(w, dy, {.transpose_b = true});
        gradients[0] = over_matrices(det(a)) *
                       ((gw * dw - product(wgw, dy)) * w - dw * wgw - gw * wdw + matmul(wg, wdw) + matmul(wd, wgw));
        return gradients;
    }
};

/// The gradient of the determinant.
struct Cofactor {
    static constexpr auto name = "cofactor";
    static constexpr Reads reads = Reads::inputs;

    Shape shape(const Variable& a) const { return a.shape(); }
    void forward(Variable& y, const Variable& a) const {
        const std::size_t n = rows(a), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const auto failure = for_each_matrix(count, 2 * n * n * n, [&](std::size_t i) {
                return kernels::cofactor(n, a.data<T>() + i * n * n, to + i * n * n);
            });
            if (failure) throw_failure(*failure, count, no_singular_values(failure->status));
        });
    }
    Variable backward(const Variable& a, const Variable&, const Variable& dy) const {
        return apply(CofactorSlope{}, a, dy);
    }
};

struct Det {
    static constexpr auto name = "det";
    static constexpr Reads reads = Reads::inputs;

    Shape shape(const Variable& a) const {
        check_square(a);
        return leading(a);
    }
    void forward(Variable& y, const Variable& a) const {
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            for_each_determinant<T>(a, [&](const auto& d, std::size_t i) { to[i] = d.value; });
        });
    }
    Variable backward(const Variable& a, const Variable&, const Variable& dy) const {
        return over_matrices(dy) * apply(Cofactor{}, a);
    }
};

struct Slogdet {
    static constexpr auto name = "slogdet";
    static constexpr std::size_t outputs = 2;
    static constexpr Reads reads = Reads::inputs;

    std::array<Shape, 2> shapes(const Variable& a) const {
        check_square(a);
        return {leading(a), leading(a)};
    }
    void forward(std::array<Variable, 2>& y, const Variable& a) const {
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            T *const sign = y[0].mutable_data<T>(), *const log_size = y[1].mutable_data<T>();
            for_each_determinant<T>(a, [&](const auto& d, std::size_t i) {
                sign[i] = d.sign + T(0);  // not -0
                log_size[i] = d.log_size;
            });
        });
    }
    Variable backward(const Variable& a, const std::array<Variable, 2>&, const std::array<Variable, 2>& dy) const {
        return over_matrices(dy[1]) * transposed(inverse(a));
    }
};

}  // namespace

Variable det(const Operand& a) { return apply(Det{}, a); }

SlogdetResult slogdet(const Operand& a) {
    const auto [sign, logabsdet] = apply(Slogdet{}, a);
    return {sign, logabsdet};
}

Variable logdet(const Operand& a) {
    const CallSite here(a.at(), "logdet");
    detail::explained("logdet", a.at(), [&] { check_square(a); });
    const auto [sign, logabsdet] = apply(Slogdet{}, a);
    return logabsdet * where(sign < 0, NAN, 1);
}

}  // namespace xgrad
