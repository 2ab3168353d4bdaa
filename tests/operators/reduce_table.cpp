#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
const Variable odd({1.0, nan, infinity, -infinity});
const Variable grid({{1.0, 5.0, 5.0}, {3.0, -2.0, 3.0}});
// Columns without a zero, with one, and with two.
const Variable holes({{1.0, 0.0, 1.0}, {1.0, 1.0, 0.0}, {1.0, 1.0, 0.0}, {1.0, 1.0, 1.0}});
Variable with_zeros(const Variable& x) { return x * holes.to(x.dtype()); }

// clang-format off
const Lines gradients{
    // Reductions
    {"sum", [](List in) { return sum(in[0]); }, {{{2, 3, 5}}, {{7}}, {{}}, {{1}}, {{0, 3}}}, {}, true,
        {{[] { return sum(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return sum(zeros({2, 3}), {0, -2}); }, {"axis -2", "twice"}}}},
    {"sum", [](List in) { return sum(in[0], {0, -1}); }, {{{2, 3, 5}}, {{3, 4}}, {{0, 3, 2}}, {{3, 2, 0}}}},
    {"sum", [](List in) { return sum(in[0], 1, {.keepdims = true}); }, {{{2, 3, 5}}, {{3, 4}}, {{3, 0}}, {{0, 3}}}},
    {"mean", [](List in) { return mean(in[0]); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
        {{[] { return mean(zeros({2, 3}), -3); }, {"axis -3", "2 axes"}}, {[] { return mean(zeros({2, 3}, DType::int64)); }, {"real", "(2, 3)", "int64"}}}},
    {"mean", [](List in) { return mean(in[0], {-1, 0}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
    {"prod", [](List in) { return prod(in[0]); }, {{{2, 3}}, {{}}, {{1}}, {{0, 3}}}, {{0.5, 2}}, true,
        {{[] { return prod(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"prod", [](List in) { return prod(in[0], {0, 2}); }, {{{2, 3, 4}}, {{2, 0, 3}}, {{2, 3, 0}}}},
    {"prod", [](List in) { return prod(in[0], 0, {.keepdims = true}); }, {{{3, 4}}, {{0, 3}}, {{1}}}},
    {"prod", [](List in) { return prod(with_zeros(in[0]), 0); }, {{{4, 3}}}},
    {"prod", [](List in) { return prod(with_zeros(in[0])); }, {{{4, 3}}}},
    {"var", [](List in) { return var(in[0]); }, {{{2, 3, 5}}, {{7}}, {{4, 1}}}, {}, true,
        {{[] { return var(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return var(zeros({2, 3}, DType::int64)); }, {"(2, 3)", "int64"}}}},
    {"var", [](List in) { return var(in[0], {0, 2}, {.correction = 1}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
    {"var", [](List in) { return var(in[0], -1, {.correction = 0.5, .keepdims = true}); }, {{{2, 3, 5}}, {{0, 3}}, {{3, 1}}}},
    {"stddev", [](List in) { return stddev(in[0]); }, {{{2, 3, 5}}, {{7}}}, {}, true,
        {{[] { return stddev(zeros({2, 3}), {1, 1}); }, {"axis 1", "twice"}}}},
    {"stddev", [](List in) { return stddev(in[0], 0, {.correction = 1, .keepdims = true}); }, {{{3, 4}}, {{2, 0}}}},
    {"norm", [](List in) { return norm(in[0]); }, {{{2, 3}}, {{}}, {{1}}, {{0, 3}}}, {{0.3, 2}}, true,
        {{[] { return norm(zeros({2, 3}), 2, 2); }, {"axis 2", "2 axes"}}, {[] { return norm(zeros({2}), nan); }, {"p is NaN"}},
         {[] { return norm(zeros({2, 3}), INFINITY, 5); }, {"axis 5"}}, {[] { return norm(zeros({2}, DType::int64)); }, {"(2,)", "int64"}}}},
    {"norm", [](List in) { return norm(in[0], 2, {0, -1}, {.keepdims = true}); }, {{{2, 3, 4}}, {{2, 0, 3}}}},
    {"norm", [](List in) { return norm(in[0], 1, 1); }, {{{2, 3, 4}}, {{3, 1}}}},
    {"norm", [](List in) { return norm(in[0], 3, 0); }, {{{3, 4}}}},
    {"norm", [](List in) { return norm(in[0], 1.5, 1); }, {{{3, 4}}}, {{0.3, 2}}},
    {"norm", [](List in) { return norm(in[0], -2, 1); }, {{{3, 4}}}, {{0.3, 2}}},
    {"norm", [](List in) { return norm(in[0], infinity, 1); }, {{{3, 4}}}},
    {"norm", [](List in) { return norm(in[0], -infinity, 1, {.keepdims = true}); }, {{{3, 4}}}},
    {"quantile", [](List in) { return quantile(in[0], 0.3, {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return quantile(zeros({2, 3}), 0.5, 2); }, {"axis 2", "2 axes"}}, {[] { return quantile(zeros({2}), 1.5); }, {"q 1.5", "[0, 1]"}}, {[] { return quantile(zeros({2}), nan); }, {"q nan"}},
         {[] { return quantile(zeros({2, 0}), 0.5, 1); }, {"of nothing", "(2, 0)"}}, {[] { return quantile(zeros({2}, DType::int64), 0.5); }, {"real", "int64"}}}},
    {"quantile", [](List in) { return quantile(in[0], {0, 0.25, 0.9}, 1, {.keepdims = true}); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}},
    {"quantile", [](List in) { return quantile(in[0], {0.1, 0.7}, {}, {.interpolation = Interpolation::nearest}); }, {{{2, 3}}, {{}}, {{1}}}},
    {"quantile", [](List in) { return quantile(in[0], 0.4, 0, {.interpolation = Interpolation::lower}) * quantile(in[0], 0.4, 0, {.interpolation = Interpolation::higher}); }, {{{4, 3}}, {{5}}}},
    {"quantile", [](List in) { return quantile(in[0], 0.4, -1, {.interpolation = Interpolation::midpoint}); }, {{{3, 4}}}},
    {"median", [](List in) { return square(median(in[0], 1)); }, {{{2, 3, 5}}, {{3, 4}}, {{0, 3}}}, {}, true,
        {{[] { return median(zeros({2, 3}), -3); }, {"axis -3"}}, {[] { return median(zeros({0})); }, {"of nothing", "(0,)"}}}},
    {"median", [](List in) { return median(in[0], {0, -1}, {.keepdims = true}); }, {{{2, 3, 4}}, {{3, 3}}}},
    {"cov", [](List in) { return cov(in[0]); }, {{{3, 4}}, {{4}}, {{1, 3}}, {{0, 3}}}, {}, true,
        {{[] { return cov(zeros({2, 3, 4})); }, {"(2, 3, 4)"}}, {[] { return cov(zeros({2, 3}, DType::int64)); }, {"real", "int64"}}}},
    {"cov", [](List in) { return cov(in[0], {.correction = 0, .rowvar = false}); }, {{{3, 4}}, {{4}}}},
    {"cov", [](List in) { return cov(in[0], {.aweights = in[1]}); }, {{{3, 4}, {4}}, {{4}, {4}}, {{0, 3}, {3}}}, {{}, {0.5, 2}}, true,
        {{[] { return cov(zeros({2, 3}), {.aweights = ones({2})}); }, {"aweights (2,)", "3 observations"}}, {[] { return cov(zeros({2, 3}), {.aweights = ones({3}, DType::float64)}); }, {"aweights", "float32", "float64"}},
         {[] { return cov(zeros({2, 3}), {.aweights = Variable({1.0, -2.0, 1.0})}); }, {"aweights", "-2", "negative"}}, {[] { return cov(zeros({2, 3}), {.fweights = ones({3})}); }, {"fweights", "float32", "int64"}},
         {[] { return cov(zeros({2, 3}), {.fweights = Variable({1, -1, 1}, DType::int64)}); }, {"fweights", "-1"}}, {[] { return cov(zeros({2, 3}), {.fweights = ones({3, 1}, DType::int64)}); }, {"fweights (3, 1)"}}}},
    {"cov", [](List in) { return cov(in[0], {.correction = 0.5, .rowvar = false, .fweights = Variable({1, 2, 3}, DType::int64), .aweights = in[1]}); }, {{{3, 4}, {3}}}, {{}, {0.5, 2}}},
    {"corrcoef", [](List in) { return corrcoef(in[0]); }, {{{3, 4}}, {{2, 7}}}, {}, true,
        {{[] { return corrcoef(Variable(1.0)); }, {"()"}}}},
    {"corrcoef", [](List in) { return corrcoef(in[0], false); }, {{{4, 3}}}},
    {"max", [](List in) { return max(in[0], 1); }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}, {}, true,
        {{[] { return max(zeros({2, 0}), 1); }, {"of nothing", "(2, 0)"}}, {[] { return max(zeros({2}), 1); }, {"axis 1", "1 axes"}}}},
    {"max", [](List in) { return max(in[0], {}, {.keepdims = true}); }, {{{2, 3, 5}}, {{}}, {{1}}}, {}, true,
        {{[] { return max(zeros({0})); }, {"of nothing", "(0,)"}}}},
    {"min", [](List in) { return min(in[0], {0, 2}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return min(zeros({0, 2}), 0); }, {"of nothing", "(0, 2)"}}, {[] { return min(Variable(1.0), 0); }, {"axis 0", "scalar"}}}},
    {"aminmax", [](List in) { const auto [low, high] = aminmax(in[0], 1, {.keepdims = true}); return low * high; }, {{{2, 3, 5}}, {{4, 1}}, {{0, 3}}}, {}, true,
        {{[] { return aminmax(zeros({2, 0}), 1).min; }, {"of nothing", "(2, 0)"}}, {[] { return aminmax(zeros({2}), 1).max; }, {"axis 1", "1 axes"}}}},
    {"ptp", [](List in) { return square(ptp(in[0], {0, -1})); }, {{{2, 3, 5}}, {{1, 1}}, {{2, 0, 3}}}, {}, true,
        {{[] { return ptp(zeros({2, 0}), 1); }, {"of nothing", "(2, 0)"}}, {[] { return ptp(zeros({2}), 1); }, {"axis 1", "1 axes"}}}},
    {"var_mean", [](List in) { const auto [variance, centre] = var_mean(in[0], 1, {.correction = 1, .keepdims = true}); return variance * centre; }, {{{2, 3, 5}}, {{4, 2}}, {{0, 3}}}, {}, true,
        {{[] { return var_mean(zeros({2}), 1).variance; }, {"axis 1", "1 axes"}}}},
    {"stddev_mean", [](List in) { const auto [deviation, centre] = stddev_mean(in[0]); return deviation * centre; }, {{{2, 3}}, {{5}}}, {}, true,
        {{[] { return stddev_mean(zeros({2}), 1).mean; }, {"axis 1", "1 axes"}}}},
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
    {"argmax", [] { return argmax(grid, std::nullopt); }, {1}},
    {"argmin", [] { return argmin(grid, std::nullopt, {.keepdims = true}); }, {4}},
    {"argmin", [] { return argmin(Variable(2.0), std::nullopt); }, {0}},
    {"argmin", [] { return argmin(grid); }, {0, 1}},
    {"nanargmax", [] { return nanargmax(Variable({{1.0, nan, 3.0}, {nan, -2.0, -1.0}})); }, {2, 2}},
    {"nanargmin", [] { return nanargmin(Variable({{1.0, nan, 3.0}, {nan, -2.0, -1.0}}), 0, {.keepdims = true}); }, {0, 1, 1}},
    {"nanargmax", [] { return nanargmax(Variable({nan, -infinity})); }, {1}},
    {"nanargmin", [] { return nanargmin(odd, std::nullopt); }, {3}},
    {"any", [] { return any(holes, 0); }, {1, 1, 1}},
    {"any", [] { return any(Variable({{0.0, 0.0}, {nan, 0.0}}), 1, {.keepdims = true}); }, {0, 1}},
    {"any", [] { return any(zeros({2, 0}), 1); }, {0, 0}},
    {"any", [] { return any(Variable({0, 2}, DType::int64)); }, {1}},
    {"all", [] { return all(holes, 0); }, {1, 0, 0}},
    {"all", [] { return all(holes, {0, 1}); }, {0}},
    {"all", [] { return all(zeros({2, 0}), 1); }, {1, 1}},
    {"count_nonzero", [] { return count_nonzero(holes, 1); }, {2, 2, 2, 3}},
    {"count_nonzero", [] { return count_nonzero(odd); }, {4}},
    {"count_nonzero", [] { return count_nonzero(zeros({0, 3}), 0); }, {0, 0, 0}},
    {"norm", [] { return norm(holes, 0, 0); }, {4, 3, 2}},
};
// clang-format on

}  // namespace

}  // namespace table
