#pragma once

#include <optional>
#include <span>
#include <vector>

#include <xgrad/autograd/variable.hpp>

/// Rearranging without arithmetic. Their gradients are the inverse rearrangements, to any order.
namespace xgrad {

/// The same elements, row-major, in another shape; shared, not copied. One size may be -1: what the others leave.
/// @throws ShapeError when the number of elements differs
Variable reshape(const Operand& x, const Shape& shape);
Variable reshape(const Operand& x, std::initializer_list<long> sizes);
/// All axes from `first_axis` on merged into one: (n, a, b) -> (n, a b).
Variable flatten(const Operand& x, int first_axis = 0);
/// Without one axis of size 1. @throws ShapeError when its size is not 1
Variable squeeze(const Operand& x, int axis);
/// With a new axis of size 1 at `axis` (counted in the result).
Variable expand_dims(const Operand& x, int axis);

/// The axes in another order; by default reversed.
/// @throws ValueError unless `order` names every axis once
Variable transpose(const Operand& x, const std::vector<int>& order = {});
/// Repeated along axes of size 1 and new leading axes, by NumPy's rules. @throws ShapeError when they do not fit
Variable broadcast_to(const Operand& x, const Shape& shape);
/// One after the other along an axis. @throws ShapeError unless all other sizes agree; ValueError on an empty list
Variable concatenate(const std::vector<Variable>& parts, int axis = 0, const Location& at = Location::current());

/// A part of an axis, as Python's start:stop:step; negative positions count from the end, and both may lie outside.
struct Slice {
    std::optional<long> start = {}, stop = {};
    long step = 1;
};
/// The elements start, start + step, ... before stop, along one axis. @throws ValueError when the step is 0
Variable slice(const Operand& x, int axis, const Slice& slice);
inline Variable slice(const Operand& x, int axis, long start, long stop) { return slice(x, axis, Slice{start, stop}); }

}  // namespace xgrad
