#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// Columns without a missing number, with one, and with two.
const Variable holes({{1.0, 0.0, 1.0}, {1.0, 1.0, 0.0}, {1.0, 1.0, 0.0}, {1.0, 1.0, 1.0}});
Variable with_gaps(const Variable& x) { return where(holes.to(x.dtype()), x, nan); }
// Of three columns the first and the last.
const Variable outer({1, 0, 1}, DType::int64);

// clang-format off
const Lines gradients{
    {"average", [](List in) { return average(in[0], in[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{}, {}}, {{4}, {1}}}, {{}, {0.5, 2}}, true,
        {{[] { return average(zeros({2, 3}), zeros({4})); }, {"weights (4,)", "(2, 3)"}}, {[] { return average(zeros({3}), zeros({2, 3})); }, {"weights (2, 3)", "(3,)"}},
         {[] { return average(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}, {[] { return average(zeros({2}), zeros({2}, DType::float64)); }, {"mixed"}}}},
    {"average", [](List in) { return average(in[0], in[1], {0, -1}, {.keepdims = true}); }, {{{2, 3, 2}, {2}}, {{2, 0, 3}, {2, 1, 1}}}, {{}, {0.5, 2}}},
    {"normalize", [](List in) { return normalize(in[0]); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 3}}}, {}, true,
        {{[] { return normalize(zeros({2, 3}), nan); }, {"p is NaN"}}, {[] { return normalize(zeros({2, 3}), 2, 2); }, {"axis 2"}}, {[] { return normalize(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"normalize", [](List in) { return normalize(in[0], 1, {0, 1}, 100); }, {{{3, 4}}}, {{0.3, 2}}},
    {"renorm", [](List in) { return renorm(in[0], 2, 0, 2); }, {{{3, 4}}, {{2, 3, 2}}, {{5}}, {{0, 3}}}, {}, true,
        {{[] { return renorm(zeros({2, 3}), 2, 2, 1); }, {"axis 2", "2 axes"}}, {[] { return renorm(zeros({2, 3}), 2, 0, -1); }, {"maximum -1"}},
         {[] { return renorm(zeros({2}, DType::int64), 2, 0, 1); }, {"real", "int64"}}}},
    {"renorm", [](List in) { return renorm(in[0], 1, -1, 3); }, {{{3, 4}}}, {{0.3, 2}}},

    // Missing numbers
    {"nansum", [](List in) { return nansum(square(with_gaps(in[0])), 0); }, {{{4, 3}}}, {}, true,
        {{[] { return nansum(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return nansum(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"nansum", [](List in) { return nansum(in[0], {0, 2}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}, {{1, 1, 1}}}},
    {"nansum", [](List in) { return nansum(with_gaps(in[0]), 0, {.initial = 2, .where = outer}); }, {{{4, 3}}}, {}, true,
        {{[] { return nansum(zeros({3}), 0, {.where = ones({2})}); }, {"nansum", "where (2,)", "(3,)"}}}},
    {"nanmean", [](List in) { return nanmean(with_gaps(in[0]), 1, {.where = outer}); }, {{{4, 3}}}},
    {"nanmax", [](List in) { return nanmax(with_gaps(in[0]), {}, {.where = outer}); }, {{{4, 3}}}, {}, true,
        {{[] { return nanmax(zeros({3}), 0, {.where = ones({2})}); }, {"nanmax", "where (2,)", "(3,)"}}}},
    {"nanmin", [](List in) { return nanmin(with_gaps(in[0]), 0, {.keepdims = true, .initial = 5, .where = outer}); }, {{{4, 3}}}},
    {"nanvar", [](List in) { return nanvar(with_gaps(in[0]), {}, {.where = outer}); }, {{{4, 3}}}, {}, true,
        {{[] { return nanvar(zeros({3}), 0, {.where = ones({2})}); }, {"nanvar", "where (2,)", "(3,)"}}}},
    {"nanstddev", [](List in) { return nanstddev(with_gaps(in[0]), {}, {.correction = 1, .where = outer}); }, {{{4, 3}}}},
    {"nanprod", [](List in) { return nanprod(with_gaps(in[0]), 0); }, {{{4, 3}}}, {}, true,
        {{[] { return nanprod(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return nanprod(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"nanmean", [](List in) { return nanmean(square(with_gaps(in[0])), 1, {.keepdims = true}); }, {{{4, 3}}}, {}, true,
        {{[] { return nanmean(zeros({2, 3}), {0, 0}); }, {"axis 0", "twice"}}, {[] { return nanmean(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"nanmean", [](List in) { return nanmean(in[0]); }, {{{2, 3, 5}}, {{}}, {{1}}}},
    {"nanmax", [](List in) { return square(nanmax(with_gaps(in[0]), 0)); }, {{{4, 3}}}, {}, true,
        {{[] { return nanmax(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return nanmax(zeros({2, 0}), 1); }, {"of nothing", "(2, 0)"}}, {[] { return nanmax(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"nanmax", [](List in) { return nanmax(in[0], {0, -1}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
    {"nanmin", [](List in) { return square(nanmin(with_gaps(in[0]))); }, {{{4, 3}}}, {}, true,
        {{[] { return nanmin(zeros({0})); }, {"of nothing", "(0,)"}}, {[] { return nanmin(Variable()); }, {"empty Variable"}}}},
    {"nanvar", [](List in) { return nanvar(with_gaps(in[0]), 0, {.correction = 1}); }, {{{4, 3}}}, {}, true,
        {{[] { return nanvar(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return nanvar(zeros({2}, DType::int64)); }, {"real", "int64"}}}},
    {"nanvar", [](List in) { return nanvar(in[0], {0, -1}, {.keepdims = true}); }, {{{2, 3, 5}}, {{2, 0, 3}}}},
    {"nanstddev", [](List in) { return nanstddev(with_gaps(in[0])); }, {{{4, 3}}}, {}, true,
        {{[] { return nanstddev(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}}},
    {"nanquantile", [](List in) { return nanquantile(with_gaps(in[0]), {0, 0.3, 1}, 0); }, {{{4, 3}}}, {}, true,
        {{[] { return nanquantile(zeros({2, 3}), 0.5, 2); }, {"axis 2", "2 axes"}}, {[] { return nanquantile(zeros({2}), 1.5); }, {"q 1.5", "[0, 1]"}},
         {[] { return nanquantile(zeros({2, 0}), 0.5, 1); }, {"of nothing", "(2, 0)"}}, {[] { return nanquantile(zeros({2}, DType::int64), 0.5); }, {"real", "int64"}}}},
    {"nanquantile", [](List in) { return nanquantile(with_gaps(in[0]), 0.4, 1, {.interpolation = Interpolation::midpoint, .keepdims = true}); }, {{{4, 3}}}},
    {"nanquantile", [](List in) { return nanquantile(in[0], 0.4, {0, 2}, {.interpolation = Interpolation::higher}); }, {{{2, 3, 5}}, {{1, 1, 1}}, {{2, 0, 3}}}},
    {"nanmedian", [](List in) { return square(nanmedian(with_gaps(in[0]))); }, {{{4, 3}}}, {}, true,
        {{[] { return nanmedian(zeros({2, 3}), -3); }, {"axis -3"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
