#include <xgrad/autograd/kernels/scan.hpp>

#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/memory.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace xgrad::kernels {

namespace {

/// body(first element) for each of the outer parts.
template <class Body>
void for_parts(const Lines& l, Body&& body) {
    const std::size_t part = l.n * l.inner;
    if (part == 0) return;
    parallel_for(l.outer, std::max<std::size_t>(elementwise_grain / 4 / part, 1),
                 [&](std::size_t begin, std::size_t end) {
                     for (std::size_t o = begin; o < end; ++o) body(o * part);
                 });
}

/// The place of the k-th row of a part, in the lines' direction.
std::size_t row(const Lines& l, std::size_t k) { return (l.reverse ? l.n - 1 - k : k) * l.inner; }

/// What the running value of a scan over T is.
template <class T>
using Running = std::conditional_t<std::is_same_v<T, std::int64_t>, Integer, double>;

std::int64_t number(const Integer& v) { return v.value; }
double number(double v) { return v; }

template <class T, class Join>
void scan_with(T* y, const T* x, const Lines& l, bool exclusive, Running<T> start, Join join) {
    for_parts(l, [&](std::size_t part) {
        using V = Running<T>;
        std::vector<V, memory::Allocator<V>> running(l.inner, start);
        for (std::size_t k = 0; k < l.n; ++k) {
            T* const to = y + part + row(l, k);
            const T* const from = x + part + row(l, k);
            for (std::size_t i = 0; i < l.inner; ++i) {
                const V before = running[i];
                running[i] = join(before, V(from[i]));
                to[i] = static_cast<T>(number(exclusive ? before : running[i]));
            }
        }
    });
}

template <class T>
Running<T> lowest() {
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
}
template <class T>
Running<T> highest() {
    using Limits = std::numeric_limits<T>;
    return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

double logaddexp(double a, double b) {
    const double larger = std::max(a, b);
    if (a == b || std::isnan(a)) return a + std::log(2.0);  // equal infinities have no difference
    return larger + std::log1p(std::exp(-std::abs(a - b)));
}

}  // namespace

template <class T>
void scan(Scan how, T* y, const T* x, const Lines& lines, bool exclusive) {
    using V = Running<T>;
    const auto run = [&](V start, auto join) { scan_with(y, x, lines, exclusive, start, join); };
    // A NaN is unlike itself, and stays.
    const auto larger = [](V s, V v) { return v >= s || v != v ? v : s; };   // NOLINT(misc-redundant-expression)
    const auto smaller = [](V s, V v) { return v <= s || v != v ? v : s; };  // NOLINT(misc-redundant-expression)
    switch (how) {
        case Scan::sum:
            return run(V(0), [](V s, V v) { return s + v; });
        case Scan::product:
            return run(V(1), [](V s, V v) { return s * v; });
        case Scan::maximum:
            return run(lowest<T>(), larger);
        case Scan::minimum:
            return run(highest<T>(), smaller);
        case Scan::logaddexp:
            if constexpr (std::is_floating_point_v<T>) run(lowest<T>(), logaddexp);
            return;
    }
}

template <class T>
void linear_scan(T* y, const T* a, const T* b, const Lines& lines, bool late) {
    for_parts(lines, [&](std::size_t part) {
        std::copy_n(b + part + row(lines, 0), lines.inner, y + part + row(lines, 0));
        for (std::size_t k = 1; k < lines.n; ++k) {
            const std::size_t at = part + row(lines, k), before = part + row(lines, k - 1);
            const T* const c = a + (late ? before : at);
            for (std::size_t i = 0; i < lines.inner; ++i) y[at + i] = c[i] * y[before + i] + b[at + i];
        }
    });
}

template <class T>
void shift(T* y, const T* x, const Lines& lines) {
    for_parts(lines, [&](std::size_t part) {
        std::fill_n(y + part + row(lines, 0), lines.inner, T(0));
        for (std::size_t k = 1; k < lines.n; ++k)
            std::copy_n(x + part + row(lines, k - 1), lines.inner, y + part + row(lines, k));
    });
}

template void scan<std::int64_t>(Scan, std::int64_t*, const std::int64_t*, const Lines&, bool);
#define XGRAD_INSTANTIATE(T)                                                  \
    template void scan<T>(Scan, T*, const T*, const Lines&, bool);            \
    template void linear_scan<T>(T*, const T*, const T*, const Lines&, bool); \
    template void shift<T>(T*, const T*, const Lines&);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
