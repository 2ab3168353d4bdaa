#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
/// Places in ascending order, at distances of 1 to 5.
Variable ascending(const Variable& x) { return cumsum(x + 3); }
const Variable four({0, 1, 3, 4});

// clang-format off
const Lines gradients{
    {"diff", [](List in) { return square(diff(in[0])); }, {{{2, 3, 5}}, {{7}}, {{3, 1}}, {{0, 3}}, {{3, 0}}}, {}, true,
        {{[] { return diff(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}, {[] { return diff(Variable(1.0)); }, {"scalar"}}, {[] { return diff(zeros({3}, DType::int64)); }, {"real", "int64"}}}},
    {"diff", [](List in) { return square(diff(in[0], 2, 0)); }, {{{4, 3}}, {{1, 2}}}},
    {"diff", [](List in) { return square(diff(in[0], 0)); }, {{{4}}}},
    {"gradient", [](List in) { return square(gradient(in[0], 0.5)); }, {{{2, 5}}, {{2}}, {{3}}, {{0, 3}}}, {}, true,
        {{[] { return gradient(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}, {[] { return gradient(zeros({2, 1})); }, {"2 samples", "axis -1", "(2, 1)"}},
         {[] { return gradient(zeros({2}), 1, 0, {.edge_order = 2}); }, {"3 samples", "(2,)"}}, {[] { return gradient(zeros({4}), 1, 0, {.edge_order = 3}); }, {"edge_order is 3"}},
         {[] { return gradient(zeros({3}), four); }, {"(4,)", "(3,)"}}, {[] { return gradient(zeros({4}, DType::int64)); }, {"real", "int64"}}}},
    {"gradient", [](List in) { return gradient(in[0], ascending(in[1]), 0, {.edge_order = 2}); }, {{{5, 2}, {5}}, {{3}, {3}}}},
    {"gradient", [](List in) { return gradient(in[0], ascending(in[1])); }, {{{2, 4}, {2, 4}}}},
    {"trapezoid", [](List in) { return square(trapezoid(in[0], 0.5)); }, {{{2, 5}}, {{1}}, {{3, 0}}, {{0, 3}}}, {}, true,
        {{[] { return trapezoid(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}, {[] { return trapezoid(zeros({2, 3}), four); }, {"(4,)", "vector of 3", "(2, 3)"}},
         {[] { return trapezoid(Variable(1.0)); }, {"scalar"}}, {[] { return trapezoid(zeros({4}, DType::float64), four); }, {"mixed"}}}},
    {"trapezoid", [](List in) { return trapezoid(in[0], in[1], 0); }, {{{4, 2}, {4}}, {{4, 2}, {4, 2}}, {{0, 2}, {0}}}},
    {"cumulative_trapezoid", [](List in) { return square(cumulative_trapezoid(in[0], 0.5, 0)); }, {{{4, 2}}, {{1}}, {{0, 3}}}, {}, true,
        {{[] { return cumulative_trapezoid(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}}},
    {"cumulative_trapezoid", [](List in) { return cumulative_trapezoid(in[0], in[1]); }, {{{2, 4}, {4}}, {{2, 4}, {2, 4}}}},
    {"interp", [](List in) { return interp(in[0], ascending(in[1]), in[2]); }, {{{2, 7}, {5}, {5}}, {{}, {2}, {2}}, {{0, 3}, {3}, {3}}}, {{-2, 12}, {-2, 2}}, true,
        {{[] { return interp(zeros({2}), four, zeros({3})); }, {"xp (4,)", "fp (3,)"}}, {[] { return interp(0, zeros({1}), zeros({1})); }, {"(1,)", "2 at least"}},
         {[] { return interp(zeros({2}), zeros({2, 2}), zeros({2, 2})); }, {"(2, 2)", "vectors"}}, {[] { return interp(zeros({2}, DType::float64), four, four); }, {"mixed"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
