#pragma once

#include <optional>

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// The entries at `indices` along an axis; without an axis, of the flattened x. The indices' shape takes the axis's
/// place; negative indices count from the end.
///
///     y[..., i, ...] = x[..., indices[i], ...]        dx gathers dy where each entry was taken from
///
/// @param indices int64, any shape
/// @throws IndexError on an index out of range; DTypeError unless indices are int64
Variable take(const Operand& x, const Variable& indices, std::optional<int> axis = {});

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
