#pragma once

#include <xgrad/autograd/variable.hpp>

/// Arithmetic between two operands, element by element with NumPy's broadcasting. A number on either side takes the
/// other's type. All throw ShapeError when the shapes do not broadcast together and DTypeError when the types differ.
/// + - *, maximum, minimum, remainder, fmod and floor_divide take int64 too, without a gradient; overflow wraps around,
/// and dividing by 0 is a ValueError.
namespace xgrad {

/// a + b;  da = dy, db = dy.
Variable operator+(Operand a, Operand b);
/// a - b;  da = dy, db = -dy.
Variable operator-(Operand a, Operand b);
/// a b;  da = dy b, db = dy a.
Variable operator*(Operand a, Operand b);
/// a / b;  da = dy / b, db = -dy y / b.
Variable operator/(Operand a, Operand b);
/// -a;  da = -dy.
Variable operator-(Operand a);

inline Variable& operator+=(Variable& a, const Operand& b) {
    const CallSite here(b.at());
    return a = std::move(a) + b;
}
inline Variable& operator-=(Variable& a, const Operand& b) {
    const CallSite here(b.at());
    return a = std::move(a) - b;
}
inline Variable& operator*=(Variable& a, const Operand& b) {
    const CallSite here(b.at());
    return a = std::move(a) * b;
}
inline Variable& operator/=(Variable& a, const Operand& b) {
    const CallSite here(b.at());
    return a = std::move(a) / b;
}

/// a^b for real a and b;  da = dy b a^(b-1), db = dy y log a (0 where y is 0, or a is 0 and b not negative).
/// Negative a needs integral b, as in std::pow. A b of 2, 0.5, -0.5 or -1 takes a faster way. Of int64 it is int64, and
/// wraps around.
/// @throws ValueError on an int64 b below 0
Variable pow(const Operand& a, const Operand& b);
/// The larger (smaller) of the two; a NaN on either side wins. At a tie each side gets half the gradient.
Variable maximum(const Operand& a, const Operand& b);
Variable minimum(const Operand& a, const Operand& b);
/// The angle of the point (x, y), in radians from -pi to pi;  dy_ = d x / (x^2 + y^2), dx = -d y / (x^2 + y^2).
Variable atan2(const Operand& y, const Operand& x);
/// sqrt(a^2 + b^2), without overflow;  da = dy a / y, db = dy b / y.
Variable hypot(const Operand& a, const Operand& b);
/// a - b floor(a / b), with the sign of b, as Python's %;  da = dy, db = -dy floor(a / b).
Variable remainder(const Operand& a, const Operand& b);
/// a - b trunc(a / b), with the sign of a, as std::fmod;  da = dy, db = -dy trunc(a / b).
Variable fmod(const Operand& a, const Operand& b);
/// floor(a / b) of the exact quotient, as Python's //: (a - remainder(a, b)) / b. a / b where b is 0. No gradient.
Variable floor_divide(const Operand& a, const Operand& b);
/// |a| with the sign of b, which may be that of -0;  da = dy where the sign stays and -dy where it turns, 0 at 0; no
/// db.
Variable copysign(const Operand& a, const Operand& b);
/// The step: 0 for negative x, 1 for positive x, and `at_zero` where x is 0. No gradient for x; that of `at_zero` is dy
/// where x is 0.
Variable heaviside(const Operand& x, const Operand& at_zero);
/// maximum() and minimum() where a NaN stands for a missing number: the other side is taken, NaN only for two.
Variable fmax(const Operand& a, const Operand& b);
Variable fmin(const Operand& a, const Operand& b);
/// a + weight (b - a), exactly b for the weight 1;  da = dy (1 - weight), db = dy weight, dweight = dy (b - a).
Variable lerp(const Operand& a, const Operand& b, const Operand& weight);
/// x 2^exponent: exact for whole exponents unless the result is subnormal, also where 2^exponent alone overflows or
/// vanishes;  dx = dy 2^exponent, dexponent = dy y log 2. An int64 exponent takes x's type.
Variable ldexp(const Operand& x, const Operand& exponent);
/// x + value a b in one pass;  dx = dy, da = dy value b, db = dy value a.
Variable addcmul(const Operand& x, const Operand& a, const Operand& b, double value = 1);
/// x + value a / b in one pass;  dx = dy, da = dy value / b, db = -dy value a / b^2.
Variable addcdiv(const Operand& x, const Operand& a, const Operand& b, double value = 1);

}  // namespace xgrad
