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
    {"squeeze", [](List in) { return squeeze(in[0]); }, {{{1, 3, 1, 2}}, {{1, 1}}, {{}}, {{0, 1}}, {{2, 3}}}},
    {"squeeze", [](List in) { return squeeze(in[0], {0, -1}); }, {{{1, 3, 1}}, {{1, 1, 1}}}, {}, true,
        {{[] { return squeeze(zeros({1, 3}), {0, 0}); }, {"axis 0", "twice"}}, {[] { return squeeze(zeros({1, 3}), {0, 1}); }, {"axis 1", "(1, 3)"}}}},
    {"atleast", [](List in) { return sum(square(atleast_3d(in[0]))) * atleast_2d(in[0]) + atleast_1d(in[0]); }, {{{3}}, {{}}, {{0}}, {{2, 3}}}},
    {"expand_dims", [](List in) { return expand_dims(in[0], -1); }, {{{3, 2}}, {{}}, {{0}}}, {}, true,
        {{[] { return expand_dims(zeros({2, 3}), 3); }, {"axis 3", "3 axes"}}}},
    {"expand_dims", [](List in) { return expand_dims(in[0], {0, -1, 1}); }, {{{3, 2}}, {{}}, {{0}}}, {}, true,
        {{[] { return expand_dims(zeros({2}), {0, -3}); }, {"axis -3", "twice"}}, {[] { return expand_dims(zeros({1, 1, 1, 1, 1, 1, 1, 1}), 0); }, {"at most 8"}}}},
    {"transpose", [](List in) { return transpose(in[0], {2, 0, 1}); }, {{{2, 3, 5}}, {{1, 3, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return transpose(zeros({2, 3}), {0, 0}); }, {"axis 0", "twice"}}, {[] { return transpose(zeros({2, 3}), {0}); }, {"1 axes", "(2, 3)"}},
         {[] { return transpose(zeros({2, 3}), {0, 2}); }, {"axis 2", "2 axes"}}}},
    {"transpose", [](List in) { return transpose(in[0]); }, {{{2, 3, 5}}, {{3}}, {{}}, {{0, 3}}}},
    {"swap_axes", [](List in) { return swap_axes(in[0], 0, -1); }, {{{2, 3, 5}}, {{3}}, {{2, 0, 3}}}, {}, true,
        {{[] { return swap_axes(zeros({2, 3}), 0, 2); }, {"axis 2", "2 axes"}}, {[] { return swap_axes(zeros({}), 0, 0); }, {"axis 0"}}}},
    {"move_axis", [](List in) { return move_axis(in[0], {0, 1}, {-1, 0}); }, {{{2, 3, 5}}, {{2, 3}}, {{2, 0, 3}}}, {}, true,
        {{[] { return move_axis(zeros({2, 3}), 0, 2); }, {"axis 2", "2 axes"}}, {[] { return move_axis(zeros({2, 3}), {0, -2}, {0, 1}); }, {"axis -2", "twice"}},
         {[] { return move_axis(zeros({2, 3}), {0, 1}, {1, -1}); }, {"place -1", "twice"}}, {[] { return move_axis(zeros({2, 3}), {0, 1}, {1}); }, {"2 axes", "1 places"}}}},
    {"broadcast_to", [](List in) { return broadcast_to(in[0], {2, 3, 5}); }, {{{3, 1}}, {{5}}, {{}}, {{2, 3, 5}}, {{1}}}, {}, true,
        {{[] { return broadcast_to(zeros({3}), {2, 4}); }, {"(3,)", "(2, 4)"}}, {[] { return broadcast_to(zeros({2, 3}), {3}); }, {"(2, 3)", "(3,)"}}}},
    {"broadcast_to", [](List in) { return broadcast_to(in[0], {0, 3}); }, {{{3}}, {{1, 1}}, {{0, 1}}}},
    {"broadcast_arrays", [](List in) { const auto y = broadcast_arrays(in); return y[0] * y[1] * y[1]; }, {{{3, 1}, {2, 1, 4}}, {{}, {2}}}, {}, true,
        {{[] { return broadcast_arrays({zeros({2}), zeros({3})})[0]; }, {"(2,)", "(3,)"}}, {[] { return broadcast_arrays({Variable()})[0]; }, {"empty Variable"}}}},
    {"meshgrid", [](List in) { const auto y = meshgrid(in); return y[0] * y[1] * y[1]; }, {{{3}, {4}}, {{1}, {2}}, {{0}, {2}}}, {}, true,
        {{[] { return meshgrid({zeros({2}), zeros({2, 3})})[0]; }, {"array 1", "(2, 3)"}}}},
    {"meshgrid", [](List in) { const auto y = meshgrid(in, Indexing::ij); return y[0] * y[1] * y[2]; }, {{{3}, {4}, {2}}}},

    // Types and copies
    {"copy", [](List in) { return copy(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return copy(Variable()); }, {"empty Variable"}}}},
    {"identity", [](List in) { return identity(in[0]) * in[0]; }, {{{2, 3}}, {{}}, {{0}}}, {}, true, {{[] { return identity(Variable()); }, {"empty Variable"}}}},
    {"cast", [](List in) { return square(in[0].to(DType::float32)).to(in[0].dtype()); }, {{{2, 3}}, {{}}, {{0}}}},
    {"unflatten", [](List in) { return square(unflatten(in[0], 1, {2, -1})); }, {{{3, 4}}, {{2, 6, 2}}, {{3, 0}}}, {}, true,
        {{[] { return unflatten(zeros({2, 5}), 1, {2, -1}); }, {"5 elements", "(2, -1)"}}, {[] { return unflatten(zeros({2, 5}), 1, {2, 2}); }, {"(2, 5)", "(2, 2)", "axis 1"}}, {[] { return unflatten(zeros({4}), 1, {2, 2}); }, {"axis 1", "1 axes"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
