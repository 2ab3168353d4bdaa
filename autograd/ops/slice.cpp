#include <xgrad/autograd/ops/slice.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/strided.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace xgrad {

using detail::explained;

namespace {

using detail::Steps;
using detail::steps_of;
using detail::strided_copy;

/// Evenly spaced elements of a whole: along each axis part[axis] of them, from a start on in steps.
struct Region {
    Shape whole, part;
    Steps start{}, step{};

    explicit Region(const Shape& shape) : whole(shape), part(shape) { step.fill(1); }

    bool is_whole() const {
        for (std::size_t i = 0; i < whole.rank(); ++i)
            if (part[i] != whole[i] || start[i] != 0 || step[i] != 1) return false;
        return true;
    }
    /// Where the part's first element lies in the whole, and the way from each to the next.
    std::ptrdiff_t offset() const {
        const Steps own = steps_of(whole);
        std::ptrdiff_t at = 0;
        for (std::size_t i = 0; i < whole.rank(); ++i) at += start[i] * own[i];
        return at;
    }
    Steps steps() const {
        Steps steps = steps_of(whole);
        for (std::size_t i = 0; i < whole.rank(); ++i) steps[i] *= step[i];
        return steps;
    }
    std::string text() const {
        std::string text;
        for (std::size_t i = 0; i < whole.rank(); ++i)
            if (part[i] != whole[i] || start[i] != 0 || step[i] != 1)
                text += fmt::format("{}axis {}, {} from {}{}", text.empty() ? "" : "; ", i, part[i], start[i],
                                    step[i] == 1 ? "" : fmt::format(" step {}", step[i]));
        return text;
    }
};

/// The input in the places of a region, a value elsewhere: the transpose of slicing (with 0) and its gradient.
struct Pad {
    static constexpr auto name = "pad";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Region region;
    double value;

    Shape shape(const Variable&) const { return region.whole; }
    void forward(Variable& y, const Variable& x) const {
        if (x.size() != y.size()) kernels::fill(y, value);
        strided_copy(y, region.steps(), region.offset(), x, steps_of(x.shape()), 0, x.shape());
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const;
    std::string details() const { return region.text(); }
};

struct SliceOp {
    static constexpr auto name = "slice";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    Region region;

    Shape shape(const Variable&) const { return region.part; }
    void forward(Variable& y, const Variable& x) const {
        strided_copy(y, steps_of(y.shape()), 0, x, region.steps(), region.offset(), y.shape());
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return apply(Pad{region, 0}, dy); }
    std::string details() const { return region.text(); }
};

Variable Pad::backward(const Variable&, const Variable&, const Variable& dy) const {
    return apply(SliceOp{region}, dy);
}

/// x with other values in a region.
struct Replace {
    static constexpr auto name = "index_put";
    static constexpr bool integers = true;
    static constexpr Reads reads = Reads::none;
    Region region;

