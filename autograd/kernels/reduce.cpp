#include <xgrad/autograd/kernels/reduce.hpp>

#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/packet.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace xgrad::kernels {

namespace {

/// What T is computed with.
template <class T>
using Packet = std::conditional_t<std::is_same_v<T, std::int64_t>, Integer, simd::Packet<T>>;

template <class T>
T first_lane(const simd::Packet<T>& p) {
    return p.lanes.get(0);
}
std::int64_t first_lane(const Integer& p) { return p.value; }

struct Sum {
    template <class V>
    static V join(const V& a, const V& b) {
        return a + b;
    }
    template <class T>
    static constexpr T start() {
        return T(0);
    }
};
struct Product {
    template <class V>
    static V join(const V& a, const V& b) {
        return a * b;
    }
    template <class T>
    static constexpr T start() {
        return T(1);
    }
};
struct Maximum {
    template <class V>
    static V join(const V& a, const V& b) {
        return maximum(a, b);
    }
    template <class T>
    static constexpr T start() {
        using Limits = std::numeric_limits<T>;
        return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    }
};
struct Minimum {
    template <class V>
    static V join(const V& a, const V& b) {
        return minimum(a, b);
    }
    template <class T>
    static constexpr T start() {
        using Limits = std::numeric_limits<T>;
        return Limits::has_infinity ? Limits::infinity() : Limits::max();
    }
};

/// All n elements of a row into one. Four accumulators hide the latency and, for sums, keep the rounding error of a
/// long row below that of one running total.
template <class R, class T>
T reduce_row(const T* x, std::size_t n) {
    using P = Packet<T>;
    constexpr std::size_t lanes = P::size;
    P total(R::template start<T>());
    std::size_t i = 0;
    if constexpr (lanes == 1) {
        // No latency to hide; and g++ 12 gets four accumulators of one number each wrong for AVX-512.
        for (; i < n; ++i) total = R::join(total, P::load(x + i));
        return first_lane(total);
    }
    if (n >= 4 * lanes) {
        P a = total, b = total, c = total;
        for (; i + 4 * lanes <= n; i += 4 * lanes) {
            total = R::join(total, P::load(x + i));
            a = R::join(a, P::load(x + i + lanes));
            b = R::join(b, P::load(x + i + 2 * lanes));
            c = R::join(c, P::load(x + i + 3 * lanes));
        }
        total = R::join(R::join(total, a), R::join(b, c));
    }
    for (; i + lanes <= n; i += lanes) total = R::join(total, P::load(x + i));
    alignas(64) T last[lanes];
    total.store(last);
    for (std::size_t k = 0; i < n; ++i, ++k) last[k] = first_lane(R::join(P(last[k]), P(x[i])));
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t k = 0; k < half; ++k) last[k] = first_lane(R::join(P(last[k]), P(last[k + half])));
    return last[0];
}

/// y = join(y, x), element by element.
template <class R, class T>
void reduce_into(T* y, const T* x, std::size_t n) {
    using P = Packet<T>;
    std::size_t i = 0;
    for (; i + P::size <= n; i += P::size) R::join(P::load(y + i), P::load(x + i)).store(y + i);
    for (; i < n; ++i) y[i] = first_lane(R::join(P(y[i]), P(x[i])));
}

/// Neighbouring axes that are all reduced, or all kept, merged.
struct Groups {
    std::array<std::size_t, Shape::max_rank> sizes;
    std::size_t count = 0;
    bool last_is_reduced = true;
    bool first_is_reduced = true;

    Groups(const Shape& shape, const std::array<bool, Shape::max_rank>& axes) {
        for (std::size_t i = 0; i < shape.rank(); ++i) {
            if (shape[i] == 1) continue;
            if (count > 0 && axes[i] == last_is_reduced) {
                sizes[count - 1] *= shape[i];
                continue;
            }
            if (count == 0) first_is_reduced = axes[i];
            sizes[count++] = shape[i];
            last_is_reduced = axes[i];
        }
        if (count == 0) sizes[count++] = 1;
    }
    bool is_reduced(std::size_t group) const { return (group % 2 == 0) == first_is_reduced; }
};

template <class R, class T>
void reduce_groups(T* y, const T* x, const Groups& g, std::size_t group) {
    const std::size_t n = g.sizes[group];
    if (group + 1 == g.count) {
        if (g.is_reduced(group))
            *y = first_lane(R::join(Packet<T>(*y), Packet<T>(reduce_row<R>(x, n))));
        else
            reduce_into<R>(y, x, n);
        return;
    }
    std::size_t in_step = 1, out_step = 1;
    for (std::size_t i = group + 1; i < g.count; ++i) {
        in_step *= g.sizes[i];
        if (!g.is_reduced(i)) out_step *= g.sizes[i];
    }
    if (g.is_reduced(group)) out_step = 0;
    for (std::size_t i = 0; i < n; ++i) reduce_groups<R>(y + i * out_step, x + i * in_step, g, group + 1);
}

