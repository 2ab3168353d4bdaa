#include <xgrad/autograd/map.hpp>

#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

// clang-format off
const Lines gradients{
    unary("map", [](const Operand& x) { return map([](auto v) { return v / (1 + exp(-v)) + pow(v, 3); }, x); }),
    binary("map", [](const Operand& a, const Operand& b) { return map([](auto s, auto t) { return tanh(s * t) - atan2(s, t) / t; }, a, b); }, {}, {0.5, 2}),
    {"map", [](List in) { return map([](auto x, auto w, auto b) { return sigmoid(x * w + b) * where(x > w, x, square(w)); }, in[0], in[1], in[2]); },
        {{{2, 3}, {2, 3}, {2, 3}}, {{4, 1}, {3}, {}}, {{}, {}, {}}, {{0, 2}, {2}, {1}}}, {}, true,
        {{[] { return map([](auto a, auto b, auto c) { return a + b + c; }, zeros({2}), zeros({3}), zeros({2})); }, {"(2,)", "(3,)"}}}},
    {"map", [](List in) { return map([](auto a, auto b, auto c, auto d) { return a * b - c / d; }, in[0], in[1], in[2], in[3]); },
        {{{2, 3}, {3}, {2, 1}, {}}, {{5}, {5}, {5}, {5}}}, {{0.5, 2}}},
    {"map", [](List in) { return map([](auto a, auto b, auto c, auto d, auto e) { return a * exp(b) + c * log(d) * maximum(e, a); }, in[0], in[1], in[2], in[3], in[4]); },
        {{{2, 3}, {3}, {2, 1}, {}, {2, 3}}}, {{0.5, 2}}},
};
// clang-format on

}  // namespace

}  // namespace table
