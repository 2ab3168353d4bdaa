#pragma once

#include <xgrad/autograd/dual.hpp>

#include <limits>
#include <numbers>

/// The pointwise functions, each with its derivative: the one place for both. `value` computes with a Packet; `slope`
/// with any arithmetic (Packet, Dual, Variable), from x and y = value(x). The operators of ops/pointwise.cpp and the
/// functions that a lambda given to map() may call are made of these.
namespace xgrad::functions {

/// What `slope` looks at. A function may also say `is_slope_bounded`: its slope is finite wherever x is a number; and
/// `integers`: its value is defined for int64 too, by the same formula, or by `of_integers` (functions_of_two.hpp).
enum class Uses { nothing, x, y, both };

inline constexpr double two_over_sqrt_pi = 2 * std::numbers::inv_sqrtpi;
inline constexpr double sqrt_two_over_pi = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

// clang-format off
// Powers, exponentials and logarithms.
struct Exp {
    static constexpr auto name = "exp"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return exp(x); }
    template <class V> V slope(const V&, const V& y) const { return y; }
};
struct Expm1 {
    static constexpr auto name = "expm1"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return expm1(x); }
    template <class V> V slope(const V&, const V& y) const { return y + 1; }
};
struct Exp2 {
    static constexpr auto name = "exp2"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return exp2(x); }
    template <class V> V slope(const V&, const V& y) const { return std::numbers::ln2 * y; }
};
struct Log {
    static constexpr auto name = "log"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return log(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / x; }
};
struct Log1p {
    static constexpr auto name = "log1p"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return log1p(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / (1 + x); }
};
struct Log2 {
    static constexpr auto name = "log2"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return log2(x); }
    template <class V> V slope(const V& x, const V&) const { return std::numbers::log2e / x; }
};
struct Log10 {
    static constexpr auto name = "log10"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return log10(x); }
    template <class V> V slope(const V& x, const V&) const { return std::numbers::log10e / x; }
};
struct Sqrt {
    static constexpr auto name = "sqrt"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return sqrt(x); }
    template <class V> V slope(const V&, const V& y) const { return 0.5 / y; }
};
struct Rsqrt {
    static constexpr auto name = "rsqrt"; static constexpr Uses uses = Uses::both;
    template <class V> V value(const V& x) const { return 1 / sqrt(x); }
    template <class V> V slope(const V& x, const V& y) const { return -0.5 * y / x; }
};
struct Cbrt {
    static constexpr auto name = "cbrt"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return cbrt(x); }
    template <class V> V slope(const V&, const V& y) const { return 1 / (3 * y * y); }
};
struct Square {
    static constexpr auto name = "square"; static constexpr Uses uses = Uses::x; static constexpr bool integers = true;
    template <class V> V value(const V& x) const { return x * x; }
    template <class V> V slope(const V& x, const V&) const { return 2 * x; }
};
struct Reciprocal {
    static constexpr auto name = "reciprocal"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return 1 / x; }
    template <class V> V slope(const V&, const V& y) const { return -y * y; }
};

// Trigonometric and hyperbolic functions.
struct Sin {
    static constexpr auto name = "sin"; static constexpr Uses uses = Uses::x; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return sin(x); }
    template <class V> V slope(const V& x, const V&) const { return cos(x); }
};
struct Cos {
    static constexpr auto name = "cos"; static constexpr Uses uses = Uses::x; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return cos(x); }
    template <class V> V slope(const V& x, const V&) const { return -sin(x); }
};
struct Tan {
    static constexpr auto name = "tan"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return tan(x); }
    template <class V> V slope(const V&, const V& y) const { return 1 + y * y; }
};
struct Asin {
    static constexpr auto name = "asin"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return asin(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / sqrt((1 - x) * (1 + x)); }
};
struct Acos {
    static constexpr auto name = "acos"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return acos(x); }
    template <class V> V slope(const V& x, const V&) const { return -1 / sqrt((1 - x) * (1 + x)); }
};
struct Atan {
    static constexpr auto name = "atan"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return atan(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / (1 + x * x); }
};
struct Sinh {
    static constexpr auto name = "sinh"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return sinh(x); }
    template <class V> V slope(const V& x, const V&) const { return cosh(x); }
};
struct Cosh {
    static constexpr auto name = "cosh"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return cosh(x); }
    template <class V> V slope(const V& x, const V&) const { return sinh(x); }
};
struct Tanh {
    static constexpr auto name = "tanh"; static constexpr Uses uses = Uses::y; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return tanh(x); }
    template <class V> V slope(const V&, const V& y) const { return 1 - y * y; }
};
struct Asinh {
    static constexpr auto name = "asinh"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return asinh(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / sqrt(x * x + 1); }
};
struct Acosh {
    static constexpr auto name = "acosh"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return acosh(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / sqrt((x - 1) * (x + 1)); }
};
struct Atanh {
    static constexpr auto name = "atanh"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return atanh(x); }
    template <class V> V slope(const V& x, const V&) const { return 1 / ((1 - x) * (1 + x)); }
};
struct Erf {
    static constexpr auto name = "erf"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return erf(x); }
    template <class V> V slope(const V& x, const V&) const { return two_over_sqrt_pi * exp(-x * x); }
};
struct Erfc {
    static constexpr auto name = "erfc"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return erfc(x); }
    template <class V> V slope(const V& x, const V&) const { return -two_over_sqrt_pi * exp(-x * x); }
};

