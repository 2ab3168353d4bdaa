#include <xgrad/autograd/kernels/reduce.hpp>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/kernels/rows.hpp>
#include <xgrad/autograd/memory.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace xgrad::kernels {

namespace {

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

/// y = join(y, terms of row) for rows of n elements, no more than a packet has.
template <class R, class T>
void reduce_short_rows_into(T* y, const T* x, std::size_t rows, std::size_t n) {
    using P = Packet<T>;
    alignas(64) T row[P::size] = {};
    std::copy_n(y, n, row);
    P total = P::load(row);
    std::size_t i = 0;
    for (; i + P::size <= rows * n; i += n)
        total = R::join(total, R::term(P::load(x + i)));  // with what stands behind the row
    for (; i < rows * n; i += n) {
        std::copy_n(x + i, n, row);
        total = R::join(total, R::term(P::load(row)));
    }
    total.store(row);
    std::copy_n(row, n, y);
}

/// The reduction of each row of n elements, n <= short_row.
template <class R, class T>
void reduce_short_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for (std::size_t r = 0; r < rows; r += Packet<T>::size) {
        const Columns<T> columns(x + r * n, std::min(Packet<T>::size, rows - r), n);
        columns.store_for_rows(y + r, columns.template reduce<R>());
    }
}

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
    if (group + 2 == g.count && g.is_reduced(group) && g.sizes[group + 1] <= Packet<T>::size)
        return reduce_short_rows_into<R>(y, x, n, g.sizes[group + 1]);
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
    if constexpr (Packet<T>::size > 1) {
        if (!g.first_is_reduced && g.count == 2 && rest <= short_row)
            return parallel_for(
                first, elementwise_grain / rest,
                [&](std::size_t begin, std::size_t end) {
                    reduce_short_rows<R>(y + begin, x + begin * rest, end - begin, rest);
                },
                Packet<T>::size);
    }
    if (g.count == 1 && g.first_is_reduced && total > elementwise_grain) {
        // One long row: fixed pieces, joined in order, so that the result does not depend on threads.
        const std::size_t pieces = (total + elementwise_grain - 1) / elementwise_grain;
        std::vector<T, memory::Allocator<T>> partial(pieces);
        parallel_for(pieces, 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i)
                partial[i] = reduce_row<R>(x + i * elementwise_grain,
                                           std::min(elementwise_grain, total - i * elementwise_grain));
        });
        *y = reduce_row<typename R::Rest>(partial.data(), pieces);
    } else if (g.count == 2 && g.first_is_reduced && rest > Packet<T>::size) {
        parallel_for(
            rest, std::max<std::size_t>(elementwise_grain / first, 1),
            [&](std::size_t begin, std::size_t end) {
                for (std::size_t i = 0; i < first; ++i) reduce_into<R>(y + begin, x + i * rest + begin, end - begin);
            },
            whole_packets);
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

}  // namespace

template <class T>
void reduce(Reduction how, T* y, const T* x, const Shape& shape, const std::array<bool, Shape::max_rank>& axes) {
    switch (how) {
        case Reduction::sum:
            return reduce_with<Sum>(y, x, shape, axes);
        case Reduction::sum_of_squares:
            return reduce_with<SumOfSquares>(y, x, shape, axes);
        case Reduction::sum_of_absolutes:
            return reduce_with<SumOfAbsolutes>(y, x, shape, axes);
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

/// Whether a candidate takes the place of the best so far, which stands before it.
template <bool largest, class T>
bool wins(T candidate, T best) {
    if (is_nan(best)) return false;
    return is_nan(candidate) || (largest ? candidate > best : candidate < best);
}

/// Where among n elements the extremum stands.
template <bool largest, class T>
std::int64_t search_row(const T* x, std::size_t n) {
    T best = x[0];
    std::size_t place = 0;
    for (std::size_t k = 1; k < n; ++k)
        if (wins<largest>(x[k], best)) {
            best = x[k];
            place = k;
        }
    return static_cast<std::int64_t>(place);
}

/// So many columns are searched side by side: whole cache lines, and what is best in each stays in the first cache.
constexpr std::size_t columns_at_once = 64;

/// Where in each of `width` columns of n elements, `stride` apart, the extremum stands.
template <bool largest, class T>
void search_columns(std::int64_t* places, const T* x, std::size_t n, std::size_t stride, std::size_t width) {
    std::array<T, columns_at_once> best;
    std::copy_n(x, width, best.begin());
    std::fill_n(places, width, 0);
    for (std::size_t k = 1; k < n; ++k)
        for (std::size_t i = 0; i < width; ++i)
            if (const T candidate = x[k * stride + i]; wins<largest>(candidate, best[i])) {
                best[i] = candidate;
                places[i] = static_cast<std::int64_t>(k);
            }
}

/// search_row() by pieces on all threads.
template <bool largest, class T>
std::int64_t search_long_row(const T* x, std::size_t n) {
    const std::size_t pieces = (n + elementwise_grain - 1) / elementwise_grain;
    std::vector<std::int64_t, memory::Allocator<std::int64_t>> places(pieces);
    parallel_for(pieces, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t piece = begin; piece < end; ++piece) {
            const std::size_t first = piece * elementwise_grain;
            places[piece] = static_cast<std::int64_t>(first) +
                            search_row<largest>(x + first, std::min(elementwise_grain, n - first));
        }
    });
    std::int64_t best = places.front();
    for (const std::int64_t place : places)
        if (wins<largest>(x[place], x[best])) best = place;
    return best;
}

template <bool largest, class T>
void search(std::int64_t* y, const T* x, std::size_t outer, std::size_t n, std::size_t inner) {
    const auto grain = [](std::size_t work) {
        return std::max<std::size_t>(elementwise_grain / std::max<std::size_t>(work, 1), 1);
    };
    if (inner != 1) {
        const std::size_t groups = (inner + columns_at_once - 1) / columns_at_once;
        parallel_for(outer * groups, grain(n * std::min(inner, columns_at_once)),
                     [&](std::size_t begin, std::size_t end) {
                         for (std::size_t group = begin; group < end; ++group) {
                             const std::size_t o = group / groups, column = group % groups * columns_at_once;
                             search_columns<largest>(y + o * inner + column, x + o * n * inner + column, n, inner,
                                                     std::min(columns_at_once, inner - column));
                         }
                     });
    } else if (outer == 1 && n > elementwise_grain) {
        *y = search_long_row<largest>(x, n);
    } else {
        parallel_for(outer, grain(n), [&](std::size_t begin, std::size_t end) {
            for (std::size_t o = begin; o < end; ++o) y[o] = search_row<largest>(x + o * n, n);
        });
    }
}

}  // namespace

template <class T>
void arg_extremum(bool largest, std::int64_t* y, const T* x, std::size_t outer, std::size_t n, std::size_t inner) {
    if (largest)
        search<true>(y, x, outer, n, inner);
    else
        search<false>(y, x, outer, n, inner);
}

#define XGRAD_INSTANTIATE(T)                                                                                  \
    template void reduce<T>(Reduction, T*, const T*, const Shape&, const std::array<bool, Shape::max_rank>&); \
    template void arg_extremum<T>(bool, std::int64_t*, const T*, std::size_t, std::size_t, std::size_t);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
XGRAD_INSTANTIATE(std::int64_t)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
