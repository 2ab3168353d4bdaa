#pragma once

#include <xgrad/autograd/variable.hpp>

#include <vector>

/// Elements of several axes at once, each place named by one index for each of the first axes: NumPy's x[i, j] for
/// arrays i and j, which broadcast. Axes behind the last index stay whole. Indices are int64; negative ones count from
/// the end.
namespace xgrad {

/// The elements at these places.
///
///     y[n] = x[i[n], j[n]]        dx = add_at(0, {i, j}, dy)
///
/// @returns the indices' common shape, then the sizes of x's other axes
/// @throws IndexError on an index out of range or more indices than axes; ShapeError when they do not broadcast
///         together; DTypeError unless they are int64; ValueError without any
Variable take_at(const Operand& x, const std::vector<Variable>& indices);
/// x with the updates in these places; of several for one the last stays, and it alone gets a gradient. PyTorch's
/// index_put.
/// @param updates broadcast to the shape of take_at(x, indices); or a number
/// @throws ShapeError when they do not broadcast; DTypeError unless they are of x's type; as take_at()
Variable put_at(const Operand& x, const std::vector<Variable>& indices, const Operand& updates);
/// x with the updates added there; a place named twice gets both. NumPy's add.at.
/// @throws as put_at()
Variable add_at(const Operand& x, const std::vector<Variable>& indices, const Operand& updates);

/// The places in the flattened array of `shape` that the indices name, one for each of its axes: NumPy's
/// ravel_multi_index. int64, the indices' common shape.
/// @throws as take_at()
Variable ravel_index(const std::vector<Variable>& indices, const Shape& shape,
                     const Location& at = Location::current());
/// The inverse: the indices along each axis of the places in the flattened array.
/// @throws IndexError on a place out of range; DTypeError unless they are int64
std::vector<Variable> unravel_index(const Operand& places, const Shape& shape);

}  // namespace xgrad
