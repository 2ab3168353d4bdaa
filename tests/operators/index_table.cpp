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
    {"index_add", [](List in) { return square(index_add(in[0], 1, indices, in[1])); }, {{{2, 3}, {2, 2, 2}}, {{1, 4, 2}, {1, 2, 2, 2}}, {{0, 3}, {0, 2, 2}}}, {}, true,
        {{[] { return index_add(zeros({2, 3}), 1, indices, zeros({2, 3})); }, {"(2, 3)", "(2, 2, 2)"}}, {[] { return index_add(zeros({2}), 0, labels, zeros({2})); }, {"index 2", "(2,)"}},
         {[] { return index_add(zeros({3}), 0, labels, zeros({2}, DType::float64)); }, {"float32", "float64"}}, {[] { return index_add(zeros({3}), 0, zeros({2}), zeros({2})); }, {"float32", "int64"}}}},
    {"take_at", [](List in) { return square(take_at(in[0], {indices, labels})); }, {{{3, 3}}, {{4, 3, 2}}, {{3, 3, 0}}}, {}, true,
        {{[] { return take_at(zeros({2, 3}), {indices, labels}); }, {"index 2", "axis 0", "(2, 3)"}}, {[] { return take_at(zeros({3}), {labels, labels}); }, {"2 indices", "(3,)"}},
         {[] { return take_at(zeros({3}), {}); }, {"no indices"}}, {[] { return take_at(zeros({3}), {zeros({2})}); }, {"float32", "int64"}}, {[] { return take_at(zeros({3, 3}), {labels, Variable({0, 1, 2}, DType::int64)}); }, {"(2,)", "(3,)"}}}},
    {"put_at", [](List in) { return square(put_at(in[0], {indices, labels}, in[1])); }, {{{3, 3}, {2, 2}}, {{4, 3, 2}, {2, 1}}, {{3, 4}, {}}}, {}, true,
        {{[] { return put_at(zeros({3, 3}), {labels}, zeros({2})); }, {"updates (2,)", "(2, 3)"}}, {[] { return put_at(zeros({3}), {labels}, zeros({2}, DType::float64)); }, {"float32", "float64"}}, {[] { return put_at(zeros({2}), {labels}, 1); }, {"index 2"}}}},
    {"add_at", [](List in) { return square(add_at(in[0], {indices, labels}, in[1])); }, {{{3, 3}, {2, 2}}, {{4, 3, 2}, {2, 1}}, {{3, 4}, {}}}, {}, true,
        {{[] { return add_at(zeros({3, 3}), {labels}, zeros({2})); }, {"updates (2,)", "(2, 3)"}}, {[] { return add_at(zeros({3}), {labels}, zeros({2}, DType::float64)); }, {"float32", "float64"}}}},
    {"gather", [](List in) { return gather(in[0], 0, indices); }, {{{3, 2}}, {{4, 5}}}, {}, true,
        {{[] { return gather(zeros({2, 2}), 0, indices); }, {"index 2", "axis 0", "(2, 2)"}}, {[] { return gather(zeros({3, 1}), 0, indices); }, {"(2, 2)", "(3, 1)", "axis 0"}},
         {[] { return gather(zeros({3}), 0, indices); }, {"(2, 2)", "(3,)"}}, {[] { return gather(zeros({3}), 0, zeros({3})); }, {"float32", "int64"}}}},
    {"gather", [](List in) { return gather(in[0], -1, Variable({{{1}, {0}}}, DType::int64)); }, {{{2, 3, 2}}, {{1, 2, 5}}}},
    {"take_along_axis", [](List in) { return take_along_axis(in[0], Variable({{2, 0, 2, -1}}, DType::int64)); }, {{{2, 3}}, {{1, 4}}, {{0, 3}}}, {}, true,
        {{[] { return take_along_axis(zeros({2, 3}), labels); }, {"(2,)", "(2, 3)", "rank"}}, {[] { return take_along_axis(zeros({3, 5}), indices); }, {"(3, 1)", "(2, 1)"}},
         {[] { return take_along_axis(zeros({2, 2}), indices); }, {"index 2"}}}},
    {"take_along_axis", [](List in) { return take_along_axis(in[0], indices, 0); }, {{{3, 1}}, {{3, 2}}}},
    {"scatter_add", [](List in) { return square(scatter_add(in[0], 0, indices, in[1])); }, {{{3, 2}, {2, 2}}, {{4, 5}, {2, 2}}, {{3, 3}, {3, 4}}}, {}, true,
        {{[] { return scatter_add(zeros({3, 2}), 0, indices, zeros({2, 1})); }, {"(2, 2)", "(2, 1)"}}, {[] { return scatter_add(zeros({3, 2}), 0, indices, zeros({2})); }, {"(2, 2)", "(2,)"}},
         {[] { return scatter_add(zeros({2, 2}), 0, indices, zeros({2, 2})); }, {"index 2"}},
         {[] { return scatter_add(zeros({3, 2}), 0, indices, zeros({2, 2}, DType::float64)); }, {"float32", "float64"}}}},
    {"scatter", [](List in) { return square(scatter(in[0], 0, indices, in[1])); }, {{{3, 2}, {2, 2}}, {{4, 5}, {2, 2}}, {{3, 3}, {3, 4}}}, {}, true,
        {{[] { return scatter(zeros({3, 2}), 0, indices, zeros({2, 1})); }, {"(2, 2)", "(2, 1)"}}, {[] { return scatter(zeros({2, 2}), 0, indices, 1); }, {"index 2"}},
         {[] { return scatter(zeros({3, 2}), 0, indices, zeros({2, 2}, DType::float64)); }, {"float32", "float64"}}, {[] { return scatter(zeros({3, 2}), 0, zeros({1, 1}), 1); }, {"float32", "int64"}}}},
    {"scatter", [](List in) { return square(scatter(in[0], -1, Variable({{0, 2, 0}, {1, 1, -2}}, DType::int64), in[1])); }, {{{2, 3}, {2, 3}}}},
    {"scatter", [](List in) { return square(scatter(in[0], 1, Variable({{0}, {2}}, DType::int64), 3)); }, {{{2, 3}}}},
    {"put_along_axis", [](List in) { return square(put_along_axis(in[0], Variable({{2, 0, 2, -1}}, DType::int64), in[1])); }, {{{2, 3}, {2, 4}}, {{3, 4}, {}}, {{2, 3}, {2, 1}}, {{0, 3}, {4}}}, {}, true,
        {{[] { return put_along_axis(zeros({2, 3}), labels, 1); }, {"(2,)", "(2, 3)", "rank"}}, {[] { return put_along_axis(zeros({3, 5}), indices, 1); }, {"(2, 2)", "(3, 2)"}},
         {[] { return put_along_axis(zeros({2, 5}), indices, zeros({3})); }, {"(3,)", "(2, 2)"}}, {[] { return put_along_axis(zeros({2, 2}), indices, 1); }, {"index 2"}},
         {[] { return put_along_axis(zeros({2, 2}), indices, 1, 2); }, {"axis 2"}}}},
    {"put_along_axis", [](List in) { return square(put_along_axis(in[0], indices, in[1], 0)); }, {{{3, 2}, {2}}}},
    {"index_copy", [](List in) { return square(index_copy(in[0], 1, indices, in[1])); }, {{{2, 3}, {2, 2, 2}}, {{1, 4, 2}, {1, 2, 2, 2}}, {{0, 3}, {0, 2, 2}}}, {}, true,
        {{[] { return index_copy(zeros({2, 3}), 1, indices, zeros({2, 3})); }, {"(2, 3)", "(2, 2, 2)"}}, {[] { return index_copy(zeros({2}), 0, labels, zeros({2})); }, {"index 2", "(2,)"}},
         {[] { return index_copy(zeros({3}), 0, labels, zeros({2}, DType::float64)); }, {"float32", "float64"}}, {[] { return index_copy(zeros({3}), 1, labels, zeros({2})); }, {"axis 1"}}}},
    {"index_fill", [](List in) { return square(index_fill(in[0], 0, labels, in[1])); }, {{{3, 2}, {}}, {{4}, {}}, {{3, 0}, {}}}, {}, true,
        {{[] { return index_fill(zeros({3}), 0, labels, zeros({2})); }, {"(2,)", "single number"}}, {[] { return index_fill(zeros({2}), 0, labels, 1); }, {"index 2"}},
         {[] { return index_fill(zeros({3}), 0, zeros({2}), 1); }, {"float32", "int64"}}}},
    {"index_fill", [](List in) { return square(index_fill(in[0], -1, labels, 2)); }, {{{2, 3}}}},
    {"masked_scatter", [](List in) { return square(masked_scatter(in[0], in[0].detach() > 0, in[1])); }, {{{3, 4}, {4, 4}}, {{2, 2}, {5}}, {{}, {1}}, {{0, 3}, {0}}}, {}, true,
        {{[] { return masked_scatter(zeros({3}), zeros({2, 3}), zeros({3})); }, {"(2, 3)", "(3,)"}}, {[] { return masked_scatter(zeros({2, 3}), ones({3}), zeros({5})); }, {"6 elements", "(5,)"}}}},
    {"masked_scatter", [](List in) { return square(masked_scatter(in[0], Variable({{1}, {0}}, DType::int64), in[1])); }, {{{2, 3}, {3}}}},
    {"masked_select", [](List in) { return masked_select(in[0], in[0].detach() > 0); }, {{{3, 4}}, {{2, 2, 2}}, {{}}, {{0, 3}}}, {}, true,
        {{[] { return masked_select(zeros({2, 3}), zeros({2})); }, {"(2, 3)", "(2,)"}}}},
    {"masked_select", [](List in) { return masked_select(in[0], Variable({{1}, {0}}, DType::int64)); }, {{{1, 3}}, {{3}}}},
    {"masked_fill", [](List in) { return square(masked_fill(in[0], in[0].detach() > 0, in[1])); }, {{{3, 4}, {}}, {{2, 2}, {2}}, {{}, {}}, {{0, 3}, {1}}}, {}, true,
        {{[] { return masked_fill(zeros({3}), zeros({2, 3}), 1); }, {"(2, 3)", "(3,)"}}, {[] { return masked_fill(zeros({3}), zeros({3}), zeros({2})); }, {"(2,)", "(3,)"}}}},
    {"masked_fill", [](List in) { return square(masked_fill(in[0], Variable({1, 0}, DType::int64), 3)); }, {{{3, 2}}}},

    // Diagonals and triangles
    {"diagonal", [](List in) { return diagonal(in[0]); }, {{{3, 4}}, {{4, 2}}, {{3, 2, 4}}, {{1, 1}}, {{0, 3}}}, {}, true,
        {{[] { return diagonal(zeros({3})); }, {"axis 1", "1 axes"}}, {[] { return diagonal(zeros({3, 3}), 0, 1, -1); }, {"axis 1", "twice"}}}},
    {"diagonal", [](List in) { return diagonal(in[0], -1, 2, 0); }, {{{3, 2, 4}}, {{1, 2, 1}}, {{5, 2, 2}}}},
    {"diag_embed", [](List in) { return diag_embed(in[0]); }, {{{2, 3}}, {{1}}, {{2, 0}}}, {}, true,
        {{[] { return diag_embed(zeros({})); }, {"scalar"}}, {[] { return diag_embed(zeros({2}), 0, 0, -2); }, {"axis 0", "twice"}}, {[] { return diag_embed(zeros({2}), 0, 0, 2); }, {"axis 2", "2 axes"}}}},
    {"diag_embed", [](List in) { return diag_embed(in[0], 2, 0, 1); }, {{{2, 3}}, {{1}}}},
    {"diag", [](List in) { return diag(in[0], -1); }, {{{3}}, {{4, 3}}, {{1, 1}}, {{0}}}, {}, true, {{[] { return diag(zeros({2, 2, 2})); }, {"(2, 2, 2)"}}, {[] { return diag(zeros({})); }, {"()"}}}},
    {"tril", [](List in) { return tril(in[0]); }, {{{3, 4}}, {{2, 4, 3}}, {{1, 1}}, {{0, 2}}}, {}, true, {{[] { return tril(zeros({3})); }, {"(3,)"}}}},
    {"triu", [](List in) { return triu(in[0], 1); }, {{{3, 4}}, {{2, 4, 3}}, {{1, 1}}, {{2, 0}}}, {}, true, {{[] { return triu(zeros({3})); }, {"(3,)"}}}},
    {"tril", [](List in) { return tril(in[0], -9); }, {{{3, 4}}}},

    // Order
    {"sort", [](List in) { return square(sort(in[0]).values); }, {{{3, 4}}, {{2, 3, 2}}, {{1}}, {{2, 0}}}, {}, true, {{[] { return sort(zeros({3}), 1).values; }, {"axis 1", "1 axes"}}}},
    {"sort", [](List in) { return square(sort(in[0], 0, {.descending = true}).values); }, {{{3, 4}}, {{4, 3, 2}}}},
    {"topk", [](List in) { return square(topk(in[0], 2, 1).values); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 2}}}, {}, true,
        {{[] { return topk(zeros({2, 3}), 4).values; }, {"4 elements", "axis -1", "(2, 3)"}}, {[] { return topk(zeros({3}), 1, 1).values; }, {"axis 1", "1 axes"}}}},
    {"topk", [](List in) { return square(topk(in[0], 1, 0, {.largest = false}).values); }, {{{3, 4}}, {{1}}}},
    {"kthvalue", [](List in) { return square(kthvalue(in[0], 2).values); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 2}}}, {}, true,
        {{[] { return kthvalue(zeros({2, 3}), 4).values; }, {"element 4", "axis -1", "(2, 3)"}}, {[] { return kthvalue(zeros({3}), 0).values; }, {"element 0"}}, {[] { return kthvalue(zeros({3}), 1, 1).values; }, {"axis 1", "1 axes"}}}},
    {"kthvalue", [](List in) { return square(kthvalue(in[0], 3, 0, {.keepdims = true}).values); }, {{{3, 4}}}},
    {"mode", [](List in) { return square(mode(in[0]).values); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 2}}}, {}, true,
        {{[] { return mode(zeros({2, 0})).values; }, {"of nothing", "axis 1", "(2, 0)"}}, {[] { return mode(zeros({3}), 1).values; }, {"axis 1", "1 axes"}}}},
    {"searchsorted", [](List in) { return in[0] * searchsorted(in[0], in[0]).to(in[0].dtype()); }, {{{4}}}, {}, true,  // which has no gradient
        {{[] { return searchsorted(zeros({2, 3}), zeros({4})); }, {"(2, 3)", "(4,)"}}, {[] { return searchsorted(zeros({2, 3}), zeros({3, 1})); }, {"(2, 3)", "(3, 1)"}}, {[] { return searchsorted(Variable(1.0), zeros({})); }, {"()"}}}},
    {"unique", [](List in) { return square(unique(in[0]).values); }, {{{3, 4}}, {{}}, {{0}}}},
};

