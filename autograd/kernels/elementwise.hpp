#pragma once

#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/packet.hpp>

#include <algorithm>
#include <array>

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

/// Where the elements from this one on go; a null output stays one.
template <class T, std::size_t Outs>
std::array<T*, Outs> moved(const std::array<T*, Outs>& outs, std::size_t element) {
    std::array<T*, Outs> y;
    for (std::size_t k = 0; k < Outs; ++k) y[k] = outs[k] == nullptr ? nullptr : outs[k] + element;
    return y;
}

/// Where inputs go on after so many elements.
template <class T, std::size_t Ins>
std::array<const T*, Ins> moved(const std::array<const T*, Ins>& ins, const std::array<std::size_t, Ins>& steps,
                                std::size_t elements) {
    std::array<const T*, Ins> x;
    for (std::size_t k = 0; k < Ins; ++k) x[k] = ins[k] + steps[k] * elements;
    return x;
}

/// Where a loop begins: rows of n elements, which follow each other in the outputs. An input whose step is 0 has a
/// single element for each row.
template <class T, std::size_t Outs, std::size_t Ins>
struct Rows {
    std::array<T*, Outs> outs;
    std::array<const T*, Ins> ins;
    std::array<std::size_t, Ins> steps;
    std::size_t n, count = 1;
    std::array<std::size_t, Ins> strides = {};  ///< from each row of an input to the next
};

/// Rows through f. With `padded`, the last packet of a row may reach beyond it: the pool's blocks are whole multiples
/// of 64 bytes. Otherwise what is left is computed on the side.
template <class P, std::size_t Outs, std::size_t Ins, class F>
void run(const F& f, Rows<typename P::value_type, Outs, Ins> rows, bool padded) {
    using T = typename P::value_type;
    static_assert(P::size * sizeof(T) <= 64);
    const F own = f;  // nothing that is stored can change it
    alignas(64) T repeated[Ins][P::size], rest_of_outs[Outs][P::size];
    const std::size_t rest = padded ? 0 : rows.n % P::size;
    for (std::size_t row = 0; row < rows.count; ++row) {
        std::array<const T*, Ins> from = rows.ins;
        std::array<T*, Outs> to = rows.outs;
        std::array<std::size_t, Ins> stride;
        for (std::size_t k = 0; k < Ins; ++k) {
            stride[k] = P::size;
            if (rows.steps[k] != 0) continue;
            std::fill_n(repeated[k], P::size, *from[k]);
            from[k] = repeated[k];
            stride[k] = 0;
        }
        // One loop for the whole packets and the rest: f may be thousands of instructions.
        for (std::size_t end = rows.n - rest, is_rest = 0;; end = rest, is_rest = 1) {
            for (std::size_t i = 0; i < end; i += P::size) {
                std::array<P, Ins> x;
                simd::unrolled<Ins>([&](auto k) __attribute__((always_inline)) {
                    x[k] = P::load(from[k]);
                    from[k] += stride[k];
                });
                const std::array<P, Outs> y = own(x);
                simd::unrolled<Outs>([&](auto k) __attribute__((always_inline)) {
                    if (to[k] != nullptr) y[k].store(to[k] + i);
                });
            }
            if (rest == 0 || is_rest != 0) break;
            for (std::size_t k = 0; k < Ins; ++k) {
                if (rows.steps[k] == 0) continue;
                std::fill(std::copy_n(from[k], rest, repeated[k]), repeated[k] + P::size, *from[k]);
                from[k] = repeated[k];
            }
            for (std::size_t k = 0; k < Outs; ++k)
                if (to[k] != nullptr) to[k] = rest_of_outs[k];
        }
        for (std::size_t k = 0; k < Outs; ++k) {
            if (rows.outs[k] == nullptr) continue;
            rows.outs[k] += rows.n;
            std::copy_n(rest_of_outs[k], rest, rows.outs[k] - rest);
        }
        for (std::size_t k = 0; k < Ins; ++k) rows.ins[k] += rows.strides[k];
    }
}

/// run() for one f: what walks over rows is compiled once for all of them.
template <class P, std::size_t Outs, std::size_t Ins>
class Loop {
public:
    using T = typename P::value_type;

    template <class F>
    explicit Loop(const F& f)
        : f_(&f), run_([](const void* g, const Rows<T, Outs, Ins>& rows, bool padded) {
              detail::run<P>(*static_cast<const F*>(g), rows, padded);
          }) {}

    void operator()(const Rows<T, Outs, Ins>& rows, bool padded) const { run_(f_, rows, padded); }

private:
    const void* f_;
    void (*run_)(const void* f, const Rows<T, Outs, Ins>& rows, bool padded);
};

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

/// The steps of inputs that are all there.
template <std::size_t Ins>
constexpr std::array<std::size_t, Ins> steps_of_whole() {
    std::array<std::size_t, Ins> steps{};
    steps.fill(1);
    return steps;
}

template <class P, std::size_t Outs, std::size_t Ins>
void elementwise(const Shape& shape, std::size_t size, const std::array<typename P::value_type*, Outs>& outs,
                 const std::array<Source<typename P::value_type>, Ins>& sources, const Loop<P, Outs, Ins>& loop) {
    using T = typename P::value_type;
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
            [&](std::size_t begin, std::size_t end) {
                loop({moved(outs, begin), moved(ins, b.steps, begin), b.steps, end - begin}, true);
            },
            whole_packets);
        return;
    }
    const std::size_t inner = b.inner(), rows = b.elements / inner, rows_grain = grain / inner + 1;
    // Rows of whole packets need not be put together.
    if (inner <= short_row && inner % P::size != 0) {
        parallel_for(
            rows, rows_grain,
            [&](std::size_t begin, std::size_t end) {
                for_short_rows<P>(b, begin, end, sources, [&](std::size_t first, const auto& x, std::size_t n) {
                    loop({moved(outs, first), x, steps_of_whole<Ins>(), n}, false);
                });
            },
            P::size);
        return;
    }
    parallel_for(rows, rows_grain, [&](std::size_t begin, std::size_t end) {
        for_each_run_of_rows(b, begin, end,
                             [&](std::size_t out, const std::array<std::size_t, Ins>& offsets, std::size_t count) {
                                 std::array<const T*, Ins> x;
                                 for (std::size_t k = 0; k < Ins; ++k) x[k] = ins[k] + offsets[k];
                                 loop({moved(outs, out), x, b.steps, inner, count, b.row_strides()}, false);
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
        return detail::elementwise(shape, size, to, from, detail::Loop<P, Outs, Ins>(f));
    }
    // One packet: half of what a small operator costs would go into the plan, a tenth into the call.
    std::array<P, Ins> x;
    for (std::size_t k = 0; k < Ins; ++k) x[k] = P::load(sources[k].data);
    const std::array<P, Outs> y = f(x);
    for (std::size_t k = 0; k < Outs; ++k)
        if (outs[k] != nullptr) y[k].store(outs[k]);
}

}  // namespace xgrad::kernels
