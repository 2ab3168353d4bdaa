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
        {{[] { return linear(zeros({2, 3}), zeros({4, 5}), zeros({5})); }, {"inner sizes differ", "(2, 3)", "(4, 5)", "(5,)"}}, {[] { return linear(zeros({2, 3}), zeros({3, 5}), zeros({1})); }, {"(in, out)", "(1,)"}},
         {[] { return linear(zeros({4, 8, 2}), zeros({16, 10}), zeros({10})); }, {"did you forget flatten()?"}}, {[] { return linear(zeros({2, 3}), zeros({3, 2}, DType::float64), zeros({2})); }, {"mixed"}},
         {[] { return linear(Variable(1.0), zeros({1, 2}), zeros({2})); }, {"()"}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::relu); }, {{{2, 3}, {3, 4}, {4}}, {{37, 41}, {41, 43}, {43}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::sigmoid); }, {{{2, 2, 3}, {3, 4}, {4}}}},
    {"linear", [](List in) { return linear(in[0], in[1], in[2], Epilogue::tanh); }, {{{2, 3}, {3, 4}, {4}}}},
    {"dot", [](List in) { return dot(in[0], in[1]); }, {{{3}, {3}}, {{2, 3}, {3, 4}}, {{2, 3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {4, 3, 2}}, {{}, {2, 3}}, {{}, {}}, {{0}, {0}}, {{2, 0}, {0, 3}}}, {}, true,
        {{[] { return dot(zeros({2, 3}), zeros({2, 3})); }, {"inner sizes differ, 3 and 2", "(2, 3)"}}, {[] { return dot(zeros({3}), zeros({3}, DType::float64)); }, {"mixed"}}}},
    {"inner", [](List in) { return inner(in[0], in[1]); }, {{{3}, {3}}, {{2, 3}, {4, 3}}, {{2, 1, 3}, {4, 3}}, {{}, {2, 3}}, {{0}, {0}}}, {}, true,
        {{[] { return inner(zeros({2, 3}), zeros({3, 2})); }, {"inner sizes differ, 3 and 2"}}}},
    {"vdot", [](List in) { return vdot(in[0], in[1]); }, {{{3}, {3}}, {{2, 3}, {3, 2}}, {{}, {1}}, {{0, 2}, {0}}}, {}, true,
        {{[] { return vdot(zeros({2, 3}), zeros({5})); }, {"6 and 5 elements"}}}},
    {"outer", [](List in) { return outer(in[0], in[1]); }, {{{3}, {4}}, {{2, 2}, {3}}, {{}, {2}}, {{0}, {2}}, {{60}, {50}}}, {}, true,
        {{[] { return outer(zeros({2}), zeros({2}, DType::int64)); }, {"real"}}}},
    {"trace", [](List in) { return trace(in[0]); }, {{{3, 3}}, {{2, 3, 4}}, {{4, 2}}, {{1, 1}}, {{0, 0}}, {{2, 0, 3}}, {{0, 2, 2}}}, {}, true,
        {{[] { return trace(zeros({3})); }, {"matrix", "(3,)"}}}},
    {"kron", [](List in) { return kron(in[0], in[1]); }, {{{2, 3}, {3, 2}}, {{3}, {2}}, {{2, 3}, {4}}, {{}, {2}}, {{}, {}}, {{2, 1, 2}, {3, 2}}, {{0, 2}, {2, 3}}}, {}, true,
        {{[] { return kron(zeros({1, 1, 1, 1, 1}), zeros({2})); }, {"4 axes", "(1, 1, 1, 1, 1)"}}, {[] { return kron(zeros({2}), zeros({2}, DType::float64)); }, {"mixed"}}}},
    {"multi_dot", [](List in) { return multi_dot(in); }, {{{2, 5}, {5, 3}, {3, 4}}, {{3}, {3, 2}, {2, 4}}, {{2, 3}, {3, 2}, {2}}, {{3}, {3}}, {{2}, {2, 3}, {3}}, {{4, 1}, {1, 4}, {4, 1}, {1, 3}}, {{2, 0}, {0, 3}}}, {}, true,
        {{[] { return multi_dot({zeros({2, 3}), zeros({3, 4}), zeros({3, 4})}); }, {"inner sizes differ, 4 and 3", "(3, 4)"}}, {[] { return multi_dot({zeros({2, 3})}); }, {"two matrices", "not 1"}},
         {[] { return multi_dot({zeros({2, 2}), zeros({2}), zeros({2, 2})}); }, {"needs matrices", "(2,)"}}, {[] { return multi_dot({zeros({2, 2}), zeros({2}, DType::float64)}); }, {"mixed"}}}},
    {"vecdot", [](List in) { return vecdot(in[0], in[1]); }, {{{2, 3}, {2, 3}}, {{3}, {3}}, {{4, 1, 3}, {2, 3}}, {{2, 1}, {3}}, {{2, 0}, {2, 0}}, {{0, 3}, {3}}}, {}, true,
        {{[] { return vecdot(zeros({2, 3}), zeros({4})); }, {"(2, 3)", "(4,)"}}, {[] { return vecdot(zeros({2}), zeros({2}), 1); }, {"axis 1"}}, {[] { return vecdot(zeros({2}), zeros({2}, DType::float64)); }, {"mixed"}}}},
    {"vecdot", [](List in) { return vecdot(in[0], in[1], 0); }, {{{2, 3}, {2, 3}}, {{3}, {2, 3}}}},
    {"cross", [](List in) { return cross(in[0], in[1]); }, {{{2, 3}, {2, 3}}, {{3}, {3}}, {{4, 1, 3}, {2, 3}}, {{0, 3}, {3}}}, {}, true,
        {{[] { return cross(zeros({2}), zeros({2})); }, {"axis -1 of (2,)", "size 3"}}, {[] { return cross(zeros({3}), zeros({4})); }, {"(3,)", "(4,)"}}, {[] { return cross(zeros({3}), zeros({3}), 1); }, {"axis 1"}}}},
    {"cross", [](List in) { return cross(in[0], in[1], 0); }, {{{3, 2}, {3, 1}}}},
    {"cdist", [](List in) { return cdist(in[0], in[1]); }, {{{2, 3}, {4, 3}}, {{2, 1, 3}, {2, 3}}, {{1, 1}, {1, 1}}, {{0, 3}, {2, 3}}}, {}, true,
        {{[] { return cdist(zeros({2, 3}), zeros({2, 4})); }, {"(2, 3)", "(2, 4)"}}, {[] { return cdist(zeros({3}), zeros({2, 3})); }, {"(3,)", "(..., n, d)"}}, {[] { return cdist(zeros({2, 2, 3}), zeros({3, 2, 3})); }, {"(2, 2, 3)", "(3, 2, 3)"}},
         {[] { return cdist(zeros({2, 3}), zeros({2, 3}, DType::float64)); }, {"mixed"}}}},
    {"cdist", [](List in) { return cdist(in[0], in[1], 1); }, {{{2, 3}, {4, 3}}}},
    {"cdist", [](List in) { return cdist(in[0], in[1], 3); }, {{{2, 3}, {3, 3}}}},
    {"vander", [](List in) { return vander(in[0]); }, {{{4}}, {{2, 3}}, {{1}}, {{0}}, {{2, 0}}}, {}, true,
        {{[] { return vander(Variable(1.0)); }, {"single number"}}, {[] { return vander(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"vander", [](List in) { return vander(in[0], 5, true); }, {{{3}}, {{2, 2}}}},
    {"vander", [](List in) { return vander(relu(in[0]), 4); }, {{{6}}}},  // zeros among them
    {"tensordot", [](List in) { return tensordot(in[0], in[1]); }, {{{2, 3, 4}, {3, 4, 5}}, {{3, 4}, {3, 4}}, {{3, 0}, {3, 0, 2}}}, {}, true,
        {{[] { return tensordot(zeros({2, 3}), zeros({3, 2})); }, {"axis 0 of lhs (2, 3)", "axis 0 of rhs (3, 2)"}}, {[] { return tensordot(zeros({2}), zeros({2})); }, {"2 axes of lhs (2,)"}},
         {[] { return tensordot(zeros({2}), zeros({2}), -1); }, {"-1 axes"}}, {[] { return tensordot(zeros({2}), zeros({2}, DType::float64), 1); }, {"mixed"}}}},
    {"tensordot", [](List in) { return tensordot(in[0], in[1], 0); }, {{{2, 3}, {4}}, {{}, {2}}, {{}, {}}}},
    {"tensordot", [](List in) { return tensordot(in[0], in[1], {0, 2}, {1, -1}); }, {{{3, 2, 4}, {5, 3, 4}}, {{3, 1, 4}, {2, 3, 1, 4}}}, {}, true,
        {{[] { return tensordot(zeros({2, 3}), zeros({3}), {0, 1}, {0}); }, {"2 axes", "1 of"}}, {[] { return tensordot(zeros({2, 2}), zeros({2, 2}), {0, 0}, {0, 1}); }, {"twice"}},
         {[] { return tensordot(zeros({2}), zeros({2}), {1}, {0}); }, {"axis 1"}}}},
    {"einsum", [](List in) { return einsum("ij,jk->ik", in); }, {{{2, 3}, {3, 4}}, {{2, 1}, {3, 4}}, {{0, 3}, {3, 2}}}, {}, true,
        {{[] { return einsum("ij,jk->ik", {zeros({2, 3}), zeros({4, 5})}); }, {"axis 0 of rhs (4, 5) is 4, but 'j' is 3"}}, {[] { return einsum("ij,jk", {zeros({2, 3})}); }, {"2 operands, but 1 given"}},
         {[] { return einsum("ij->ik", {zeros({2, 3})}); }, {"'k' is in the output but in no operand"}}, {[] { return einsum("ij->ii", {zeros({2, 3})}); }, {"'i' is in the output twice"}},
         {[] { return einsum("ijk->i", {zeros({2, 3})}); }, {"\"ijk\" names 3 axes", "(2, 3)"}}, {[] { return einsum("i?->i", {zeros({2, 3})}); }, {"'?' is neither a letter"}},
         {[] { return einsum("i..->i", {zeros({2, 3})}); }, {"'.' is neither"}}, {[] { return einsum("...i...", {zeros({2, 3})}); }, {"'.' is neither"}}, {[] { return einsum("i->j->i", {zeros({2})}); }, {"'-' is neither"}},
         {[] { return einsum("...i->i", {zeros({2, 3})}); }, {"the output needs"}}, {[] { return einsum("ii->i", {zeros({2, 3})}); }, {"axis 1 of lhs (2, 3) is 3, but 'i' is 2"}},
         {[] { return einsum("...i,...i->...", {zeros({2, 3}), zeros({4, 3})}); }, {"under \"...\""}}, {[] { return einsum("i,i", {zeros({3}), zeros({3}, DType::float64)}); }, {"mixed"}}}},
    {"einsum", [](List in) { return einsum("ii", in); }, {{{3, 3}}, {{0, 0}}, {{1, 1}}}},
    {"einsum", [](List in) { return einsum("iji -> ji", in); }, {{{3, 2, 3}}}},
    {"einsum", [](List in) { return einsum("iii->i", in); }, {{{3, 3, 3}}}},
    {"einsum", [](List in) { return einsum("ba", in); }, {{{2, 3}}, {{0, 3}}}},
    {"einsum", [](List in) { return einsum("b...a->...a", in); }, {{{2, 3}}, {{2, 3, 4, 2}}}},
    {"einsum", [](List in) { return einsum("...ij,...jk", in); }, {{{2, 3}, {3, 4}}, {{5, 2, 3}, {3, 4}}, {{5, 1, 2, 3}, {4, 3, 1}}}},
    {"einsum", [](List in) { return einsum("bij,bkj->kbi", in); }, {{{2, 3, 4}, {2, 5, 4}}}},
    {"einsum", [](List in) { return einsum("bi,bi->b", in); }, {{{2, 3}, {2, 3}}, {{2, 3}, {1, 3}}}},
    {"einsum", [](List in) { return einsum("i,j,bi->bj", in); }, {{{3}, {4}, {2, 3}}}},
    {"einsum", [](List in) { return einsum("i,ij,j->", in); }, {{{3}, {3, 4}, {4}}, {{1}, {3, 1}, {1}}}},
    {"einsum", [](List in) { return einsum("ij,jj,jk,kl->il", in); }, {{{2, 3}, {3, 3}, {3, 4}, {4, 2}}}},
    {"einsum", [](List in) { return einsum(",ij", in); }, {{{}, {2, 3}}}},
    {"einsum", [](List in) { return einsum("ijkl,lkm->mj", in); }, {{{2, 3, 4, 2}, {2, 4, 3}}}},
};
// clang-format on

}  // namespace

}  // namespace table
