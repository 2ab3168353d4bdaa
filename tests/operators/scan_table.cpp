#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

// A factor of 0 in two of the columns, two in a third, one of them at the end.
const Variable holes({{1.0, 0.0, 1.0, 0.0}, {1.0, 1.0, 0.0, 0.0}, {1.0, 1.0, 1.0, 1.0}});
Variable with_zeros(const Variable& x) { return x * holes.to(x.dtype()); }

// clang-format off
const Lines gradients{
    {"cumsum", [](List in) { return cumsum(in[0]); }, {{{2, 3, 5}}, {{7}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
        {{[] { return cumsum(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return cumsum(Variable(1.0)); }, {"scalar"}}}},
    {"cumsum", [](List in) { return cumsum(in[0], -2, {.reverse = true}); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}},
    {"cumsum", [](List in) { return cumsum(in[0], 0, {.exclusive = true}); }, {{{3, 5}}, {{1}}}},
    {"cumsum", [](List in) { return cumsum(in[0], 0, {.reverse = true, .exclusive = true}); }, {{{3, 5}}, {{1}}}},
    {"cumprod", [](List in) { return cumprod(in[0]); }, {{{2, 3, 5}}, {{7}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
        {{[] { return cumprod(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}}},
    {"cumprod", [](List in) { return cumprod(in[0], 1, {.reverse = true}); }, {{{2, 3, 5}}, {{3, 1}}}},
    {"cumprod", [](List in) { return cumprod(in[0], 0, {.exclusive = true}); }, {{{4, 3}}, {{2, 1, 2}}}},
    {"cumprod", [](List in) { return cumprod(in[0], 0, {.reverse = true, .exclusive = true}); }, {{{4, 3}}}},
    {"cumprod", [](List in) { return cumprod(with_zeros(in[0]), 0); }, {{{3, 4}}}},
    {"cumprod", [](List in) { return cumprod(with_zeros(in[0]), 1, {.exclusive = true}); }, {{{3, 4}}}},
    {"cummax", [](List in) { return cummax(in[0]); }, {{{2, 3, 5}}, {{7}}, {{1}}, {{0, 3}}}, {}, true,
        {{[] { return cummax(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"cummin", [](List in) { return cummin(in[0], 0); }, {{{5, 3}}, {{7}}, {{0, 3}}}, {}, true,
        {{[] { return cummin(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"logcumsumexp", [](List in) { return logcumsumexp(in[0]); }, {{{2, 3, 5}}, {{7}}, {{1}}, {{0, 3}}}, {}, true,
        {{[] { return logcumsumexp(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"logcumsumexp", [](List in) { return logcumsumexp(in[0], 0); }, {{{5, 3}}}},
    {"linear_scan", [](List in) { return linear_scan(in[0], in[1]); }, {{{3, 5}, {3, 5}}, {{2, 3, 4}, {2, 3, 4}}, {{1}, {1}}, {{0, 3}, {0, 3}}}, {}, true,
        {{[] { return linear_scan(zeros({2, 3}), zeros({3})); }, {"(2, 3)", "(3,)"}},
         {[] { return linear_scan(zeros({2, 3}), zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"linear_scan", [](List in) { return linear_scan(in[0], in[1], 0, {.reverse = true}); }, {{{3, 5}, {3, 5}}, {{1}, {1}}}},
    {"shift", [](List in) { return cumprod(in[0], 0, {.exclusive = true}); }, {{{4}}}},
    {"argcummin", [](List in) { return in[0] * argcummin(in[0]).to(in[0].dtype()); }, {{{2, 3}}}},
    {"argcummax", [](List in) { return in[0] * argcummax(in[0]).to(in[0].dtype()); }, {{{2, 3}}, {{0, 3}}}, {}, true,  // which has no gradient
        {{[] { return argcummax(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return argcummax(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
