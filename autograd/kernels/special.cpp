#include <xgrad/autograd/kernels/special.hpp>

#include <math.h>  // NOLINT(modernize-deprecated-headers): for lgamma_r(), which is POSIX's and not in std
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

namespace xgrad::kernels {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = std::numbers::pi;

/// c[0] + c[1] x + c[2] x^2 + ...
template <std::size_t N>
double polynomial(const std::array<double, N>& c, double x) {
    double y = c[N - 1];
    for (std::size_t i = N - 1; i > 0; --i) y = y * x + c[i - 1];
    return y;
}

/// B_2, B_4, ..., B_24: Bernoulli numbers.
constexpr std::array<double, 12> bernoulli{1. / 6,       -1. / 30,       1. / 42,       -1. / 30,
                                           5. / 66,      -691. / 2730,   7. / 6,        -3617. / 510,
                                           43867. / 798, -174611. / 330, 854513. / 138, -236364091. / 2730};

/// cot(pi x), exact in its reduction to one period.
double cot_pi(double x) {
    const double r = x - std::nearbyint(x);
    return std::abs(r) == 0.5 ? 0 : 1 / std::tan(pi * r);
}

// The asymptotic series of digamma from here on (Abramowitz & Stegun 6.3.18), B_2k / (2k) in powers of 1/x^2.
constexpr double digamma_far = 10;
constexpr std::array<double, 9> digamma_series{0,        1. / 12,       -1. / 120, 1. / 252,     -1. / 240,
                                               1. / 132, -691. / 32760, 1. / 12,   -3617. / 8160};

/// digamma(x) about its root x0, as a difference from digamma(x0) = 0 in which x - x0 is a factor of every term:
/// accurate where digamma itself is small.
double digamma_near_root(double x) {
    constexpr double root = 1.4616321449683622, rest = 9.549995429965697e-17;
    const double h = (x - root) - rest;
    double sum = 0, a = x, b = root;
    while (a < digamma_far) {
        sum += h / (a * b);
        a += 1;
        b += 1;
    }
    // (p(u) - p(v)) / (u - v) by Horner's rule, for u = 1 / a^2 and v = 1 / b^2
    const double u = 1 / (a * a), v = 1 / (b * b);
    double p = digamma_series.back(), slope = 0;
    for (std::size_t i = digamma_series.size() - 1; i > 0; --i) {
        slope = slope * v + p;
        p = p * u + digamma_series[i - 1];
    }
    return sum + std::log1p(h / b) + h / (2 * a * b) + slope * h * (a + b) * u * v;
}

double digamma(double x) {
    if (x == 0) return std::copysign(infinity, -x);
    if (x < 0) {
        if (x == std::floor(x)) return nan;
        return digamma(1 - x) - pi * cot_pi(x);
    }
    if (x >= 1 && x <= 2) return digamma_near_root(x);
    double sum = 0;
    while (x < digamma_far) {
        sum -= 1 / x;
        x += 1;
    }
    return sum + std::log(x) - 0.5 / x - polynomial(digamma_series, 1 / (x * x));
}

/// Hurwitz's zeta, the sum of (x + k)^-s over k = 0, 1, ..., for x > 0 and whole s > 1, by the Euler-Maclaurin formula.
double hurwitz_zeta(int s, double x) {
    double sum = 0;
    const double far = 10 + s;
    while (x < far) {
        sum += std::pow(x, -s);
        x += 1;
    }
    const double term = std::pow(x, -s);
    sum += std::pow(x, 1 - s) / (s - 1) + term / 2;
    double factor = term * s / x;  // s (s+1) ... (s+2k-2) / ((2k)! x^(s+2k-1)), with (2k)! still to come
    double factorial = 2;
    for (std::size_t k = 1; k <= bernoulli.size(); ++k) {
        const double two_k = 2 * static_cast<double>(k);
        sum += bernoulli[k - 1] * factor / factorial;
        factor *= (s + two_k - 1) * (s + two_k) / (x * x);
        factorial *= (two_k + 1) * (two_k + 2);
    }
    return sum;
}

/// The derivative of that order of pi cot(pi x): cot' = -(1 + cot^2) makes a polynomial in the cotangent of it.
double cot_derivative(int order, double x) {
    std::vector<double> c{0, 1};
    for (int n = 0; n < order; ++n) {
        std::vector<double> next(c.size() + 1);
        for (std::size_t i = 1; i < c.size(); ++i) {
            const double slope = static_cast<double>(i) * c[i];
            next[i - 1] -= slope;
            next[i + 1] -= slope;
        }
        c = std::move(next);
    }
    double y = 0;
    const double cot = cot_pi(x);
    for (std::size_t i = c.size(); i > 0; --i) y = y * cot + c[i - 1];
    return std::pow(pi, order + 1) * y;
}

/// Numerator and denominator in powers of r.
using Coefficients = std::array<double, 8>;
double ratio(const Coefficients& a, const Coefficients& b, double r) { return polynomial(a, r) / polynomial(b, r); }

/// The quantile of the normal distribution at 1/2 + q (Wichura 1988, algorithm AS 241), where `tail` is the smaller of
/// 1/2 + q and 1/2 - q.
double normal_quantile(double q, double tail) {
    static constexpr Coefficients a0{3.387132872796366608,  133.14166789178437745, 1971.5909503065514427,
                                     13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
                                     33430.575583588128105, 2509.0809287301226727},
        b0{1,
           42.313330701600911252,
           687.1870074920579083,
           5394.1960214247511077,
           21213.794301586595867,
           39307.89580009271061,
           28729.085735721942674,
           5226.495278852545925},
        a1{1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055,   3.64784832476320460504,
           1.27045825245236838258, .24178072517745061177, .0227238449892691845833, 7.7454501427834140764e-4},
        b1{1,
           2.05319162663775882187,
           1.6763848301838038494,
           .68976733498510000455,
           .14810397642748007459,
           .0151986665636164571966,
           5.475938084995344946e-4,
           1.05075007164441684324e-9},
        a2{6.6579046435011037772,  5.4637849111641143699,   1.7848265399172913358,     .29656057182850489123,
           .026532189526576123093, .0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
        b2{1,
           .59983220655588793769,
           .13692988092273580531,
           .0148753612908506148525,
           7.868691311456132591e-4,
           1.8463183175100546818e-5,
           1.4215117583164458887e-7,
           2.04426310338993978564e-15};
    if (std::abs(q) <= 0.425) return q * ratio(a0, b0, 0.180625 - q * q);
    const double r = std::sqrt(-std::log(tail));
    return std::copysign(r <= 5 ? ratio(a1, b1, r - 1.6) : ratio(a2, b2, r - 5), q);
}

/// The derivative of sin(u) / u of the given order for u up to about the order, by Taylor's series.
double sinc_series(int order, double u) {
    double sum = 0, power = order % 2 == 0 ? 1 : u;  // u^j / j!
    for (int j = order % 2; power > std::numeric_limits<double>::epsilon() / 16; j += 2) {
        const double sign = (j + order) / 2 % 2 == 0 ? 1 : -1;
        sum += sign * power / (j + order + 1);
        power *= u * u / ((j + 1) * (j + 2));
    }
    return sum;
}

/// The same at u = pi x for larger u: u g = sin(u) differentiated k times is u g_k + k g_(k-1) = sin(u + k pi / 2).
double sinc_recurrence(int order, double x) {
    const double whole = std::nearbyint(x), u = pi * x, turn = std::fmod(whole, 2) == 0 ? 1 : -1;
    const double sine = turn * std::sin(pi * (x - whole)), cosine = turn * std::cos(pi * (x - whole));
    const std::array<double, 4> derivatives{sine, cosine, -sine, -cosine};
    double g = 0;
    for (int k = 0; k <= order; ++k) g = (derivatives[static_cast<std::size_t>(k % 4)] - k * g) / u;
    return g;
}

/// value * 2^(512 shifts)
struct Shifted {
    double value;
    int shifts;
};

/// sum (x / 2)^(2 k + n) / (k! (k + n)!), all of one sign (Abramowitz & Stegun 9.6.10).
Shifted bessel_i_series(int order, double x) {
    double term = 1, sum = 0;
    int shifts = 0;
    const auto keep_small = [&] {
        if (std::max(term, sum) < 0x1p512) return;
        term *= 0x1p-512;
        sum *= 0x1p-512;
        ++shifts;
    };
    for (int j = 1; j <= order; ++j) {
        term *= x / (2 * j);
        keep_small();
    }
    for (int k = 1; term > std::numeric_limits<double>::epsilon() / 8 * sum; ++k) {
        sum += term;
        term *= x / (2 * k) * (x / (2 * (k + order)));
        keep_small();
    }
    return {sum, shifts};
}

/// exp(-x) value 2^(512 shifts)
double scaled_by_exp(const Shifted& s, double x) {
    // ln 2 in two parts (Cody & Waite): a multiple of the first is exact.
    constexpr double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    const double steps = 512.0 * s.shifts;
    return s.value * std::exp((steps * high - x) + steps * low);
}

/// The asymptotic series for large x, times exp(-x) (Abramowitz & Stegun 9.7.1).
double bessel_i_far(int order, double x) {
    const double mu = 4.0 * order * order;
    double term = 1, sum = 0;
    for (int k = 1; std::abs(term) > std::numeric_limits<double>::epsilon() / 8; ++k) {
        sum += term;
        const double odd = 2.0 * k - 1;
        term *= (odd * odd - mu) / (8 * x * k);
    }
    return sum / std::sqrt(2 * pi * x);
}

bool is_bessel_i_far(int order, double x) { return x > 20 + static_cast<double>(order) * order; }

}  // namespace

double lgamma(double x) {
    int sign = 0;
    return ::lgamma_r(x, &sign);
}

double polygamma(int order, double x) {
    if (std::isnan(x) || x == -infinity) return nan;
    if (order == 0) return x == infinity ? infinity : digamma(x);
    const double sign = order % 2 == 0 ? -1 : 1;
    if (x == infinity) return sign * 0.0;
    if (x <= 0) {
        if (x == std::floor(x)) return sign * infinity;
        return -sign * polygamma(order, 1 - x) - cot_derivative(order, x);
    }
    return sign * std::tgamma(order + 1.0) * hurwitz_zeta(order + 1, x);
}

double sinc_derivative(int order, double x) {
    if (std::isnan(x)) return nan;
    const double size = std::abs(x), parity = x < 0 && order % 2 == 1 ? -1 : 1;
    if (size == infinity) return 0;
    const bool small = pi * size <= std::max(order, 1);
    return parity * std::pow(pi, order) * (small ? sinc_series(order, pi * size) : sinc_recurrence(order, size));
}

double bessel_i(int order, double x) {
    if (std::isnan(x)) return nan;
    const double size = std::abs(x), parity = x < 0 && order % 2 == 1 ? -1 : 1;
    if (size == infinity) return parity * infinity;
    if (!is_bessel_i_far(order, size)) {
        const Shifted sum = bessel_i_series(order, size);
        return parity * std::ldexp(sum.value, 512 * sum.shifts);
    }
    const double root = std::exp(size / 2);
    return parity * (root * (root * bessel_i_far(order, size)));
}

double bessel_i_scaled(int order, double x) {
    if (std::isnan(x)) return nan;
    const double size = std::abs(x), parity = x < 0 && order % 2 == 1 ? -1 : 1;
    if (size == infinity) return parity * 0.0;
    return parity * (is_bessel_i_far(order, size) ? bessel_i_far(order, size)
                                                  : scaled_by_exp(bessel_i_series(order, size), size));
}

double erfcx(double x) {
    if (x < 25) {
        const double square = x * x, rest = std::fma(x, x, -square), value = std::exp(square) * std::erfc(x);
        return value == infinity ? value : value + value * rest;
    }
    // The asymptotic series (Abramowitz & Stegun 7.1.23).
    double term = 1, sum = 0;
    for (int k = 1; std::abs(term) > std::numeric_limits<double>::epsilon() / 8; ++k) {
        sum += term;
        term *= -(2 * k - 1) / (2 * x * x);
    }
    return sum / (x * std::sqrt(pi));
}

// The derivatives obey y_n = 2 x y_(n-1) + 2 (n - 1) y_(n-2), like the integrals of erfc (Abramowitz & Stegun 7.2.5),
// where terms cancel for positive x. There it is run from high orders down, as the ratios s_n = -y_n / y_(n-1), all
// positive: s_n = 2 n / (2 x + s_(n+1)) (Gautschi 1961).
double erfcx_derivative(int order, double x) {
    double y = erfcx(x);
    if (order == 0) return y;
    if (!(x >= 1)) {
        double before = y;
        y = 2 * x * y - 2 / std::sqrt(pi);
        for (int n = 2; n <= order; ++n) before = std::exchange(y, 2 * x * y + 2 * (n - 1) * before);
        return y;
    }
    int n = order + 16 + static_cast<int>(120 / (x * x));  // far enough for all digits of the first orders
    double ratio = 2 * n / (x + std::sqrt(x * x + 2 * n));
    while (--n > 0) {
        ratio = 2 * n / (2 * x + ratio);
        if (n <= order) y *= -ratio;
    }
    return y;
}

double erfinv(double x) {
    if (!(std::abs(x) <= 1)) return nan;
    if (std::abs(x) == 1) return std::copysign(infinity, x);
    return normal_quantile(x / 2, (1 - std::abs(x)) / 2) / std::numbers::sqrt2;
}

double erfcinv(double x) {
    if (!(x >= 0 && x <= 2)) return nan;
    if (x == 0 || x == 2) return x == 0 ? infinity : -infinity;
    return -normal_quantile((x - 1) / 2, std::min(x, 2 - x) / 2) / std::numbers::sqrt2;
}

}  // namespace xgrad::kernels
