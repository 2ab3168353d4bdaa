#include <autograd/engine.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/map.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

// Rows of few elements are worked on a packet of rows at a time: against plain loops, for all sizes around those of a
// packet, and where a packet of rows is not full.

using namespace xgrad;
using namespace engine;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Rows of numbers; where there are enough, some with what is not finite.
numbers rows_of(std::size_t rows, std::size_t n, bool special) {
    numbers x(rows * n);
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<float>(std::sin(static_cast<double>(i * i % 1009)) * 5);
    if (!special || rows < 8) return x;
    std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(n), n, -infinity);
    x[2 * n] = infinity;
    x[4 * n - 1] = std::numeric_limits<double>::quiet_NaN();
    x[5 * n] = -infinity;
    return x;
}

bool is_close(double a, double b, double tolerance) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b || std::abs(a - b) <= tolerance * (1 + std::abs(b));
}

/// f(rows, n, elements, type, tolerance) for all sizes and types, on one thread and several.
void for_all_sizes(
    bool special,
    const std::function<void(std::size_t, std::size_t, const numbers&, const Variable&, double tolerance)>& check) {
    const std::size_t before = thread_count();
    for (const std::size_t threads : {1U, 3U}) {
        set_thread_count(threads);
        for (const std::size_t n : {1U, 2U, 7U, 8U, 9U, 10U, 15U, 16U, 17U, 31U, 32U, 33U})
            for (const std::size_t rows : {1U, 3U, 8U, 15U, 16U, 17U, 50U, 3001U})
                for (const DType dtype : {DType::float32, DType::float64}) {
                    const numbers x = rows_of(rows, n, special);
                    BOOST_TEST_CONTEXT(rows << " rows of " << n << ", " << to_string(dtype) << ", " << threads
                                            << " threads")
                    check(rows, n, x, Variable::from(x, {rows, n}).to(dtype), dtype == DType::float32 ? 1e-5 : 1e-13);
                }
    }
    set_thread_count(before);
}

void check_all(const Variable& y, const numbers& expected, double tolerance) {
    const numbers values = y.to_vector();
    BOOST_TEST_REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!is_close(values[i], expected[i], tolerance)) {
            BOOST_ERROR("element " << i << " is " << values[i] << ", not " << expected[i]);
            return;
        }
}

double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

}  // namespace

BOOST_AUTO_TEST_CASE(short_rows_are_reduced) {
    for_all_sizes(true, [](std::size_t rows, std::size_t n, const numbers& x, const Variable& v, double tolerance) {
        numbers sums(rows, 0), largest(rows, -infinity), column_sums(n, 0), column_largest(n, -infinity);
        for (std::size_t i = 0; i < x.size(); ++i) {
            sums[i / n] += x[i];
            largest[i / n] = larger(largest[i / n], x[i]);
            column_sums[i % n] += x[i];
            column_largest[i % n] = larger(column_largest[i % n], x[i]);
        }
        check_all(sum(v, -1), sums, 10 * tolerance);
        check_all(max(v, -1), largest, 0);
        check_all(-min(-v, -1), largest, 0);
        check_all(sum(v, 0), column_sums, 100 * tolerance);
        check_all(max(v, 0), column_largest, 0);
    });
}

BOOST_AUTO_TEST_CASE(norms_of_short_rows_and_of_long_ones) {
    for_all_sizes(false, [](std::size_t rows, std::size_t n, const numbers& x, const Variable& v, double tolerance) {
        numbers sizes(rows, 0), lengths(rows, 0), column_sizes(n, 0), column_lengths(n, 0);
        double size = 0, length = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double square = x[i] * x[i];
            sizes[i / n] += std::abs(x[i]);
            column_sizes[i % n] += std::abs(x[i]);
            size += std::abs(x[i]);
            lengths[i / n] += square;
            column_lengths[i % n] += square;
            length += square;
        }
        for (numbers* squares : {&lengths, &column_lengths})
            for (double& square : *squares) square = std::sqrt(square);
        check_all(norm(v, 1, -1), sizes, 10 * tolerance);
        check_all(norm(v, 2, -1), lengths, 10 * tolerance);
        check_all(norm(v, 1, 0), column_sizes, 100 * tolerance);
        check_all(norm(v, 2, 0), column_lengths, 100 * tolerance);
        check_all(norm(v, 1), {size}, 100 * tolerance);
        check_all(norm(v), {std::sqrt(length)}, 100 * tolerance);
    });
}

