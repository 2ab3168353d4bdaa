#pragma once

#include <xgrad/autograd/variable.hpp>

/// Comparisons give masks: 1 where true and 0 where false, in the operands' type (float32 for integers), so that a mask
/// can be summed, averaged and multiplied with. They broadcast, and carry no gradient.
namespace xgrad {

Variable operator<(const Operand& a, const Operand& b);
Variable operator<=(const Operand& a, const Operand& b);
Variable operator>(const Operand& a, const Operand& b);
Variable operator>=(const Operand& a, const Operand& b);
Variable operator==(const Operand& a, const Operand& b);
Variable operator!=(const Operand& a, const Operand& b);

/// 1 where both (either) masks are not 0. Named, because && and || of Variables ask whether they are empty.
Variable logical_and(const Operand& a, const Operand& b);
Variable logical_or(const Operand& a, const Operand& b);
Variable logical_not(const Operand& a);

Variable isnan(const Operand& x);
Variable isinf(const Operand& x);
Variable isfinite(const Operand& x);

/// a where the mask is not 0, else b; broadcasts. The gradient goes to the side taken, so that a NaN or infinity on the
/// other does no harm.
///
///     da = where(mask, dy, 0), db = where(mask, 0, dy)
Variable where(const Operand& mask, const Operand& a, const Operand& b);

}  // namespace xgrad
