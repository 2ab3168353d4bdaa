#pragma once

#include <xgrad/autograd/variable.hpp>

#include <vector>

/// Elements chosen one by one, by arrays of indices or by masks, and their inverse: putting or adding to chosen places.
namespace xgrad {

/// The elements that the indices name along an axis, each in its own line of x, as PyTorch's gather.
///
///     y[i, j] = x[indices[i, j], j] for axis 0, x[i, indices[i, j]] for axis 1
///     dx = scatter_add(0, axis, indices, dy)
///
/// @param indices int64, of x's rank and no larger than x along the other axes; negative ones count from the end
/// @returns the indices' shape
/// @throws IndexError on an index out of range; ShapeError when the shapes do not go together; DTypeError unless
///         indices are int64
Variable gather(const Operand& x, int axis, const Variable& indices);
/// The elements that gather() finds, as NumPy's take_along_axis: x and the indices broadcast along the other axes.
Variable take_along_axis(const Operand& x, const Variable& indices, int axis = -1);

/// x with the updates added to the elements that gather() finds; an element named twice gets both. As PyTorch's.
///
///     y = x, then y[indices[i, j], j] += updates[i, j] for axis 0        dx = dy, dupdates = gather(dy, axis, indices)
///
/// @param updates of x's type and the indices' shape; larger ones are used as far as the indices reach
/// @throws as gather()
Variable scatter_add(const Operand& x, int axis, const Variable& indices, const Variable& updates);

/// x with the updates in the place of the elements that gather() finds, as PyTorch's. Of several for one element the
/// last one in row-major order of the indices stays, and it alone gets a gradient. Integers pass too.
///
///     y = x, then y[indices[i, j], j] = updates[i, j] for axis 0
///     dx = dy, 0 where there is an update        dupdates = gather(dy, axis, indices), 0 where a later one stays
///
/// @param updates of x's type and the indices' shape; larger ones are used as far as the indices reach; or a number
/// @throws as gather()
Variable scatter(const Operand& x, int axis, const Variable& indices, const Operand& updates);
/// x with the values in the elements that gather() finds, as NumPy's put_along_axis, but that x stays and the result is
/// new: the indices broadcast to x along the other axes, and the values to the indices.
/// @throws ShapeError when they do not; else as gather()
Variable put_along_axis(const Operand& x, const Variable& indices, const Operand& values, int axis = -1);

/// The elements where the mask is not 0, row-major, shape (n); the two broadcast. The gradient of the others is 0.
/// @throws ShapeError when the shapes do not broadcast together
Variable masked_select(const Operand& x, const Variable& mask);
/// x with `value` wherever the mask is not 0: where(mask, value, x). The mask, of any type, broadcasts to x.
///
///     dx = where(mask, 0, dy), dvalue = where(mask, dy, 0)
///
/// @throws ShapeError when mask or value do not broadcast to x; DTypeError when value and x differ in type
Variable masked_fill(const Operand& x, const Variable& mask, const Operand& value);

/// x with the first elements of `source`, both row-major, in the places where the mask is not 0: PyTorch's. The mask,
/// of any type, broadcasts to x.
///
///     dx = where(mask, 0, dy)        dsource is dy where the mask is not 0, then 0
///
/// @throws ShapeError when the mask does not broadcast to x, or the source has too few elements; DTypeError when source
///         and x differ in type
Variable masked_scatter(const Operand& x, const Variable& mask, const Variable& source);

/// The places of the elements that are not 0, row-major, one row (i, j, ...) each: int64 (n, rank); no gradient.
/// PyTorch's nonzero.
Variable argwhere(const Operand& x);
/// The places of the elements that are not 0 as one vector of int64 for each axis; no gradient. NumPy's nonzero.
std::vector<Variable> nonzero(const Operand& x);
/// The places of the elements that are not 0 in the flattened x: int64 (n); no gradient.
Variable flatnonzero(const Operand& x);

}  // namespace xgrad
