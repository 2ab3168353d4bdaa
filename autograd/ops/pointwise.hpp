#pragma once

#include <optional>

#include <xgrad/autograd/variable.hpp>

/// Functions of one operand, element by element. The derivatives are in functions.hpp, beside the formulas. Outside a
/// function's domain the value is NaN or infinite, as in IEEE 754; nothing is thrown for it. But for square, abs and
/// sign, all throw DTypeError on int64.
namespace xgrad {

/// @name Powers, exponentials, logarithms
/// @{
Variable square(Operand x);
Variable reciprocal(Operand x);
Variable sqrt(Operand x);
Variable rsqrt(Operand x);  ///< 1 / sqrt(x)
Variable cbrt(Operand x);
Variable power(Operand x, double exponent);  ///< x^exponent;  dx = dy exponent x^(exponent - 1)
Variable exp(Operand x);
Variable expm1(Operand x);
Variable exp2(Operand x);
Variable log(Operand x);
Variable log1p(Operand x);
Variable log2(Operand x);
Variable log10(Operand x);
/// @}

/// @name Trigonometric and hyperbolic functions, in radians
/// @{
Variable sin(Operand x);
Variable cos(Operand x);
Variable tan(Operand x);
Variable asin(Operand x);
Variable acos(Operand x);
Variable atan(Operand x);
Variable sinh(Operand x);
Variable cosh(Operand x);
Variable tanh(Operand x);
Variable asinh(Operand x);
Variable acosh(Operand x);
Variable atanh(Operand x);
Variable deg2rad(const Operand& x);  ///< x pi / 180: degrees as radians
Variable rad2deg(const Operand& x);  ///< x 180 / pi: radians as degrees
Variable erf(Operand x);             ///< 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x
Variable erfc(Operand x);            ///< 1 - erf(x), accurate for large x
/// @}

/// @name Activations
/// @{
Variable relu(Operand x);          ///< max(x, 0);  slope 0 at 0
Variable relu6(const Operand& x);  ///< min(max(x, 0), 6)
Variable leaky_relu(Operand x, double negative_slope = 0.01);
Variable elu(Operand x, double alpha = 1);   ///< x, or alpha (e^x - 1) below 0
Variable selu(Operand x);                    ///< Klambauer et al. 2017
Variable celu(Operand x, double alpha = 1);  ///< x, or alpha (e^(x/alpha) - 1) below 0
Variable sigmoid(Operand x);
Variable log_sigmoid(Operand x);
Variable softplus(Operand x);  ///< log(1 + e^x), without overflow
Variable softsign(Operand x);  ///< x / (1 + |x|)
Variable silu(Operand x);      ///< x sigmoid(x), also called swish
Variable mish(Operand x);      ///< x tanh(softplus(x))
Variable gelu(const Operand& x,
              bool approximate = false);  ///< x Phi(x); approximately by tanh (Hendrycks & Gimpel 2016)
Variable hard_sigmoid(Operand x);         ///< clip(x / 6 + 1/2, 0, 1): Keras 3, PyTorch
Variable hard_sigmoid_keras2(Operand x);  ///< clip(x / 5 + 1/2, 0, 1): Keras 1 and 2
Variable hard_swish(Operand x);           ///< x hard_sigmoid(x)
Variable hard_tanh(const Operand& x);     ///< clip(x, -1, 1)
Variable hard_shrink(const Operand& x, double threshold = 0.5);  ///< x where |x| > threshold, else 0
Variable soft_shrink(const Operand& x, double threshold = 0.5);  ///< x moved towards 0 by the threshold, at most to 0
Variable tanh_shrink(const Operand& x);                          ///< x - tanh(x)
Variable threshold(const Operand& x, double threshold, double value);  ///< x above the threshold, else the value
Variable prelu(const Operand& x, const Operand& negative_slope);  ///< x, or negative_slope x below 0; they broadcast
/// a sigmoid(b) for the halves a and b of an axis (Dauphin et al. 2017). @throws ShapeError when its size is odd;
/// IndexError when it is out of range
Variable glu(const Operand& x, int axis = -1);
/// @}

/// @name Absolute value, clipping, rounding
/// @{
Variable abs(Operand x);  ///< |x|;  slope 0 at 0
/// min(max(x, low), high);  the gradient passes where low <= x <= high. @throws ValueError unless low <= high
Variable clip(const Operand& x, double low, double high);
/// The same between bounds that may be arrays; they broadcast. Outside them the gradient goes to the bound; where low
/// is above high the result is high, as in NumPy.
Variable clip(const Operand& x, const Operand& low, const Operand& high);
struct NanToNumOptions {
    double nan = 0;
    std::optional<double> posinf = {}, neginf = {};  ///< by default the type's largest and lowest finite numbers
};
/// x with NaN, infinity and -infinity replaced; no gradient passes there.
Variable nan_to_num(const Operand& x, const NanToNumOptions& options = {});
Variable sign(Operand x);          ///< -1, 0 or 1; no gradient
Variable floor(const Operand& x);  ///< no gradient, nor for the next three
Variable ceil(const Operand& x);
Variable round(const Operand& x);  ///< halves go to the even neighbour
Variable trunc(const Operand& x);
Variable frac(const Operand& x);  ///< x - trunc(x), with the sign of x;  dx = dy
/// @}

}  // namespace xgrad
