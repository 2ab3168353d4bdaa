#include <xgrad/autograd/kernels/copy.hpp>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/kernels/transpose.hpp>
#include <xgrad/autograd/shape.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace xgrad::kernels {

namespace {

struct Axis {
    std::size_t size;
    std::ptrdiff_t to, from;
};

/// The axes that matter, outermost first, neighbours merged where both walks allow it.
struct Plan {
    std::array<Axis, Shape::max_rank + 1> axes{};
    std::size_t rank = 0;
    std::size_t elements = 1;

    Plan(Strides to, Strides from, std::span<const std::size_t> sizes) {
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            elements *= sizes[i];
            if (sizes[i] == 1) continue;
            const auto n = static_cast<std::ptrdiff_t>(sizes[i]);
            if (rank > 0 && axes[rank - 1].to == to[i] * n && axes[rank - 1].from == from[i] * n)
                axes[rank - 1] = {axes[rank - 1].size * sizes[i], to[i], from[i]};
            else
                axes[rank++] = {sizes[i], to[i], from[i]};
        }
        while (rank < 2) {
            std::move_backward(axes.begin(), axes.begin() + rank, axes.begin() + rank + 1);
            axes[0] = {1, 0, 0};
            ++rank;
        }
    }
};

template <class T>
void plane(T* to, const T* from, const Axis& rows, const Axis& columns) {
    const auto at = [](std::size_t i, std::ptrdiff_t stride) { return static_cast<std::ptrdiff_t>(i) * stride; };
    if (columns.to == 1 && columns.from == 1) {
        for (std::size_t i = 0; i < rows.size; ++i)
            std::memcpy(to + at(i, rows.to), from + at(i, rows.from), columns.size * sizeof(T));
        return;
    }
    const auto size = [](std::ptrdiff_t stride) { return static_cast<std::size_t>(stride); };
    if (columns.from == 1 && rows.to == 1 && rows.from > 0 && columns.to > 0)
        return transpose(from, size(rows.from), rows.size, columns.size, to, size(columns.to));
    if (rows.from == 1 && columns.to == 1 && columns.from > 0 && rows.to > 0)
        return transpose(from, size(columns.from), columns.size, rows.size, to, size(rows.to));
    constexpr std::size_t tile = 16;  // both sides of a transposition stay in the first-level cache
    for (std::size_t i0 = 0; i0 < rows.size; i0 += tile)
        for (std::size_t j0 = 0; j0 < columns.size; j0 += tile)
            for (std::size_t i = i0; i < std::min(i0 + tile, rows.size); ++i)
                for (std::size_t j = j0; j < std::min(j0 + tile, columns.size); ++j)
                    to[at(i, rows.to) + at(j, columns.to)] = from[at(i, rows.from) + at(j, columns.from)];
}

template <class T>
void walk(T* to, const T* from, const Axis* axis, std::size_t rank) {
    if (rank == 2) return plane(to, from, axis[0], axis[1]);
    for (std::size_t i = 0; i < axis->size; ++i, to += axis->to, from += axis->from) walk(to, from, axis + 1, rank - 1);
}

template <class T>
void run(void* to_data, Strides to_strides, const void* from_data, Strides from_strides,
         std::span<const std::size_t> sizes) {
    Plan plan(to_strides, from_strides, sizes);
    if (plan.elements == 0) return;
    auto* const to = static_cast<T*>(to_data);
    const auto* const from = static_cast<const T*>(from_data);
    // In a transposition the plane worth tiling is the one of the two contiguous walks.
    std::size_t contiguous = plan.rank - 1;
    for (std::size_t i = 0; i + 1 < plan.rank; ++i)
        if (plan.axes[i].from == 1) contiguous = i;
    if (contiguous + 2 < plan.rank)
        std::rotate(plan.axes.begin() + contiguous, plan.axes.begin() + contiguous + 1,
                    plan.axes.begin() + plan.rank - 1);
    const Axis outer = plan.axes[0];
    const std::size_t grain = std::max<std::size_t>(elementwise_grain / (plan.elements / outer.size), 1);
    parallel_for(outer.size, grain, [&](std::size_t begin, std::size_t end) {
        auto axes = plan.axes;
        axes[0].size = end - begin;
        walk(to + static_cast<std::ptrdiff_t>(begin) * outer.to, from + static_cast<std::ptrdiff_t>(begin) * outer.from,
             axes.data(), plan.rank);
    });
}

}  // namespace

void copy(DType dtype, void* to, Strides to_strides, const void* from, Strides from_strides,
          std::span<const std::size_t> sizes) {
    visit(dtype, [&](auto number) { run<decltype(number)>(to, to_strides, from, from_strides, sizes); });
}

}  // namespace xgrad::kernels
