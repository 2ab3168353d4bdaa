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
    {"chunk", [](List in) { const auto y = chunk(in[0], 2, 1); return sum(square(y[0])) * y.back(); }, {{{2, 5}}, {{2, 4, 2}}, {{2, 0}}, {{0, 3}}}, {}, true,
        {{[] { return chunk(zeros({5}), 0)[0]; }, {"0 parts"}}, {[] { return chunk(zeros({5}), 2, 1)[0]; }, {"axis 1", "1 axes"}}}},
    {"array_split", [](List in) { const auto y = array_split(in[0], 3, -1); return sum(square(y[0])) * y.back(); }, {{{2, 5}}, {{3}}, {{2}}}, {}, true,
        {{[] { return array_split(zeros({5}), 0)[0]; }, {"0 parts"}}, {[] { return array_split(zeros({5}), 2, 1)[0]; }, {"axis 1", "1 axes"}}}},
    {"hstack", [](List in) { return square(hstack({in[0], in[1]})); }, {{{2, 3}, {2, 1}}, {{3}, {2}}, {{}, {3}}, {{0}, {0}}}, {}, true,
        {{[] { return hstack({}); }, {"empty list"}}, {[] { return hstack({zeros({2, 3}), zeros({3, 3})}); }, {"(2, 3)", "(3, 3)", "axis 1"}}}},
    {"vstack", [](List in) { return square(vstack({in[0], in[1]})); }, {{{2, 3}, {3}}, {{3}, {3}}, {{}, {}}, {{0, 3}, {3}}}, {}, true,
        {{[] { return vstack({}); }, {"empty list"}}, {[] { return vstack({zeros({2, 3}), zeros({2})}); }, {"(2, 3)", "part 1 is (1, 2)"}}}},
    {"dstack", [](List in) { return square(dstack({in[0], in[1]})); }, {{{2, 3}, {2, 3, 2}}, {{3}, {3}}, {{}, {}}}, {}, true,
        {{[] { return dstack({}); }, {"empty list"}}, {[] { return dstack({zeros({2, 3}), zeros({2})}); }, {"(2, 3, 1)", "part 1 is (1, 2, 1)"}}}},
    {"column_stack", [](List in) { return square(column_stack({in[0], in[1]})); }, {{{3}, {3}}, {{2}, {2, 3}}, {{}, {}}}, {}, true,
        {{[] { return column_stack({}); }, {"empty list"}}, {[] { return column_stack({zeros({2}), zeros({3, 2})}); }, {"(2, 1)", "(3, 2)"}}}},
    {"block_diag", [](List in) { return square(block_diag({in[0], in[1]})); }, {{{2, 3}, {1, 2}}, {{3}, {}}, {{0, 2}, {2, 0}}}, {}, true,
        {{[] { return block_diag({}); }, {"empty list"}}, {[] { return block_diag({zeros({2, 2, 2})}); }, {"(2, 2, 2)"}}, {[] { return block_diag({zeros({2}), zeros({2}, DType::float64)}); }, {"mixed"}}}},
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