    Shape shape(const Variable& x, const Variable&) const { return x.shape(); }
    void forward(Variable& y, const Variable& x, const Variable& values) const {
        std::memcpy(y.node().data, x.node().data, x.size() * size_of(x.dtype()));
        strided_copy(y, region.steps(), region.offset(), values, steps_of(values.shape()), 0, values.shape());
    }
    std::array<Variable, 2> backward(const Variable&, const Variable& values, const Variable&, const Variable& dy,
                                     Needs needs) const {
        return {needs[0] ? apply(*this, dy, zeros_like(values)) : Variable(),
                needs[1] ? apply(SliceOp{region}, dy) : Variable()};
    }
    std::string details() const { return region.text(); }
};

/// Narrows a region along an axis by Python's rules for start:stop:step (CPython, PySlice_AdjustIndices).
void narrow(Region& region, std::size_t axis, const Slice& s) {
    if (s.step == 0) throw ValueError("the step is 0");
    const long n = static_cast<long>(region.whole[axis]), low = s.step < 0 ? -1 : 0, high = s.step < 0 ? n - 1 : n;
    const auto place = [&](std::optional<long> at, long otherwise) {
        return at ? std::clamp(*at < 0 ? *at + n : *at, low, high) : otherwise;
    };
    const long start = place(s.start, s.step < 0 ? high : low), stop = place(s.stop, s.step < 0 ? low : high);
    const long distance = s.step < 0 ? start - stop : stop - start;
    if (distance <= 0) return region.part.set(axis, 0);
    // Not |step|: the most negative step has no counterpart.
    const long beyond_first = s.step < 0 ? (1 - distance) / s.step : (distance - 1) / s.step;
    region.part.set(axis, static_cast<std::size_t>(beyond_first) + 1);
    region.start[axis] = start;
    region.step[axis] = beyond_first == 0 ? 1 : s.step;
}

void narrow(Region& region, std::size_t axis, long position) {
    const long n = static_cast<long>(region.whole[axis]);
    if (position < -n || position >= n)
        throw IndexError(
            fmt::format("index {} is out of range for axis {} of {}", position, axis, to_string(region.whole)));
    region.start[axis] = position < 0 ? position + n : position;
    region.part.set(axis, 1);
}

/// What index() comes to: a region, and the shape in which it is seen.
struct Indexed {
    Region region;
    Shape result;

    Indexed(const Shape& shape, const std::vector<Index>& entries) : region(shape) {
        std::size_t named = 0, ellipses = 0;
        for (const Index& index : entries) {
            if (std::holds_alternative<Ellipsis>(index.entry()))
                ++ellipses;
            else if (!std::holds_alternative<NewAxis>(index.entry()))
                ++named;
        }
        if (ellipses > 1) throw IndexError("a second ellipsis");
        if (named > shape.rank())
            throw IndexError(fmt::format("{} entries for the {} axes of {}", named, shape.rank(), to_string(shape)));

        std::size_t axis = 0;
        for (const Index& index : entries) {
            if (const auto* position = std::get_if<long>(&index.entry())) {
                narrow(region, axis++, *position);
            } else if (const auto* slice = std::get_if<Slice>(&index.entry())) {
                narrow(region, axis, *slice);
                result.push_back(region.part[axis++]);
            } else if (std::holds_alternative<NewAxis>(index.entry())) {
                result.push_back(1);
            } else {
                for (std::size_t left = shape.rank() - named; left > 0; --left) result.push_back(shape[axis++]);
            }
        }
        while (axis < shape.rank()) result.push_back(shape[axis++]);
    }
};

struct Roll {
    static constexpr auto name = "roll";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    std::size_t axis, shift;  // 0 < shift < the axis's size

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        const Steps steps = steps_of(x.shape());
        const auto moved = static_cast<std::ptrdiff_t>(shift) * steps[axis],
                   kept = static_cast<std::ptrdiff_t>(x.shape()[axis] - shift) * steps[axis];
        Shape head = x.shape(), tail = x.shape();
        head.set(axis, x.shape()[axis] - shift);
        tail.set(axis, shift);
        strided_copy(y, steps, moved, x, steps, 0, head);
        strided_copy(y, steps, 0, x, steps, kept, tail);
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        return apply(Roll{axis, x.shape()[axis] - shift}, dy);
    }
    std::string details() const { return fmt::format("axis {}, by {}", axis, shift); }
};

/// Where the element at `place`, counted from the first of n, comes from.
long source(long place, long n, PadMode mode) {
    const auto modulo = [](long a, long b) { return (a % b + b) % b; };
    switch (mode) {
        case PadMode::wrap:
            return modulo(place, n);
        case PadMode::symmetric: {
            const long i = modulo(place, 2 * n);
            return std::min(i, 2 * n - 1 - i);
        }
        case PadMode::reflect: {
            if (n == 1) return 0;
            const long i = modulo(place, 2 * (n - 1));
            return std::min(i, 2 * (n - 1) - i);
        }
        default:
            return std::clamp(place, 0L, n - 1);
    }
}

using Widths = std::vector<std::pair<long, long>>;

/// What pad() leaves where widths are negative.
Region what_is_kept(const Shape& shape, const Widths& widths) {
    Region region(shape);
    for (std::size_t i = 0; i < shape.rank(); ++i) {
        const long n = static_cast<long>(shape[i]), before = std::min(widths[i].first, 0L),
                   after = std::min(widths[i].second, 0L);
        if (before < -n || after < -n - before)
            throw ShapeError(fmt::format("the widths {} and {} take away more than axis {} of {} has", widths[i].first,
                                         widths[i].second, i, to_string(shape)));
        narrow(region, i, Slice{-before, n + after});
    }
    return region;
}

/// How many elements pad() adds before and after an axis.
struct Added {
    std::size_t before, after;

