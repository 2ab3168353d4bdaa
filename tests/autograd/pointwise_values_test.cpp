#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops.hpp>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>

/// The values of the pointwise functions against those of the standard library in extended precision, in float64 and
/// float32: subnormal to huge, both signs, zeros, infinities and NaN.
using namespace xgrad;

namespace {

using Real = long double;
using Function = std::function<Variable(const Variable&)>;

struct Line {
    const char* name;
    Function function;
    std::function<Real(Real)> reference;
    double ulp = 3;           ///< accepted error, in units in the last place
    double absolute = 0;      ///< accepted beside it, in units in the last place of max(1, |x|): where terms cancel
    bool at_infinity = true;  ///< else infinity - infinity or 0 * infinity gives NaN there, as elsewhere in the field
};

Real sigmoid_of(Real x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
Real softplus_of(Real x) { return std::max(x, Real(0)) + std::log1p(std::exp(-std::abs(x))); }

// clang-format off
const std::vector<Line>& table() {
    static const std::vector<Line> lines{
        {"exp", xgrad::exp, [](Real x) { return std::exp(x); }},
        {"expm1", xgrad::expm1, [](Real x) { return std::expm1(x); }},
        {"exp2", xgrad::exp2, [](Real x) { return std::exp2(x); }},
        {"log", xgrad::log, [](Real x) { return std::log(x); }},
        {"log1p", xgrad::log1p, [](Real x) { return std::log1p(x); }},
        {"log2", xgrad::log2, [](Real x) { return std::log2(x); }},
        {"log10", xgrad::log10, [](Real x) { return std::log10(x); }},
        {"square", xgrad::square, [](Real x) { return x * x; }},
        {"reciprocal", xgrad::reciprocal, [](Real x) { return 1 / x; }},
        {"sqrt", xgrad::sqrt, [](Real x) { return std::sqrt(x); }},
        {"rsqrt", xgrad::rsqrt, [](Real x) { return 1 / std::sqrt(x); }},
        {"cbrt", xgrad::cbrt, [](Real x) { return std::cbrt(x); }},
        {"power 3", [](const Variable& x) { return power(x, 3); }, [](Real x) { return std::pow(x, Real(3)); }},
        {"power 2.5", [](const Variable& x) { return power(x, 2.5); }, [](Real x) { return std::pow(x, Real(2.5)); }},
        {"power -1.5", [](const Variable& x) { return power(x, -1.5); }, [](Real x) { return std::pow(x, Real(-1.5)); }},
        {"sin", xgrad::sin, [](Real x) { return std::sin(x); }},
        {"cos", xgrad::cos, [](Real x) { return std::cos(x); }},
        {"tan", xgrad::tan, [](Real x) { return std::tan(x); }},
        {"asin", xgrad::asin, [](Real x) { return std::asin(x); }},
        {"acos", xgrad::acos, [](Real x) { return std::acos(x); }},
        {"atan", xgrad::atan, [](Real x) { return std::atan(x); }},
        {"sinh", xgrad::sinh, [](Real x) { return std::sinh(x); }},
        {"cosh", xgrad::cosh, [](Real x) { return std::cosh(x); }},
        {"tanh", xgrad::tanh, [](Real x) { return std::tanh(x); }},
        {"asinh", xgrad::asinh, [](Real x) { return std::asinh(x); }},
        {"acosh", xgrad::acosh, [](Real x) { return std::acosh(x); }},
        {"atanh", xgrad::atanh, [](Real x) { return std::atanh(x); }},
        {"erf", xgrad::erf, [](Real x) { return std::erf(x); }},
        {"erfc", xgrad::erfc, [](Real x) { return std::erfc(x); }},
        {"abs", xgrad::abs, [](Real x) { return std::abs(x); }},
        {"sign", xgrad::sign, [](Real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }},
        {"floor", xgrad::floor, [](Real x) { return std::floor(x); }},
        {"ceil", xgrad::ceil, [](Real x) { return std::ceil(x); }},
        {"round", [](const Variable& x) { return round(x); }, [](Real x) { return std::nearbyint(x); }},
        {"trunc", xgrad::trunc, [](Real x) { return std::trunc(x); }},
        {"clip", [](const Variable& x) { return clip(x, -2, 3); }, [](Real x) { return std::isnan(x) ? x : std::clamp(x, Real(-2), Real(3)); }},
        {"relu", xgrad::relu, [](Real x) { return std::isnan(x) ? x : std::max(x, Real(0)); }},
        {"relu6", xgrad::relu6, [](Real x) { return std::isnan(x) ? x : std::clamp(x, Real(0), Real(6)); }},
        {"leaky_relu", [](const Variable& x) { return leaky_relu(x, 0.125); }, [](Real x) { return x > 0 ? x : x / 8; }},
        {"elu", [](const Variable& x) { return elu(x, 0.5); }, [](Real x) { return x > 0 ? x : std::expm1(x) / 2; }},
        {"selu", xgrad::selu, [](Real x) { return Real(1.0507009873554805) * (x > 0 ? x : Real(1.6732632423543772) * std::expm1(x)); }},
        {"celu", [](const Variable& x) { return celu(x, 2); }, [](Real x) { return x > 0 ? x : 2 * std::expm1(x / 2); }},
        {"sigmoid", xgrad::sigmoid, sigmoid_of, 3, 1e-3},
        {"log_sigmoid", xgrad::log_sigmoid, [](Real x) { return -softplus_of(-x); }},
        {"softplus", xgrad::softplus, softplus_of},
        {"softsign", xgrad::softsign, [](Real x) { return std::isinf(x) ? std::copysign(Real(1), x) : x / (1 + std::abs(x)); }, 3, 0, false},
        {"silu", xgrad::silu, [](Real x) { return x < -12000 ? Real(-0.0) : x * sigmoid_of(x); }, 4, 1e-3, false},
        {"mish", xgrad::mish, [](Real x) { return x < -12000 ? Real(-0.0) : x * std::tanh(softplus_of(x)); }, 4, 1e-3, false},
        {"gelu", [](const Variable& x) { return gelu(x); }, [](Real x) { return x < -200 ? Real(-0.0) : x / 2 * std::erfc(-x / std::numbers::sqrt2_v<Real>); }, 4, 1, false},
        {"gelu_tanh", [](const Variable& x) { return gelu(x, true); }, [](Real x) {
             const Real u = std::sqrt(2 / std::numbers::pi_v<Real>) * (x + Real(0.044715) * x * x * x);
             return x < -200 ? Real(-0.0) : x * sigmoid_of(2 * u); }, 4, 1, false},
        {"hard_sigmoid", xgrad::hard_sigmoid, [](Real x) { return std::isnan(x) ? x : std::clamp(x / 6 + Real(0.5), Real(0), Real(1)); }, 3, 1},
        {"hard_sigmoid_keras2", xgrad::hard_sigmoid_keras2, [](Real x) { return std::isnan(x) ? x : std::clamp(x / 5 + Real(0.5), Real(0), Real(1)); }, 3, 1},
        {"hard_swish", xgrad::hard_swish, [](Real x) { return x <= -3 ? Real(-0.0) : x >= 3 ? x : x * (x / 6 + Real(0.5)); }, 3, 1, false},
    };
    return lines;
}
// clang-format on

template <class T>
std::vector<T> points() {
    std::vector<T> result;
    const auto add = [&](double v) {
        result.push_back(static_cast<T>(v));
        result.push_back(static_cast<T>(-v));
    };
    const double smallest = std::log10(static_cast<double>(std::numeric_limits<T>::denorm_min()));
    const double largest = std::log10(static_cast<double>(std::numeric_limits<T>::max()));
    for (int i = 0; i < 4000; ++i) add(std::pow(10, smallest + (largest - smallest) * i / 4000));
    for (int i = 0; i <= 20000; ++i) add(i / 160.0);
    for (int i = 0; i <= 2000; ++i) add(1 + (i - 1000) / 1e4);
    for (int i = 0; i <= 2000; ++i) add(700 + i / 40.0);
    for (const double v :
         {0.0, 0.5, 1.0, 1.5, 2.5, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        add(v);
    result.push_back(std::numeric_limits<T>::max());
    result.push_back(std::numeric_limits<T>::lowest());
    result.push_back(std::numeric_limits<T>::min());
    return result;
}

/// How far the value is off, in units in the last place of the exact result; a NaN or infinity in one of the two alone
/// is infinitely far.
template <class T>
double error_in_ulps(T value, Real exact, const Line& line, T x) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const T rounded = static_cast<T>(exact);
    if (std::isnan(value) || std::isnan(rounded)) return std::isnan(value) && std::isnan(rounded) ? 0 : infinity;
    if (value == rounded) return 0;
    const T nearly = std::nextafter(std::numeric_limits<T>::max(), T(0));  // overflow may come one ulp early
    if (std::isinf(rounded) || std::isinf(value))
        return std::min(std::abs(value), std::abs(rounded)) >= nearly ? 1 : infinity;
    const auto ulp_of = [](T v) {
        return static_cast<double>(std::nextafter(std::abs(v), std::numeric_limits<T>::infinity()) - std::abs(v));
    };
    const double accepted_beside = line.absolute * ulp_of(std::max(std::abs(x), T(1)));
    return std::max(0.0, static_cast<double>(std::abs(Real(value) - exact)) - accepted_beside) / ulp_of(rounded);
}

template <class T>
void check_values() {
    const std::vector<T> x = points<T>();
    for (const Line& line : table()) {
        const Variable y = line.function(Variable::from(x, {x.size()}));
        double worst = 0;
        std::string text = "right";
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (std::isinf(x[i]) && !line.at_infinity) continue;
            const T value = y.data<T>()[i];
            const Real exact = line.reference(x[i]);
            const double error = error_in_ulps(value, exact, line, x[i]);
            if (error <= worst) continue;
            worst = error;
            text = fmt::format("{}({}) = {}, not {}: {:.3g} ulp", line.name, x[i], value, static_cast<T>(exact), error);
        }
        BOOST_TEST(worst <= line.ulp, text);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(float64_values_are_those_of_the_standard_library) { check_values<double>(); }
BOOST_AUTO_TEST_CASE(float32_values_are_those_of_the_standard_library) { check_values<float>(); }

BOOST_AUTO_TEST_CASE(a_power_of_zero_is_flat_even_at_zero) {
    Variable x = parameter(Variable({0.0, 2.0}));
    const auto by_lambda = [](const Variable& v) { return map([](auto e) { return pow(e, 0) + pow(e, 1); }, v); };
    BOOST_TEST(grad(sum(power(x, 0)), x).to_vector() == (std::vector<double>{0, 0}));
    BOOST_TEST(grad(sum(by_lambda(x)), x).to_vector() == (std::vector<double>{1, 1}));
}

BOOST_AUTO_TEST_CASE(a_missing_number_leaves_the_other) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Variable a = parameter(Variable({nan, 1.0, nan, 2.0})), b = parameter(Variable({3.0, nan, nan, 2.0}));
    const std::vector<double> larger = fmax(a, b).to_vector();
    BOOST_TEST((larger[0] == 3 && larger[1] == 1 && std::isnan(larger[2]) && larger[3] == 2));
    const auto gradients = grad({sum(fmin(a, b))}, {a, b});
    BOOST_TEST(gradients[0].to_vector() == (std::vector<double>{0, 1, 0, 0.5}));
    BOOST_TEST(gradients[1].to_vector() == (std::vector<double>{1, 0, 0, 0.5}));
}

BOOST_AUTO_TEST_CASE(powers_of_two_beyond_the_range_leave_zeros_and_infinities_alone) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const DType dtype : {DType::float32, DType::float64}) {
        const Variable x = Variable({0.0, -infinity, 1.0, 3.0}).to(dtype);
        BOOST_TEST(ldexp(x, 20000).to_vector() == (std::vector<double>{0, -infinity, infinity, infinity}));
        BOOST_TEST(ldexp(x, -20000).to_vector() == (std::vector<double>{0, -infinity, 0, 0}));
        BOOST_TEST(ldexp(x, 3).to_vector() == (std::vector<double>{0, -infinity, 8, 24}));
    }
    BOOST_TEST(ldexp(Variable(0x1p-1074, DType::float64), 2097).item() == 0x1p1023);
    BOOST_TEST(ldexp(2.0, Variable({1, 3}, DType::int64)).to_vector() == (std::vector<double>{4, 16}));
    BOOST_CHECK_THROW(ldexp(Variable({1, 3}, DType::int64), Variable({1, 3}, DType::int64)), DTypeError);
}

BOOST_AUTO_TEST_CASE(a_missing_bound_is_not_passed_over) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> clipped =
        clip(Variable({1.0, 1.0, nan, 5.0}), Variable({nan, 0.0, 0.0, 0.0}), Variable({2.0, nan, 2.0, 2.0}))
            .to_vector();
    BOOST_TEST((std::isnan(clipped[0]) && std::isnan(clipped[1]) && std::isnan(clipped[2]) && clipped[3] == 2));
}
