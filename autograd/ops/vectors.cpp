#include <xgrad/autograd/ops/vectors.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/scan.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/statistics.hpp>

#include <fmt/format.h>

namespace xgrad {

using detail::explained;

namespace {

/// The axis of the common shape. @throws ShapeError, IndexError, DTypeError
std::size_t common_axis(const Variable& a, const Variable& b, int axis) {
    detail::check_inputs(std::array{&a, &b});
    return normalize_axis(axis, broadcast(a.shape(), b.shape()).rank());
}

}  // namespace

Variable vecdot(const Operand& a, const Operand& b, int axis) {
    const CallSite here(a.at(), "vecdot");
    const std::size_t along = explained("vecdot", a.at(), [&] {
        const DType dtype = dtype_beside(a, b);
        return common_axis(a.as(dtype), b.as(dtype), axis);
    });
    return sum(a * b, static_cast<int>(along));
}

Variable cross(const Operand& a, const Operand& b, int axis) {
    const CallSite here(a.at(), "cross");
    const std::size_t along = explained("cross", a.at(), [&] {
        const std::size_t place = common_axis(a, b, axis);
        if (const Shape common = broadcast(a->shape(), b->shape()); common[place] != 3)
            throw ShapeError(fmt::format("axis {} of {} is not of size 3: {}, {}", axis, to_string(common),
                                         detail::describe(a, 0), detail::describe(b, 1)));
        return place;
    });
    const Shape common = broadcast(a->shape(), b->shape());
    const Variable s = broadcast_to(a, common), t = broadcast_to(b, common);
    const auto next = [place = static_cast<int>(along)](const Variable& v) { return roll(v, -1, place); };
    return next(s * next(t) - next(s) * t);
}

Variable cdist(const Operand& a, const Operand& b, double p) {
    const CallSite here(a.at(), "cdist");
    explained("cdist", a.at(), [&] {
        detail::check_inputs(std::array{&a.get(), &b.get()});
        if (a->rank() < 2 || b->rank() < 2 || a->shape().back() != b->shape().back() ||
            !can_broadcast(detail::leading(a), detail::leading(b)))
            throw ShapeError(fmt::format("needs (..., n, d) and (..., m, d): {}, {}", detail::describe(a, 0),
                                         detail::describe(b, 1)));
    });
    return norm(expand_dims(a, -2) - expand_dims(b, -3), p, -1);
}

Variable vander(const Operand& x, std::optional<std::size_t> n, bool increasing) {
    const CallSite here(x.at(), "vander");
    Shape powers = x->shape();
    explained("vander", x.at(), [&] {
        detail::check_inputs(std::array{&x.get()});
        if (x->rank() == 0) throw ShapeError("a single number; needs a vector or several");
        powers.push_back(n.value_or(x->shape().back()));
    });
    return cumprod(broadcast_to(expand_dims(x, -1), powers), -1, {.reverse = !increasing, .exclusive = true});
}

}  // namespace xgrad