    explicit Added(const std::pair<long, long>& widths)
        : before(static_cast<std::size_t>(std::max(widths.first, 0L))),
          after(static_cast<std::size_t>(std::max(widths.second, 0L))) {
        static_cast<void>(Shape{before, after});  // each must be a size, so that their sum cannot overflow
    }
};

/// With a constant before and after each axis.
Variable surrounded(const Variable& x, const Widths& widths, const PadOptions& options) {
    const auto pad_with = [](const Variable& y, const Region& region, double value) {
        if (region.is_whole()) return y;
        detail::check_number(value, y.dtype());
        return apply(Pad{region, value}, y);
    };
    if (options.values.empty()) {
        Region region(x.shape());
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const Added added(widths[i]);
            region.whole.set(i, added.before + x.shape()[i] + added.after);
            region.start[i] = static_cast<std::ptrdiff_t>(added.before);
        }
        return pad_with(x, region, options.value);
    }
    if (options.values.size() != widths.size())
        throw ShapeError(fmt::format("{} pairs of values for the {} axes of {}", options.values.size(), widths.size(),
                                     to_string(x.shape())));
    Variable y = x;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const Added added(widths[i]);
        Region region(y.shape());
        region.whole.set(i, added.before + y.shape()[i]);
        region.start[i] = static_cast<std::ptrdiff_t>(added.before);
        y = pad_with(y, region, options.values[i].first);
        region = Region(y.shape());
        region.whole.set(i, y.shape()[i] + added.after);
        y = pad_with(y, region, options.values[i].second);
    }
    return y;
}

/// What is left of an array of the given shape, with elements of its own before and after each axis.
Variable continued(const Variable& x, const Shape& given, const Widths& widths, PadMode mode) {
    Variable y = x;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const Added added(widths[i]);
        if (added.before + added.after == 0) continue;
        const std::size_t n = x.shape()[i], total = added.before + n + added.after;
        if (n == 0)
            throw ShapeError(fmt::format("nothing is left of axis {} of {} to continue it with", i, to_string(given)));
        static_cast<void>(Shape{total});  // must be a size, before so many indices are made
        std::vector<std::int64_t> from;
        from.reserve(total);
        for (std::size_t k = 0; k < total; ++k)
            from.push_back(source(static_cast<long>(k) - static_cast<long>(added.before), static_cast<long>(n), mode));
        y = take(y, detail::constant(from), static_cast<int>(i));
    }
    return y;
}

}  // namespace

Variable slice(const Operand& x, int axis, const Slice& s) {
    return apply(SliceOp{explained("slice", x.at(),
                                   [&] {
                                       Region region(x->shape());
                                       narrow(region, normalize_axis(axis, x->rank()), s);
                                       return region;
                                   })},
                 x);
}

Variable index(const Operand& x, const std::vector<Index>& entries) {
    const CallSite here(x.at(), "index");
    const Indexed wanted = explained("index", x.at(), [&] { return Indexed(x->shape(), entries); });
    return reshape(wanted.region.is_whole() ? x.get() : apply(SliceOp{wanted.region}, x), wanted.result);
}

