#pragma once

#include <xgrad/autograd/variable.hpp>

#include <cstddef>

namespace xgrad {

/// All windows of `size` neighbouring entries along an axis, each `step` on from the one before, as PyTorch's unfold
/// and, for step 1, NumPy's sliding_window_view: the axis counts the windows, a new last axis the places in them.
///
///     unfold((0 1 2 3 4), 3, 2) = ((0 1 2) (2 3 4))        dx sums dy over the windows that an entry is in
///
/// Integers pass too. @throws ShapeError when the axis is shorter than a window; ValueError when size or step is 0;
/// IndexError on an axis out of range
Variable unfold(const Operand& x, std::size_t size, std::size_t step = 1, int axis = -1);

}  // namespace xgrad
