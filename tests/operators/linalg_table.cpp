#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

// clang-format off
const Lines gradients{
    {"matmul", [](List in) { return matmul(in[0], in[1]); },
        {{{2, 3}, {3, 5}}, {{2, 3, 4}, {4, 5}}, {{2, 1, 3, 4}, {5, 4, 2}}, {{3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{2, 2, 3}, {3}}, {{4}, {2, 4, 3}},
         {{1, 1}, {1, 1}}, {{0, 3}, {3, 2}}, {{2, 0}, {0, 3}}, {{2, 3}, {3, 0}}, {{0, 2, 3}, {3, 2}}, {{37, 41}, {41, 43}}}, {}, true,
        {{[] { return matmul(zeros({2, 3}), zeros({4, 5})); }, {"inner sizes differ", "(2, 3)", "(4, 5)"}}, {[] { return matmul(zeros({2, 3}), Variable(1.0)); }, {"single number"}},
         {[] { return matmul(zeros({2, 3, 4}), zeros({3, 4, 5})); }, {"(2,)", "(3,)"}}, {[] { return matmul(zeros({3}), zeros({4})); }, {"inner sizes differ", "3", "4"}},
         {[] { return matmul(zeros({4, 8, 8, 2}), zeros({128, 10})); }, {"did you forget flatten()?"}}, {[] { return matmul(zeros({2, 3}), zeros({3, 2}, DType::float64)); }, {"mixed"}}}},
    {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_a = true}); }, {{{3, 2}, {3, 5}}, {{2, 4, 3}, {4, 5}}, {{4, 3}, {2, 4, 5}}}},
    {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_b = true}); }, {{{2, 3}, {5, 3}}, {{2, 3, 4}, {5, 4}}, {{3}, {2, 3}}}},
    {"matmul", [](List in) { return matmul(in[0], in[1], {.transpose_a = true, .transpose_b = true}); }, {{{3, 2}, {5, 3}}, {{2, 4, 3}, {2, 5, 4}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2]); }, {{{2, 3}, {3, 4}, {4}}, {{2, 2, 3}, {3, 1}, {1}}, {{3}, {3, 2}, {2}}, {{0, 3}, {3, 2}, {2}}, {{2, 3}, {3, 0}, {0}}}, {}, true,
        {{[] { return linear(zeros({2, 3}), zeros({4, 5}), zeros({5})); }, {"(2, 3)", "(4, 5)", "(5,)"}}, {[] { return linear(zeros({2, 3}), zeros({3, 5}), zeros({1})); }, {"(1,)"}},
         {[] { return linear(zeros({4, 8, 2}), zeros({16, 10}), zeros({10})); }, {"did you forget flatten()?"}}, {[] { return linear(zeros({2, 3}), zeros({3, 2}, DType::float64), zeros({2})); }, {"mixed"}},
         {[] { return linear(Variable(1.0), zeros({1, 2}), zeros({2})); }, {"()"}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::relu); }, {{{2, 3}, {3, 4}, {4}}, {{37, 41}, {41, 43}, {43}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::sigmoid); }, {{{2, 2, 3}, {3, 4}, {4}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::tanh); }, {{{2, 3}, {3, 4}, {4}}}},
};
// clang-format on

}  // namespace

}  // namespace table
