#include <xgrad/autograd/ops/decompositions.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/solve.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

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

/// The first k entries of an axis.
Variable first(const Variable& v, int axis, std::size_t k) {
    const bool all = v.shape()[normalize_axis(axis, v.rank())] == k;
    return all ? v : slice(v, axis, 0, static_cast<long>(k));
}

/// The gradient of vectors that complete a basis, found to be 0: they are any, and have no derivative. An operator, so
/// that a replay looks again.
struct CompletionGradient {
    static constexpr bool is_view = true;
    static constexpr bool differentiable = false;
    const char* name;  ///< of the decomposition, for errors
    std::size_t k;

    Shape shape(const Variable& rest) const {
        visit_floating(rest.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto elements = rest.span<T>();
            if (std::any_of(elements.begin(), elements.end(), [](T v) { return v != T(0); }))
                throw ValueError(
                    fmt::format("the vectors behind the first {} are any that complete a basis, and have "
                                "no derivative; use those {} alone",
                                k, k));
        });
        return rest.shape();
    }
};

/// The first k entries of an axis of `dy`. @throws ValueError unless the others are 0
Variable without_completion(const char* name, const Variable& dy, int axis, std::size_t k) {
    const auto n = static_cast<long>(dy.shape()[normalize_axis(axis, dy.rank())]);
    if (n != static_cast<long>(k)) apply(CompletionGradient{name, k}, slice(dy, axis, static_cast<long>(k), n));
    return first(dy, axis, k);
}

/// The columns of a, found to be independent by r's diagonal, but for rounding. An operator, so that a replay looks
/// again.
struct IndependentColumns {
    static constexpr bool is_view = true;
    static constexpr bool differentiable = false;
    const char* name;    ///< of the decomposition, for errors
    std::size_t height;  ///< of a column

    Shape shape(const Variable& r) const {
        visit_floating(r.dtype(), [&](auto number) {
            using T = decltype(number);
            const std::size_t n = columns(r), count = leading(r).elements();
            Scratch<T> diagonal(n);
            for (std::size_t i = 0; i < count && n != 0; ++i) {
                for (std::size_t j = 0; j < n; ++j) diagonal[j] = std::abs(r.data<T>()[i * n * n + j * (n + 1)]);
                const T largest = *std::max_element(diagonal.begin(), diagonal.end()),
                        rounding = static_cast<T>(height) * std::numeric_limits<T>::epsilon() * largest;
                const auto dependent =
                    std::find_if(diagonal.begin(), diagonal.end(), [&](T d) { return d <= rounding; });
                if (dependent != diagonal.end())
                    throw_failure({i, 1}, count,
                                  fmt::format("has no derivative: column {} depends on those before it",
                                              dependent - diagonal.begin()));
            }
        });
        return r.shape();
    }
};

struct Qr {
    static constexpr auto name = "qr";
    static constexpr std::size_t outputs = 2;
    bool complete;

    std::array<Shape, 2> shapes(const Variable& a) const {
        check_matrix(a);
        const std::size_t m = rows(a), n = columns(a), k = complete ? m : std::min(m, n);
        return {matrices(leading(a), m, k), matrices(leading(a), k, n)};
    }
    void forward(std::array<Variable, 2>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = columns(y[0]);
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
            T *const q = y[0].mutable_data<T>(), *const r = y[1].mutable_data<T>();
            for_each_matrix(leading(a).elements(), 2 * m * n * k, [&](std::size_t i) {
                kernels::qr(complete, m, n, copy.data() + i * m * n, q + i * m * k, r + i * k * n);
                return 0;
            });
        });
    }
    /// The rule for as many rows as columns, or more.
    static Variable tall(const Variable& q, const Variable& r, const Variable& dq, const Variable& dr) {
        const std::size_t n = columns(r);
        apply(IndependentColumns{name, rows(q)}, r);
        const Variable m = matmul(r, dr, {.transpose_b = true}) - matmul(dq, q, {.transpose_a = true});
        const Variable c = m * triangles(n, 1, 0.5, 0, m.dtype());
        const Variable turned = transposed(dq + matmul(q, c + transposed(c)));
        return transposed(triangular_solve(r, turned, {.lower = false}));
    }
    Variable backward(const Variable& a, const std::array<Variable, 2>& y, const std::array<Variable, 2>& dy) const {
        const std::size_t k = std::min(rows(a), columns(a));
        // Behind the k-th row r is 0 whatever a is.
        const Variable q = first(y[0], -1, k), r = first(y[1], -2, k), dr = first(dy[1], -2, k);
        const Variable dq = without_completion(name, dy[0], -1, k);
        const long m = static_cast<long>(rows(a)), n = static_cast<long>(columns(a));
        if (m >= n) return tall(q, r, dq, dr);
        // The first m columns have q and r's first ones; the others are q^T times what is there.
        const Variable da_right = matmul(q, slice(dr, -1, m, n));
        const Variable dq_left = dq + matmul(slice(a, -1, m, n), slice(dr, -1, m, n), {.transpose_b = true});
        return concatenate({tall(q, slice(r, -1, 0, m), dq_left, slice(dr, -1, 0, m)), da_right}, -1);
    }
    std::string details() const { return complete ? "complete" : ""; }
};

