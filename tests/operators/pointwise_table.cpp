#include "operator_table.hpp"

#include <numbers>

namespace table {

namespace {

using List = const std::vector<Variable>&;
const Variable mask({{1.0, 0.0, 1.0}, {0.0, 0.0, 1.0}});
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
const Variable some({-1.5, -0.5, 0.0, 0.5, 2.5}), others({-1.5, 0.5, 0.0, -0.5, nan}),
    odd({1.0, nan, infinity, -infinity});
const Variable labels({2, 0}, DType::int64);

Variable of_type(const Variable& constant, const Variable& like) { return constant.to(like.dtype()); }

// clang-format off
const Lines gradients{
    // Arithmetic
    binary("add", [](const Operand& a, const Operand& b) { return a + b; }),
    binary("subtract", [](const Operand& a, const Operand& b) { return a - b; }),
    binary("multiply", [](const Operand& a, const Operand& b) { return a * b; }),
    binary("divide", [](const Operand& a, const Operand& b) { return a / b; }, {}, {0.5, 2}),
    binary("pow", pow, {0.4, 2}),
    binary("maximum", maximum),
    binary("minimum", minimum),
    binary("atan2", atan2, {0.3, 2}, {-2, 2}),
    binary("hypot", hypot, {0.3, 2}, {-2, -0.3}),
    binary("remainder", remainder, {-3, 3}, {0.6, 1.4}),
    binary("fmod", fmod, {-3, 3}, {0.6, 1.4}),
    binary("copysign", copysign, {0.3, 2}, {-2, 2}),
    binary("copysign", copysign, {-2, -0.3}, {-2, 2}),
    binary("heaviside", [](const Operand& x, const Operand& h) { return heaviside(x, h) * h; }),
    {"heaviside", [](List in) { return square(heaviside(relu(in[0].detach()), in[1])); }, {{{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{0, 2}, {2}}}},
    binary("fmax", fmax),
    binary("fmin", fmin),
    {"lerp", [](List in) { return lerp(in[0], in[1], in[2]); }, {{{2, 3}, {3}, {2, 1}}, {{}, {}, {}}}, {}, true,
        {{[] { return lerp(zeros({2, 3}), zeros({4}), 0.5); }, {"(2, 3)", "(4,)"}}}},
    binary("ldexp", ldexp),
    {"addcmul", [](List in) { return addcmul(in[0], in[1], in[2], 0.7); }, {{{2, 3}, {3}, {2, 1}}, {{}, {}, {}}, {{0, 3}, {3}, {1}}}, {}, true,
        {{[] { return addcmul(zeros({2, 3}), zeros({4}), 1); }, {"(2, 3)", "(4,)"}}, {[] { return addcmul(zeros({2}), zeros({2}, DType::float64), 1); }, {"mixed"}}}},
    {"addcdiv", [](List in) { return addcdiv(in[0], in[1], in[2], 0.7); }, {{{2, 3}, {3}, {2, 1}}, {{}, {}, {}}, {{0, 3}, {3}, {1}}}, {{}, {}, {0.5, 2}}, true,
        {{[] { return addcdiv(zeros({2, 3}), zeros({4}), 1); }, {"(2, 3)", "(4,)"}}}},
    unary("negative", [](const Operand& x) { return -x; }),
    unary("add", [](const Operand& x) { return 2 + x; }),
    unary("subtract", [](const Operand& x) { return x - 2; }),
    unary("subtract", [](const Operand& x) { return 2 - x; }),
    unary("multiply", [](const Operand& x) { return 2 * x; }),
    unary("divide", [](const Operand& x) { return 2 / x; }, {0.4, 2}),
    unary("pow", [](const Operand& x) { return pow(x, 3.5); }, {0.4, 2}),
    unary("pow", [](const Operand& x) { return pow(x, 3); }),
    unary("pow", [](const Operand& x) { return pow(2, x); }),

    // Powers, exponentials, logarithms
    unary("square", square),
    unary("reciprocal", reciprocal, {0.4, 2}),
    unary("sqrt", sqrt, {0.3, 3}),
    unary("rsqrt", rsqrt, {0.3, 3}),
    unary("cbrt", cbrt, {-3, -0.3}),
    unary("power", [](const Operand& x) { return power(x, -1.5); }, {0.4, 2}),
    unary("exp", exp),
    unary("expm1", expm1),
    unary("exp2", exp2),
    unary("log", log, {0.3, 3}),
    unary("log1p", log1p, {-0.6, 2}),
    unary("log2", log2, {0.3, 3}),
    unary("log10", log10, {0.3, 3}),

    // Trigonometric and hyperbolic functions
    unary("sin", sin),
    unary("cos", cos),
    unary("tan", tan, {-1.2, 1.2}),
    unary("asin", asin, {-0.8, 0.8}),
    unary("acos", acos, {-0.8, 0.8}),
    unary("atan", atan),
    unary("sinh", sinh),
    unary("cosh", cosh),
    unary("tanh", tanh),
    unary("asinh", asinh),
    unary("acosh", acosh, {1.2, 3}),
    unary("atanh", atanh, {-0.8, 0.8}),
    unary("deg2rad", deg2rad),
    unary("rad2deg", rad2deg),
    unary("erf", erf),
    unary("erfc", erfc),

    // Activations
    unary("relu", relu),
    unary("clip", relu6, {-3, 9}),
    unary("leaky_relu", [](const Operand& x) { return leaky_relu(x, 0.2); }),
    unary("elu", [](const Operand& x) { return elu(x, 0.7); }),
    unary("selu", selu),
    unary("celu", [](const Operand& x) { return celu(x, 0.7); }),
    unary("sigmoid", sigmoid),
    unary("log_sigmoid", log_sigmoid),
    unary("softplus", softplus),
    unary("softsign", softsign),
    unary("silu", silu),
    unary("mish", mish),
    unary("gelu", [](const Operand& x) { return gelu(x); }),
    unary("gelu_tanh", [](const Operand& x) { return gelu(x, true); }),
    unary("hard_sigmoid", hard_sigmoid, {-4, 4}),
    unary("hard_sigmoid", hard_sigmoid_keras2, {-4, 4}),
    unary("hard_swish", hard_swish, {-4, 4}),
    unary("clip", hard_tanh),
    unary("hard_shrink", [](const Operand& x) { return hard_shrink(x); }),
    unary("soft_shrink", [](const Operand& x) { return soft_shrink(x, 0.7); }),
    unary("tanh_shrink", tanh_shrink),
    unary("threshold", [](const Operand& x) { return threshold(x, 0.3, -1); }),
    binary("prelu", prelu),
    {"glu", [](List in) { return glu(in[0]); }, {{{3, 4}}, {{2}}, {{0, 2}}, {{3, 0}}}, {}, true,
        {{[] { return glu(zeros({2, 3})); }, {"axis -1", "(2, 3)", "halves"}}, {[] { return glu(zeros({2}), 1); }, {"axis 1"}}}},
    {"glu", [](List in) { return glu(in[0], 0); }, {{{4, 3}}}},
    unary("nan_to_num", [](const Operand& x) { return nan_to_num(x); }),
    unary("abs", abs),
    unary("clip", [](const Operand& x) { return clip(x, -1, 0.5); }),
    {"clip", [](List in) { return square(clip(in[0], in[1], in[2])); }, {{{2, 3}, {3}, {2, 1}}, {{4, 5}, {5}, {}}, {{0, 3}, {3}, {1}}}, {{-3, 3}, {-2, 0}, {0, 2}}, true,
        {{[] { return clip(zeros({2, 3}), zeros({4}), 1); }, {"(2, 3)", "(4,)"}}, {[] { return clip(zeros({2}, DType::int64), zeros({2}), 1); }, {"int64", "float32"}}}},
    unary("frac", frac, {0.1, 0.9}),
    unary("frac", frac, {-1.9, -1.1}),

    // Choosing
    {"where", [](List in) { return where(of_type(mask, in[0]), in[0], in[1]); },
        {{{2, 3}, {2, 3}}, {{3}, {2, 1}}, {{}, {4, 1, 3}}}, {}, true,
        {{[] { return where(mask, zeros({2, 4}), 1); }, {"(2, 3)", "(2, 4)"}}}},
    {"where", [](List in) { return where(in[0], in[0], 0); }, {{{3, 5}}, {{2, 3, 7}}, {{1}}, {{}}, {{0, 3}}}, {}, true,
        {{[] { return where(Variable(), zeros({2}), 0); }, {"empty Variable"}}, {[] { return where(mask, labels, zeros({2})); }, {"int64 and float32"}},
         {[] { return where(mask, labels, 0); }, {"(2, 3)", "(2,)"}}}},
};

const ValueLines values{
    {"less", [] { return some < others; }, {0, 1, 0, 0, 0}},
    {"less_equal", [] { return some <= others; }, {1, 1, 1, 0, 0}},
    {"greater", [] { return some > others; }, {0, 0, 0, 1, 0}},
    {"greater_equal", [] { return some >= others; }, {1, 0, 1, 1, 0}},
    {"equal", [] { return some == others; }, {1, 0, 1, 0, 0}},
    {"not_equal", [] { return some != others; }, {0, 1, 0, 1, 1}},
    {"logical_and", [] { return logical_and(some > -1, some < 1); }, {0, 1, 1, 1, 0}},
    {"logical_or", [] { return logical_or(some, some > 1); }, {1, 1, 0, 1, 1}},
    {"logical_xor", [] { return logical_xor(some, some > 1); }, {1, 1, 0, 1, 0}},
    {"equal", [] { return logical_not(some); }, {0, 0, 1, 0, 0}},
    {"less", [] { return labels < 1; }, {0, 1}},
    {"isnan", [] { return isnan(odd); }, {0, 1, 0, 0}},
    {"isinf", [] { return isinf(odd); }, {0, 0, 1, 1}},
    {"isfinite", [] { return isfinite(odd); }, {1, 0, 0, 0}},
    {"isclose", [] { return isclose(some, some + 1e-6); }, {1, 1, 0, 1, 1}},
    {"isclose", [] { return isclose(odd, Variable({1.0 + 1e-3, nan, infinity, infinity}), {.rtol = 1e-2}); }, {1, 0, 1, 0}},
    {"isclose", [] { return isclose(odd, odd, {.equal_nan = true}); }, {1, 1, 1, 1}},
    {"isclose", [] { return isclose(1.0, odd); }, {1, 0, 0, 0}},
    {"nan_to_num", [] { return nan_to_num(odd, {.nan = 2, .neginf = -3}); }, {1, 2, std::numeric_limits<float>::max(), -3}},
    {"hard_shrink", [] { return hard_shrink(some); }, {-1.5, 0, 0, 0, 2.5}},
    {"soft_shrink", [] { return soft_shrink(some); }, {-1, 0, 0, 0, 2}},
    {"threshold", [] { return threshold(some, 0, 7); }, {7, 7, 7, 0.5, 2.5}},
    {"prelu", [] { return prelu(some, 0.5); }, {-0.75, -0.25, 0, 0.5, 2.5}},
    {"fmod", [] { return fmod(some, 1); }, {-0.5, -0.5, 0, 0.5, 0.5}},
    {"copysign", [] { return copysign(some, Variable({1.0, -1.0, -0.0, -infinity, infinity})); }, {1.5, -0.5, -0.0, -0.5, 2.5}},
    {"heaviside", [] { return heaviside(some, 0.25); }, {0, 0, 0.25, 1, 1}},
    {"fmax", [] { return fmax(some, others); }, {-1.5, 0.5, 0, 0.5, 2.5}},
    {"fmin", [] { return fmin(others, some); }, {-1.5, -0.5, 0, -0.5, 2.5}},
    {"deg2rad", [] { return deg2rad(Variable({0.0, 180.0, -90.0}, DType::float64)); }, {0, std::numbers::pi, -std::numbers::pi / 2}},
    {"rad2deg", [] { return rad2deg(Variable({0.0, std::numbers::pi}, DType::float64)); }, {0, 180}},
    {"sign", [] { return sign(some); }, {-1, -1, 0, 1, 1}},
    {"floor", [] { return floor(some); }, {-2, -1, 0, 0, 2}},
    {"ceil", [] { return ceil(some); }, {-1, 0, 0, 1, 3}},
    {"pow", [] { return pow(labels, Variable({3, 0}, DType::int64)); }, {8, 1}},
    {"round", [] { return round(some); }, {-2, 0, 0, 0, 2}},
    {"round", [] { return round(Variable({2.344, -0.125, 1250.0}, DType::float64), 2); }, {2.34, -0.12, 1250}},
    {"round", [] { return round(Variable({1234.5, 1250.0, -49.0}), -2); }, {1200, 1200, 0}},
    {"trunc", [] { return trunc(some); }, {-1, 0, 0, 0, 2}},
    {"frac", [] { return frac(some); }, {-0.5, -0.5, 0, 0.5, 0.5}},
    {"floor_divide", [] { return floor_divide(some, 1); }, {-2, -1, 0, 0, 2}},
    {"floor_divide", [] { return floor_divide(some, Variable({-1, 0, -2, infinity, -infinity})); }, {1, -infinity, 0, 0, -1}},
    {"floor_divide", [] { return floor_divide(Variable({0.6, -1.0, 6.0}, DType::float64), Variable({0.1, infinity, -4.0}, DType::float64)); }, {5, -1, -2}},
    {"ldexp", [] { return ldexp(some, Variable({2, -1, 200, 0, 1}, DType::int64)); }, {-6, -0.25, 0, 0.5, 5}},
    {"ldexp", [] { return ldexp(Variable({0x1p-1060, -0x3p900}, DType::float64), Variable({2080.0, -1900.0}, DType::float64)); }, {0x1p1020, -0x3p-1000}},
    {"addcmul", [] { return addcmul(some, 2, some, 0.5); }, {-3, -1, 0, 1, 5}},
    {"clip", [] { return clip(some, -1, Variable({-2, 0, 1, 0.25, 2})); }, {-2, -0.5, 0, 0.25, 2}},
};
// clang-format on

}  // namespace

}  // namespace table
