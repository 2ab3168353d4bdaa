#include <xgrad/autograd/ops/matrix_functions.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/decompositions.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/solve.hpp>
#include <xgrad/autograd/ops/statistics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

namespace xgrad {

namespace {

using namespace detail;

/// Pade's approximant of exp of degree (m, m), the largest norm for which its error is that of rounding, and the
/// logarithm to base 2 of the first term of that error, to be compared with a rounding's.
struct Pade {
    std::span<const double> coefficients;
    double largest_norm, log_error, log_rounding;

    std::size_t degree() const { return coefficients.size() - 1; }
};
constexpr std::array degree_7{17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0};
constexpr std::array degree_13{64764752532480000.0,
                               32382376266240000.0,
                               7771770303897600.0,
                               1187353796428800.0,
                               129060195264000.0,
                               10559470521600.0,
                               670442572800.0,
                               33522128640.0,
                               1323241920.0,
                               40840800.0,
                               960960.0,
                               16380.0,
                               182.0,
                               1.0};
Pade pade_for(DType dtype) {
    if (dtype == DType::float32) return {degree_7, 3.925724783138660, -51.995, -24};
    return {degree_13, 5.371920351148152, -116.447, -53};
}

/// exp of matrices whose norm is small enough: (v - u)^-1 (v + u) for the odd part u and the even part v.
Variable approximated(const Variable& a, const Pade& pade) {
    const Variable one = eye(rows(a), a.dtype()), squared = matmul(a, a);
    const auto& c = pade.coefficients;
    // By Horner's rule in a^2.
    Variable odd = c[c.size() - 1] / c[0] * one, even = c[c.size() - 2] / c[0] * one;
    for (std::size_t i = c.size() - 2; i-- > 0;) {
        Variable& part = i % 2 == 1 ? odd : even;
        part = matmul(part, squared) + c[i] / c[0] * one;
    }
    const Variable u = matmul(a, odd);
    return solve(even - u, even + u);
}

/// The largest sum of |a| down a column: (..., 1, 1).
Variable norm_of(const Variable& a) { return max(sum(abs(a), -2, {.keepdims = true}), -1, {.keepdims = true}); }

/// What bounds the powers of a as its norm does, but may be much smaller (Al-Mohy & Higham 2009, "A new scaling and
/// squaring algorithm for the matrix exponential"): squarings that are not needed cost digits.
Variable size_of_powers(const Variable& a) {
    const Variable a2 = matmul(a, a), a4 = matmul(a2, a2);
    const Variable size = maximum(power(norm_of(matmul(a4, a2)), 1.0 / 6), power(norm_of(matmul(a4, a4)), 1.0 / 8));
    const Variable whole = norm_of(a);
    return where(isfinite(size), minimum(size, whole), whole);
}

/// How many halvings more the approximant needs for a matrix whose powers are small while those of |a| are large.
template <class T>
double missing_halvings(std::size_t n, const T* a, double halvings, const Pade& pade) {
    std::vector<double> row(n, 1), next(n);
    double log_power = 0, log_first = 0;
    for (std::size_t k = 0; k < 2 * pade.degree() + 1; ++k) {
        std::fill(next.begin(), next.end(), 0);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) next[j] += row[i] * static_cast<double>(std::abs(a[i * n + j]));
        const double largest = *std::max_element(next.begin(), next.end());
        if (largest == 0) return 0;
        for (std::size_t j = 0; j < n; ++j) row[j] = next[j] / largest;
        log_power += std::log2(largest) - halvings;
        if (k == 0) log_first = log_power;
    }
    const double excess = pade.log_error + log_power - log_first - pade.log_rounding;
    return std::max(std::ceil(excess / (2 * static_cast<double>(pade.degree()))), 0.0);
}

/// How often each matrix is to be halved before, and squared afterwards: (..., 1, 1).
Variable halvings_for(const Variable& a, const Pade& pade) {
    Variable halvings = maximum(ceil(log2(size_of_powers(a) / pade.largest_norm)), 0);
    const std::size_t n = rows(a);
    visit_floating(a.dtype(), [&](auto number) {
        using T = decltype(number);
        T* const each = halvings.mutable_data<T>();
        for (std::size_t i = 0; i < halvings.size(); ++i) {
            each[i] += static_cast<T>(missing_halvings(n, a.data<T>() + i * n * n, static_cast<double>(each[i]), pade));
            if (!std::isfinite(each[i])) each[i] = 0;  // the norm overflows, and so does the result
        }
    });
    return halvings;
}

struct MatrixExp {
    static constexpr auto name = "matrix_exp";
    static constexpr Reads reads = Reads::inputs;

