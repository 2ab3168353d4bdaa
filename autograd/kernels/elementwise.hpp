#pragma once

#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/packet.hpp>

#include <algorithm>
#include <array>
#include <cstring>

/// The one loop of all pointwise work. Ratios to xtensor's assignment at 1e6 elements: `c = a + b` 4 to 25 (it faults
/// in fresh pages), (n, m) * (n, 1) 36.
namespace xgrad::kernels {

/// An input: its elements, and the shape they broadcast from.
template <class T>
struct Source {
    const T* data;
    const Shape* shape;
    std::size_t size;
};

namespace detail {

// Elements i..i+n of `ins` through f into `outs`, n less than a packet, without touching what lies beyond.
template <class P, class F, std::size_t Outs, std::size_t Ins>
void partial(const F& f, const std::array<typename P::value_type*, Outs>& outs,
             const std::array<const typename P::value_type*, Ins>& ins, const std::array<std::size_t, Ins>& steps,
             std::size_t i, std::size_t n) {
    using T = typename P::value_type;
    alignas(64) T lanes[P::size];
    std::array<P, Ins> x;
    for (std::size_t k = 0; k < Ins; ++k) {
        for (std::size_t j = 0; j < P::size; ++j) lanes[j] = ins[k][steps[k] * (i + (j < n ? j : 0))];
        x[k] = P::load(lanes);
    }
    const std::array<P, Outs> y = f(x);
    for (std::size_t k = 0; k < Outs; ++k) {
        if (outs[k] == nullptr) continue;
        y[k].store(lanes);
        std::memcpy(outs[k] + i, lanes, n * sizeof(T));
    }
}

// Elements [begin, end); an input whose step is 0 is a single element. With `padded`, the last packet may reach beyond
// `end`: the pool's blocks are whole multiples of 64 bytes. Otherwise it stops there.
template <class P, bool padded, class F, std::size_t Outs, std::size_t Ins>
void run(const F& f, const std::array<typename P::value_type*, Outs>& outs,
         const std::array<const typename P::value_type*, Ins>& ins, const std::array<std::size_t, Ins>& steps,
         std::size_t begin, std::size_t end) {
    using T = typename P::value_type;
    static_assert(P::size * sizeof(T) <= 64);
    const F own = f;  // nothing that is stored can change it
    alignas(64) T repeated[Ins][P::size];
    std::array<const T*, Ins> from;
    std::array<std::size_t, Ins> stride;
    for (std::size_t k = 0; k < Ins; ++k) {
        from[k] = ins[k] + begin;
        stride[k] = P::size;
        if (steps[k] != 0) continue;
        std::fill_n(repeated[k], P::size, ins[k][0]);
        from[k] = repeated[k];
        stride[k] = 0;
    }
    std::size_t i = begin;
    for (; padded ? i < end : i + P::size <= end; i += P::size) {
        std::array<P, Ins> x;
        for (std::size_t k = 0; k < Ins; ++k) {
            x[k] = P::load(from[k]);
            from[k] += stride[k];
        }
        const std::array<P, Outs> y = own(x);
        for (std::size_t k = 0; k < Outs; ++k)
            if (outs[k] != nullptr) y[k].store(outs[k] + i);
    }
    if (i < end) partial<P>(f, outs, ins, steps, i, end - i);
}

/// The row y = x[0], x[step], ... of n elements, n <= short_row. With a step of 0 more may be written, up to the next
/// whole packet.
template <class P, class T>
void copy_row(T* y, const T* x, std::size_t step, std::size_t n) {
    if (step != 0) {
        std::copy_n(x, n, y);
        return;
    }
    const P value(*x);
    for (std::size_t i = 0; i < n; i += P::size) value.store(y + i);
}

/// Calls body(first element, x, n) for short rows [begin, end), as many at a time as make whole packets: x is where n
/// elements of each input are, written out in full where they broadcast.
template <class P, std::size_t Ins, class F>
void for_short_rows(const Broadcast<Ins>& b, std::size_t begin, std::size_t end,
                    const std::array<Source<typename P::value_type>, Ins>& sources, F&& body) {
    using T = typename P::value_type;
    constexpr std::size_t rows_at_once = P::size;
    const std::size_t inner = b.inner();
    alignas(64) T rows[Ins][(rows_at_once + 1) * short_row];
    const auto is_whole = [&](std::size_t k) { return sources[k].size == b.elements; };
    for (std::size_t row = begin; row < end; row += rows_at_once) {
        const std::size_t last = std::min(row + rows_at_once, end), first_element = row * inner;
        for_each_row(b, row, last, [&](std::size_t out, const std::array<std::size_t, Ins>& offsets) {
            for (std::size_t k = 0; k < Ins; ++k)
                if (!is_whole(k))
                    copy_row<P>(rows[k] + (out - first_element), sources[k].data + offsets[k], b.steps[k], inner);
        });
        std::array<const T*, Ins> x;
        for (std::size_t k = 0; k < Ins; ++k) x[k] = is_whole(k) ? sources[k].data + first_element : rows[k];
        body(first_element, x, (last - row) * inner);
    }
}

/// Where the elements from this one on go; a null output stays one.
template <class T, std::size_t Outs>
std::array<T*, Outs> moved(const std::array<T*, Outs>& outs, std::size_t element) {
    std::array<T*, Outs> y;
    for (std::size_t k = 0; k < Outs; ++k) y[k] = outs[k] == nullptr ? nullptr : outs[k] + element;
    return y;
}

/// The steps of inputs that are all there.
template <std::size_t Ins>
constexpr std::array<std::size_t, Ins> steps_of_whole() {
    std::array<std::size_t, Ins> steps{};
    steps.fill(1);
    return steps;
}

template <class T, std::size_t Outs, std::size_t Ins, class F>
[[gnu::noinline]] void elementwise(const Shape& shape, std::size_t size, const std::array<T*, Outs>& outs,
                                   const std::array<Source<T>, Ins>& sources, const F& f) {
    using P = simd::Packet<T>;
    if (size == 0) return;  // a block of no elements has no room for a packet
    std::array<const T*, Ins> ins;
    std::array<const Shape*, Ins> shapes;
    for (std::size_t k = 0; k < Ins; ++k) {
        ins[k] = sources[k].data;
        shapes[k] = sources[k].shape;
    }
    const Broadcast<Ins> b(shape, shapes);
    constexpr std::size_t grain = elementwise_grain * 3 / 2 / (Ins + Outs);  // what counts is how much is moved
    if (b.flat) {
        parallel_for(
            b.elements, grain,
            [&](std::size_t begin, std::size_t end) { run<P, true>(f, outs, ins, b.steps, begin, end); },
            whole_packets);
        return;
    }
    const std::size_t inner = b.inner(), rows = b.elements / inner, rows_grain = grain / inner + 1;
    if (inner <= short_row) {
        parallel_for(
            rows, rows_grain,
            [&](std::size_t begin, std::size_t end) {
                for_short_rows<P>(b, begin, end, sources, [&](std::size_t first, const auto& x, std::size_t n) {
                    run<P, false>(f, moved(outs, first), x, steps_of_whole<Ins>(), 0, n);
                });
            },
            P::size);
        return;
    }
    parallel_for(rows, rows_grain, [&](std::size_t begin, std::size_t end) {
        for_each_row(b, begin, end, [&](std::size_t out, const std::array<std::size_t, Ins>& offsets) {
            std::array<const T*, Ins> x;
            for (std::size_t k = 0; k < Ins; ++k) x[k] = ins[k] + offsets[k];
            run<P, false>(f, moved(outs, out), x, b.steps, 0, inner);
        });
    });
}

}  // namespace detail

/// outs[...] = f(ins[...]), lane by lane; f takes a std::array of Packets and returns one. A null output is skipped.
/// Outputs are contiguous, of shape `shape` with `size` elements, and may be the same arrays as whole inputs. All
/// arrays are the pool's: whole multiples of 64 bytes.
template <class T, std::size_t Outs, std::size_t Ins, class F>
[[gnu::always_inline]] inline void elementwise(const Shape& shape, std::size_t size, const std::array<T*, Outs>& outs,
                                               const std::array<Source<T>, Ins>& sources, const F& f) {
    using P = simd::Packet<T>;
    bool whole = size <= P::size && size != 0;
    for (std::size_t k = 0; k < Ins; ++k) whole = whole && sources[k].size == size;
    if (!whole) {
        // Copies: where the arrays' own addresses go nowhere they stay in registers.
        const auto to = outs;
        const auto from = sources;
        return detail::elementwise(shape, size, to, from, f);
    }
    // One packet: half of what a small operator costs would go into the plan, a tenth into the call.
    std::array<P, Ins> x;
    for (std::size_t k = 0; k < Ins; ++k) x[k] = P::load(sources[k].data);
    const std::array<P, Outs> y = f(x);
    for (std::size_t k = 0; k < Outs; ++k)
        if (outs[k] != nullptr) y[k].store(outs[k]);
}

}  // namespace xgrad::kernels