template <class R, class T>
void reduce_with(T* y, const T* x, const Shape& shape, const std::array<bool, Shape::max_rank>& axes) {
    std::size_t kept = 1;
    for (std::size_t i = 0; i < shape.rank(); ++i)
        if (!axes[i]) kept *= shape[i];
    std::fill_n(y, kept, R::template start<T>());
    const std::size_t total = shape.elements();
    if (total == 0) return;
    const Groups g(shape, axes);
    const std::size_t first = g.sizes[0], rest = total / first;
    if (g.count == 1 && g.first_is_reduced && total > elementwise_grain) {
        // One long row: fixed pieces, joined in order, so that the result does not depend on threads.
        const std::size_t pieces = (total + elementwise_grain - 1) / elementwise_grain;
        std::vector<T, memory::Allocator<T>> partial(pieces);
        parallel_for(pieces, 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i)
                partial[i] = reduce_row<R>(x + i * elementwise_grain,
                                           std::min(elementwise_grain, total - i * elementwise_grain));
        });
        *y = reduce_row<R>(partial.data(), pieces);
    } else if (!g.first_is_reduced && g.count > 1) {
        const std::size_t out_step = kept / first;
        parallel_for(first, std::max<std::size_t>(elementwise_grain / rest, 1),
                     [&](std::size_t begin, std::size_t end) {
                         for (std::size_t i = begin; i < end; ++i)
                             reduce_groups<R>(y + i * out_step, x + i * rest, g, 1);
                     });
    } else {
        reduce_groups<R>(y, x, g, 0);
    }
}

/// body(row) for every row, on several threads when there is enough work.
template <class F>
void for_rows(std::size_t rows, std::size_t n, F&& body) {
    parallel_for(rows, std::max<std::size_t>(elementwise_grain / 4 / std::max<std::size_t>(n, 1), 1),
                 [&](std::size_t begin, std::size_t end) {
                     for (std::size_t r = begin; r < end; ++r) body(r);
                 });
}

/// The row's maximum, or 0 where that is not finite: what may be taken off before exp().
template <class T>
T safe_maximum(const T* x, std::size_t n) {
    const T m = reduce_row<Maximum>(x, n);
    return std::isinf(m) ? T(0) : m;
}

/// y = exp(x - shift); returns the sum.
template <class T>
T exp_row(T* y, const T* x, std::size_t n, T shift) {
    using P = Packet<T>;
    P total(0);
    std::size_t i = 0;
    for (; i + P::size <= n; i += P::size) {
        const P e = exp(P::load(x + i) - shift);
        if (y != nullptr) e.store(y + i);
        total = total + e;
    }
    if (i < n) {
        alignas(64) T last[P::size];
        std::fill_n(last, P::size, -std::numeric_limits<T>::infinity());
        std::copy(x + i, x + n, last);
        const P e = exp(P::load(last) - shift);
        e.store(last);
        if (y != nullptr) std::copy(last, last + (n - i), y + i);
        total = total + e;
    }
    alignas(64) T lanes[P::size];
    total.store(lanes);
    T sum = 0;
    for (const T v : lanes) sum += v;
    return sum;
}

}  // namespace

template <class T>
void reduce(Reduction how, T* y, const T* x, const Shape& shape, const std::array<bool, Shape::max_rank>& axes) {
    switch (how) {
        case Reduction::sum:
            return reduce_with<Sum>(y, x, shape, axes);
        case Reduction::product:
            return reduce_with<Product>(y, x, shape, axes);
        case Reduction::maximum:
            return reduce_with<Maximum>(y, x, shape, axes);
        case Reduction::minimum:
            return reduce_with<Minimum>(y, x, shape, axes);
    }
}

namespace {

template <class T>
bool is_nan(T v) {
    return v != v;  // NOLINT(misc-redundant-expression)
}

}  // namespace

template <class T>
void arg_extremum(bool largest, std::int64_t* y, const T* x, std::size_t outer, std::size_t n, std::size_t inner) {
    const auto wins = [&](T candidate, T best) {
        if (is_nan(best)) return false;
        return is_nan(candidate) || (largest ? candidate > best : candidate < best);
    };
    for (std::size_t o = 0; o < outer; ++o)
        for (std::size_t i = 0; i < inner; ++i) {
            const T* const column = x + o * n * inner + i;
            std::size_t best = 0;
            for (std::size_t k = 1; k < n; ++k)
                if (wins(column[k * inner], column[best * inner])) best = k;
            y[o * inner + i] = static_cast<std::int64_t>(best);
        }
}

template <class T>
void logsumexp_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for_rows(rows, n, [&](std::size_t r) {
        const T m = safe_maximum(x + r * n, n);
        y[r] = m + std::log(exp_row<T>(nullptr, x + r * n, n, m));
    });
}

template <class T>
void softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for_rows(rows, n, [&](std::size_t r) {
        const T sum = exp_row(y + r * n, x + r * n, n, safe_maximum(x + r * n, n));
        const T scale = T(1) / sum;
        for (std::size_t i = 0; i < n; ++i) y[r * n + i] *= scale;
    });
}

template <class T>
void log_softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for_rows(rows, n, [&](std::size_t r) {
        const T m = safe_maximum(x + r * n, n);
        // Two subtractions: m + log(sum) in one number would lose the logarithm beside a large m.
        const T log_sum = std::log(exp_row<T>(nullptr, x + r * n, n, m));
        for (std::size_t i = 0; i < n; ++i) y[r * n + i] = (x[r * n + i] - m) - log_sum;
    });
}

#define XGRAD_INSTANTIATE(T)                                                                                  \
    template void reduce<T>(Reduction, T*, const T*, const Shape&, const std::array<bool, Shape::max_rank>&); \
    template void arg_extremum<T>(bool, std::int64_t*, const T*, std::size_t, std::size_t, std::size_t);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
XGRAD_INSTANTIATE(std::int64_t)
#undef XGRAD_INSTANTIATE

#define XGRAD_INSTANTIATE(T)                                                 \
    template void logsumexp_rows<T>(T*, const T*, std::size_t, std::size_t); \
    template void softmax_rows<T>(T*, const T*, std::size_t, std::size_t);   \
    template void log_softmax_rows<T>(T*, const T*, std::size_t, std::size_t);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
