#pragma once

#include <xgrad/autograd/variable.hpp>

/// Comparisons give masks: 1 where true and 0 where false, in the operands' type (float32 for integers), so that a mask
/// can be summed, averaged and multiplied with. They broadcast, and carry no gradient.
namespace xgrad {

/// A Variable that is the outcome of a comparison: its && || ! work element by element, as a lambda given to map()
/// needs, and its truth is that of its element. (Other Variables are true unless they are empty; see logical_and() and
/// its like.)
class MaskVariable : public Variable {
public:
    explicit MaskVariable(Variable mask) : Variable(std::move(mask)) {}
    /// The truth of its one element: `if (loss < best)`. @throws ShapeError when it has not one: say any() or all()
    explicit operator bool() const;
    friend MaskVariable operator&&(const MaskVariable& a, const MaskVariable& b);
    friend MaskVariable operator||(const MaskVariable& a, const MaskVariable& b);
    friend MaskVariable operator!(const MaskVariable& a);
};

/// 1 where the comparison holds, else 0, with broadcasting; no gradient. A NaN is unequal to everything.
MaskVariable operator<(const Operand& a, const Operand& b);
MaskVariable operator<=(const Operand& a, const Operand& b);
MaskVariable operator>(const Operand& a, const Operand& b);
MaskVariable operator>=(const Operand& a, const Operand& b);
MaskVariable operator==(const Operand& a, const Operand& b);
MaskVariable operator!=(const Operand& a, const Operand& b);

/// 1 where both masks (either mask, just one of them, not the mask) are not 0.
Variable logical_and(const Operand& a, const Operand& b);
Variable logical_or(const Operand& a, const Operand& b);
Variable logical_xor(const Operand& a, const Operand& b);
Variable logical_not(const Operand& a);

Variable isnan(const Operand& x);     ///< 1 where x is NaN, else 0; no gradient
Variable isinf(const Operand& x);     ///< 1 where x is infinity or -infinity, else 0; no gradient
Variable isfinite(const Operand& x);  ///< 1 where x is neither NaN nor infinite, else 0; no gradient

struct CloseOptions {
    double rtol = 1e-5, atol = 1e-8;
    bool equal_nan = false;
};
/// 1 where a and b are equal or |a - b| <= atol + rtol |b|, as in NumPy; with equal_nan also where both are NaN.
Variable isclose(const Operand& a, const Operand& b, const CloseOptions& options = {});
/// Whether that is so everywhere.
bool allclose(const Operand& a, const Operand& b, const CloseOptions& options = {});

/// a where the mask is not 0, else b; broadcasts. The gradient goes to the side taken, and a 0 to the other. What led
/// to a NaN or an infinity on that side may still make a NaN of the 0: where(x > 0, log(x), 0) has the gradient 0 / x
/// at 0. Keep such an x away from the function itself: log(where(x > 0, x, 1)).
///
///     da = where(mask, dy, 0), db = where(mask, 0, dy)
///
/// The mask may be of any type. a and b may be integers, without a gradient.
Variable where(const Operand& mask, const Operand& a, const Operand& b);

}  // namespace xgrad
