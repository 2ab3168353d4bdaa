#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

// clang-format off
const Lines gradients{
    {"concatenate", [](List in) { return concatenate({in[0], in[1], in[0]}, -1); }, {{{2, 3}, {2, 5}}, {{2, 0}, {2, 1}}, {{0, 3}, {0, 1}}, {{1}, {4}}}, {}, true,
        {{[] { return concatenate({zeros({2, 3}), zeros({3, 3})}, 1); }, {"(2, 3)", "(3, 3)", "axis 1"}}, {[] { return concatenate({}); }, {"empty list"}},
         {[] { return concatenate({zeros({2}), zeros({2})}, 1); }, {"axis 1", "1 axes"}}, {[] { return concatenate({zeros({2}), zeros({2}, DType::float64)}); }, {"mixed"}}}},
    {"stack", [](List in) { return stack({in[0], in[1], in[0]}, 1); }, {{{2, 3}, {2, 3}}, {{1}, {1}}, {{3, 0}, {3, 0}}}, {}, true,
        {{[] { return stack({zeros({2, 3}), zeros({2})}); }, {"(2, 3)", "part 1 is (2,)"}}, {[] { return stack({zeros({2}), zeros({2})}, 2); }, {"axis 2", "2 axes"}},
         {[] { return stack({zeros({2}), Variable()}); }, {"empty Variable"}}, {[] { return stack({}); }, {"empty list"}}}},
    {"stack", [](List in) { return stack({in[0], in[1]}, -1); }, {{{2, 3}, {2, 3}}, {{}, {}}}},
    {"split", [](List in) { const auto y = split(in[0], 3, 1); return y[0] * y[2]; }, {{{2, 6}}, {{2, 3, 2}}, {{2, 0}}, {{0, 3}}}, {}, true,
        {{[] { return split(zeros({2, 5}), 2, 1)[0]; }, {"axis 1", "(2, 5)", "2 equal parts"}}, {[] { return split(zeros({2, 5}), std::size_t{0})[0]; }, {"0 equal parts"}},
         {[] { return split(zeros({2, 5}), 5, 2)[0]; }, {"axis 2"}}}},
    {"split", [](List in) { const auto y = split(in[0], {1, 0, 3}, -1); return y[0] * y[2] + sum(y[1]); }, {{{2, 4}}, {{4}}, {{0, 4}}}, {}, true,
        {{[] { return split(zeros({2, 5}), {2, 2}, 1)[0]; }, {"(2, 2)", "axis 1", "(2, 5)"}}, {[] { return split(zeros({5}), {6})[0]; }, {"(6)", "(5,)"}}}},
    {"unstack", [](List in) { const auto y = unstack(in[0], 1); return y[0] * y[2]; }, {{{2, 3}}, {{2, 4, 2}}, {{0, 3}}}, {}, true,
        {{[] { return unstack(zeros({2}), 1)[0]; }, {"axis 1"}}}},
    {"tile", [](List in) { return tile(in[0], {2, 1, 3}); }, {{{2, 3}}, {{2, 1, 2, 3}}, {{}}, {{3}}, {{0, 3}}}, {}, true,
        {{[] { return tile(Variable(), 2); }, {"empty Variable"}}, {[] { return tile(zeros({3}), 2000000000); }, {"6000000000", "too large"}}}},
    {"tile", [](List in) { return tile(in[0], 0); }, {{{2, 3}}}},
    {"repeat", [](List in) { return repeat(in[0], 2, 1); }, {{{2, 3}}, {{2, 1, 2}}, {{0, 3}}}, {}, true,
        {{[] { return repeat(zeros({2, 3}), 2, 2); }, {"axis 2", "2 axes"}}}},
    {"repeat", [](List in) { return repeat(in[0], 3); }, {{{2, 3}}, {{}}, {{0}}}},
    {"repeat", [](List in) { return repeat(in[0], {2, 0, 1}, 1); }, {{{2, 3}}, {{1, 3, 2}}}, {}, true,
        {{[] { return repeat(zeros({2, 3}), {1, 2}, 1); }, {"2 counts", "axis 1", "(2, 3)"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
