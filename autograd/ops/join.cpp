#include <xgrad/autograd/ops/join.hpp>

#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/strided.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace xgrad {

using detail::explained;

namespace {

struct Concatenate {
    static constexpr auto name = "concatenate";
    static constexpr Reads reads = Reads::none;
    int axis;

    Shape shape(std::span<const Variable> parts) const {
        const Shape& first = parts[0].shape();
        const std::size_t along = normalize_axis(axis, first.rank());
        std::size_t total = 0;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const Shape& s = parts[k].shape();
            bool fits = s.rank() == first.rank();
            for (std::size_t i = 0; i < s.rank() && fits; ++i) fits = i == along || s[i] == first[i];
            if (!fits)
                throw ShapeError(fmt::format("part 0 is {}, part {} is {}; all sizes but that of axis {} must agree",
                                             to_string(first), k, to_string(s), along));
            total += s[along];
        }
        return with_size(first, along, total);
    }
    void forward(Variable& y, std::span<const Variable> parts) const {
        const std::size_t along = normalize_axis(axis, y.rank());
        const detail::Steps to = detail::steps_of(y.shape());
        std::ptrdiff_t at = 0;
        for (const Variable& part : parts) {
            detail::strided_copy(y, to, at * to[along], part, detail::steps_of(part.shape()), 0, part.shape());
            at += static_cast<std::ptrdiff_t>(part.shape()[along]);
        }
    }
    std::vector<Variable> backward(std::span<const Variable> parts, const Variable&, const Variable& dy) const {
        const std::size_t along = normalize_axis(axis, dy.rank());
        std::vector<Variable> gradients;
        long at = 0;
        for (const Variable& part : parts) {
            const long next = at + static_cast<long>(part.shape()[along]);
            gradients.push_back(part.requires_grad() ? slice(dy, axis, at, next) : Variable());
            at = next;
        }
        return gradients;
    }
    std::string details() const { return fmt::format("axis {}", axis); }
};

/// Cuts along an axis. Not by apply(): how many outputs there are is known at run time only.
struct Split {
    static constexpr auto name = "split";
    static constexpr Reads reads = Reads::none;
    int axis;

    std::vector<Variable> forward(const Variable& x, const std::vector<std::size_t>& sizes) const {
        std::vector<Variable> parts;
        for (const std::size_t size : sizes) {
            Shape shape = x.shape();
            shape.set(normalize_axis(axis, x.rank()), size);
            parts.push_back(Variable::empty(shape, x.dtype()));
        }
        fill(parts, x);
        detail::note_computation(name, {&x}, parts, [op = *this, parts, x]() mutable { op.fill(parts, x); });
        return parts;
    }
    void fill(std::vector<Variable>& parts, const Variable& x) const {
        const std::size_t along = normalize_axis(axis, x.rank());
        const detail::Steps from = detail::steps_of(x.shape());
        std::ptrdiff_t at = 0;
        for (Variable& part : parts) {
            detail::strided_copy(part, detail::steps_of(part.shape()), 0, x, from, at * from[along], part.shape());
            at += static_cast<std::ptrdiff_t>(part.shape()[along]);
        }
    }
    std::string details() const { return fmt::format("axis {}", axis); }
};

/// A recorded split: one concatenation is the gradient of all the parts.
class SplitStep final : public detail::RecordedBase<Split, detail::ManyStep> {
public:
    SplitStep(Split split, const Variable& x) : RecordedBase(split) {
        static_cast<void>(detail::Listed<Split>::once);
        slots_.keep(*this, {&x});
    }

private:
    void rule(std::span<const Variable>, std::span<const Variable> dy, Needs, Variable* gradients) const override {
        *gradients = concatenate({dy.begin(), dy.end()}, op_.axis);
    }

    detail::Slots<1> slots_;
};

/// A shape cut at an axis: the elements of what stands before it, and from it on or behind it.
std::size_t elements_before(const Shape& shape, std::size_t axis) {
    return Shape(shape.begin(), shape.begin() + axis).elements();
}
std::size_t elements_from(const Shape& shape, std::size_t axis) {
    return Shape(shape.begin() + axis, shape.end()).elements();
}

/// The size of the axis. @throws IndexError, ValueError when parts is 0
std::size_t size_to_cut(const char* name, const Operand& x, std::size_t parts, int axis) {
    return explained(name, x.at(), [&] {
        if (parts == 0) throw ValueError("into 0 parts");
        return x->shape()[normalize_axis(axis, x->rank())];
    });
}

/// x as `outer` blocks, each repeated `count` times in place, in a shape of as many elements.
Variable repeat_blocks(const Variable& x, std::size_t outer, std::size_t count, std::size_t block, const Shape& shape) {
    return reshape(broadcast_to(reshape(x, Shape{outer, 1, block}), Shape{outer, count, block}), shape);
}

}  // namespace

Variable concatenate(const std::vector<Variable>& parts, int axis, const Location& at) {
    return apply_list(Concatenate{axis}, parts, at);
}

Variable stack(const std::vector<Variable>& parts, int axis, const Location& at) {
    return detail::as_function("stack", at, [&] {
        if (parts.empty()) throw ValueError("an empty list of inputs");
        const int along = static_cast<int>(normalize_axis(axis, parts[0].rank() + 1));
        std::vector<Variable> expanded;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            if (parts[k].shape() != parts[0].shape())
                throw ShapeError(fmt::format("part 0 is {}, part {} is {}; all must be of one shape",
                                             to_string(parts[0].shape()), k, to_string(parts[k].shape())));
            expanded.push_back(expand_dims(parts[k], along));
        }
        return concatenate(expanded, along);
    });
}

