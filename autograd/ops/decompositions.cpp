#include <xgrad/autograd/ops/decompositions.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/matrices.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
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

struct Qr {
    static constexpr auto name = "qr";
    static constexpr std::size_t outputs = 2;

    std::array<Shape, 2> shapes(const Variable& a) const {
        check_matrix(a);
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        return {matrices(leading(a), m, k), matrices(leading(a), k, n)};
    }
    void forward(std::array<Variable, 2>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
            T *const q = y[0].mutable_data<T>(), *const r = y[1].mutable_data<T>();
            for_each_matrix(leading(a).elements(), 2 * m * n * k, [&](std::size_t i) {
                kernels::qr(m, n, copy.data() + i * m * n, q + i * m * k, r + i * k * n);
                return 0;
            });
        });
    }
    /// The rule for as many rows as columns, or more.
    static Variable tall(const Variable& q, const Variable& r, const Variable& dq, const Variable& dr) {
        const std::size_t n = columns(r);
        const Variable m = matmul(r, dr, {.transpose_b = true}) - matmul(dq, q, {.transpose_a = true});
        const Variable c = m * triangles(n, 1, 0.5, 0, m.dtype());
        const Variable turned = transposed(dq + matmul(q, c + transposed(c)));
        return transposed(triangular_solve(r, turned, {.lower = false}));
    }
    Variable backward(const Variable& a, const std::array<Variable, 2>& y, const std::array<Variable, 2>& dy) const {
        const auto& [q, r] = y;
        const auto& [dq, dr] = dy;
        const long m = static_cast<long>(rows(a)), n = static_cast<long>(columns(a));
        if (m >= n) return tall(q, r, dq, dr);
        // The first m columns have q and r's first ones; the others are q^T times what is there.
        const Variable da_right = matmul(q, slice(dr, -1, m, n));
        const Variable dq_left = dq + matmul(slice(a, -1, m, n), slice(dr, -1, m, n), {.transpose_b = true});
        return concatenate({tall(q, slice(r, -1, 0, m), dq_left, slice(dr, -1, 0, m)), da_right}, -1);
    }
};

/// 1 / x, and 0 where x is 0.
Variable reciprocal_or_zero(const Variable& x) {
    const Variable zero = x == 0;
    return (1 - zero) / (x + zero);
}

/// F_ij = 1 / (x_j - x_i), 0 where they are equal: of (..., n), (..., n, n).
Variable reciprocal_gaps(const Variable& x) { return reciprocal_or_zero(expand_dims(x, -2) - expand_dims(x, -1)); }

struct Eigh {
    static constexpr auto name = "eigh";
    static constexpr std::size_t outputs = 2;
    static constexpr Reads reads = Reads::output;

    std::array<Shape, 2> shapes(const Variable& a) const {
        check_square(a);
        return {Shape(a.shape().begin(), a.shape().end() - 1), a.shape()};
    }
    void forward(std::array<Variable, 2>& y, const Variable& a) const {
        const std::size_t n = rows(a), count = leading(a).elements();
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            T *const w = y[0].mutable_data<T>(), *const v = y[1].mutable_data<T>();
            copy_symmetric(count, n, a.data<T>(), v);
            const auto failure = for_each_matrix(
                count, 9 * n * n * n, [&](std::size_t i) { return kernels::eigh(n, v + i * n * n, w + i * n); });
            if (failure) throw_failure(*failure, count, "has eigenvalues that do not converge");
        });
    }
    Variable backward(const Variable&, const std::array<Variable, 2>& y, const std::array<Variable, 2>& dy) const {
        const auto& [w, v] = y;
        const auto& [dw, dv] = dy;
        const Variable turned = reciprocal_gaps(w) * matmul(v, dv, {.transpose_a = true});
        const Variable middle = diag_embed(dw) + symmetric_part(turned);
        return matmul(matmul(v, middle), v, {.transpose_b = true});
    }
};

struct Svd {
    static constexpr auto name = "svd";
    static constexpr std::size_t outputs = 3;
    static constexpr Reads reads = Reads::output;

    std::array<Shape, 3> shapes(const Variable& a) const {
        check_matrix(a);
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        Shape values = leading(a);
        values.push_back(k);
        return {matrices(leading(a), m, k), values, matrices(leading(a), k, n)};
    }
    void forward(std::array<Variable, 3>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n), count = leading(a).elements();
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
            T *const u = y[0].mutable_data<T>(), *const s = y[1].mutable_data<T>(), *const vh = y[2].mutable_data<T>();
            const auto failure = for_each_matrix(count, 10 * m * n * k, [&](std::size_t i) {
                return kernels::svd(m, n, copy.data() + i * m * n, u + i * m * k, s + i * k, vh + i * k * n);
            });
            if (failure) throw_failure(*failure, count, "has singular values that do not converge");
        });
    }
    Variable backward(const Variable&, const std::array<Variable, 3>& y, const std::array<Variable, 3>& dy) const {
        const auto& [u, s, vh] = y;
        const auto& [du, ds, dvh] = dy;
        const std::size_t m = rows(u), n = columns(vh), k = columns(u);
        const Variable gaps = reciprocal_gaps(square(s)), row = expand_dims(s, -2), column = expand_dims(s, -1);
        const Variable u_du = matmul(u, du, {.transpose_a = true}), v_dv = matmul(vh, dvh, {.transpose_b = true});
        const Variable middle =
            gaps * (u_du - transposed(u_du)) * row + column * gaps * (v_dv - transposed(v_dv)) + diag_embed(ds);
        Variable left = matmul(u, middle), da_rest;
        // What of du and dvh lies outside the spaces of u and vh; nothing, when these are everything.
        if (m > k) left = left + (du - matmul(u, u_du)) * reciprocal_or_zero(row);
        if (n > k) da_rest = matmul(u, reciprocal_or_zero(column) * (dvh - matmul(v_dv, vh, {.transpose_a = true})));
        const Variable da = matmul(left, vh);
        return da_rest ? da + da_rest : da;
    }
};

}  // namespace

Variable cholesky(const Operand& a) { return apply(Cholesky{}, a); }

QrResult qr(const Operand& a) {
    const auto [q, r] = apply(Qr{}, a);
    return {q, r};
}

EighResult eigh(const Operand& a) {
    const auto [w, v] = apply(Eigh{}, a);
    return {w, v};
}

SvdResult svd(const Operand& a) {
    const auto [u, s, vh] = apply(Svd{}, a);
    return {u, s, vh};
}

}  // namespace xgrad