    Shape shape(const Variable& a) const {
        check_square(a);
        return a.shape();
    }
    void forward(Variable& y, const Variable& a) const {
        const NoGrad off;
        if (a.size() == 0) return;
        check_finite(a);
        const Pade pade = pade_for(a.dtype());
        const Variable halvings = halvings_for(a, pade);
        Variable result = approximated(a * exp2(-halvings), pade);
        const int most = static_cast<int>(max(halvings).item());
        for (int done = 0; done < most; ++done) result = where(done < halvings, matmul(result, result), result);
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            std::copy_n(result.data<T>(), result.size(), y.mutable_data<T>());
        });
    }
    Variable backward(const Variable& a, const Variable&, const Variable& dy) const {
        if (a.size() == 0) return dy;
        // It is linear in dy, which is brought to the size of 1, since a large one would ask for needless squarings.
        const auto n = static_cast<long>(rows(a));
        Variable unit;
        {
            const NoGrad off;
            const Variable largest = max(abs(dy), {-2, -1}, {.keepdims = true});
            unit = where(largest > 0 && isfinite(largest) != 0, largest, 1);
        }
        const Variable turned = transposed(a), above = concatenate({turned, dy / unit}, -1);
        const Variable whole = concatenate({above, concatenate({zeros_like(a), turned}, -1)}, -2);
        return index(matrix_exp(whole), {ellipsis, Slice{0, n}, Slice{n, 2 * n}}) * unit;
    }

private:
    static void check_finite(const Variable& a) {
        const std::size_t elements = rows(a) * columns(a), count = a.size() / elements;
        visit_floating(a.dtype(), [&](auto number) {
            const auto* const from = a.data<decltype(number)>();
            for (std::size_t i = 0; i < count; ++i)
                if (!kernels::all_finite(from + i * elements, elements))
                    throw_failure({i, kernels::not_finite}, count, "");
        });
    }
};

}  // namespace

Variable matrix_exp(const Operand& a) { return apply(MatrixExp{}, a); }

Variable matrix_norm(const Operand& a, MatrixNorm which, const ReduceOptions& options) {
    const CallSite here(a.at(), "matrix_norm");
    explained("matrix_norm", a.at(), [&] {
        check_inputs(std::array{&a.get()});
        check_matrix(a);
        const bool seeks_extreme = which != MatrixNorm::frobenius && which != MatrixNorm::nuclear;
        if (seeks_extreme && rows(a) * columns(a) == 0 && leading(a).elements() != 0)
            throw ShapeError(fmt::format("of an empty matrix: {}", describe(a)));
    });
    const auto kept = [&](const Variable& y) { return options.keepdims ? expand_dims(y, {-2, -1}) : y; };
    switch (which) {
        case MatrixNorm::nuclear:
            return kept(sum(svd(a).s, -1));
        case MatrixNorm::spectral:
            return kept(index(svd(a).s, {ellipsis, 0}));
        case MatrixNorm::smallest_singular:
            return kept(index(svd(a).s, {ellipsis, -1}));
        case MatrixNorm::column:
            return kept(max(sum(abs(a), -2), -1));
        case MatrixNorm::smallest_column:
            return kept(min(sum(abs(a), -2), -1));
        case MatrixNorm::row:
            return kept(max(sum(abs(a), -1), -1));
        case MatrixNorm::smallest_row:
            return kept(min(sum(abs(a), -1), -1));
        default:
            return norm(a, 2, {-2, -1}, options);
    }
}

}  // namespace xgrad
