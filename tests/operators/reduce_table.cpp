#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
const Variable odd({1.0, nan, infinity, -infinity});
const Variable grid({{1.0, 5.0, 5.0}, {3.0, -2.0, 3.0}});

// clang-format off
const Lines gradients{
    // Reductions
    {"sum", [](List in) { return sum(in[0]); }, {{{2, 3, 5}}, {{7}}, {{}}, {{1}}, {{0, 3}}}, {}, true,
        {{[] { return sum(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return sum(zeros({2, 3}), {0, -2}); }, {"axis -2", "twice"}},
         {[] { return sum(zeros({2, 3}, DType::int64)); }, {"(2, 3)", "int64"}}}},
    {"sum", [](List in) { return sum(in[0], {0, -1}); }, {{{2, 3, 5}}, {{3, 4}}, {{0, 3, 2}}, {{3, 2, 0}}}},
    {"sum", [](List in) { return sum(in[0], 1, {.keepdims = true}); }, {{{2, 3, 5}}, {{3, 4}}, {{3, 0}}, {{0, 3}}}},
    {"mean", [](List in) { return mean(in[0]); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
        {{[] { return mean(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}}},
    {"mean", [](List in) { return mean(in[0], {-1, 0}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
    {"max", [](List in) { return max(in[0], 1); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}, {}, true,
        {{[] { return max(zeros({2, 0}), 1); }, {"of nothing", "(2, 0)"}}, {[] { return max(zeros({2}), 1); }, {"axis 1", "1 axes"}}}},
    {"max", [](List in) { return max(in[0], {}, {.keepdims = true}); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
        {{[] { return max(zeros({0})); }, {"of nothing", "(0,)"}}}},
    {"min", [](List in) { return min(in[0], {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return min(zeros({0, 2}), 0); }, {"of nothing", "(0, 2)"}}, {[] { return min(Variable(1.0), 0); }, {"axis 0", "scalar"}}}},
    {"logsumexp", [](List in) { return logsumexp(in[0], {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return logsumexp(zeros({2, 3}), 5); }, {"axis 5", "2 axes"}}}},
    {"logsumexp", [](List in) { return logsumexp(in[0], {}, {.keepdims = true}); }, {{{2, 3}}, {{}}}},
    {"sum_to", [](List in) { return sum_to(in[0], {3, 1}); }, {{{2, 3, 5}}, {{3, 4}}, {{3, 1}}, {{0, 3, 2}}}, {}, true,
        {{[] { return sum_to(zeros({2, 3}), Shape{2, 4}); }, {"(2, 3)", "(2, 4)"}}}},

    // Softmax
    {"softmax", [](List in) { return softmax(in[0]); }, {{{3, 5}}, {{2, 3, 4}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
        {{[] { return softmax(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return softmax(Variable(1.0)); }, {"scalar"}}}},
    {"softmax", [](List in) { return softmax(in[0], 1); }, {{{2, 3, 5}}, {{2, 3}}, {{2, 1, 2}}, {{2, 0, 2}}}},
    {"log_softmax", [](List in) { return log_softmax(in[0]); }, {{{3, 5}}, {{2, 3, 4}}, {{1}}, {{0, 3}}, {{3, 0}}}, {}, true,
        {{[] { return log_softmax(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}}},
    {"log_softmax", [](List in) { return log_softmax(in[0], 0); }, {{{3, 5}}, {{2, 3, 4}}, {{1, 3}}}},
};

const ValueLines values{
    {"argmax", [] { return argmax(grid); }, {1, 0}},
    {"argmax", [] { return argmax(grid, 0, {.keepdims = true}); }, {1, 0, 0}},
    {"argmax", [] { return argmax(odd); }, {1}},
    {"argmin", [] { return argmin(grid); }, {0, 1}},
};
// clang-format on

}  // namespace

}  // namespace table
