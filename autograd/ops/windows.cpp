#include <xgrad/autograd/ops/windows.hpp>

#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

namespace xgrad {

Variable unfold(const Operand& x, std::size_t size, std::size_t step, int axis) {
    const CallSite here(x.at(), "unfold");
    const auto along = static_cast<int>(detail::explained("unfold", x.at(), [&] {
        const std::size_t place = normalize_axis(axis, x->rank());
        if (size == 0 || step == 0) throw ValueError(fmt::format("windows of {} at steps of {}", size, step));
        if (x->shape()[place] < size)
            throw ShapeError(fmt::format("a window of {} for axis {} of {}", size, axis, to_string(x->shape())));
        return place;
    }));
    const std::size_t count = (x->shape()[static_cast<std::size_t>(along)] - size) / step + 1;
    const Variable entries = detail::constant({count, size}, DType::int64, [&]<class T>(T* to) {
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < size; ++j) to[i * size + j] = static_cast<T>(i * step + j);
    });
    return move_axis(take(x, entries, along), along + 1, -1);
}

}  // namespace xgrad
