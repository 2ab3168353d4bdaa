#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
const Variable numbers({0.0, 1.0, 1.0, 4.0, 2.0}), ages({{1, 4}, {1, 0}}, DType::int64);

// clang-format off
const Lines gradients{
    {"bincount", [](List in) { return square(bincount(ages, in[0])); }, {{{2, 2}}}, {}, true,
        {{[] { return bincount(ages, zeros({4})); }, {"weights (4,)", "(2, 2)"}}, {[] { return bincount(ages, ages); }, {"real", "int64"}},
         {[] { return bincount(Variable({-1, 2}, DType::int64), zeros({2})); }, {"element -1"}}, {[] { return bincount(zeros({2})); }, {"float32", "int64"}}}},
    {"histogram", [](List in) { return square(histogram(in[0], 3, {.weights = in[1]}).counts); }, {{{7}, {7}}, {{2, 3}, {2, 3}}, {{0}, {0}}}, {}, true,
        {{[] { return histogram(numbers, std::size_t{0}).counts; }, {"0 bins"}}, {[] { return histogram(Variable({1.0, nan})).counts; }, {"from nan to nan"}},
         {[] { return histogram(numbers, 2, {.range = std::pair(2, 1)}).counts; }, {"from 2 to 1"}}, {[] { return histogram(numbers, 2, {.range = std::pair(0.0, infinity)}).counts; }, {"to inf"}},
         {[] { return histogram(numbers, 2, {.weights = zeros({4})}).counts; }, {"weights (4,)", "(5,)"}}, {[] { return histogram(ages).counts; }, {"real", "int64"}},
         {[] { return histogram(numbers, Variable({1.0})).counts; }, {"edges (1,)"}}, {[] { return histogram(numbers, Variable({2.0, 1.0})).counts; }, {"descend"}},
         {[] { return histogram(numbers, zeros({3}, DType::float64)).counts; }, {"mixed"}}}},
    {"histogram", [](List in) { return histogram(in[0].detach(), 2, {.range = std::pair(-1, 1), .weights = in[1], .density = true}).counts; }, {{{9}, {9}}}, {{}, {0.5, 2}}},
};

const ValueLines values{
    {"bincount", [] { return bincount(ages); }, {1, 2, 0, 0, 1}},
    {"bincount", [] { return bincount(zeros({0}, DType::int64), 2); }, {0, 0}},
    {"bincount", [] { return bincount(ages, Variable({{0.5, 1.0}, {0.25, 2.0}}), 6); }, {2, 0.75, 0, 0, 1, 0}},
    {"histogram", [] { return histogram(numbers, 4).counts; }, {1, 2, 1, 1}},
    {"histogram", [] { return histogram(numbers, 4).edges; }, {0, 1, 2, 3, 4}},
    {"histogram", [] { return histogram(Variable({0.5, nan, 3.0, -infinity, 1.0, 2.0}), 2, {.range = std::pair(0, 2)}).counts; }, {1, 2}},
    {"histogram", [] { return histogram(Variable({3.0, 3.0}), 2).edges; }, {2.5, 3, 3.5}},
    {"histogram", [] { return histogram(zeros({0}), 2).edges; }, {0, 0.5, 1}},
    {"histogram", [] { return histogram(zeros({0}), 2).counts; }, {0, 0}},
    {"histogram", [] { return histogram(numbers, Variable({1.0, 1.5, 4.0})).counts; }, {2, 2}},
    {"histogram", [] { return histogram(numbers, 2, {.density = true}).counts; }, {3 / 10.F, 2 / 10.F}},
    {"histogram", [] { return histogram(numbers, 2, {.weights = Variable({1.0, 1.0, 1.0, 3.0, 0.5})}).counts; }, {3, 3.5}},
};
// clang-format on

}  // namespace

}  // namespace table