const ValueLines values{
    {"where", [] { return where(Variable({{1}, {0}}), labels, -1); }, {2, 0, -1, -1}},
    {"where", [] { return where(labels, Variable(std::int64_t{7}, DType::int64), labels); }, {7, 0}},
    {"one_hot", [] { return one_hot(labels, 3); }, {0, 0, 1, 1, 0, 0}},
    {"argwhere", [] { return argwhere(Variable({{0, 2, 0}, {-1, 0, NAN}})); }, {0, 1, 1, 0, 1, 2}},
    {"argwhere", [] { return argwhere(zeros({2, 0})); }, {}},
    {"nonzero", [] { return nonzero(Variable({{0, 2, 0}, {-1, 0, NAN}}))[1]; }, {1, 0, 2}},
    {"flatnonzero", [] { return flatnonzero(Variable({{0, 2, 0}, {-1, 0, 3}}, DType::int64)); }, {1, 3, 5}},
    {"argsort", [] { return argsort(Variable({{3, 1, 2, 1}, {NAN, 0, -INFINITY, NAN}})); }, {1, 3, 2, 0, 2, 1, 0, 3}},
    {"argsort", [] { return argsort(Variable({{3, 1, 2, 1}, {NAN, 0, INFINITY, NAN}}), 1, {.descending = true}); }, {0, 2, 1, 3, 2, 1, 0, 3}},
    {"argsort", [] { return argsort(Variable({{3, 1}, {2, 5}, {3, -1}}, DType::int64), 0); }, {1, 2, 0, 0, 2, 1}},
    {"searchsorted", [] { return searchsorted(Variable({1, 2, 2, 5}), Variable({{2, 0}, {9, NAN}})); }, {1, 0, 4, 4}},
    {"searchsorted", [] { return searchsorted(Variable({1, 2, 2, 5}), Variable({{2, 0}, {5, 3}}), {.right = true}); }, {3, 0, 4, 3}},
    {"ravel_index", [] { return ravel_index({indices, labels}, {3, 4}); }, {10, 0, 10, 8}},
    {"unravel_index", [] { return unravel_index(Variable({{10, 0}, {-1, 8}}, DType::int64), {3, 4})[0]; }, {2, 0, 2, 2}},
    {"unravel_index", [] { return unravel_index(Variable({{10, 0}, {-1, 8}}, DType::int64), {3, 4})[1]; }, {2, 0, 3, 0}},
    {"searchsorted", [] { return searchsorted(Variable({{1, 2, 3}, {4, 5, 6}}), Variable({{2.5, 9.0}, {0.0, 5.0}})); }, {2, 3, 0, 1}},
    {"isin", [] { return isin(Variable({{1, 2}, {NAN, 3}}), Variable({2, NAN, 3})); }, {0, 1, 0, 1}},
    {"isin", [] { return isin(labels, Variable({{0}, {0}}, DType::int64)); }, {0, 1}},
    {"isin", [] { return isin(labels, zeros({0}, DType::int64)); }, {0, 0}},
    {"mode", [] { return mode(Variable({{2, 3, 2, 3}, {NAN, 5, NAN, 1}}), 1).indices; }, {0, 0}},
    {"mode", [] { return mode(Variable({{2, 1}, {2, 5}}, DType::int64), 0, {.keepdims = true}).values; }, {2, 1}},
    {"kthvalue", [] { return kthvalue(Variable({{3, 1, 2}, {NAN, 5, -INFINITY}}), 2).indices; }, {2, 1}},
};
// clang-format on

}  // namespace

}  // namespace table
