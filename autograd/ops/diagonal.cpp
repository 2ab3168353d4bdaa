#include <xgrad/autograd/ops/diagonal.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/strided.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace xgrad {

using detail::explained;

namespace {

using detail::Steps;
using detail::steps_of;
using detail::strided_copy;

/// The k-th diagonal over two axes of a whole, as a walk.
struct Line {
    Shape whole;
    std::size_t rows, columns;  ///< the axes
    long k;

    Line(const Shape& shape, long offset, int axis1, int axis2)
        : whole(shape),
          rows(normalize_axis(axis1, shape.rank())),
          columns(normalize_axis(axis2, shape.rank())),
          k(offset) {
        if (rows == columns) throw ValueError(fmt::format("axis {} is named twice", axis1));
    }
    /// The other axes, then the diagonal.
    Shape shape() const {
        Shape result;
        for (std::size_t i = 0; i < whole.rank(); ++i)
            if (i != rows && i != columns) result.push_back(whole[i]);
        const long n = static_cast<long>(whole[rows]) + std::min(k, 0L),
                   m = static_cast<long>(whole[columns]) - std::max(k, 0L);
        result.push_back(static_cast<std::size_t>(std::max(std::min(n, m), 0L)));
        return result;
    }
    Steps steps() const {
        const Steps own = steps_of(whole);
        Steps steps{};
        std::size_t axis = 0;
        for (std::size_t i = 0; i < whole.rank(); ++i)
            if (i != rows && i != columns) steps[axis++] = own[i];
        steps[axis] = own[rows] + own[columns];
        return steps;
    }
    /// Where the diagonal starts; 0 for an empty one, which may lie outside.
    std::ptrdiff_t offset() const {
        const Steps own = steps_of(whole);
        return shape().back() == 0 ? 0 : k < 0 ? -k * own[rows] : k * own[columns];
    }
    std::string text() const { return fmt::format("k {}, axes {},{}", k, rows, columns); }
};

/// Zeros but for a diagonal: the transpose of Diagonal.
struct DiagEmbed {
    static constexpr auto name = "diag_embed";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Line line;

    Shape shape(const Variable&) const { return line.whole; }
    void forward(Variable& y, const Variable& x) const {
        kernels::fill(y, 0);
        strided_copy(y, line.steps(), line.offset(), x, steps_of(x.shape()), 0, x.shape());
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const;
    std::string details() const { return line.text(); }
};

struct Diagonal {
    static constexpr auto name = "diagonal";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Line line;

    Shape shape(const Variable&) const { return line.shape(); }
    void forward(Variable& y, const Variable& x) const {
        strided_copy(y, steps_of(y.shape()), 0, x, line.steps(), line.offset(), y.shape());
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return apply(DiagEmbed{line}, dy); }
    std::string details() const { return line.text(); }
};

Variable DiagEmbed::backward(const Variable&, const Variable&, const Variable& dy) const {
    return apply(Diagonal{line}, dy);
}

/// The line in matrices that hold it from end to end.
Line embedding(const Shape& shape, long k, int axis1, int axis2) {
    if (shape.rank() == 0) throw IndexError("a scalar has no axis to put on a diagonal");
    constexpr long furthest = 1L << 30;
    if (k < -furthest || k > furthest) throw ValueError(fmt::format("no memory holds a matrix with a diagonal {}", k));
    const std::size_t rank = shape.rank() + 1, n = shape.back() + static_cast<std::size_t>(std::abs(k));
    const std::size_t rows = normalize_axis(axis1, rank), columns = normalize_axis(axis2, rank);
    if (rows == columns) throw ValueError(fmt::format("axis {} is named twice", axis1));
    Shape whole;
    for (std::size_t i = 0, own = 0; i < rank; ++i) whole.push_back(i == rows || i == columns ? n : shape[own++]);
    return {whole, k, axis1, axis2};
}

template <bool lower>
struct Triangle {
    static constexpr auto name = lower ? "tril" : "triu";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    long k;

    Shape shape(const Variable& x) const {
        if (x.rank() < 2) throw ShapeError(fmt::format("needs a matrix or several, input is {}", to_string(x.shape())));
        return x.shape();
    }
    void forward(Variable& y, const Variable& x) const {
        if (x.size() == 0) return;
        const auto m = static_cast<long>(x.shape().back()), n = static_cast<long>(x.shape()[x.rank() - 2]);
        const std::size_t bytes = size_of(x.dtype()), row_bytes = static_cast<std::size_t>(m) * bytes;
        auto* to = static_cast<char*>(y.node().data);
        const auto* from = static_cast<const char*>(x.node().data);
        // All bits 0 is a 0 of every element type.
        std::memset(to, 0, x.size() * bytes);
        for (std::size_t row = 0; row < x.size() / static_cast<std::size_t>(m); ++row) {
            const long i = static_cast<long>(row) % n;
            const std::size_t border = static_cast<std::size_t>(std::clamp(lower ? i + k + 1 : i + k, 0L, m)) * bytes;
            if (lower)
                std::memcpy(to, from, border);
            else
                std::memcpy(to + border, from + border, row_bytes - border);
            to += row_bytes;
            from += row_bytes;
        }
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return apply(*this, dy); }
    std::string details() const { return fmt::format("k {}", k); }
};

/// The places (i, j) for which is_inside(j - i).
template <class F>
std::vector<Variable> places_where(std::size_t rows, std::size_t columns, F&& is_inside) {
    std::vector<std::int64_t> i, j;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column) {
            if (!is_inside(static_cast<long>(column) - static_cast<long>(row))) continue;
            i.push_back(static_cast<std::int64_t>(row));
            j.push_back(static_cast<std::int64_t>(column));
        }
    return {detail::constant(i), detail::constant(j)};
}

/// Diagonals so far outside that adding to k would overflow are empty like those just outside.
long bounded(long k) { return std::clamp(k, -(1L << 32), 1L << 32); }

}  // namespace

Variable diagonal(const Operand& x, long k, int axis1, int axis2) {
    return apply(Diagonal{explained("diagonal", x.at(), [&] { return Line(x->shape(), bounded(k), axis1, axis2); })},
                 x);
}

Variable diag_embed(const Operand& x, long k, int axis1, int axis2) {
    return apply(DiagEmbed{explained("diag_embed", x.at(), [&] { return embedding(x->shape(), k, axis1, axis2); })}, x);
}

Variable diag(const Operand& x, long k) {
    const CallSite here(x.at(), "diag");
    explained("diag", x.at(), [&] {
        if (x->rank() != 1 && x->rank() != 2)
            throw ShapeError(fmt::format("takes a vector or a matrix, input is {}", to_string(x->shape())));
    });
    return x->rank() == 1 ? diag_embed(x, k) : diagonal(x, k);
}

Variable tril(const Operand& x, long k) { return apply(Triangle<true>{bounded(k)}, x); }
Variable triu(const Operand& x, long k) { return apply(Triangle<false>{bounded(k)}, x); }

std::vector<Variable> tril_indices(std::size_t rows, std::size_t columns, long k) {
    return places_where(rows, columns, [k](long diagonal) { return diagonal <= k; });
}
std::vector<Variable> triu_indices(std::size_t rows, std::size_t columns, long k) {
    return places_where(rows, columns, [k](long diagonal) { return diagonal >= k; });
}

}  // namespace xgrad
