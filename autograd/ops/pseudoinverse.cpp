#include <xgrad/autograd/ops/pseudoinverse.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/decompositions.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/solve.hpp>

#include <fmt/format.h>

#include <limits>

namespace xgrad {

namespace {

using namespace detail;

/// Singular values up to this share of the largest count as 0.
double rank_tolerance(const Variable& a) {
    return static_cast<double>(std::max(rows(a), columns(a))) * visit_floating(a.dtype(), [](auto number) -> double {
               return std::numeric_limits<decltype(number)>::epsilon();
           });
}

/// The pseudoinverse, and the singular values it was made of, which get no gradient from here.
struct Pinv {
    static constexpr auto name = "pinv";
    static constexpr std::size_t outputs = 2;
    std::optional<double> rcond;

    std::array<Shape, 2> shapes(const Variable& a) const {
        check_matrix(a);
        Shape values = leading(a);
        values.push_back(std::min(rows(a), columns(a)));
        return {matrices(leading(a), columns(a), rows(a)), values};
    }
    void forward(std::array<Variable, 2>& y, const Variable& a) const {
        const std::size_t m = rows(a), n = columns(a), k = std::min(m, n), count = leading(a).elements();
        const double share = rcond.value_or(rank_tolerance(a));
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            Scratch<T> copy(a.data<T>(), a.data<T>() + a.size());
            T *const to = y[0].mutable_data<T>(), *const s = y[1].mutable_data<T>();
            const auto failure = for_each_matrix(count, 10 * m * n * k, [&](std::size_t i) {
                return invert(m, n, share, copy.data() + i * m * n, s + i * k, to + i * m * n);
            });
            if (failure) throw_failure(*failure, count, "has singular values that do not converge");
        });
    }
    Variable backward(const Variable& a, const std::array<Variable, 2>& results,
                      const std::array<Variable, 2>& gradients) const {
        const Variable &y = results[0], &dy = gradients[0];
        const Variable y_yt = matmul(y, y, {.transpose_b = true}), yt_y = matmul(y, y, {.transpose_a = true});
        const Variable left = matmul(dy, y_yt, {.transpose_a = true});   // dy^T y y^T
        const Variable right = matmul(yt_y, dy, {.transpose_b = true});  // y^T y dy^T
        return left - matmul(a, matmul(y, left)) + right - matmul(matmul(right, y), a) -
               matmul(matmul(y, dy, {.transpose_a = true}), y, {.transpose_b = true});
    }
    std::string details() const { return rcond ? fmt::format("rcond {}", *rcond) : ""; }

private:
    /// to = v diag(1 / s) u^T, without the singular values that count as 0. @returns as kernels::svd()
    template <class T>
    static int invert(std::size_t m, std::size_t n, double share, T* a, T* s, T* to) {
        const std::size_t k = std::min(m, n);
        if (k == 0) return 0;
        Scratch<T> u(m * k), vh(k * n);
        if (const int status = kernels::svd(false, m, n, a, u.data(), s, vh.data()); status != 0) return status;
        const T smallest = static_cast<T>(share) * s[0];
        for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = 0; j < n; ++j) vh[i * n + j] = s[i] > smallest ? vh[i * n + j] / s[i] : T(0);
        kernels::matmul(true, true, n, m, k, vh.data(), u.data(), to);
        return 0;
    }
};

}  // namespace

Variable pinv(const Operand& a, std::optional<double> rcond) { return apply(Pinv{rcond}, a)[0]; }

namespace {

/// How many of (..., k) descending singular values of `a` do not count as 0.
Variable rank_of(const Variable& a, const Variable& s, std::optional<double> rcond) {
    if (s.shape().back() == 0) return zeros(leading(a), DType::int64);
    return count_nonzero(s > rcond.value_or(rank_tolerance(a)) * index(s, {ellipsis, Slice{0, 1}}), -1);
}

}  // namespace

LstsqResult lstsq(const Operand& a, const Operand& b, std::optional<double> rcond) {
    const CallSite here(a.at(), "lstsq");
    explained("lstsq", a.at(), [&] {
        check_inputs(std::array{&a.get(), &b.get()});
        check_matrix(a);
        if (b->rank() == 0 || (b->rank() == 1 ? b->size() : rows(b)) != rows(a))
            throw ShapeError(
                fmt::format("needs right sides of {} rows: {}, {}", rows(a), describe(a, 0), describe(b, 1)));
    });
    const bool one_side = b->rank() == 1;
    const Variable right = one_side ? expand_dims(b, 1) : b.get();
    const auto [inverse, singular_values] = apply(Pinv{rcond}, a);
    const Variable x = matmul(inverse, right), residuals = sum(square(matmul(a, x) - right), -2);
    const Variable s = singular_values.detach(), rank = rank_of(a, s, rcond);
    if (!one_side) return {x, residuals, rank, s};
    return {squeeze(x, -1), squeeze(residuals, -1), rank, s};
}

Variable matrix_rank(const Operand& a, std::optional<double> rcond) {
    const CallSite here(a.at(), "matrix_rank");
    explained("matrix_rank", a.at(), [&] {
        check_inputs(std::array{&a.get()});
        check_matrix(a);
    });
    return rank_of(a, svd(a->detach()).s, rcond);
}

Variable cond(const Operand& a, MatrixNorm which) {
    const CallSite here(a.at(), "cond");
    const bool by_singular_values = which == MatrixNorm::spectral || which == MatrixNorm::smallest_singular;
    explained("cond", a.at(), [&] {
        check_inputs(std::array{&a.get()});
        check_matrix(a);
        if (rows(a) * columns(a) == 0) throw ShapeError(fmt::format("of an empty matrix: {}", describe(a)));
        if (!by_singular_values && rows(a) != columns(a))
            throw ShapeError(fmt::format("needs a square matrix: {}", describe(a)));
    });
    if (!by_singular_values) return matrix_norm(a, which) * matrix_norm(inverse(a), which);
    const Variable s = svd(a).s;
    const Variable largest = index(s, {ellipsis, 0}), smallest = index(s, {ellipsis, -1});
    return which == MatrixNorm::spectral ? where(smallest == 0, INFINITY, largest / smallest) : smallest / largest;
}

}  // namespace xgrad
