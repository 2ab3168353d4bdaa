#include <xgrad/autograd/ops/solve.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <cstring>

namespace xgrad {

namespace {

using namespace detail;

Shape solution_shape(const Variable& a, const Variable& b) {
    if (a.rank() < 2 || rows(a) != columns(a))
        throw ShapeError(fmt::format("needs square matrices: {}", describe(a, 0)));
    if (b.rank() < 2 || rows(b) != rows(a))
        throw ShapeError(fmt::format("needs right sides of {} rows: {}, {}", rows(a), describe(a, 0), describe(b, 1)));
    return matrices(broadcast(leading(a), leading(b)), rows(a), columns(b));
}

/// Puts each right side in its place and solves it there: one(matrix, x).
template <class T, class F>
void solve_each(Variable& y, const Variable& a, const Variable& b, F&& one) {
    const std::size_t n = rows(b), k = columns(b);
    T* const x = y.mutable_data<T>();
    for_each_pair(leading(y), leading(a), leading(b), n * n * k, [&](std::size_t i, std::size_t ia, std::size_t ib) {
        if (n * k != 0) std::memcpy(x + i * n * k, b.data<T>() + ib * n * k, n * k * sizeof(T));
        one(ia, x + i * n * k);
    });
}

std::string pivot_is_zero(int pivot) { return fmt::format("is singular: pivot {} is 0", pivot); }

struct Solve {
    static constexpr auto name = "solve";
    bool transpose;

    Shape shape(const Variable& a, const Variable& b) const { return solution_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        const std::size_t n = rows(a), k = columns(b), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> factors(a.data<T>(), a.data<T>() + a.size());
            Scratch<int> pivots(count * n);
            const auto failure = for_each_matrix(count, n * n * n / 3, [&](std::size_t i) {
                return kernels::lu(n, factors.data() + i * n * n, pivots.data() + i * n);
            });
            if (failure) throw_failure(*failure, count, pivot_is_zero(failure->status));
            solve_each<T>(y, a, b, [&](std::size_t i, T* x) {
                kernels::lu_solve(transpose, n, k, factors.data() + i * n * n, pivots.data() + i * n, x);
            });
        });
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable&, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        const Variable db = apply(Solve{!transpose}, a, dy);
        if (!needs[0]) return {Variable(), db};
        return {-(transpose ? matmul(y, db, {.transpose_b = true}) : matmul(db, y, {.transpose_b = true})), db};
    }
    std::string details() const { return transpose ? "a^T" : ""; }
};

struct Inverse {
    static constexpr auto name = "inverse";
    static constexpr Reads reads = Reads::output;

    Shape shape(const Variable& a) const {
        check_square(a);
        return a.shape();
    }
    void forward(Variable& y, const Variable& a) const {
        const std::size_t n = rows(a), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            std::copy_n(a.data<T>(), a.size(), to);
            const auto failure =
                for_each_matrix(count, n * n * n, [&](std::size_t i) { return kernels::inverse(n, to + i * n * n); });
            if (failure) throw_failure(*failure, count, pivot_is_zero(failure->status));
        });
    }
    Variable backward(const Variable&, const Variable& y, const Variable& dy) const {
        return -matmul(matmul(y, dy, {.transpose_a = true}), y, {.transpose_b = true});
    }
};

struct TriangularSolve {
    static constexpr auto name = "triangular_solve";
    TriangularSolveOptions options;

    Shape shape(const Variable& a, const Variable& b) const { return solution_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        const std::size_t n = rows(a), k = columns(b), count = leading(a).elements();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            const T* const from = a.data<T>();
            if (!options.unit_diagonal)
                for (std::size_t i = 0; i < count * n; ++i)
                    if (from[i * n + i % n] == T(0))
                        throw_failure({i / n, 1}, count, fmt::format("is singular: diagonal element {} is 0", i % n));
            solve_each<T>(y, a, b, [&](std::size_t i, T* x) {
                kernels::triangular_solve(options.lower, options.transpose, options.unit_diagonal, n, k,
                                          from + i * n * n, x);
            });
        });
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable&, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        TriangularSolveOptions turned = options;
        turned.transpose = !options.transpose;
        const Variable db = apply(TriangularSolve{turned}, a, dy);
        if (!needs[0]) return {Variable(), db};
        const Variable whole =
            options.transpose ? matmul(y, db, {.transpose_b = true}) : matmul(db, y, {.transpose_b = true});
        const double on = options.unit_diagonal ? 0 : -1;
        return {whole * triangles(rows(a), options.lower ? -1 : 0, on, options.lower ? 0 : -1, dy.dtype()), db};
    }
    std::string details() const {
        return fmt::format("{}{}{}", options.lower ? "lower" : "upper", options.transpose ? " a^T" : "",
                           options.unit_diagonal ? " unit diagonal" : "");
    }
};

/// x a = b is a^T x^T = b^T, which `op` solves where a is not on the left.
template <class Op>
Variable solve_with(Op op, const Operand& a, const Operand& b, bool left) {
    const CallSite here(a.at(), Op::name);
    if (!a.get() || !b.get()) return apply(op, a, b);  // which says that it is empty
    if (b->rank() == 0 || (left && b->rank() >= 2)) return apply(op, a, b);
    // Here, where b is still as it was given.
    explained(Op::name, a.at(), [&] {
        check_inputs(std::array{&a.get(), &b.get()});
        check_square(a);
        if (b->shape().back() != rows(a))
            throw ShapeError(fmt::format("needs right sides of {} {}: {}, {}", rows(a),
                                         b->rank() >= 2 ? "columns" : "elements", describe(a, 0), describe(b, 1)));
    });
    if (b->rank() == 1) return squeeze(apply(op, a, expand_dims(b, 1)), -1);
    return transposed(apply(op, a, transposed(b)));
}

}  // namespace

Variable solve(const Operand& a, const Operand& b, const SolveOptions& options) {
    return solve_with(Solve{!options.left}, a, b, options.left);
}

Variable inverse(const Operand& a) { return apply(Inverse{}, a); }

Variable triangular_solve(const Operand& a, const Operand& b, const TriangularSolveOptions& options) {
    TriangularSolve op{options};
    if (!options.left) op.options.transpose = !options.transpose;
    return solve_with(op, a, b, options.left);
}

Variable cholesky_solve(const Operand& l, const Operand& b) {
    const CallSite here(l.at(), "cholesky_solve");
    explained("cholesky_solve", l.at(), [&] {
        check_inputs(std::array{&l.get(), &b.get()});
        solution_shape(l, b->rank() == 1 ? expand_dims(b, 1) : b.get());
    });
    return triangular_solve(l, triangular_solve(l, b), {.transpose = true});
}

Variable matrix_power(const Operand& a, int exponent) {
    const CallSite here(a.at(), "matrix_power");
    explained("matrix_power", a.at(), [&] { check_square(a); });
    if (exponent == 0) return broadcast_to(eye(rows(a), a->dtype()), a->shape());
    Variable square = exponent < 0 ? inverse(a) : a.get(), result;
    for (unsigned rest = exponent < 0 ? 0U - static_cast<unsigned>(exponent) : static_cast<unsigned>(exponent);;) {
        if ((rest & 1U) != 0) result = result ? matmul(result, square) : square;
        rest >>= 1U;
        if (rest == 0) return result;
        square = matmul(square, square);
    }
}

}  // namespace xgrad