// Activations. Slopes at kinks are PyTorch's: relu'(0) = 0, abs'(0) = 0, and that of a clip is 1 at its bounds.
struct Abs {
    static constexpr auto name = "abs"; static constexpr Uses uses = Uses::x; static constexpr bool integers = true;
    template <class V> V value(const V& x) const { return abs(x); }
    template <class V> V slope(const V& x, const V&) const { return where(x > 0, 1, where(x < 0, -1, 0)); }
};
struct Relu {
    static constexpr auto name = "relu"; static constexpr Uses uses = Uses::y; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return maximum(x, V(0)); }
    template <class V> V slope(const V&, const V& y) const { return where(y > 0, 1, 0); }
};
struct Sigmoid {
    static constexpr auto name = "sigmoid"; static constexpr Uses uses = Uses::y; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return logistic(x); }
    template <class V> V slope(const V&, const V& y) const { return y * (1 - y); }
};
struct LogSigmoid {
    static constexpr auto name = "log_sigmoid"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return minimum(x, V(0)) - log1p(exp(-abs(x))); }
    template <class V> V slope(const V& x, const V&) const { return sigmoid(-x); }
};
struct Softplus {
    static constexpr auto name = "softplus"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return maximum(x, V(0)) + log1p(exp(-abs(x))); }
    template <class V> V slope(const V& x, const V&) const { return sigmoid(x); }
};
struct Softsign {
    static constexpr auto name = "softsign"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return x / (1 + abs(x)); }
    template <class V> V slope(const V& x, const V&) const { return 1 / square(1 + abs(x)); }
};
struct Silu {
    static constexpr auto name = "silu"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return x * logistic(x); }
    template <class V> V slope(const V& x, const V&) const { const V s = sigmoid(x); return s * (1 + x * (1 - s)); }
};
struct Mish {
    static constexpr auto name = "mish"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return x * tanh(softplus(x)); }
    template <class V> V slope(const V& x, const V&) const { const V t = tanh(softplus(x)); return t + x * sigmoid(x) * (1 - t * t); }
};
struct Gelu {
    static constexpr auto name = "gelu"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return 0.5 * x * (1 + erf(std::numbers::sqrt2 / 2 * x)); }
    template <class V> V slope(const V& x, const V&) const {
        return 0.5 * (1 + erf(std::numbers::sqrt2 / 2 * x)) + 0.5 * sqrt_two_over_pi * x * exp(-0.5 * x * x);
    }
};
struct GeluTanh {
    static constexpr auto name = "gelu_tanh"; static constexpr Uses uses = Uses::x;
    static constexpr double c = 0.044715;
    // x/2 (1 + tanh u) = x sigmoid(2 u), which does not cancel
    template <class V> V value(const V& x) const { return x * logistic(2 * sqrt_two_over_pi * (x + c * x * x * x)); }
    template <class V> V slope(const V& x, const V&) const {
        const V s = sigmoid(2 * sqrt_two_over_pi * (x + c * x * x * x));
        return s + 2 * sqrt_two_over_pi * x * s * (1 - s) * (1 + 3 * c * x * x);
    }
};
struct LeakyRelu {
    static constexpr auto name = "leaky_relu"; static constexpr Uses uses = Uses::x;
    double slope_below;
    template <class V> V value(const V& x) const { return where(x > 0, x, slope_below * x); }
    template <class V> V slope(const V& x, const V&) const { return where(x > 0, 1, slope_below); }
};
struct Elu {
    static constexpr auto name = "elu"; static constexpr Uses uses = Uses::both;
    double alpha;
    template <class V> V value(const V& x) const { return where(x > 0, x, alpha * expm1(x)); }
    template <class V> V slope(const V& x, const V& y) const { return where(x > 0, 1, y + alpha); }
};
struct Selu {  // Klambauer et al. 2017
    static constexpr auto name = "selu"; static constexpr Uses uses = Uses::both;
    static constexpr double scale = 1.0507009873554805, alpha = 1.6732632423543772;
    template <class V> V value(const V& x) const { return where(x > 0, scale * x, scale * alpha * expm1(x)); }
    template <class V> V slope(const V& x, const V& y) const { return where(x > 0, scale, y + scale * alpha); }
};
struct Celu {
    static constexpr auto name = "celu"; static constexpr Uses uses = Uses::both;
    double alpha;
    template <class V> V value(const V& x) const { return where(x > 0, x, alpha * expm1(x / alpha)); }
    template <class V> V slope(const V& x, const V& y) const { return where(x > 0, 1, y / alpha + 1); }
};
struct Clip {
    static constexpr auto name = "clip"; static constexpr Uses uses = Uses::x;
    double low, high;
    template <class V> V value(const V& x) const { return minimum(maximum(x, V(low)), V(high)); }
    template <class V> V slope(const V& x, const V&) const { return where(x >= low, where(x <= high, 1, 0), 0); }
};
struct HardSigmoid {
    static constexpr auto name = "hard_sigmoid"; static constexpr Uses uses = Uses::y;
    double scale;
    template <class V> V value(const V& x) const { return minimum(maximum(scale * x + 0.5, V(0)), V(1)); }
    template <class V> V slope(const V&, const V& y) const { return where(y > 0, where(y < 1, scale, 0), 0); }
};
struct HardSwish {
    static constexpr auto name = "hard_swish"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return x * minimum(maximum(x / 6 + 0.5, V(0)), V(1)); }
    template <class V> V slope(const V& x, const V&) const { return where(x > 3, 1, where(x > -3, x / 3 + 0.5, 0)); }
};
struct Sign {
    static constexpr auto name = "sign"; static constexpr Uses uses = Uses::nothing; static constexpr bool integers = true;
    template <class V> V value(const V& x) const { return where(x > 0, V(1), where(x < 0, V(-1), 0 * x)); }
};
struct Power {
    static constexpr auto name = "power"; static constexpr Uses uses = Uses::x;
    double exponent;
    template <class V> V value(const V& x) const { return pow(x, V(exponent)); }
    template <class V> V slope(const V& x, const V&) const { return exponent == 0 ? V(0) : V(exponent * pow(x, exponent - 1)); }
};

