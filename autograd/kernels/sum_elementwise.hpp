#pragma once

#include <xgrad/autograd/kernels/elementwise.hpp>
#include <xgrad/autograd/memory.hpp>

#include <vector>

namespace xgrad::kernels {

namespace detail {

/// The sum of n elements, to be read in whole packets.
template <class P, class T = typename P::value_type>
double sum_of(const T* x, std::size_t n) {
    P total(0);
    std::size_t i = 0;
    for (; i + P::size <= n; i += P::size) total = total + P::load(x + i);
    alignas(64) T lanes[P::size];
    total.store(lanes);
    double sum = 0;
    for (const T lane : lanes) sum += static_cast<double>(lane);
    for (; i < n; ++i) sum += static_cast<double>(x[i]);
    return sum;
}

/// The sum of f's first value over elements [begin, end) of rows of inputs, through a block that stays in the
/// first-level cache. The others go to `outs`.
template <class P, std::size_t Outs, std::size_t Ins, class T = typename P::value_type>
double sum_run(const Loop<P, 1 + Outs, Ins>& loop, const std::array<T*, Outs>& outs,
               const std::array<const T*, Ins>& ins, const std::array<std::size_t, Ins>& steps, std::size_t begin,
               std::size_t end) {
    constexpr std::size_t block = 512;
    alignas(64) T values[block];
    double total = 0;
    for (std::size_t i = begin; i < end; i += block) {
        const std::size_t n = std::min(block, end - i);
        std::array<T*, 1 + Outs> to{values};
        std::ranges::copy(moved(outs, i), to.begin() + 1);
        loop({to, moved(ins, steps, i), steps, n}, false);
        total += sum_of<P>(values, n);
    }
    return total;
}

template <class P, std::size_t Outs, std::size_t Ins, class T = typename P::value_type>
T sum_elementwise(const Shape& shape, const std::array<T*, Outs>& outs, const std::array<Source<T>, Ins>& sources,
                  const Loop<P, 1 + Outs, Ins>& loop) {
    std::array<const T*, Ins> ins;
    std::array<const Shape*, Ins> shapes;
    for (std::size_t k = 0; k < Ins; ++k) {
        ins[k] = sources[k].data;
        shapes[k] = sources[k].shape;
    }
    if (shape.elements() == 0) return T(0);
    const Broadcast<Ins> b(shape, shapes);
    const std::size_t inner = b.flat ? elementwise_grain : b.inner();
    const std::size_t rows = b.flat ? (b.elements + inner - 1) / inner : b.elements / inner;
    const std::size_t rows_per_piece = std::max<std::size_t>(elementwise_grain / inner, 1);
    const std::size_t pieces = (rows + rows_per_piece - 1) / rows_per_piece;
    std::vector<double, memory::Allocator<double>> sums(pieces);
    parallel_for(pieces, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t piece = first; piece < last; ++piece) {
            const std::size_t begin = piece * rows_per_piece, end = std::min(begin + rows_per_piece, rows);
            if (b.flat) {
                sums[piece] = sum_run(loop, outs, ins, b.steps, begin * inner, std::min(end * inner, b.elements));
            } else if (inner <= short_row) {
                for_short_rows<P>(b, begin, end, sources, [&](std::size_t element, const auto& x, std::size_t n) {
                    sums[piece] += sum_run(loop, moved(outs, element), x, steps_of_whole<Ins>(), 0, n);
                });
            } else {
                for_each_row(b, begin, end, [&](std::size_t out, const std::array<std::size_t, Ins>& offsets) {
                    std::array<const T*, Ins> x;
                    for (std::size_t k = 0; k < Ins; ++k) x[k] = ins[k] + offsets[k];
                    sums[piece] += sum_run(loop, moved(outs, out), x, b.steps, 0, inner);
                });
            }
        }
    });
    double total = 0;
    for (const double sum : sums) total += sum;
    return static_cast<T>(total);
}

}  // namespace detail

/// The sum over `shape` of f(ins...)[0], broadcast, where f takes a std::array of Packets and returns one. Added up in
/// pieces whose borders depend on the shapes alone. What else f returns is stored in `outs`, arrays of shape `shape`; a
/// null one is skipped.
template <class T, std::size_t Outs, std::size_t Ins, class F>
T sum_elementwise(const Shape& shape, const std::array<T*, Outs>& outs, const std::array<Source<T>, Ins>& sources,
                  const F& f) {
    using P = simd::Packet<T>;
    return detail::sum_elementwise(shape, outs, sources, detail::Loop<P, 1 + Outs, Ins>(f));
}

}  // namespace xgrad::kernels
