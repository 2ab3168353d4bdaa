#pragma once

#include <xgrad/autograd/variable.hpp>

#include <optional>

/// Entries along one axis, chosen by int64 indices or labels. For parts by position see slice.hpp, for entries of
/// whole arrays of indices gather.hpp.
namespace xgrad {

/// The entries at `indices` along an axis (PyTorch's index_select); without an axis, of the flattened x. The indices'
/// shape takes the axis's place; negative indices count from the end.
///
///     y[..., i, ...] = x[..., indices[i], ...]        dx gathers dy where each entry was taken from
///
/// @param indices int64, any shape
/// @throws IndexError on an index out of range; DTypeError unless indices are int64
Variable take(const Operand& x, const Variable& indices, std::optional<int> axis = {});

/// x with the updates added to the entries that take(x, indices, axis) finds; an entry named twice gets both.
/// Integers pass too.
///
///     y = x, then y[..., indices[i], ...] += updates[..., i, ...]        dx = dy, dupdates = take(dy, indices, axis)
///
/// @param updates of the shape of take(x, indices, axis)
/// @throws ShapeError when it is not; IndexError on an index out of range; DTypeError unless indices are int64 and x
///         and the updates of one type
Variable index_add(const Operand& x, int axis, const Variable& indices, const Variable& updates);

/// x with the updates in the place of those entries. Of several for one entry the last one stays, and it alone gets a
/// gradient. Integers pass too.
///
///     y = x, then y[..., indices[i], ...] = updates[..., i, ...]
///     dx = dy, 0 where there is an update        dupdates = take(dy, indices, axis), 0 where a later one stays
///
/// @param updates of the shape of take(x, indices, axis)
/// @throws as index_add()
Variable index_copy(const Operand& x, int axis, const Variable& indices, const Variable& updates);
/// The same with one value for all of them;  dx = dy, 0 at the entries; dvalue = the sum of dy over them.
/// @param value a number, or a Variable of shape ()
Variable index_fill(const Operand& x, int axis, const Variable& indices, const Operand& value);

/// One entry of each row: the one at the row's label.
///
///     y[..., i] = x[..., i, labels[..., i]]        dx is dy at the labels and 0 elsewhere
///
/// @param labels int64, of x's shape without the last axis; each in [0, size of that axis)
/// @throws IndexError on a label out of range; ShapeError when the shapes do not go together; DTypeError unless labels
///         are int64
Variable pick(const Operand& x, const Variable& labels);

/// 1 at each label and 0 elsewhere, shape (labels..., classes); no gradient.
/// @param labels int64, each in [0, classes)
/// @throws IndexError on a label out of range; DTypeError unless labels are int64
Variable one_hot(const Operand& labels, std::size_t classes, DType dtype = DType::float32);

}  // namespace xgrad
