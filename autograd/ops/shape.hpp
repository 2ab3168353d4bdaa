#pragma once

#include <xgrad/autograd/variable.hpp>

#include <vector>

/// The same elements in another shape or order. Their gradients are the inverse rearrangements, to any order; integers
/// pass too. See join.hpp for joining and splitting, slice.hpp for parts, padding and rolling.
namespace xgrad {

/// The same elements, row-major, in another shape; shared, not copied. One size may be -1: what the others leave.
/// @throws ShapeError when the number of elements differs
Variable reshape(const Operand& x, const Shape& shape);
Variable reshape(const Operand& x, std::initializer_list<long> sizes);
/// All axes from `first_axis` on merged into one: (n, a, b) -> (n, a b).
Variable flatten(const Operand& x, int first_axis = 0);
/// Without some axes of size 1; by default without all of them.
/// @throws ShapeError when a named axis is not of size 1; IndexError on an axis out of range or named twice
Variable squeeze(const Operand& x, const Axes& axes = {});
/// With new axes of size 1 at `axes`, counted in the result: expand_dims(x, {0, -1}) is (1, ..., 1).
/// @throws IndexError on an axis out of range or named twice
Variable expand_dims(const Operand& x, const std::vector<int>& axes);
inline Variable expand_dims(const Operand& x, int axis) { return expand_dims(x, std::vector<int>{axis}); }

/// With new axes of size 1 until there are so many: a number becomes (1), a vector (1, n), and with three axes (1, n,
/// 1), a matrix (n, m, 1), as NumPy's.
Variable atleast_1d(const Operand& x);
Variable atleast_2d(const Operand& x);
Variable atleast_3d(const Operand& x);
/// An axis cut into several of the given sizes, of which one may be -1: the inverse of flatten.
/// @throws ShapeError when they do not multiply to the axis's size; IndexError on an axis out of range
Variable unflatten(const Operand& x, int axis, const std::vector<long>& sizes);

/// The axes in another order, as PyTorch's permute: axis i of the result is axis order[i] of x. By default reversed.
/// @throws ValueError unless `order` names every axis once
Variable transpose(const Operand& x, const std::vector<int>& order = {});
/// Two axes in each other's place. @throws IndexError on an axis out of range
Variable swap_axes(const Operand& x, int axis1, int axis2);
/// The axes `from` moved to the places `to`, the others in their order: move_axis(x, 1, -1) is channels-last.
/// @throws IndexError on an axis out of range or named twice; ValueError unless there are as many of both
Variable move_axis(const Operand& x, const std::vector<int>& from, const std::vector<int>& to);
inline Variable move_axis(const Operand& x, int from, int to) {
    return move_axis(x, std::vector<int>{from}, std::vector<int>{to});
}

/// Repeated along axes of size 1 and new leading axes, by NumPy's rules. @throws ShapeError when they do not fit
Variable broadcast_to(const Operand& x, const Shape& shape);
/// Each broadcast to the shape that all have in common. @throws ShapeError when there is none
std::vector<Variable> broadcast_arrays(const std::vector<Variable>& arrays, const Location& at = Location::current());

/// Which of meshgrid()'s axes belongs to its first vector: the second, as in a picture, or the first, as in a matrix.
enum class Indexing { xy, ij };
/// From n vectors n arrays of rank n that hold, at each point of the grid they span, its coordinates.
///
///     meshgrid({x, y})[0] is (y.size(), x.size()), each row x; with Indexing::ij it is (x.size(), y.size())
///
/// @throws ShapeError unless all are vectors
std::vector<Variable> meshgrid(const std::vector<Variable>& vectors, Indexing indexing = Indexing::xy,
                               const Location& at = Location::current());

}  // namespace xgrad
