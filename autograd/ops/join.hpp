#pragma once

#include <xgrad/autograd/variable.hpp>

#include <initializer_list>
#include <optional>
#include <vector>

/// Joining arrays, splitting and repeating them. Their gradients are the inverse rearrangements, to any order; integers
/// pass too.
namespace xgrad {

/// One after the other along an axis. @throws ShapeError unless all other sizes agree; ValueError on an empty list
Variable concatenate(const std::vector<Variable>& parts, int axis = 0, const Location& at = Location::current());
/// Side by side along a new axis, counted in the result: n arrays (a, b) -> (n, a, b).
/// @throws ShapeError unless all have the same shape; ValueError on an empty list
Variable stack(const std::vector<Variable>& parts, int axis = 0, const Location& at = Location::current());

/// Cut along an axis into equal parts. A part that is not used has gradient 0.
/// @throws ShapeError when the axis does not divide into so many
std::vector<Variable> split(const Operand& x, std::size_t parts, int axis = 0);
/// Cut along an axis into parts of the given sizes.
/// @throws ShapeError unless the sizes add up to that of the axis
std::vector<Variable> split(const Operand& x, const std::vector<std::size_t>& sizes, int axis = 0);
inline std::vector<Variable> split(const Operand& x, std::initializer_list<std::size_t> sizes, int axis = 0) {
    return split(x, std::vector<std::size_t>(sizes), axis);
}
/// Cut along an axis into at most so many parts, as PyTorch's chunk: all of the size that so many need, but the last
/// one, which may be smaller. There are fewer when these use the axis up.
/// @throws ValueError when parts is 0; IndexError on an axis out of range
std::vector<Variable> chunk(const Operand& x, std::size_t parts, int axis = 0);
/// Cut along an axis into just so many parts, as NumPy's array_split: the first ones larger by 1 when it does not
/// divide.
/// @throws as chunk()
std::vector<Variable> array_split(const Operand& x, std::size_t parts, int axis = 0);
/// The entries along an axis, each without it, as PyTorch's unbind: (n, a, b) -> n arrays (a, b). The inverse of stack.
std::vector<Variable> unstack(const Operand& x, int axis = 0);

/// The whole array repeated along each axis; `counts` and x's axes are aligned at the last one, and what is missing
/// counts as 1.
///
///     tile((1 2), 3) = (1 2 1 2 1 2)        dx sums dy over the copies
///
Variable tile(const Operand& x, const std::vector<std::size_t>& counts);
inline Variable tile(const Operand& x, std::size_t count) { return tile(x, std::vector<std::size_t>{count}); }

/// Each entry along an axis repeated; without an axis, of the flattened x.
///
///     repeat((1 2), 3) = (1 1 1 2 2 2)        dx sums dy over the copies
///
Variable repeat(const Operand& x, std::size_t count, std::optional<int> axis = {});
/// The same with a count for each entry. @throws ShapeError unless there are as many counts as entries
Variable repeat(const Operand& x, const std::vector<std::size_t>& counts, std::optional<int> axis = {});

}  // namespace xgrad