Variable index_put(const Operand& x, const std::vector<Index>& entries, const Operand& values,
                   const IndexPutOptions& options) {
    const CallSite here(x.at(), Replace::name);
    const DType dtype = dtype_beside(x, values);
    const Variable& whole = x.as(dtype);
    const Indexed wanted = explained(Replace::name, x.at(), [&] { return Indexed(whole.shape(), entries); });
    const Variable part = reshape(broadcast_to(values.as(dtype), wanted.result), wanted.region.part);
    if (options.accumulate) return whole + apply(Pad{wanted.region, 0}, part);
    return apply(Replace{wanted.region}, whole, part);
}

Variable flip(const Operand& x, const Axes& axes) {
    return apply(SliceOp{explained("flip", x.at(),
                                   [&] {
                                       Region region(x->shape());
                                       const auto turned = axes.flags(x->rank());
                                       for (std::size_t i = 0; i < x->rank(); ++i)
                                           if (turned[i]) narrow(region, i, Slice{.step = -1});
                                       return region;
                                   })},
                 x);
}

Variable rot90(const Operand& x, int turns, int axis1, int axis2) {
    const CallSite here(x.at(), "rot90");
    explained("rot90", x.at(), [&] {
        if (normalize_axis(axis1, x->rank()) == normalize_axis(axis2, x->rank()))
            throw ValueError(fmt::format("axis {} is named twice", axis1));
    });
    const int quarters = (turns % 4 + 4) % 4;
    if (quarters == 0) return x.get();
    if (quarters == 2) return flip(x, {axis1, axis2});
    return quarters == 1 ? swap_axes(flip(x, axis2), axis1, axis2) : flip(swap_axes(x, axis1, axis2), axis2);
}

Variable roll(const Operand& x, long shift, const Axes& axes) {
    const CallSite here(x.at(), "roll");
    if (axes.empty()) return reshape(roll(flatten(x), shift, 0), x->shape());
    const auto is_rolled = explained("roll", x.at(), [&] { return axes.flags(x->rank()); });
    std::vector<int> rolled;
    for (std::size_t i = 0; i < x->rank(); ++i)
        if (is_rolled[i]) rolled.push_back(static_cast<int>(i));
    return roll(x, std::vector<long>(rolled.size(), shift), rolled);
}

Variable roll(const Operand& x, const std::vector<long>& shifts, const std::vector<int>& axes) {
    return detail::as_function("roll", x.at(), [&] {
        if (shifts.size() != axes.size())
            throw ValueError(fmt::format("{} shifts for {} axes", shifts.size(), axes.size()));
        Variable y = x.get();
        for (std::size_t k = 0; k < axes.size(); ++k) {
            const std::size_t axis = normalize_axis(axes[k], y.rank());
            const long n = static_cast<long>(y.shape()[axis]), shift = n == 0 ? 0 : (shifts[k] % n + n) % n;
            if (shift != 0) y = apply(Roll{axis, static_cast<std::size_t>(shift)}, y);
        }
        return y;
    });
}

Variable pad(const Operand& x, const std::vector<std::pair<long, long>>& widths, const PadOptions& options) {
    return detail::as_function("pad", x.at(), [&] {
        if (widths.size() != x->rank())
            throw ShapeError(fmt::format("{} pairs of widths for the {} axes of {}", widths.size(), x->rank(),
                                         to_string(x->shape())));
        if (options.mode != PadMode::constant && (!options.values.empty() || options.value != 0))
            throw ValueError(fmt::format("{} to pad with in another mode than PadMode::constant",
                                         options.values.empty() ? fmt::format("value {}", options.value) : "values"));
        const Region kept = what_is_kept(x->shape(), widths);
        const Variable y = kept.is_whole() ? x.get() : apply(SliceOp{kept}, x);
        if (options.mode == PadMode::constant) return surrounded(y, widths, options);
        return continued(y, x->shape(), widths, options.mode);
    });
}

}  // namespace xgrad
