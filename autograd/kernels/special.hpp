#pragma once

/// Special functions of one number, in float64. NaN outside their domains.
namespace xgrad::kernels {

/// log |Gamma(x)|; infinite at 0, -1, -2, ... Unlike std::lgamma it writes no global variable, so threads may call it.
double lgamma(double x);

/// The derivative of order `order` + 1 of log Gamma(x): digamma for order 0, trigamma for 1. At 0 digamma is -infinity
/// (infinity at -0.0) and at -1, -2, ... NaN; a higher order is infinite there, with the sign of (-1)^(order + 1).
double polygamma(int order, double x);

/// The derivative of the given order of sinc(x) = sin(pi x) / (pi x); sinc itself for 0. To 1e-15 of the
/// largest value for the first orders.
double sinc_derivative(int order, double x);

/// The modified Bessel function of the first kind, of order 0, 1, 2, ...
double bessel_i(int order, double x);
/// The same times exp(-|x|), which does not overflow.
double bessel_i_scaled(int order, double x);

/// exp(x^2) erfc(x): finite for large x.
double erfcx(double x);
/// Its derivative of the given order; erfcx itself for 0.
double erfcx_derivative(int order, double x);

/// The number whose erf is x, in (-1, 1); infinite at -1 and 1.
double erfinv(double x);
/// The number whose erfc is x, in (0, 2): accurate for small x.
double erfcinv(double x);

}  // namespace xgrad::kernels
