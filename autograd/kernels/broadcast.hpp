#pragma once

#include <xgrad/autograd/shape.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgrad::kernels {

/// Rows of up to so many elements do not pay for being walked one by one, unless they are whole packets: the bias of a
/// small net, the classes of a softmax.
inline constexpr std::size_t short_row = 32;

/// How N inputs of some shapes are walked to fill an output: axes merged as far as possible, and for each input its
/// stride along each merged axis (0 where it is broadcast).
template <std::size_t N>
struct Broadcast {
    bool flat = true;  ///< one run over all elements: each input is whole, or a single element
    std::size_t elements;
    std::array<std::size_t, N> steps;  ///< along the innermost axis: 1 or 0
    // The rest is set unless flat.
    std::size_t rank = 0;  ///< of the merged axes, 1 at least
    std::array<std::size_t, Shape::max_rank> sizes;
    std::array<std::array<std::size_t, Shape::max_rank>, N> strides;

    Broadcast(const Shape& output, const std::array<const Shape*, N>& inputs) : elements(output.elements()) {
        for (std::size_t k = 0; k < N; ++k) {
            const std::size_t own = inputs[k]->elements();
            steps[k] = own == elements ? 1 : 0;  // as many elements as the output has: laid out as the output is
            flat = flat && (own == elements || own == 1);
        }
        if (!flat) merge(output, inputs);
    }

    std::size_t inner() const { return sizes[rank - 1]; }
    /// The way from each row to the next along the axis before the innermost.
    std::array<std::size_t, N> row_strides() const {
        std::array<std::size_t, N> own{};
        for (std::size_t k = 0; k < N && rank > 1; ++k) own[k] = strides[k][rank - 2];
        return own;
    }

private:
    void merge(const Shape& output, const std::array<const Shape*, N>& inputs) {
        std::array<std::array<std::size_t, Shape::max_rank>, N> full{};
        for (std::size_t k = 0; k < N; ++k) {
            const auto own = strides_of(*inputs[k]);
            const std::size_t skip = output.rank() - inputs[k]->rank();
            for (std::size_t i = 0; i < inputs[k]->rank(); ++i) full[k][skip + i] = (*inputs[k])[i] == 1 ? 0 : own[i];
        }
        for (std::size_t i = 0; i < output.rank(); ++i) {
            if (output[i] == 1) continue;
            bool joins = rank > 0;
            for (std::size_t k = 0; k < N && joins; ++k) joins = strides[k][rank - 1] == full[k][i] * output[i];
            if (!joins) ++rank;
            sizes[rank - 1] = joins ? sizes[rank - 1] * output[i] : output[i];
            for (std::size_t k = 0; k < N; ++k) strides[k][rank - 1] = full[k][i];
        }
        for (std::size_t k = 0; k < N; ++k) steps[k] = strides[k][rank - 1];
    }
};

/// Calls rows(output_offset, input_offsets, count) for the rows [begin, end) of the merged axes, innermost axis
/// excluded; at once for those that are row_strides() apart.
template <std::size_t N, class F>
void for_each_run_of_rows(const Broadcast<N>& b, std::size_t begin, std::size_t end, F&& rows) {
    std::array<std::size_t, Shape::max_rank> at{};
    std::array<std::size_t, N> offsets{};
    std::size_t rest = begin;
    for (std::size_t i = b.rank - 1; i-- > 0;) {
        at[i] = rest % b.sizes[i];
        rest /= b.sizes[i];
        for (std::size_t k = 0; k < N; ++k) offsets[k] += at[i] * b.strides[k][i];
    }
    for (std::size_t r = begin; r < end;) {
        std::size_t count = b.rank == 1 ? 1 : std::min(end - r, b.sizes[b.rank - 2] - at[b.rank - 2]);
        rows(r * b.inner(), offsets, count);
        r += count;
        for (std::size_t i = b.rank - 1; i-- > 0; count = 1) {
            at[i] += count;
            for (std::size_t k = 0; k < N; ++k) offsets[k] += count * b.strides[k][i];
            if (at[i] < b.sizes[i]) break;
            for (std::size_t k = 0; k < N; ++k) offsets[k] -= b.strides[k][i] * b.sizes[i];
            at[i] = 0;
        }
    }
}

/// Calls row(output_offset, input_offsets) for each of them.
template <std::size_t N, class F>
void for_each_row(const Broadcast<N>& b, std::size_t begin, std::size_t end, F&& row) {
    const auto strides = b.row_strides();
    for_each_run_of_rows(b, begin, end, [&](std::size_t out, std::array<std::size_t, N> offsets, std::size_t count) {
        for (std::size_t r = 0; r < count; ++r) {
            row(out + r * b.inner(), offsets);
            for (std::size_t k = 0; k < N; ++k) offsets[k] += strides[k];
        }
    });
}

}  // namespace xgrad::kernels