// Formulas of the above, which are differentiated as they stand.
struct HardShrink {
    double threshold;
    template <class V> V operator()(const V& x) const { return where(abs(x) > threshold, x, 0); }
};
struct SoftShrink {
    double threshold;
    template <class V> V operator()(const V& x) const { return where(x > threshold, x - threshold, where(x < -threshold, x + threshold, 0 * x)); }
};
struct TanhShrink {
    template <class V> V operator()(const V& x) const { return x - tanh(x); }
};
struct Threshold {
    double threshold, instead;
    template <class V> V operator()(const V& x) const { return where(x > threshold, x, instead); }
};
struct Prelu {
    template <class V> V operator()(const V& x, const V& negative_slope) const { return where(x > 0, x, negative_slope * x); }
};
struct Lerp {  // exact at both ends
    template <class V> V operator()(const V& a, const V& b, const V& weight) const {
        return where(weight < 0.5, a + weight * (b - a), b - (1 - weight) * (b - a));
    }
};
// clang-format on

}  // namespace xgrad::functions

namespace xgrad::simd {

/// A Packet, or a Dual of one: what a lambda given to map() sees.
template <class V>
concept Lanes = requires(const V& v) {
    v + v;
    requires is_dual<V> || requires { typename V::Batch; };
};

template <class F, Lanes V>
V evaluate(const F& f, const V& x) {
    if constexpr (is_dual<V>) {
        const auto y = f.value(x.value);
        if constexpr (requires { F::is_slope_bounded; })
            return x.chain_bounded(y, f.slope(x.value, y));
        else
            return x.chain(y, f.slope(x.value, y));
    } else {
        return f.value(x);
    }
}

template <class V>
concept DualLanes = is_dual<V>;

// clang-format off
template <DualLanes V> V exp(const V& x) { return evaluate(functions::Exp{}, x); }
template <DualLanes V> V expm1(const V& x) { return evaluate(functions::Expm1{}, x); }
template <DualLanes V> V exp2(const V& x) { return evaluate(functions::Exp2{}, x); }
template <DualLanes V> V log(const V& x) { return evaluate(functions::Log{}, x); }
template <DualLanes V> V log1p(const V& x) { return evaluate(functions::Log1p{}, x); }
template <DualLanes V> V log2(const V& x) { return evaluate(functions::Log2{}, x); }
template <DualLanes V> V log10(const V& x) { return evaluate(functions::Log10{}, x); }
template <DualLanes V> V sqrt(const V& x) { return evaluate(functions::Sqrt{}, x); }
template <DualLanes V> V cbrt(const V& x) { return evaluate(functions::Cbrt{}, x); }
template <DualLanes V> V sin(const V& x) { return evaluate(functions::Sin{}, x); }
template <DualLanes V> V cos(const V& x) { return evaluate(functions::Cos{}, x); }
template <DualLanes V> V tan(const V& x) { return evaluate(functions::Tan{}, x); }
template <DualLanes V> V asin(const V& x) { return evaluate(functions::Asin{}, x); }
template <DualLanes V> V acos(const V& x) { return evaluate(functions::Acos{}, x); }
template <DualLanes V> V atan(const V& x) { return evaluate(functions::Atan{}, x); }
template <DualLanes V> V sinh(const V& x) { return evaluate(functions::Sinh{}, x); }
template <DualLanes V> V cosh(const V& x) { return evaluate(functions::Cosh{}, x); }
template <DualLanes V> V tanh(const V& x) { return evaluate(functions::Tanh{}, x); }
template <DualLanes V> V asinh(const V& x) { return evaluate(functions::Asinh{}, x); }
template <DualLanes V> V acosh(const V& x) { return evaluate(functions::Acosh{}, x); }
template <DualLanes V> V atanh(const V& x) { return evaluate(functions::Atanh{}, x); }
template <DualLanes V> V erf(const V& x) { return evaluate(functions::Erf{}, x); }
template <DualLanes V> V erfc(const V& x) { return evaluate(functions::Erfc{}, x); }
template <DualLanes V> V abs(const V& x) { return evaluate(functions::Abs{}, x); }
template <Lanes V> V rsqrt(const V& x) { return evaluate(functions::Rsqrt{}, x); }
template <Lanes V> V square(const V& x) { return evaluate(functions::Square{}, x); }
template <Lanes V> V reciprocal(const V& x) { return evaluate(functions::Reciprocal{}, x); }
template <Lanes V> V relu(const V& x) { return evaluate(functions::Relu{}, x); }
template <Lanes V> V sigmoid(const V& x) { return evaluate(functions::Sigmoid{}, x); }
template <Lanes V> V log_sigmoid(const V& x) { return evaluate(functions::LogSigmoid{}, x); }
template <Lanes V> V softplus(const V& x) { return evaluate(functions::Softplus{}, x); }
template <Lanes V> V softsign(const V& x) { return evaluate(functions::Softsign{}, x); }
template <Lanes V> V silu(const V& x) { return evaluate(functions::Silu{}, x); }
template <Lanes V> V mish(const V& x) { return evaluate(functions::Mish{}, x); }
template <Lanes V> V gelu(const V& x, bool approximate = false) {
    return approximate ? evaluate(functions::GeluTanh{}, x) : evaluate(functions::Gelu{}, x);
}
template <Lanes V> V clip(const V& x, double low, double high) { return evaluate(functions::Clip{low, high}, x); }
template <Lanes V> V leaky_relu(const V& x, double slope = 0.01) { return evaluate(functions::LeakyRelu{slope}, x); }
template <Lanes V> V elu(const V& x, double alpha = 1) { return evaluate(functions::Elu{alpha}, x); }
template <Lanes V> V relu6(const V& x) { return clip(x, 0, 6); }
template <Lanes V> V selu(const V& x) { return evaluate(functions::Selu{}, x); }
template <Lanes V> V celu(const V& x, double alpha = 1) { return evaluate(functions::Celu{alpha}, x); }
template <Lanes V> V hard_sigmoid(const V& x) { return evaluate(functions::HardSigmoid{1.0 / 6}, x); }
template <Lanes V> V hard_sigmoid_keras2(const V& x) { return evaluate(functions::HardSigmoid{0.2}, x); }
template <Lanes V> V hard_swish(const V& x) { return evaluate(functions::HardSwish{}, x); }
template <Lanes V> V hard_tanh(const V& x) { return clip(x, -1, 1); }
template <Lanes V> V hard_shrink(const V& x, double threshold = 0.5) { return functions::HardShrink{threshold}(x); }
template <Lanes V> V soft_shrink(const V& x, double threshold = 0.5) { return functions::SoftShrink{threshold}(x); }
template <Lanes V> V tanh_shrink(const V& x) { return functions::TanhShrink{}(x); }
template <Lanes V> V threshold(const V& x, double threshold, double value) { return functions::Threshold{threshold, value}(x); }
template <Lanes V> V sign(const V& x) {
    if constexpr (is_dual<V>) return functions::Sign{}.value(x.value);
    else return functions::Sign{}.value(x);
}
// clang-format on

}  // namespace xgrad::simd

// More of the same kind.
#include <xgrad/autograd/functions_of_two.hpp>
#include <xgrad/autograd/special.hpp>
