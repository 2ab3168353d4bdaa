#pragma once

#include <xgrad/autograd/ops/reduce.hpp>

#include <optional>

/// Putting in order, and what rests on it. Everywhere NaN stands behind every number, in ascending and in descending
/// order, and elements that tie keep theirs. Indices are int64 and carry no gradient; integers can be sorted too.
namespace xgrad {

struct SortOptions {
    bool descending = false;
};
/// Values in order, and where in x each one was.
struct Sorted {
    Variable values, indices;
};
/// The elements in order along an axis: values = take_along_axis(x, indices), so dx puts dy back where the values were.
Sorted sort(const Operand& x, int axis = -1, const SortOptions& options = {});
/// The indices of sort() alone.
Variable argsort(const Operand& x, int axis = -1, const SortOptions& options = {});

struct TopkOptions {
    bool largest = true;  ///< else the smallest
};
/// The k largest elements along an axis, the largest first; those of sort(), in less time.
/// @throws ValueError when the axis is shorter than k
Sorted topk(const Operand& x, std::size_t k, int axis = -1, const TopkOptions& options = {});

/// The k-th smallest element along an axis, counted from 1, and its place: the k-th of sort(), without the axis unless
/// it is kept. @throws ValueError unless 1 <= k <= the axis's size; IndexError on an axis out of range
Sorted kthvalue(const Operand& x, std::size_t k, int axis = -1, const ReduceOptions& options = {});
/// The most frequent element along an axis, of several the smallest, and its first place; the gradient goes there.
/// @throws ShapeError when the axis is empty; IndexError when it is out of range
Sorted mode(const Operand& x, int axis = -1, const ReduceOptions& options = {});

struct SearchOptions {
    bool right = false;    ///< behind the elements that equal the value, not before them
    Variable sorter = {};  ///< indices, what argsort() gives, where `sorted` is not in order itself
};
/// Where in a sorted vector each value would have to be put in to keep it sorted: int64, of the values' shape. For
/// several vectors (..., n) each has values of its own, (..., m). (NumPy's digitize and PyTorch's bucketize too, with
/// the bins first.)
/// @throws ShapeError unless `sorted` is a vector, or leading axes agree, and the sorter has its shape; DTypeError
///         unless both are of one type, and the sorter is int64; IndexError where the sorter names no element
Variable searchsorted(const Operand& sorted, const Variable& values, const SearchOptions& options = {});

/// The different elements of x, in order; or, along an axis, its different entries, in the order of their first
/// elements that differ, as NumPy's.
struct Unique {
    Variable values;   ///< each once; x's gradient goes to its first place
    Variable indices;  ///< that first place in the flattened x, or along the axis
    Variable inverse;  ///< of x's shape, or of the axis's: take(values, inverse, axis) is x
    Variable counts;   ///< how often each occurs
};
/// NaNs are taken for equal. @throws IndexError on an axis out of range
Unique unique(const Operand& x, std::optional<int> axis = {});

/// 1 where an element of x is among the values, else 0: a mask of x's type (float32 for int64). NaN is among none.
/// @throws DTypeError unless both are of one type
Variable isin(const Operand& x, const Variable& values);

}  // namespace xgrad