BOOST_AUTO_TEST_CASE(softmax_of_short_rows) {
    for_all_sizes(true, [](std::size_t rows, std::size_t n, const numbers& x, const Variable& v, double tolerance) {
        numbers log_sums(rows), probabilities(rows * n), logarithms(rows * n);
        for (std::size_t r = 0; r < rows; ++r) {
            double largest = -infinity, total = 0;
            for (std::size_t i = 0; i < n; ++i) largest = larger(largest, x[r * n + i]);
            const double shift = std::isinf(largest) ? 0 : largest;
            for (std::size_t i = 0; i < n; ++i) total += std::exp(x[r * n + i] - shift);
            log_sums[r] = shift + std::log(total);
            for (std::size_t i = 0; i < n; ++i) {
                probabilities[r * n + i] = std::exp(x[r * n + i] - shift) * (1 / total);
                logarithms[r * n + i] = x[r * n + i] - shift - std::log(total);
            }
        }
        check_all(logsumexp(v, -1), log_sums, tolerance);
        check_all(softmax(v, -1), probabilities, tolerance);
        check_all(log_softmax(v, -1), logarithms, tolerance);
    });
}

BOOST_AUTO_TEST_CASE(short_rows_broadcast) {
    for_all_sizes(false, [](std::size_t rows, std::size_t n, const numbers& x, const Variable& v, double tolerance) {
        const Variable row = Variable::from(rows_of(1, n, false), {n}).to(v.dtype()),
                       column = Variable::from(rows_of(rows, 1, false), {rows, 1}).to(v.dtype());
        const numbers of_row = row.to_vector(), of_column = column.to_vector();
        numbers expected(rows * n), outer(rows * n);
        double total = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            outer[i] = of_row[i % n] * of_column[i / n];
            expected[i] = x[i] + outer[i];
            total += expected[i];
        }
        const auto f = [](auto a, auto b, auto c) { return a + b * c; };
        check_all(row * column, outer, tolerance);
        check_all(map(f, v, row, column), expected, tolerance);
        check_all(map_reduce(f, v, row, column), {total}, 1000 * tolerance);
        const Variable three_axes = map(f, expand_dims(v, 1), row, expand_dims(column, 1));
        check_all(three_axes, expected, tolerance);
    });
}

BOOST_AUTO_TEST_CASE(rows_of_several_axes_are_cut_anywhere) {
    // Three axes that cannot be merged, of which threads get pieces that begin and end within one.
    constexpr std::size_t pages = 60, rows = 7;
    const std::size_t before = thread_count();
    for (const std::size_t threads : {1U, 3U}) {
        set_thread_count(threads);
        for (const std::size_t n : {5U, 32U, 33U, 64U, 70U})
            for (const DType dtype : {DType::float32, DType::float64}) {
                const Variable a = Variable::from(rows_of(pages * rows, n, false), {pages, rows, n}).to(dtype);
                const Variable b = Variable::from(rows_of(pages, n, false), {pages, 1, n}).to(dtype);
                const Variable c = parameter(Variable::from(rows_of(rows, 1, false), {rows, 1}).to(dtype));
                const auto [sums, products] = map(
                    [](auto x, auto y, auto z) {
                        return std::array{x + y + z, x * y * z};
                    },
                    a, b, c);
                sum(products).backward();  // with respect to one of three
                const numbers u = a.to_vector(), v = b.to_vector(), w = c.to_vector();
                numbers sum_values(u.size()), product_values(u.size()), gradient(rows, 0);
                for (std::size_t i = 0; i < u.size(); ++i) {
                    const std::size_t page = i / (rows * n), row = i / n % rows;
                    const double other = v[page * n + i % n];
                    sum_values[i] = u[i] + other + w[row];
                    product_values[i] = u[i] * other * w[row];
                    gradient[row] += u[i] * other;
                }
                const double tolerance = dtype == DType::float32 ? 1e-5 : 1e-13;
                BOOST_TEST_CONTEXT(n << " columns, " << to_string(dtype) << ", " << threads << " threads") {
                    check_all(sums, sum_values, 10 * tolerance);
                    check_all(products, product_values, 10 * tolerance);
                    check_all(c.grad(), gradient, 1000 * tolerance);
                }
            }
    }
    set_thread_count(before);
}
