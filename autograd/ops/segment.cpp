#include <xgrad/autograd/ops/segment.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/histogram.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/scatter_reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace xgrad {

namespace {

/// The ids themselves, once they are found good: an operator, so that a replay looks again.
struct SegmentIds {
    static constexpr bool is_view = true;
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    const char* name;  ///< of the function, for errors
    Shape entries;     ///< x's shape
    std::size_t segments;

    Shape shape(const Variable& ids) const {
        detail::check_indices(ids, "the ids");
        if (entries.rank() == 0 || ids.shape() != Shape{entries[0]})
            throw ShapeError(
                fmt::format("needs one id for each entry: x {}, ids {}", to_string(entries), to_string(ids.shape())));
        for (const std::int64_t id : ids.span<std::int64_t>())
            if (id < 0 || id >= static_cast<std::int64_t>(segments))
                throw IndexError(fmt::format("id {} is outside [0, {})", id, segments));
        return ids.shape();
    }
};

/// The segments' shape; for a single number, which SegmentIds refuses, its own.
Shape of_segments(const Variable& x, std::size_t segments) {
    Shape shape = x.shape();
    if (shape.rank() != 0) shape.set(0, segments);
    return shape;
}

/// The shape of n numbers that stand beside the entries of x.
Shape beside(const Variable& x, std::size_t n) {
    Shape shape{n};
    for (std::size_t i = 1; i < x.rank(); ++i) shape.push_back(1);
    return shape;
}

Variable sums(const char* name, const Operand& x, const Variable& ids, std::size_t segments) {
    const Variable places = apply(SegmentIds{name, x->shape(), segments}, ids);
    return index_add(zeros(of_segments(x, segments), x->dtype()), 0, places, x);
}

/// The reduction of each segment; `nothing`, of the segments' shape, where there are no entries.
Variable reduced(const char* name, const Operand& x, const Variable& ids, std::size_t segments, Reduce how,
                 const Variable& nothing) {
    const Variable places = apply(SegmentIds{name, x->shape(), segments}, ids);
    return scatter_reduce(nothing, 0, broadcast_to(reshape(places, beside(x, places.size())), x->shape()), x, how,
                          {.include_self = false});
}

/// The number that is beyond all others, for each segment.
template <bool largest>
Variable beyond_all(const Shape& shape, DType dtype) {
    return detail::constant(shape, dtype, [&]<class T>(T* to) {
        using Limits = std::numeric_limits<T>;
        const T highest = Limits::has_infinity ? Limits::infinity() : Limits::max();
        const T lowest = Limits::has_infinity ? -Limits::infinity() : Limits::min();
        std::fill_n(to, shape.elements(), largest ? highest : lowest);
    });
}

}  // namespace

Variable segment_sum(const Operand& x, const Variable& ids, std::size_t segments) {
    const CallSite here(x.at(), "segment_sum");
    return sums("segment_sum", x, ids, segments);
}

Variable segment_mean(const Operand& x, const Variable& ids, std::size_t segments) {
    const CallSite here(x.at(), "segment_mean");
    detail::explained("segment_mean", x.at(), [&] { detail::check_inputs(std::array{&x.get()}); });
    const Variable totals = sums("segment_mean", x, ids, segments);
    return totals / reshape(bincount(ids, segments), beside(x, segments)).to(x->dtype());
}

Variable segment_prod(const Operand& x, const Variable& ids, std::size_t segments) {
    const CallSite here(x.at(), "segment_prod");
    return reduced("segment_prod", x, ids, segments, Reduce::prod, ones(of_segments(x, segments), x->dtype()));
}
Variable segment_max(const Operand& x, const Variable& ids, std::size_t segments) {
    const CallSite here(x.at(), "segment_max");
    return reduced("segment_max", x, ids, segments, Reduce::max,
                   beyond_all<false>(of_segments(x, segments), x->dtype()));
}
Variable segment_min(const Operand& x, const Variable& ids, std::size_t segments) {
    const CallSite here(x.at(), "segment_min");
    return reduced("segment_min", x, ids, segments, Reduce::min,
                   beyond_all<true>(of_segments(x, segments), x->dtype()));
}

}  // namespace xgrad
