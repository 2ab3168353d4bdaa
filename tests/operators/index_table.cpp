#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
const Variable indices({{2, 0}, {-1, 2}}, DType::int64);
const Variable labels({2, 0}, DType::int64);

// clang-format off
const Lines gradients{
    {"take", [](List in) { return take(in[0], indices, 1); }, {{{2, 3, 2}}, {{1, 3}}, {{0, 3}}}, {}, true,
        {{[] { return take(zeros({3, 2}), indices, 1); }, {"index 2", "axis 1", "(3, 2)"}}, {[] { return take(zeros({2}), zeros({2}), 0); }, {"float32", "int64"}},
         {[] { return take(zeros({2}), indices, 1); }, {"axis 1", "1 axes"}}}},
    {"take", [](List in) { return take(in[0], indices); }, {{{2, 3}}, {{3}}}},
    {"pick", [](List in) { return pick(in[0], Variable({{2, 0}, {1, 2}}, DType::int64)); }, {{{2, 2, 3}}, {{2, 2, 5}}}, {}, true,
        {{[] { return pick(zeros({2, 2, 2}), Variable({{0, 1}, {1, 2}}, DType::int64)); }, {"label 2"}},
         {[] { return pick(zeros({2, 3}), indices); }, {"(2, 3)", "(2, 2)"}}, {[] { return pick(zeros({2, 3}), zeros({2})); }, {"float32", "int64"}}}},
};

const ValueLines values{
    {"one_hot", [] { return one_hot(labels, 3); }, {0, 0, 1, 1, 0, 0}},
};
// clang-format on

}  // namespace

}  // namespace table
