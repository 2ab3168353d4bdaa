#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// exp(x) / sum exp(x) along an axis, by way of the maximum, so that it stays finite.
///
///     dx = y (dy - sum(dy y))
///
/// @throws IndexError on an axis out of range
Variable softmax(const Operand& x, int axis = -1);

/// x - logsumexp(x) along an axis.
///
///     dx = dy - exp(y) sum(dy)
Variable log_softmax(const Operand& x, int axis = -1);

}  // namespace xgrad
