#include <set>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>
#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/tape.hpp>

#include "operator_table.hpp"

// The operator table: one line per operator. A new operator gets one here; the test of coverage names those that have
// none. Each line is checked below for gradients of both orders, transposed inputs, float32 against float64, and
// errors.
namespace table {

namespace {

using List = const std::vector<Variable>&;
const Variable indices({{2, 0}, {-1, 2}}, DType::int64);
const Variable mask({{1.0, 0.0, 1.0}, {0.0, 0.0, 1.0}});
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

Variable of_type(const Variable& constant, const Variable& x) { return constant.to(x.dtype()); }

}  // namespace

// clang-format off
const std::vector<Line>& lines() {
    static const std::vector<Line> all{
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
        unary("negative", [](const Operand& x) { return -x; }),
        unary("add", [](const Operand& x) { return 2 + x; }),
        unary("subtract", [](const Operand& x) { return x - 2; }),
        unary("subtract", [](const Operand& x) { return 2 - x; }),
        unary("multiply", [](const Operand& x) { return 2 * x; }),
        unary("divide", [](const Operand& x) { return 2 / x; }, {0.4, 2}),
        unary("power", [](const Operand& x) { return pow(x, 3.5); }, {0.4, 2}),
        unary("power", [](const Operand& x) { return pow(x, 3); }),
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
        unary("abs", abs),
        unary("clip", [](const Operand& x) { return clip(x, -1, 0.5); }),

        // Lambdas
        unary("map", [](const Operand& x) { return map([](auto v) { return v / (1 + exp(-v)) + pow(v, 3); }, x); }),
        binary("map", [](const Operand& a, const Operand& b) { return map([](auto s, auto t) { return tanh(s * t) - atan2(s, t) / t; }, a, b); }, {}, {0.5, 2}),
        {"map", [](List in) { return map([](auto x, auto w, auto b) { return sigmoid(x * w + b) * where(x > w, x, square(w)); }, in[0], in[1], in[2]); },
            {{{2, 3}, {2, 3}, {2, 3}}, {{4, 1}, {3}, {}}, {{}, {}, {}}, {{0, 2}, {2}, {1}}}, {}, true,
            {{[] { return map([](auto a, auto b, auto c) { return a + b + c; }, zeros({2}), zeros({3}), zeros({2})); }, {"(2,)", "(3,)"}}}},
        {"map", [](List in) { return map([](auto a, auto b, auto c, auto d) { return a * b - c / d; }, in[0], in[1], in[2], in[3]); },
            {{{2, 3}, {3}, {2, 1}, {}}, {{5}, {5}, {5}, {5}}}, {{0.5, 2}}},
        {"map", [](List in) { return map([](auto a, auto b, auto c, auto d, auto e) { return a * exp(b) + c * log(d) * maximum(e, a); }, in[0], in[1], in[2], in[3], in[4]); },
            {{{2, 3}, {3}, {2, 1}, {}, {2, 3}}}, {{0.5, 2}}},

        // Choosing
        {"where", [](List in) { return where(of_type(mask, in[0]), in[0], in[1]); },
            {{{2, 3}, {2, 3}}, {{3}, {2, 1}}, {{}, {4, 1, 3}}}, {}, true,
            {{[] { return where(mask, zeros({2, 4}), 1); }, {"(2, 3)", "(2, 4)"}}}},
        unary("where", [](const Operand& x) { return where(x, x, 0); }),

        // Reductions
        {"sum", [](List in) { return sum(in[0]); }, {{{2, 3, 5}}, {{7}}, {{}}, {{1}}, {{0, 3}}}, {}, true,
            {{[] { return sum(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return sum(zeros({2, 3}), {0, -2}); }, {"axis -2", "twice"}},
             {[] { return sum(zeros({2, 3}, DType::int64)); }, {"(2, 3)", "int64"}}}},
        {"sum", [](List in) { return sum(in[0], {0, -1}); }, {{{2, 3, 5}}, {{3, 4}}, {{0, 3, 2}}, {{3, 2, 0}}}},
        {"sum", [](List in) { return sum(in[0], 1, {.keepdims = true}); }, {{{2, 3, 5}}, {{3, 4}}, {{3, 0}}, {{0, 3}}}},
        {"mean", [](List in) { return mean(in[0]); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
            {{[] { return mean(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}}},
        {"mean", [](List in) { return mean(in[0], {-1, 0}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
        {"max", [](List in) { return max(in[0], 1); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}, {}, true,
            {{[] { return max(zeros({2, 0}), 1); }, {"of nothing", "(2, 0)"}}, {[] { return max(zeros({2}), 1); }, {"axis 1", "1 axes"}}}},
        {"max", [](List in) { return max(in[0], {}, {.keepdims = true}); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
            {{[] { return max(zeros({0})); }, {"of nothing", "(0,)"}}}},
        {"min", [](List in) { return min(in[0], {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
            {{[] { return min(zeros({0, 2}), 0); }, {"of nothing", "(0, 2)"}}, {[] { return min(Variable(1.0), 0); }, {"axis 0", "scalar"}}}},
        {"logsumexp", [](List in) { return logsumexp(in[0], {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
            {{[] { return logsumexp(zeros({2, 3}), 5); }, {"axis 5", "2 axes"}}}},
        {"logsumexp", [](List in) { return logsumexp(in[0], {}, {.keepdims = true}); }, {{{2, 3}}, {{}}}},
        {"sum_to", [](List in) { return sum_to(in[0], {3, 1}); }, {{{2, 3, 5}}, {{3, 4}}, {{3, 1}}, {{0, 3, 2}}}, {}, true,
            {{[] { return sum_to(zeros({2, 3}), Shape{2, 4}); }, {"(2, 3)", "(2, 4)"}}}},

        // Rearranging
        {"reshape", [](List in) { return reshape(in[0], {3, -1}); }, {{{2, 3, 5}}, {{3}}, {{3, 1}}}, {}, true,
            {{[] { return reshape(zeros({2, 3}), Shape{4}); }, {"(2, 3)", "(4,)"}}, {[] { return reshape(zeros({2, 3}), {-1, 4}); }, {"6 elements", "-1, 4"}},
             {[] { return reshape(zeros({2, 3}), {-1, -1}); }, {"-1, -1"}}, {[] { return reshape(Variable(), {2}); }, {"empty Variable"}}}},
        {"reshape", [](List in) { return reshape(in[0], Shape{0, 7}); }, {{{0, 3}}}},
        {"flatten", [](List in) { return flatten(in[0], 1); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}, {}, true,
            {{[] { return flatten(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
        {"flatten", [](List in) { return flatten(in[0]); }, {{{2, 3}}, {{}}, {{0, 3}}}},
        {"squeeze", [](List in) { return squeeze(in[0], 1); }, {{{3, 1, 2}}, {{1, 1}}, {{0, 1}}}, {}, true,
            {{[] { return squeeze(zeros({2, 3}), 1); }, {"axis 1", "(2, 3)"}}, {[] { return squeeze(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
        {"expand_dims", [](List in) { return expand_dims(in[0], -1); }, {{{3, 2}}, {{}}, {{0}}}, {}, true,
            {{[] { return expand_dims(zeros({2, 3}), 3); }, {"axis 3", "3 axes"}}}},
        {"transpose", [](List in) { return transpose(in[0], {2, 0, 1}); }, {{{2, 3, 5}}, {{1, 3, 1}}, {{2, 0, 3}}}, {}, true,
            {{[] { return transpose(zeros({2, 3}), {0, 0}); }, {"axis 0", "twice"}}, {[] { return transpose(zeros({2, 3}), {0}); }, {"1 axes", "(2, 3)"}},
             {[] { return transpose(zeros({2, 3}), {0, 2}); }, {"axis 2", "2 axes"}}}},
        {"transpose", [](List in) { return transpose(in[0]); }, {{{2, 3, 5}}, {{3}}, {{}}, {{0, 3}}}},
        {"broadcast_to", [](List in) { return broadcast_to(in[0], {2, 3, 5}); }, {{{3, 1}}, {{5}}, {{}}, {{2, 3, 5}}, {{1}}}, {}, true,
            {{[] { return broadcast_to(zeros({3}), {2, 4}); }, {"(3,)", "(2, 4)"}}, {[] { return broadcast_to(zeros({2, 3}), {3}); }, {"(2, 3)", "(3,)"}}}},
        {"broadcast_to", [](List in) { return broadcast_to(in[0], {0, 3}); }, {{{3}}, {{1, 1}}, {{0, 1}}}},
        {"concatenate", [](List in) { return concatenate({in[0], in[1], in[0]}, -1); }, {{{2, 3}, {2, 5}}, {{2, 0}, {2, 1}}, {{0, 3}, {0, 1}}, {{1}, {4}}}, {}, true,
            {{[] { return concatenate({zeros({2, 3}), zeros({3, 3})}, 1); }, {"(2, 3)", "(3, 3)", "axis 1"}}, {[] { return concatenate({}); }, {"empty list"}},
             {[] { return concatenate({zeros({2}), zeros({2})}, 1); }, {"axis 1", "1 axes"}}, {[] { return concatenate({zeros({2}), zeros({2}, DType::float64)}); }, {"mixed"}}}},
        {"slice", [](List in) { return slice(in[0], 1, 1, 4); }, {{{2, 5}}, {{3, 2, 2}}, {{2, 1}}, {{0, 5}}}, {}, true,
            {{[] { return slice(zeros({2, 3}), 2, 0, 1); }, {"axis 2", "2 axes"}}, {[] { return slice(zeros({2, 3}), 1, {.step = 0}); }, {"step is 0"}}}},
        {"slice", [](List in) { return slice(in[0], -1, {.step = -2}); }, {{{2, 5}}, {{4}}, {{1}}, {{3, 0}}}},

        // Indexing
        {"take", [](List in) { return take(in[0], indices, 1); }, {{{2, 3, 2}}, {{1, 3}}, {{0, 3}}}, {}, true,
            {{[] { return take(zeros({3, 2}), indices, 1); }, {"index 2", "axis 1", "(3, 2)"}}, {[] { return take(zeros({2}), zeros({2}), 0); }, {"float32", "int64"}},
             {[] { return take(zeros({2}), indices, 1); }, {"axis 1", "1 axes"}}}},
        {"take", [](List in) { return take(in[0], indices); }, {{{2, 3}}, {{3}}}},
        {"pick", [](List in) { return pick(in[0], Variable({{2, 0}, {1, 2}}, DType::int64)); }, {{{2, 2, 3}}, {{2, 2, 5}}}, {}, true,
            {{[] { return pick(zeros({2, 2, 2}), Variable({{0, 1}, {1, 2}}, DType::int64)); }, {"label 2"}},
             {[] { return pick(zeros({2, 3}), indices); }, {"(2, 3)", "(2, 2)"}}, {[] { return pick(zeros({2, 3}), zeros({2})); }, {"float32", "int64"}}}},

        // Products
        {"matmul", [](List in) { return matmul(in[0], in[1]); },
            {{{2, 3}, {3, 5}}, {{2, 3, 4}, {4, 5}}, {{2, 1, 3, 4}, {5, 4, 2}}, {{3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{2, 2, 3}, {3}}, {{4}, {2, 4, 3}},
             {{1, 1}, {1, 1}}, {{0, 3}, {3, 2}}, {{2, 0}, {0, 3}}, {{2, 3}, {3, 0}}, {{0, 2, 3}, {3, 2}}, {{37, 41}, {41, 43}}}, {}, true,
            {{[] { return matmul(zeros({2, 3}), zeros({4, 5})); }, {"inner sizes differ", "(2, 3)", "(4, 5)"}}, {[] { return matmul(zeros({2, 3}), Variable(1.0)); }, {"single number"}},
             {[] { return matmul(zeros({2, 3, 4}), zeros({3, 4, 5})); }, {"(2,)", "(3,)"}}, {[] { return matmul(zeros({3}), zeros({4})); }, {"inner sizes differ", "3", "4"}},
             {[] { return matmul(zeros({4, 8, 8, 2}), zeros({128, 10})); }, {"did you forget flatten()?"}}, {[] { return matmul(zeros({2, 3}), zeros({3, 2}, DType::float64)); }, {"mixed"}}}},
        {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_a = true}); }, {{{3, 2}, {3, 5}}, {{2, 4, 3}, {4, 5}}, {{4, 3}, {2, 4, 5}}}},
        {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_b = true}); }, {{{2, 3}, {5, 3}}, {{2, 3, 4}, {5, 4}}, {{3}, {2, 3}}}},
        {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_a = true, .transpose_b = true}); }, {{{3, 2}, {5, 3}}, {{2, 4, 3}, {2, 5, 4}}}},

        // Softmax
        {"softmax", [](List in) { return softmax(in[0]); }, {{{3, 5}}, {{2, 3, 4}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
            {{[] { return softmax(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return softmax(Variable(1.0)); }, {"scalar"}}}},
        {"softmax", [](List in) { return softmax(in[0], 1); }, {{{2, 3, 5}}, {{2, 3}}, {{2, 1, 2}}, {{2, 0, 2}}}},
        {"log_softmax", [](List in) { return log_softmax(in[0]); }, {{{3, 5}}, {{2, 3, 4}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
            {{[] { return log_softmax(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}}},
        {"log_softmax", [](List in) { return log_softmax(in[0], 0); }, {{{3, 5}}, {{2, 3, 4}}, {{1, 3}}}},

        // Types and copies
        {"copy", [](List in) { return copy(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return copy(Variable()); }, {"empty Variable"}}}},
        {"identity", [](List in) { return identity(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return identity(Variable()); }, {"empty Variable"}}}},
        {"cast", [](List in) { return square(in[0].to(DType::float32)).to(in[0].dtype()); }, {{{2, 3}}, {{}}, {{0}}}},
    };
    return all;
}

const std::vector<ValueLine>& value_lines() {
    static const Variable x({-1.5, -0.5, 0.0, 0.5, 2.5}), y({-1.5, 0.5, 0.0, -0.5, nan}), odd({1.0, nan, infinity, -infinity});
    static const Variable grid({{1.0, 5.0, 5.0}, {3.0, -2.0, 3.0}}), labels({2, 0}, DType::int64);
    static const std::vector<ValueLine> all{
        {"less", [] { return x < y; }, {0, 1, 0, 0, 0}},
        {"less_equal", [] { return x <= y; }, {1, 1, 1, 0, 0}},
        {"greater", [] { return x > y; }, {0, 0, 0, 1, 0}},
        {"greater_equal", [] { return x >= y; }, {1, 0, 1, 1, 0}},
        {"equal", [] { return x == y; }, {1, 0, 1, 0, 0}},
        {"not_equal", [] { return x != y; }, {0, 1, 0, 1, 1}},
        {"logical_and", [] { return logical_and(x > -1, x < 1); }, {0, 1, 1, 1, 0}},
        {"logical_or", [] { return logical_or(x, x > 1); }, {1, 1, 0, 1, 1}},
        {"equal", [] { return logical_not(x); }, {0, 0, 1, 0, 0}},
        {"less", [] { return labels < 1; }, {0, 1}},
        {"isnan", [] { return isnan(odd); }, {0, 1, 0, 0}},
        {"isinf", [] { return isinf(odd); }, {0, 0, 1, 1}},
        {"isfinite", [] { return isfinite(odd); }, {1, 0, 0, 0}},
        {"sign", [] { return sign(x); }, {-1, -1, 0, 1, 1}},
        {"floor", [] { return floor(x); }, {-2, -1, 0, 0, 2}},
        {"ceil", [] { return ceil(x); }, {-1, 0, 0, 1, 3}},
        {"round", [] { return round(x); }, {-2, 0, 0, 0, 2}},
        {"trunc", [] { return trunc(x); }, {-1, 0, 0, 0, 2}},
        {"argmax", [] { return argmax(grid); }, {1, 0}},
        {"argmax", [] { return argmax(grid, 0, {.keepdims = true}); }, {1, 0, 0}},
        {"argmax", [] { return argmax(odd); }, {1}},
        {"argmin", [] { return argmin(grid); }, {0, 1}},
        {"one_hot", [] { return one_hot(labels, 3); }, {0, 0, 1, 1, 0, 0}},
    };
    return all;
}
// clang-format on

}  // namespace table

using namespace table;

namespace {

/// Calls check(line, shapes) for every line and list of shapes, under a context that names both.
template <class F>
void for_each_check(F&& check) {
    for (const Line& line : lines())
        for (const Shapes& shapes : line.shapes) {
            std::string text;
            for (const Shape& s : shapes) text.append(" ").append(to_string(s));
            BOOST_TEST_CONTEXT("operator " << line.name << " on" << text) { check(line, shapes); }
        }
}

/// All gradients of the weighed result, one after the other.
std::vector<double> gradients_in(const Line& line, const Shapes& shapes, DType dtype) {
    std::vector<Variable> inputs = inputs_of(line, shapes, dtype);
    for (Variable& v : inputs) v.set_requires_grad();
    const Variable y = line.f(inputs);
    std::vector<double> numbers = y.to_vector();
    const Variable weights = linspace(0.5, 1.5, std::max<std::size_t>(y.size(), 1), y.dtype());
    const Variable loss = y.size() == 0 ? sum(y) : sum(y * reshape(weights, y.shape()));
    for (const Variable& g : grad({loss}, inputs, {.allow_unused = true})) {
        const std::vector<double> own = g ? g.to_vector() : std::vector<double>();
        numbers.insert(numbers.end(), own.begin(), own.end());
    }
    return numbers;
}

void collect_names(const std::vector<Variable>& results, std::set<std::string_view>& names) {
    const Tape tape(results);
    for (std::size_t place = 0; place < tape.size(); ++place) names.insert(tape[place].operator_name());
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operator_has_the_right_gradients) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        BOOST_TEST(gradcheck(line.f, inputs_of(line, shapes, DType::float64), {.second_order = line.smooth}));
    });
}

BOOST_AUTO_TEST_CASE(every_operator_takes_transposed_inputs) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        std::vector<Variable> turned;
        for (const Variable& v : inputs_of(line, shapes, DType::float64)) turned.push_back(transpose(v));
        const auto f = [&](const std::vector<Variable>& in) {
            std::vector<Variable> straight;
            for (const Variable& v : in) straight.push_back(transpose(v));
            return line.f(straight);
        };
        BOOST_TEST(gradcheck(f, turned, {.second_order = false}));
    });
}

BOOST_AUTO_TEST_CASE(smooth_pointwise_operators_have_the_right_third_derivative) {
    for (const Line& line : lines()) {
        if (line.shapes.front().size() != 1 || line.wrong.empty() || line.shapes.front() != Shapes{{3, 5}}) continue;
        const auto slope = [&](const Variable& x) { return grad(sum(line.f({x})), x, {.create_graph = true}); };
        BOOST_TEST_CONTEXT("operator " << line.name) {
            BOOST_TEST(
                gradcheck(slope, inputs_of(line, {{3}}, DType::float64), {.rtol = 1e-5, .allow_constant = true}));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_operator_gives_the_same_in_float32) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        const std::vector<double> exact = gradients_in(line, shapes, DType::float64),
                                  rough = gradients_in(line, shapes, DType::float32);
        BOOST_REQUIRE(exact.size() == rough.size());
        double scale = 1, worst = 0;
        for (const double v : exact) scale = std::max(scale, std::abs(v));
        for (std::size_t i = 0; i < exact.size(); ++i) worst = std::max(worst, std::abs(exact[i] - rough[i]));
        BOOST_TEST(worst <= 5e-6 * scale);
    });
}

BOOST_AUTO_TEST_CASE(wrong_inputs_give_an_error_that_names_the_operator_and_the_line) {
    for (const Line& line : lines())
        for (const Wrong& wrong : line.wrong) {
            std::string message;
            try {
                wrong.call();
                BOOST_ERROR("operator " << line.name << ": no error, but expected one that says " << wrong.says[0]);
                continue;
            } catch (const Error& error) {
                message = error.what();
            }
            BOOST_TEST(message.find(line.name + ": ") == 0, line.name << " is not named in: " << message);
            BOOST_TEST(message.find("operators/operators_test.cpp:") != std::string::npos,
                       "the line is not in: " << message);
            for (const std::string& text : wrong.says)
                BOOST_TEST(message.find(text) != std::string::npos,
                           line.name << ": \"" << text << "\" is not in: " << message);
        }
}

BOOST_AUTO_TEST_CASE(operators_without_a_gradient_have_the_right_values) {
    for (const ValueLine& line : value_lines()) {
        const Variable y = line.call();
        BOOST_TEST_CONTEXT("operator " << line.name) {
            BOOST_TEST(y.to_vector() == line.expected, boost::test_tools::per_element());
            BOOST_TEST(!y.requires_grad());
        }
    }
}

BOOST_AUTO_TEST_CASE(every_linked_operator_is_in_the_table) {
    std::set<std::string_view> met;
    for (const Line& line : lines()) {
        std::vector<Variable> inputs = inputs_of(line, line.shapes.front(), DType::float64);
        for (Variable& v : inputs) v.set_requires_grad();
        const Variable y = line.f(inputs);
        collect_names({y}, met);
        const Variable seed = ones_like(y).set_requires_grad();
        collect_names(grad({y}, inputs, {.create_graph = true, .allow_unused = true, .gradients = {seed}}), met);
    }
    for (const OperatorInfo& op : operators()) {
        const bool in_values = std::any_of(value_lines().begin(), value_lines().end(),
                                           [&](const ValueLine& line) { return line.name == op.name; });
        if (op.differentiable)
            BOOST_TEST(met.contains(op.name), "no gradient check for: " << op.name);
        else
            BOOST_TEST(in_values, "no check of values for: " << op.name);
    }
}
