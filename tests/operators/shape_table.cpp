#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

// clang-format off
const Lines gradients{
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

    // Types and copies
    {"copy", [](List in) { return copy(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return copy(Variable()); }, {"empty Variable"}}}},
    {"identity", [](List in) { return identity(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return identity(Variable()); }, {"empty Variable"}}}},
    {"cast", [](List in) { return square(in[0].to(DType::float32)).to(in[0].dtype()); }, {{{2, 3}}, {{}}, {{0}}}},
};
// clang-format on

}  // namespace

}  // namespace table
