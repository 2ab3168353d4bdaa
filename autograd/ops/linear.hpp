#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// What linear() applies to its result. All of them have a slope that their value tells.
enum class Epilogue { none, relu, sigmoid, tanh };

/// A product, a bias and an activation as one operator: the passes over the result that three would take are one.
///
///     y = f(x w + b)        dz = dy f'(y), dx = dz w^T, dw = x^T dz, db = dz summed over all axes but the last
///
/// @param x (..., in)
/// @param w (in, out)
/// @param b (out)
/// @returns (..., out)
/// @throws ShapeError when the inner sizes differ, or x is a single number, w no matrix, b no vector of `out`
Variable linear(const Operand& x, const Variable& w, const Variable& b, Epilogue f = Epilogue::none);

}  // namespace xgrad
