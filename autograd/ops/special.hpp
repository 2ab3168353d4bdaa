#pragma once

#include <xgrad/autograd/variable.hpp>

/// The special functions, element by element. float64 values are right to about 1e-15 of the result unless said
/// otherwise; outside a function's domain they are NaN. All may be called inside a lambda given to map() too.
namespace xgrad {

/// log |Gamma(x)|;  dx = dy digamma(x). Infinite at 0, -1, -2, ...
Variable lgamma(const Operand& x);
/// The derivative of log Gamma(x);  dx = dy polygamma(1, x). NaN at -1, -2, ..., -infinity at 0. By recurrence and the
/// asymptotic series (Abramowitz & Stegun 6.3.18), by reflection below 0; near its negative roots right to 1e-15 of the
/// terms that cancel.
Variable digamma(const Operand& x);
/// The derivative of digamma(x) of the given order: 1 for trigamma;  dx = dy polygamma(order + 1, x). By the
/// Euler-Maclaurin formula of Hurwitz's zeta, by reflection below 0. At 0, -1, -2, ... it is infinite, with the sign of
/// (-1)^(order + 1). @throws ValueError when the order is negative
Variable polygamma(int order, const Operand& x);

/// sin(pi x) / (pi x), 1 at 0, as NumPy's;  dx = dy sinc_derivative(1, x). Exactly 0 at all other
/// integers.
Variable sinc(const Operand& x);
/// The derivative of sinc(x) of the given order;  dx = dy sinc_derivative(order + 1, x). By Taylor's series near 0, by
/// recurrence elsewhere. @throws ValueError when the order is negative
Variable sinc_derivative(int order, const Operand& x);

/// The modified Bessel function of the first kind of a whole order n, the solution of x^2 y'' + x y' = (x^2 + n^2) y
/// that is finite at 0;  dx = dy (iv(n - 1, x) + iv(n + 1, x)) / 2, and dy iv(1, x) for n = 0. By the power series, far
/// out by the asymptotic one (Abramowitz & Stegun 9.6.10, 9.7.1). @throws ValueError when the order is negative
Variable iv(int order, const Operand& x);
Variable i0(const Operand& x);  ///< iv(0, x)
Variable i1(const Operand& x);  ///< iv(1, x)
/// exp(-|x|) iv(n, x), which does not overflow;  dx = dy (exp(-|x|) iv'(n, x) - sign(x) y).
/// @throws ValueError when the order is negative
Variable ive(int order, const Operand& x);
Variable i0e(const Operand& x);  ///< ive(0, x)
Variable i1e(const Operand& x);  ///< ive(1, x)

/// The y with erf(y) = x, for x in [-1, 1];  dx = dy sqrt(pi) / 2 exp(y^2) (Wichura 1988, algorithm AS 241).
Variable erfinv(const Operand& x);
/// The y with erfc(y) = x, for x in [0, 2];  dx = -dy sqrt(pi) / 2 exp(y^2). Accurate for small x.
Variable erfcinv(const Operand& x);
/// exp(x^2) erfc(x), which does not vanish for large x;  dx = dy (2 x y - 2 / sqrt(pi)), by erfcx_derivative(1, x), in
/// which nothing cancels. Infinite from about -26.6 down.
Variable erfcx(const Operand& x);
/// The derivative of erfcx(x) of the given order;  dx = dy erfcx_derivative(order + 1, x). By recurrence, for x > 1
/// from high orders down (Gautschi 1961). @throws ValueError when the order is negative
Variable erfcx_derivative(int order, const Operand& x);

/// The share of the standard normal distribution below x, erfc(-x / sqrt(2)) / 2;  dx = dy exp(-x^2 / 2) / sqrt(2 pi).
/// Far from 0 right to x^2 roundings of the argument, as is its logarithm for positive x.
Variable ndtr(const Operand& x);
/// log ndtr(x), accurate where that vanishes;  dx = dy sqrt(2 / pi) / erfcx(-x / sqrt(2)).
Variable log_ndtr(const Operand& x);
/// The x with ndtr(x) = p, for p in [0, 1];  dp = dx sqrt(2 pi) exp(x^2 / 2). Accurate for small p.
Variable ndtri(const Operand& p);

/// -x log(x), 0 at 0 and -infinity below: the terms of an entropy;  dx = -dy (1 + log x).
Variable entr(const Operand& x);
/// The logarithm of the gamma function of p-dimensional matrices (statistics of Wishart's distribution):
///
///     y = p (p - 1) / 4 log(pi) + the sum over j < p of lgamma(x - j / 2)        dx = dy the sum of digamma(x - j / 2)
///
/// NaN unless x > (p - 1) / 2. @throws ValueError when p is less than 1
Variable multigammaln(const Operand& x, int p);
/// log(x / (1 - x)), the inverse of sigmoid;  dx = dy / (x (1 - x)).
Variable logit(const Operand& x);
/// The logit of x held inside [eps, 1 - eps]: finite, with gradient 0 outside. @throws ValueError unless
/// 0 <= eps <= 1/2
Variable logit(const Operand& x, double eps);

/// log(e^a + e^b) without overflow, exact at infinities;  da = dy sigmoid(a - b), db = dy sigmoid(b - a).
/// @throws as the arithmetic operators do; so do the next three
Variable logaddexp(const Operand& a, const Operand& b);
/// log2(2^a + 2^b) likewise;  da = dy 2^(a - y), db = dy 2^(b - y).
Variable logaddexp2(const Operand& a, const Operand& b);
/// a log(b), and 0 where a is 0, also for b = 0: the terms of an entropy;  da = dy log(b) (0 where a = b = 0),
/// db = dy a / b.
Variable xlogy(const Operand& a, const Operand& b);
/// a log(1 + b), and 0 where a is 0;  da = dy log(1 + b), db = dy a / (1 + b).
Variable xlog1py(const Operand& a, const Operand& b);

}  // namespace xgrad
