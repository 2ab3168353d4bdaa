#pragma once

#include <xgrad/autograd/variable.hpp>

#include <vector>

/// Joining arrays of different ranks, as NumPy's functions of the same names; concatenate() and stack() are in
/// join.hpp. Gradients are the parts, to any order; integers pass too. All throw ValueError on an empty list and
/// ShapeError when the sizes do not agree.
namespace xgrad {

/// Side by side: along the second axis, vectors and numbers along the first.
Variable hstack(const std::vector<Variable>& parts, const Location& at = Location::current());
/// On top of each other: along the first axis, vectors as rows.
Variable vstack(const std::vector<Variable>& parts, const Location& at = Location::current());
/// Behind each other: along the third axis, after atleast_3d().
Variable dstack(const std::vector<Variable>& parts, const Location& at = Location::current());
/// Side by side, vectors as columns.
Variable column_stack(const std::vector<Variable>& parts, const Location& at = Location::current());

/// The matrices along the diagonal, 0 elsewhere: (n, m) and (p, q) make (n + p, m + q). A vector counts as a row.
/// @throws ShapeError on more than two axes
Variable block_diag(const std::vector<Variable>& blocks, const Location& at = Location::current());

}  // namespace xgrad