/// 1 / x, and 0 where x is 0.
Variable reciprocal_or_zero(const Variable& x) {
    const Variable zero = x == 0;
    return (1 - zero) / (x + zero);
}

/// y_ij / (x_j - x_i) off the diagonal and 0 on it, for x of (..., n), y of (..., n, n). Where x_i = x_j the quotient
/// has a meaning only if nothing comes from the vectors, whose gradients in each other's terms are `turns`; else it is
/// NaN.
Variable over_gaps(const Variable& y, const Variable& x, const Variable& turns) {
    const Variable gaps = expand_dims(x, -2) - expand_dims(x, -1);
    const Variable is_diagonal = eye(x.shape().back(), x.dtype());
    const Variable has_none = logical_and(logical_and(gaps == 0, turns != 0), logical_not(is_diagonal));
    return y * reciprocal_or_zero(gaps) + where(has_none, NAN, 0);
}

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
        const Variable turns = matmul(v, dv, {.transpose_a = true});
        const Variable middle = diag_embed(dw) + symmetric_part(over_gaps(turns, w, turns));
        return matmul(matmul(v, middle), v, {.transpose_b = true});
    }
};

struct Svd {
    static constexpr auto name = "svd";
    static constexpr std::size_t outputs = 3;
    static constexpr Reads reads = Reads::output;
    bool full;

    std::array<Shape, 3> shapes(const Variable& a) const {
        check_matrix(a);
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n);
        Shape values = leading(a);
        values.push_back(k);
        return {matrices(leading(a), m, full ? m : k), values, matrices(leading(a), full ? n : k, n)};
    }
    void forward(std::array<Variable, 3>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n), count = leading(a).elements();
        const std::size_t u_size = m * columns(y[0]), vh_size = rows(y[2]) * n;
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
            T *const u = y[0].mutable_data<T>(), *const s = y[1].mutable_data<T>(), *const vh = y[2].mutable_data<T>();
            const auto failure = for_each_matrix(count, 10 * m * n * k, [&](std::size_t i) {
                return kernels::svd(full, m, n, copy.data() + i * m * n, u + i * u_size, s + i * k, vh + i * vh_size);
            });
            if (failure) throw_failure(*failure, count, "has singular values that do not converge");
        });
    }
    Variable backward(const Variable&, const std::array<Variable, 3>& y, const std::array<Variable, 3>& dy) const {
        const Variable &s = y[1], &ds = dy[1];
        const std::size_t m = rows(y[0]), n = columns(y[2]), k = std::min(m, n);
        const Variable u = first(y[0], -1, k), vh = first(y[2], -2, k);
        const Variable du = without_completion(name, dy[0], -1, k), dvh = without_completion(name, dy[2], -2, k);
        const Variable row = expand_dims(s, -2), column = expand_dims(s, -1);
        const Variable u_du = matmul(u, du, {.transpose_a = true}), v_dv = matmul(vh, dvh, {.transpose_b = true});
        const Variable turns = abs(u_du) + abs(v_dv), squares = square(s);
        const Variable middle = over_gaps(u_du - transposed(u_du), squares, turns) * row +
                                column * over_gaps(v_dv - transposed(v_dv), squares, turns) + diag_embed(ds);
        Variable left = matmul(u, middle), da_rest;
        // What of du and dvh lies outside the spaces of u and vh; nothing, when these are everything.
        if (m > k) left = left + (du - matmul(u, u_du)) * reciprocal_or_zero(row);
        if (n > k) da_rest = matmul(u, reciprocal_or_zero(column) * (dvh - matmul(v_dv, vh, {.transpose_a = true})));
        const Variable da = matmul(left, vh);
        return da_rest ? da + da_rest : da;
    }
    std::string details() const { return full ? "full matrices" : ""; }
};

/// The symmetric matrix of which `a` holds a triangle.
Variable from_triangle(const Variable& a, Triangle triangle) {
    if (triangle == Triangle::both) return a;
    if (triangle == Triangle::lower) return tril(a) + transposed(tril(a, -1));
    return triu(a) + transposed(triu(a, 1));
}

}  // namespace

Variable cholesky(const Operand& a, const CholeskyOptions& options) {
    const CallSite here(a.at(), Cholesky::name);
    detail::explained(Cholesky::name, a.at(), [&] { check_square(a); });
    const Variable l = apply(Cholesky{}, from_triangle(a, options.triangle));
    return options.upper ? transposed(l) : l;
}

QrResult qr(const Operand& a, const QrOptions& options) {
    const auto [q, r] = apply(Qr{options.complete}, a);
    return {q, r};
}

EighResult eigh(const Operand& a, const EighOptions& options) {
    const CallSite here(a.at(), Eigh::name);
    detail::explained(Eigh::name, a.at(), [&] { check_square(a); });
    const auto [w, v] = apply(Eigh{}, from_triangle(a, options.triangle));
    return {w, v};
}

Variable eigvalsh(const Operand& a, const EighOptions& options) {
    const CallSite here(a.at(), "eigvalsh");
    return eigh(a, options).eigenvalues;
}

SvdResult svd(const Operand& a, const SvdOptions& options) {
    const auto [u, s, vh] = apply(Svd{options.full_matrices}, a);
    return {u, s, vh};
}

Variable svdvals(const Operand& a) {
    const CallSite here(a.at(), "svdvals");
    return svd(a).s;
}

}  // namespace xgrad
