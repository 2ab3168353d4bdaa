#pragma once

#include <xgrad/autograd/variable.hpp>

#include <string_view>
#include <vector>

/// Sums of products over named or numbered axes. They are made of transpose, reshape, sum and matmul, so their
/// gradients are of any order.
namespace xgrad {

/// Einstein's summation, with NumPy's grammar: a letter for each axis of each operand, in the order of the operands.
///
///     einsum("ij,jk->ik", {a, b})        a product of matrices
///     einsum("bij,bjk->bik", {a, b})     of batches of them
///     einsum("...ij,...jk", {a, b})      of whatever has matrices in its last axes
///     einsum("ii->i", {a})               the diagonal;  "ii" the trace
///     einsum("i,ij,j->", {x, a, y})      x^T a y
///
/// - A letter that several operands share runs over them together; one that the output lacks is summed over. A letter
///   repeated in one operand takes the diagonal.
/// - `...` stands for axes without letters, which broadcast. The output must have it when an operand brings such axes.
/// - Without `->` the output is `...` and then the letters that occur once, in alphabetical order, capitals first.
/// - An axis of size 1 broadcasts against a larger one of the same letter. Blanks do not count.
///
/// Operands are contracted two at a time, the cheapest pair first.
/// @throws ValueError when the subscripts are not well formed or do not go with the operands; ShapeError when sizes
///         differ; DTypeError unless the operands are of one type
Variable einsum(std::string_view subscripts, const std::vector<Variable>& operands,
                const Location& at = Location::current());

/// The sum of products over axes of a paired with axes of b; the result has the other axes of a, then those of b.
///
///     y[i..., j...] = sum_k... a[i..., k...] b[k..., j...]
///
/// With a number: the last `axes` axes of a, in order, with the first ones of b. With lists: a_axes[n] with b_axes[n].
/// @throws ShapeError when paired axes differ in size, or there are fewer than asked for; ValueError on lists of
///         different lengths; IndexError on an axis out of range or named twice
Variable tensordot(const Operand& a, const Operand& b, int axes = 2);
Variable tensordot(const Operand& a, const Operand& b, const std::vector<int>& a_axes, const std::vector<int>& b_axes);

}  // namespace xgrad
