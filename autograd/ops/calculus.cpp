#include <xgrad/autograd/ops/calculus.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/scan.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/sort.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

using detail::explained;

namespace {

/// How many samples there are. @throws IndexError, DTypeError unless y is real
std::size_t samples(const Variable& y, int axis) {
    detail::check_inputs(std::array{&y});
    return y.shape()[normalize_axis(axis, y.rank())];
}

/// The distances of the samples, to broadcast against the differences of y. @throws ShapeError
Variable distances(const Variable& y, const Variable& x, int axis) {
    const std::size_t n = samples(y, axis), along = normalize_axis(axis, y.rank());
    detail::check_inputs(std::array{&y, &x});
    if (x.shape() == y.shape()) return diff(x, 1, axis);
    if (x.rank() != 1 || x.size() != n)
        throw ShapeError(fmt::format("places {} are neither a vector of {} nor of the samples' shape {}",
                                     to_string(x.shape()), n, to_string(y.shape())));
    Shape column;
    for (std::size_t i = 0; i < y.rank(); ++i) column.push_back(i == along ? n : 1);
    return diff(reshape(x, column), 1, axis);
}

/// The areas between neighbouring samples.
Variable areas(const char* name, const Operand& y, const Variable* x, double step, int axis) {
    return explained(name, y.at(), [&] {
        samples(y, axis);
        const Variable both = slice(y, axis, {.start = 1}) + slice(y, axis, {.stop = -1});
        return x == nullptr ? 0.5 * step * both : 0.5 * distances(y, *x, axis) * both;
    });
}

/// What gradient() gives for slopes s between samples at distances h.
Variable slopes_at_samples(const Variable& s, const Variable& h, int axis, int edge_order) {
    const auto part = [axis](const Variable& v, long start, long stop) { return slice(v, axis, start, stop); };
    const auto n = static_cast<long>(s.shape()[normalize_axis(axis, s.rank())]);
    const Variable left = part(s, 0, n - 1), right = part(s, 1, n), before = part(h, 0, n - 1), after = part(h, 1, n);
    Variable first = part(s, 0, 1), last = part(s, n - 1, n);
    if (edge_order == 2) {
        const auto bend = [&](const Variable& outer, long at, long inner) {
            const Variable own = part(h, at, at + 1);
            return outer + (outer - part(s, inner, inner + 1)) * own / (own + part(h, inner, inner + 1));
        };
        first = bend(first, 0, 1);
        last = bend(last, n - 1, n - 2);
    }
    return concatenate({first, (after * left + before * right) / (before + after), last}, axis);
}

Variable sampled_gradient(const Operand& y, const Variable* x, double step, int axis, int edge_order) {
    return explained("gradient", y.at(), [&] {
        const std::size_t n = samples(y, axis);
        if (edge_order != 1 && edge_order != 2)
            throw ValueError(fmt::format("edge_order is {}, not 1 or 2", edge_order));
        if (n < static_cast<std::size_t>(edge_order) + 1)
            throw ShapeError(
                fmt::format("needs {} samples at least: axis {} of {}", edge_order + 1, axis, to_string(y->shape())));
        const Variable h = x == nullptr ? full_like(diff(y->detach(), 1, axis), step) : distances(y, *x, axis);
        return slopes_at_samples(diff(y, 1, axis) / h, h, axis, edge_order);
    });
}

}  // namespace

Variable diff(const Operand& x, std::size_t n, int axis) {
    const CallSite here(x.at(), "diff");
    const std::size_t size = explained("diff", x.at(), [&] { return samples(x, axis); });
    Variable y = x.get();
    for (std::size_t left = std::min(n, size); left > 0; --left)
        y = slice(y, axis, {.start = 1}) - slice(y, axis, {.stop = -1});
    return y;
}

Variable gradient(const Operand& y, double step, int axis, const GradientOptions& options) {
    const CallSite here(y.at(), "gradient");
    return sampled_gradient(y, nullptr, step, axis, options.edge_order);
}
Variable gradient(const Operand& y, const Variable& x, int axis, const GradientOptions& options) {
    const CallSite here(y.at(), "gradient");
    return sampled_gradient(y, &x, 0, axis, options.edge_order);
}

Variable trapezoid(const Operand& y, double step, int axis) {
    const CallSite here(y.at(), "trapezoid");
    return sum(areas("trapezoid", y, nullptr, step, axis), axis);
}
Variable trapezoid(const Operand& y, const Variable& x, int axis) {
    const CallSite here(y.at(), "trapezoid");
    return sum(areas("trapezoid", y, &x, 0, axis), axis);
}
Variable cumulative_trapezoid(const Operand& y, double step, int axis) {
    const CallSite here(y.at(), "cumulative_trapezoid");
    return cumsum(areas("cumulative_trapezoid", y, nullptr, step, axis), axis);
}
Variable cumulative_trapezoid(const Operand& y, const Variable& x, int axis) {
    const CallSite here(y.at(), "cumulative_trapezoid");
    return cumsum(areas("cumulative_trapezoid", y, &x, 0, axis), axis);
}

Variable interp(const Operand& x, const Variable& xp, const Variable& fp) {
    const CallSite here(x.at(), "interp");
    explained("interp", x.at(), [&] {
        detail::check_inputs(std::array{&x.as(xp.dtype()), &xp, &fp});
        if (xp.rank() != 1 || xp.shape() != fp.shape() || xp.size() < 2)
            throw ShapeError(fmt::format("xp {} and fp {} are not vectors of one size, 2 at least",
                                         to_string(xp.shape()), to_string(fp.shape())));
    });
    const Variable& v = x.as(xp.dtype());
    const double last = static_cast<double>(xp.size()) - 2;
    const Variable below = clip(searchsorted(xp, v, {.right = true}).to(DType::float64) - 1, 0, last).to(DType::int64);
    const Variable above = (below.to(DType::float64) + 1).to(DType::int64), from = take(xp, below);
    const Variable width = take(xp, above) - from;
    const Variable share = where(width == 0, v >= from, clip((v - from) / where(width == 0, 1, width), 0, 1));
    return lerp(take(fp, below), take(fp, above), share);
}

}  // namespace xgrad
