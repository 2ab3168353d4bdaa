#pragma once

#include <xgrad/autograd/variable.hpp>

#include <optional>

/// Functions of one operand x, element by element, with dy as the gradient of the result y. Outside a function's domain
/// the value is NaN or infinite, as in IEEE 754; nothing is thrown for it. But for square, abs and sign, all throw
/// DTypeError on int64. Formulas and derivatives stand in functions.hpp.
namespace xgrad {

/// @name Powers, exponentials, logarithms
/// @{
Variable square(Operand x);                  ///< x^2;  dx = 2 x dy
Variable reciprocal(Operand x);              ///< 1 / x;  dx = -y^2 dy
Variable sqrt(Operand x);                    ///< the square root;  dx = dy / (2 y), infinite at 0
Variable rsqrt(Operand x);                   ///< 1 / sqrt(x);  dx = -y^3 dy / 2
Variable cbrt(Operand x);                    ///< the cube root, negative for negative x;  dx = dy / (3 y^2)
Variable power(Operand x, double exponent);  ///< x^exponent;  dx = exponent x^(exponent - 1) dy, 0 for an exponent of 0
Variable exp(Operand x);                     ///< e^x;  dx = y dy
Variable expm1(Operand x);                   ///< e^x - 1, accurate near 0;  dx = (y + 1) dy
Variable exp2(Operand x);                    ///< 2^x;  dx = y log(2) dy
Variable log(Operand x);                     ///< the natural logarithm;  dx = dy / x
Variable log1p(Operand x);                   ///< log(1 + x), accurate near 0;  dx = dy / (1 + x)
Variable log2(Operand x);                    ///< log(x) / log(2);  dx = dy / (x log(2))
Variable log10(Operand x);                   ///< log(x) / log(10);  dx = dy / (x log(10))
/// @}

/// @name Trigonometric and hyperbolic functions, in radians
/// @{
Variable sin(Operand x);             ///< the sine;  dx = cos(x) dy
Variable cos(Operand x);             ///< the cosine;  dx = -sin(x) dy
Variable tan(Operand x);             ///< the tangent;  dx = (1 + y^2) dy
Variable asin(Operand x);            ///< from -pi / 2 to pi / 2;  dx = dy / sqrt(1 - x^2)
Variable acos(Operand x);            ///< from 0 to pi;  dx = -dy / sqrt(1 - x^2)
Variable atan(Operand x);            ///< from -pi / 2 to pi / 2;  dx = dy / (1 + x^2)
Variable sinh(Operand x);            ///< (e^x - e^-x) / 2;  dx = cosh(x) dy
Variable cosh(Operand x);            ///< (e^x + e^-x) / 2;  dx = sinh(x) dy
Variable tanh(Operand x);            ///< sinh(x) / cosh(x);  dx = (1 - y^2) dy
Variable asinh(Operand x);           ///< the inverse of sinh;  dx = dy / sqrt(x^2 + 1)
Variable acosh(Operand x);           ///< the inverse of cosh, for x from 1 on;  dx = dy / sqrt(x^2 - 1)
Variable atanh(Operand x);           ///< the inverse of tanh, for |x| < 1;  dx = dy / (1 - x^2)
Variable deg2rad(const Operand& x);  ///< degrees as radians: x pi / 180;  dx = pi / 180 dy
Variable rad2deg(const Operand& x);  ///< radians as degrees: x 180 / pi;  dx = 180 / pi dy
Variable erf(Operand x);             ///< 2 / sqrt(pi) integral of e^(-t^2) from 0 to x;  dx = 2 / sqrt(pi) e^(-x^2) dy
Variable erfc(Operand x);            ///< 1 - erf(x), accurate for large x;  dx = -2 / sqrt(pi) e^(-x^2) dy
/// @}

/// @name Activations
/// With s = sigmoid(x). At a kink the slope is PyTorch's, but 1 at the bounds of relu6 and hard_tanh, as of clip.
/// @{
Variable relu(Operand x);          ///< max(x, 0);  dx = dy where x > 0, else 0
Variable relu6(const Operand& x);  ///< min(max(x, 0), 6);  dx = dy where 0 <= x <= 6, else 0
Variable leaky_relu(Operand x,
                    double negative_slope = 0.01);  ///< x, below 0 negative_slope x;  dx = dy times that slope
Variable elu(Operand x, double alpha = 1);          ///< x, below 0 alpha (e^x - 1);  dx = dy, below 0 alpha e^x dy
Variable selu(Operand x);                           ///< 1.0507 elu(x, 1.67326) (Klambauer et al. 2017), with its slope
Variable celu(Operand x, double alpha = 1);  ///< x, below 0 alpha (e^(x/alpha) - 1);  dx = dy, below 0 e^(x/alpha) dy
Variable sigmoid(Operand x);                 ///< 1 / (1 + e^-x);  dx = y (1 - y) dy
Variable log_sigmoid(Operand x);             ///< log sigmoid(x), without overflow;  dx = (1 - s) dy
Variable softplus(Operand x);                ///< log(1 + e^x), without overflow;  dx = s dy
Variable softsign(Operand x);                ///< x / (1 + |x|);  dx = dy / (1 + |x|)^2
Variable silu(Operand x);                    ///< x s, also called swish;  dx = s (1 + x (1 - s)) dy
Variable mish(Operand x);                    ///< x t, t = tanh(softplus(x));  dx = (t + x (1 - t^2) s) dy
/// x Phi(x), with the normal distribution Phi and its density phi;  dx = (Phi(x) + x phi(x)) dy. Approximately
/// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), with that formula's slope (Hendrycks & Gimpel 2016).
Variable gelu(const Operand& x, bool approximate = false);
Variable hard_sigmoid(Operand x);         ///< clip(x / 6 + 1/2, 0, 1): Keras 3, PyTorch;  dx = dy / 6 inside
Variable hard_sigmoid_keras2(Operand x);  ///< clip(x / 5 + 1/2, 0, 1): Keras 1 and 2;  dx = dy / 5 inside
Variable hard_swish(Operand x);           ///< x hard_sigmoid(x);  dx = 0 below -3, dy above 3, (x / 3 + 1/2) dy between
Variable hard_tanh(const Operand& x);     ///< clip(x, -1, 1);  dx = dy where |x| <= 1, else 0
Variable hard_shrink(const Operand& x, double threshold = 0.5);  ///< x where |x| > threshold, else 0;  dx = dy there
/// x moved towards 0 by the threshold, at most to 0;  dx = dy where |x| > threshold, else 0.
Variable soft_shrink(const Operand& x, double threshold = 0.5);
Variable tanh_shrink(const Operand& x);  ///< x - tanh(x);  dx = tanh(x)^2 dy
/// x above the threshold, else the value;  dx = dy above it, else 0.
Variable threshold(const Operand& x, double threshold, double value);
/// x, below 0 negative_slope x; they broadcast;  dx = dy, below 0 negative_slope dy; dnegative_slope = x dy below 0.
Variable prelu(const Operand& x, const Operand& negative_slope);
/// a sigmoid(b) for the halves a and b of an axis (Dauphin et al. 2017). @throws ShapeError when its size is odd;
/// IndexError when it is out of range
Variable glu(const Operand& x, int axis = -1);
/// @}

/// @name Absolute value, clipping, rounding
/// @{
Variable abs(Operand x);  ///< |x|;  dx = sign(x) dy
/// min(max(x, low), high);  dx = dy where low <= x <= high, else 0. Takes int64 too: an infinite bound is none.
/// @throws ValueError unless low <= high
Variable clip(const Operand& x, double low, double high);
/// min(max(x, low), high) for bounds that may be arrays; they broadcast. Outside them the gradient goes to the bound;
/// where low is above high the result is high, as in NumPy. Takes int64 too, as above.
Variable clip(const Operand& x, const Operand& low, const Operand& high);
struct NanToNumOptions {
    double nan = 0;
    std::optional<double> posinf = {}, neginf = {};  ///< by default the type's largest and lowest finite numbers
};
/// x with NaN, infinity and -infinity replaced; no gradient passes there.
Variable nan_to_num(const Operand& x, const NanToNumOptions& options = {});
Variable sign(Operand x);          ///< -1, 0 or 1; no gradient
Variable floor(const Operand& x);  ///< the integer below; no gradient
Variable ceil(const Operand& x);   ///< the integer above; no gradient
Variable round(const Operand& x);  ///< the nearest integer, of two the even one; no gradient
/// The nearest number with so many decimals (below 0: the nearest multiple of 10, 100, ...); no gradient.
Variable round(const Operand& x, int decimals);
Variable trunc(const Operand& x);  ///< the integer towards 0; no gradient
Variable frac(const Operand& x);   ///< x - trunc(x), with the sign of x;  dx = dy
/// @}

}  // namespace xgrad