std::vector<Variable> split(const Operand& x, std::size_t parts, int axis) {
    return split(x,
                 explained("split", x.at(),
                           [&] {
                               const std::size_t n = x->shape()[normalize_axis(axis, x->rank())];
                               if (parts == 0 || n % parts != 0)
                                   throw ShapeError(fmt::format("axis {} of {} does not divide into {} equal parts",
                                                                axis, to_string(x->shape()), parts));
                               return std::vector<std::size_t>(parts, n / parts);
                           }),
                 axis);
}

std::vector<Variable> split(const Operand& x, const std::vector<std::size_t>& sizes, int axis) {
    const CallSite here(x.at(), "split");
    explained("split", x.at(), [&] {
        const std::size_t n = x->shape()[normalize_axis(axis, x->rank())];
        std::size_t left = n;
        bool fits = true;
        for (const std::size_t s : sizes) {
            fits = fits && s <= left;
            left -= s;
        }
        if (!fits || left != 0)
            throw ShapeError(fmt::format("sizes ({}) do not add up to axis {} of {}", fmt::join(sizes, ", "), axis,
                                         to_string(x->shape())));
    });
    const Split op{axis};
    std::vector<Variable> parts = op.forward(x, sizes);
    if (thread_state.recording && x->requires_grad() && !parts.empty()) {
        auto* const step = detail::make_node<SplitStep>(Shape{0}, x->dtype(), false, op, x.get());
        const Variable holder = Variable::adopt(step);
        detail::stamp(*step, x.at());
        step->attach(parts);
    }
    return parts;
}

std::vector<Variable> chunk(const Operand& x, std::size_t parts, int axis) {
    const CallSite here(x.at(), "chunk");
    const std::size_t n = size_to_cut("chunk", x, parts, axis),
                      size = std::max<std::size_t>((n + parts - 1) / parts, 1);
    if (n == 0) return split(x, std::vector<std::size_t>(parts, 0), axis);
    std::vector<std::size_t> sizes(n / size, size);
    if (n % size != 0) sizes.push_back(n % size);
    return split(x, sizes, axis);
}

std::vector<Variable> array_split(const Operand& x, std::size_t parts, int axis) {
    const CallSite here(x.at(), "array_split");
    const std::size_t n = size_to_cut("array_split", x, parts, axis);
    std::vector<std::size_t> sizes(parts, n / parts);
    for (std::size_t i = 0; i < n % parts; ++i) ++sizes[i];
    return split(x, sizes, axis);
}

std::vector<Variable> unstack(const Operand& x, int axis) {
    const CallSite here(x.at(), "unstack");
    const std::size_t n = explained("unstack", x.at(), [&] { return x->shape()[normalize_axis(axis, x->rank())]; });
    std::vector<Variable> entries = split(x, std::vector<std::size_t>(n, 1), axis);
    for (Variable& entry : entries) entry = squeeze(entry, axis);
    return entries;
}

Variable tile(const Operand& x, const std::vector<std::size_t>& counts) {
    return detail::as_function("tile", x.at(), [&] {
        Shape shape;
        for (std::size_t i = x->rank(); i < counts.size(); ++i) shape.push_back(1);
        for (const std::size_t s : x->shape()) shape.push_back(s);
        Variable y = reshape(x, shape);
        for (std::size_t k = 1; k <= counts.size(); ++k) {
            const std::size_t count = counts[counts.size() - k], axis = shape.rank() - k;
            if (count == 1) continue;
            const std::size_t outer = elements_before(shape, axis), block = elements_from(shape, axis);
            shape = with_size(shape, axis, shape[axis] * count);
            y = repeat_blocks(y, outer, count, block, shape);
        }
        return y;
    });
}

Variable repeat(const Operand& x, std::size_t count, std::optional<int> axis) {
    const CallSite here(x.at(), "repeat");
    if (!axis) return repeat(flatten(x), count, 0);
    return explained("repeat", x.at(), [&] {
        const std::size_t along = normalize_axis(*axis, x->rank());
        const Shape shape = with_size(x->shape(), along, x->shape()[along] * count);
        return repeat_blocks(x, elements_before(x->shape(), along + 1), count, elements_from(x->shape(), along + 1),
                             shape);
    });
}

Variable repeat(const Operand& x, const std::vector<std::size_t>& counts, std::optional<int> axis) {
    const CallSite here(x.at(), "repeat");
    if (!axis) return repeat(flatten(x), counts, 0);
    return take(x,
                explained("repeat", x.at(),
                          [&] {
                              const std::size_t n = x->shape()[normalize_axis(*axis, x->rank())];
                              if (counts.size() != n)
                                  throw ShapeError(fmt::format("{} counts for axis {} of {}", counts.size(), *axis,
                                                               to_string(x->shape())));
                              std::vector<std::int64_t> places;
                              for (std::size_t i = 0; i < n; ++i)
                                  places.insert(places.end(), counts[i], static_cast<std::int64_t>(i));
                              return detail::constant(places);
                          }),
                axis);
}

}  // namespace xgrad
