#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// How several numbers become one.
enum class Reduce { sum, mean, prod, max, min };

struct ScatterReduceOptions {
    bool include_self = true;  ///< x's own element is one of those that are reduced
};

/// x with each element that gather() finds replaced by the sum (mean, product, largest, smallest) of the updates for it
/// and, unless told otherwise, itself. Elements without updates stay. As PyTorch's; integers pass too, but for means.
///
///     y[p] = reduce(x[p], updates[i] for all i whose indices name p)
///     sum: dx[p] = dy[p], dupdates[i] = dy[p]        mean: the same, divided by the number of terms
///     prod: dy[p] times the product of the other factors, right also where some are 0
///     max, min: dy[p] to the extreme, shared equally by those that tie
///
/// where dx[p] is 0 if there are updates for p and it is not included, and dy[p] if there are none. A NaN makes the
/// largest and the smallest NaN.
/// @param indices int64, of x's rank and no larger than x along the other axes; negative ones count from the end
/// @param updates of x's type and the indices' shape; larger ones are used as far as the indices reach
/// @throws IndexError on an index out of range; ShapeError when the shapes do not go together; DTypeError unless
///         indices are int64, x and the updates of one type, and a mean of real numbers
Variable scatter_reduce(const Operand& x, int axis, const Variable& indices, const Variable& updates, Reduce how,
                        const ScatterReduceOptions& options = {});

}  // namespace xgrad
