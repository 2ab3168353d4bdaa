#include <xgrad/autograd/ops.hpp>

#include <autograd/integers.hpp>
#include <xgrad/autograd/backward.hpp>

// What the operators that rearrange give on small examples, after NumPy's and PyTorch's documentation.
using namespace xgrad;
using namespace engine;

BOOST_AUTO_TEST_CASE(axes_come_and_go) {
    BOOST_TEST(squeeze(zeros({1, 2, 1, 3})).shape() == (Shape{2, 3}));
    BOOST_TEST(squeeze(zeros({1, 2, 1, 3}), {0, -2}).shape() == (Shape{2, 3}));
    BOOST_TEST(squeeze(zeros({1, 2, 1}), 0).shape() == (Shape{2, 1}));
    BOOST_TEST(expand_dims(zeros({2, 3}), {0, -1}).shape() == (Shape{1, 2, 3, 1}));
    BOOST_TEST(expand_dims(zeros({2, 3}), {1, 2}).shape() == (Shape{2, 1, 1, 3}));
}

BOOST_AUTO_TEST_CASE(matrices_of_all_sizes_are_transposed) {
    for (const std::size_t rows : {1U, 3U, 7U, 8U, 16U, 21U, 40U})
        for (const std::size_t columns : {1U, 2U, 8U, 15U, 16U, 33U})
            for (const DType dtype : {DType::float32, DType::float64, DType::int64}) {
                std::vector<double> expected;
                for (std::size_t j = 0; j < columns; ++j)
                    for (std::size_t i = 0; i < rows; ++i)
                        expected.push_back(static_cast<double>((rows - 1 - i) * columns + j));
                const Variable x = flip(count({rows, columns}).to(dtype), 0);
                BOOST_TEST(transpose(x).to_vector() == expected, per_element());
                BOOST_TEST(
                    swap_axes(stack({x, x}), 1, 2).to_vector() == concatenate({transpose(x), transpose(x)}).to_vector(),
                    per_element());
            }
}

BOOST_AUTO_TEST_CASE(axes_change_places) {
    check(transpose(count({2, 3})), {3, 2}, {0, 3, 1, 4, 2, 5});
    BOOST_TEST(transpose(zeros({2, 3, 4}), {2, 0, 1}).shape() == (Shape{4, 2, 3}));
    check(swap_axes(count({2, 1, 3}), 0, -1), {3, 1, 2}, {0, 3, 1, 4, 2, 5});
    BOOST_TEST(move_axis(zeros({2, 3, 4}), 0, -1).shape() == (Shape{3, 4, 2}));
    BOOST_TEST(move_axis(zeros({2, 3, 4, 5}), {0, 1}, {-1, -2}).shape() == (Shape{4, 5, 3, 2}));
}

BOOST_AUTO_TEST_CASE(grids_hold_their_coordinates) {
    const auto xy = meshgrid({count({3}), count({2})});
    check(xy[0], {2, 3}, {0, 1, 2, 0, 1, 2});
    check(xy[1], {2, 3}, {0, 0, 0, 1, 1, 1});
    const auto ij = meshgrid({count({3}), count({2})}, Indexing::ij);
    check(ij[0], {3, 2}, {0, 0, 1, 1, 2, 2});
    check(ij[1], {3, 2}, {0, 1, 0, 1, 0, 1});
    BOOST_TEST(meshgrid({count({3}), count({2}), count({4})})[2].shape() == (Shape{2, 3, 4}));
    BOOST_TEST(meshgrid({count({3})})[0].shape() == Shape{3});
    const auto both = broadcast_arrays({count({2, 1}), count({2})});
    check(both[0], {2, 2}, {0, 0, 1, 1});
    check(both[1], {2, 2}, {0, 1, 0, 1});
}

BOOST_AUTO_TEST_CASE(arrays_are_joined_and_cut) {
    const Variable a = count({2, 2}), b = a.detach();
    check(concatenate({a, b}, 1), {2, 4}, {0, 1, 0, 1, 2, 3, 2, 3});
    check(stack({a, b}), {2, 2, 2}, {0, 1, 2, 3, 0, 1, 2, 3});
    check(stack({a, b}, -1), {2, 2, 2}, {0, 0, 1, 1, 2, 2, 3, 3});
    const auto halves = split(count({2, 4}), 2, 1);
    BOOST_TEST(halves.size() == 2U);
    check(halves[1], {2, 2}, {2, 3, 6, 7});
    const auto parts = split(count({5}), {1, 4});
    check(parts[0], {1}, {0});
    check(parts[1], {4}, {1, 2, 3, 4});
    const auto columns = unstack(count({2, 3}), -1);
    BOOST_TEST(columns.size() == 3U);
    check(columns[2], {2}, {2, 5});
    BOOST_TEST(unstack(zeros({0, 3})).empty());
}

BOOST_AUTO_TEST_CASE(a_part_that_is_not_used_has_gradient_0) {
    const Variable x = parameter(zeros({6}));
    sum(split(x, 3)[1]).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({0, 0, 1, 1, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(arrays_and_their_entries_are_repeated) {
    check(tile(count({3}), 2), {6}, {0, 1, 2, 0, 1, 2});
    check(tile(count({2, 2}), 2), {2, 4}, {0, 1, 0, 1, 2, 3, 2, 3});
    check(tile(count({2}), {2, 2}), {2, 4}, {0, 1, 0, 1, 0, 1, 0, 1});
    check(tile(count({2, 1}), {2, 1}), {4, 1}, {0, 1, 0, 1});
    check(tile(count({2}), 0), {0}, {});
    check(repeat(count({2, 2}), 2), {8}, {0, 0, 1, 1, 2, 2, 3, 3});
    check(repeat(count({2, 2}), 2, 0), {4, 2}, {0, 1, 0, 1, 2, 3, 2, 3});
    check(repeat(count({2, 2}), 2, -1), {2, 4}, {0, 0, 1, 1, 2, 2, 3, 3});
    check(repeat(count({2, 2}), {1, 2}, 0), {3, 2}, {0, 1, 2, 3, 2, 3});
}

BOOST_AUTO_TEST_CASE(indexing_is_that_of_numpy) {
    const Variable x = count({2, 3, 4});
    check(index(x, {1, 2, 3}), {}, {23});
    check(index(x, {-1, -1}), {4}, {20, 21, 22, 23});
    check(index(x, {0, Slice{1, -1}, Slice{.step = 2}}), {1, 2}, {4, 6});
    check(index(x, {ellipsis, -1}), {2, 3}, {3, 7, 11, 15, 19, 23});
    check(index(x, {0, ellipsis, new_axis, Slice{2, 3}}), {3, 1, 1}, {2, 6, 10});
    check(index(x, {Slice{}, 0, Slice{.start = -1, .stop = {}, .step = -3}}), {2, 2}, {3, 0, 15, 12});
    check(index(x, {1, Slice{2, 1}}), {0, 4}, {});
    check(index(x, {0, 0, ellipsis, 0}), {}, {0});
    check(index(count({3}), {new_axis, Slice{.step = std::numeric_limits<long>::min()}}), {1, 1}, {2});
    BOOST_TEST(index(x, {}).is_same(x));
}

BOOST_AUTO_TEST_CASE(arrays_are_turned_and_rolled) {
    check(flip(count({2, 3})), {2, 3}, {5, 4, 3, 2, 1, 0});
    check(flip(count({2, 3}), 0), {2, 3}, {3, 4, 5, 0, 1, 2});
    check(roll(count({5}), 2), {5}, {3, 4, 0, 1, 2});
    check(roll(count({5}), -7), {5}, {2, 3, 4, 0, 1});
    check(roll(count({2, 3}), 1), {2, 3}, {5, 0, 1, 2, 3, 4});
    check(roll(count({2, 3}), 1, 0), {2, 3}, {3, 4, 5, 0, 1, 2});
    check(roll(count({2, 3}), {1, 1}, {1, 0}), {2, 3}, {5, 3, 4, 2, 0, 1});
    check(roll(count({2, 3}), 1, {0, 1}), {2, 3}, {5, 3, 4, 2, 0, 1});
    check(roll(count({2, 3}), {1, 1}, {1, 1}), {2, 3}, {1, 2, 0, 4, 5, 3});
}

BOOST_AUTO_TEST_CASE(padding_continues_an_array) {
    const Variable x = count({3});
    check(pad(x, {{1, 2}}, {.value = 9}), {6}, {9, 0, 1, 2, 9, 9});
    check(pad(x, {{2, 1}}, {.mode = PadMode::edge}), {6}, {0, 0, 0, 1, 2, 2});
    check(pad(x, {{2, 5}}, {.mode = PadMode::reflect}), {10}, {2, 1, 0, 1, 2, 1, 0, 1, 2, 1});
    check(pad(x, {{2, 5}}, {.mode = PadMode::symmetric}), {10}, {1, 0, 0, 1, 2, 2, 1, 0, 0, 1});
    check(pad(x, {{2, 4}}, {.mode = PadMode::wrap}), {9}, {1, 2, 0, 1, 2, 0, 1, 2, 0});
    check(pad(count({2, 2}), {{1, 0}, {0, 1}}, {.mode = PadMode::reflect}), {3, 3}, {2, 3, 2, 0, 1, 0, 2, 3, 2});
    check(pad(count({1}), {{1, 1}}, {.mode = PadMode::reflect}), {3}, {0, 0, 0});
    check(pad(count({2, 2}), {{0, 1}, {1, 0}}), {3, 3}, {0, 0, 1, 0, 2, 3, 0, 0, 0});
    check(pad(count({2, 2}), {{1, 1}, {1, 0}}, {.values = {{5, 6}, {7, 8}}}), {4, 3},
          {7, 5, 5, 7, 0, 1, 7, 2, 3, 7, 6, 6});
}

BOOST_AUTO_TEST_CASE(padding_by_negative_widths_takes_away) {
    const Variable x = count({4});
    check(pad(x, {{-1, 2}}), {5}, {1, 2, 3, 0, 0});
    check(pad(x, {{1, -3}}, {.mode = PadMode::edge}), {2}, {0, 0});
    check(pad(x, {{-1, 2}}, {.mode = PadMode::wrap}), {5}, {1, 2, 3, 1, 2});
    check(pad(x, {{-2, -2}}), {0}, {});
    check(pad(count({2, 3}), {{0, -1}, {-1, 1}}, {.value = 9}), {1, 3}, {1, 2, 9});
    check(pad(x, {{-1, 3}}, {.mode = PadMode::reflect}), {6}, {1, 2, 3, 2, 1, 2});
}

BOOST_AUTO_TEST_CASE(elements_are_gathered_and_scattered) {
    const Variable x = count({2, 3});
    check(gather(x, 1, Variable({{0, 0}, {2, -3}}, DType::int64)), {2, 2}, {0, 0, 5, 3});
    check(gather(x, 0, Variable({{1, 0}}, DType::int64)), {1, 2}, {3, 1});
    check(take_along_axis(x, Variable({{2}, {1}}, DType::int64)), {2, 1}, {2, 4});
    check(take_along_axis(x, Variable({{1}}, DType::int64), 0), {1, 3}, {3, 4, 5});
    check(scatter_add(zeros({3, 5}, DType::int64), 0, Variable({{0, 1, 2, 0, 0}}, DType::int64),
                      ones({2, 5}, DType::int64)),
          {3, 5}, {1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0});
    check(scatter_add(x, 1, Variable({{1, 1}, {0, -1}}, DType::int64), Variable({{10, 20}, {30, 40}}, DType::int64)),
          {2, 3}, {0, 31, 2, 33, 4, 45});
    const Variable y =
        index_add(zeros({3, 2}), 0, Variable({2, 0, 2}, DType::int64), Variable({{1, 2}, {3, 4}, {5, 6}}));
    BOOST_TEST(y.to_vector() == numbers({3, 4, 0, 0, 6, 8}), per_element());
}

BOOST_AUTO_TEST_CASE(masks_choose_elements) {
    const Variable x = count({2, 3});
    check(masked_select(x, Variable({{0, 1, 1}, {1, 0, 0}})), {3}, {1, 2, 3});
    check(masked_select(x, Variable({0, 0, 5})), {2}, {2, 5});
    check(argwhere(x), {5, 2}, {0, 1, 0, 2, 1, 0, 1, 1, 1, 2});
    check(argwhere(Variable(3)), {1, 0}, {});
    const auto places = nonzero(x);
    check(places[0], {5}, {0, 0, 1, 1, 1});
    check(places[1], {5}, {1, 2, 0, 1, 2});
    check(flatnonzero(x), {5}, {1, 2, 3, 4, 5});
    const Variable filled = masked_fill(Variable({{1, 2}, {3, 4}}, DType::float64), Variable({0, 1}), -INFINITY);
    BOOST_TEST(filled.to_vector() == numbers({1, -INFINITY, 3, -INFINITY}), per_element());
}

BOOST_AUTO_TEST_CASE(elements_are_put_in_place) {
    const Variable x = count({2, 3}), at = Variable({{2, 0}, {1, 1}}, DType::int64);
    check(scatter(x, 1, at, Variable({{10, 11}, {12, 13}}, DType::int64)), {2, 3}, {11, 1, 10, 3, 13, 5});
    check(scatter(x, 1, at, 9), {2, 3}, {9, 1, 9, 3, 9, 5});
    check(put_along_axis(x, Variable({{1}}, DType::int64), Variable({{7}, {8}}, DType::int64)), {2, 3},
          {0, 7, 2, 3, 8, 5});
    check(put_along_axis(x, Variable({{1, 0, 1}}, DType::int64), 9, 0), {2, 3}, {0, 9, 2, 9, 4, 9});
    const Variable columns({-1, 0}, DType::int64);
    check(index_copy(x, 1, columns, Variable({{6, 7}, {8, 9}}, DType::int64)), {2, 3}, {7, 1, 6, 9, 4, 8});
    check(index_fill(x, 1, columns, 9), {2, 3}, {9, 1, 9, 9, 4, 9});
    check(masked_scatter(x, Variable({0, 1, 1}), Variable({6, 7, 8, 9, 10}, DType::int64)), {2, 3}, {0, 6, 7, 3, 8, 9});
    check(masked_fill(x, Variable({0, 1, 1}), -1), {2, 3}, {0, -1, -1, 3, -1, -1});
    const Variable large = Variable::from(std::vector<std::int64_t>{(std::int64_t{1} << 60) + 1}, {1});
    BOOST_TEST(where(Variable({0, 1}), large, count({2})).span<std::int64_t>()[1] == (std::int64_t{1} << 60) + 1);
}

BOOST_AUTO_TEST_CASE(updates_of_one_place_are_reduced) {
    const Variable x = integers({1, 2, 3, 4}), at = integers({0, 1, 0, 1, 2, 1}), more = integers({1, 2, 3, 4, 5, 6});
    const auto both = [&](Reduce how, const std::vector<double>& with, const std::vector<double>& without) {
        check(scatter_reduce(x, 0, at, more, how), {4}, with);  // PyTorch's example, with one more element
        check(scatter_reduce(x, 0, at, more, how, {.include_self = false}), {4}, without);
    };
    both(Reduce::sum, {5, 14, 8, 4}, {4, 12, 5, 4});
    both(Reduce::prod, {3, 96, 15, 4}, {3, 48, 5, 4});
    both(Reduce::max, {3, 6, 5, 4}, {3, 6, 5, 4});
    both(Reduce::min, {1, 2, 3, 4}, {1, 2, 5, 4});
    const Variable real = x.to(DType::float64), updates = more.to(DType::float64);
    BOOST_TEST(scatter_reduce(real, 0, at, updates, Reduce::mean).to_vector() == numbers({5. / 3, 3.5, 4, 4}),
               per_element());
    BOOST_TEST(scatter_reduce(real, 0, at, updates, Reduce::mean, {.include_self = false}).to_vector() ==
                   numbers({2, 4, 5, 4}),
               per_element());
}

BOOST_AUTO_TEST_CASE(gradients_of_reduced_updates_where_they_are_delicate) {
    const Variable at = integers({0, 0, 1, 2, 2});
    const auto gradients = [&](const Variable& x, const Variable& updates, Reduce how, bool include_self) {
        const auto both = grad({scatter_reduce(x, 0, at, updates, how, {.include_self = include_self})}, {x, updates},
                               {.gradients = {Variable({1, 10, 100, 1000}, DType::float64)}});
        numbers all = both[0].to_vector();
        for (const double v : both[1].to_vector()) all.push_back(v);
        return all;
    };
    // Ties share, an infinity that nothing stands for among them; no element without updates is touched.
    const Variable x = leaf({3, INFINITY, 5, std::nan("")}, {4}), ties = leaf({3, 3, -INFINITY, 5, 4}, {5});
    BOOST_TEST(gradients(x, ties, Reduce::max, true) == numbers({1. / 3, 10, 50, 1000, 1. / 3, 1. / 3, 0, 50, 0}),
               per_element());
    BOOST_TEST(gradients(x, ties, Reduce::max, false) == numbers({0, 0, 0, 1000, 0.5, 0.5, 10, 100, 0}), per_element());
    // Zeros, and a product that overflows beside others that do not.
    const Variable one = leaf({2, 1e200, 0, 7}, {4}), factors = leaf({0, 5, 1e200, 0, 3}, {5});
    BOOST_TEST(
        gradients(one, factors, Reduce::prod, true) == numbers({0, 10 * 1e200, 0, 1000, 10, 0, 10 * 1e200, 0, 0}),
        per_element());
    BOOST_TEST(gradients(one, factors, Reduce::prod, false) == numbers({0, 0, 0, 1000, 5, 0, 10, 300, 0}),
               per_element());
    const Variable overflowing = leaf({1e300, 1e300, 2, 3, 5}, {5});
    BOOST_TEST(gradients(leaf({1e300, 4, 1, 1}, {4}), overflowing, Reduce::prod, true) ==
                   numbers({INFINITY, 20, 1500, 1000, INFINITY, INFINITY, 40, 500, 300}),
               per_element());
}

BOOST_AUTO_TEST_CASE(entries_are_reduced_by_segments) {
    const Variable x = integers({{1, 2}, {3, 4}, {5, -6}}), ids = integers({2, 0, 2});
    constexpr auto least = static_cast<double>(std::numeric_limits<std::int64_t>::min());
    check(segment_sum(x, ids, 4), {4, 2}, {3, 4, 0, 0, 6, -4, 0, 0});  // JAX's, but for means
    check(segment_prod(x, ids, 4), {4, 2}, {3, 4, 1, 1, 5, -12, 1, 1});
    check(segment_max(x, ids, 3), {3, 2}, {3, 4, least, least, 5, 2});
    check(segment_min(x, ids, 3), {3, 2}, {3, 4, -least, -least, 1, -6});
    const Variable real = x.to(DType::float64);
    const numbers means = segment_mean(real, ids, 3).to_vector();
    BOOST_TEST((means[0] == 3 && means[1] == 4 && std::isnan(means[2]) && means[4] == 3 && means[5] == -2));
    BOOST_TEST(segment_max(real, ids, 3).to_vector() == numbers({3, 4, -INFINITY, -INFINITY, 5, 2}), per_element());
    BOOST_TEST(segment_min(real, ids, 3).to_vector() == numbers({3, 4, INFINITY, INFINITY, 1, -6}), per_element());
    BOOST_TEST(segment_sum(zeros({0, 3}), integers({}), 2).shape() == (Shape{2, 3}));
}

BOOST_AUTO_TEST_CASE(the_last_of_several_updates_stays_and_has_the_gradient) {
    const Variable x = leaf({1, 2, 3}, {3}), updates = leaf({4, 5, 6, 7}, {4});
    const Variable at({1, 0, 1, 1}, DType::int64);
    const Variable y = scatter(x, 0, at, updates);
    BOOST_TEST(y.to_vector() == (numbers{5, 7, 3}), per_element());
    const auto gradients = grad({y}, {x, updates}, {.gradients = {Variable({10, 20, INFINITY}, DType::float64)}});
    BOOST_TEST(gradients[0].to_vector() == (numbers{0, 0, INFINITY}), per_element());
    BOOST_TEST(gradients[1].to_vector() == (numbers{0, 10, 0, 20}), per_element());
}

BOOST_AUTO_TEST_CASE(diagonals_and_triangles_are_cut_out) {
    const Variable x = count({3, 4});
    check(diag(x), {3}, {0, 5, 10});
    check(diag(x, 2), {2}, {2, 7});
    check(diag(x, -1), {2}, {4, 9});
    check(diag(x, 9), {0}, {});
    check(diag(count({2}), 1), {3, 3}, {0, 0, 0, 0, 0, 1, 0, 0, 0});
    check(diag(count({2}), -1), {3, 3}, {0, 0, 0, 0, 0, 0, 0, 1, 0});
    check(diagonal(count({2, 3, 2})), {2, 2}, {0, 8, 1, 9});
    check(diagonal(count({2, 2, 2}), 0, -2, -1), {2, 2}, {0, 3, 4, 7});
    check(diag_embed(count({2, 2})), {2, 2, 2}, {0, 0, 0, 1, 2, 0, 0, 3});
    check(tril(count({3, 3})), {3, 3}, {0, 0, 0, 3, 4, 0, 6, 7, 8});
    check(tril(count({2, 3}), 1), {2, 3}, {0, 1, 0, 3, 4, 5});
    check(triu(count({3, 3}), 1), {3, 3}, {0, 1, 2, 0, 0, 5, 0, 0, 0});
    check(triu(count({2, 2, 2}), -5), {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
    check(triu(count({2, 2}), std::numeric_limits<long>::max()), {2, 2}, {0, 0, 0, 0});
}

BOOST_AUTO_TEST_CASE(elements_are_put_in_order) {
    const Variable x({{3, 1, 2, 1}, {9, 0, -4, 7}}, DType::int64);
    const Sorted rows = sort(x);
    check(rows.values, {2, 4}, {1, 1, 2, 3, -4, 0, 7, 9});
    check(rows.indices, {2, 4}, {1, 3, 2, 0, 2, 1, 3, 0});
    check(sort(x, 0, {.descending = true}).values, {2, 4}, {9, 1, 2, 7, 3, 0, -4, 1});
    const Sorted top = topk(x, 2);
    check(top.values, {2, 2}, {3, 2, 9, 7});
    check(top.indices, {2, 2}, {0, 2, 0, 3});
    check(topk(x, 1, 0, {.largest = false}).values, {1, 4}, {3, 0, -4, 1});
    check(topk(x, 0).values, {2, 0}, {});
    const Variable last = sort(Variable({NAN, 1, -INFINITY, NAN, INFINITY})).values;
    BOOST_TEST(last.to_vector()[2] == INFINITY);
    BOOST_TEST(std::isnan(last.to_vector()[3]));
}

BOOST_AUTO_TEST_CASE(a_long_axis_is_sorted_stably) {
    Rng rng(3);
    const Variable x = floor(random_uniform({20, 1000, 3}, rng, 0, 50));
    const Sorted y = sort(x, 1);
    const auto values = y.values.to_vector(), places = y.indices.to_vector();
    bool ordered = true;
    for (std::size_t i = 3; i < values.size(); ++i)
        if (i / 3 % 1000 != 0)
            ordered =
                ordered && (values[i - 3] < values[i] || (values[i - 3] == values[i] && places[i - 3] < places[i]));
    BOOST_TEST(ordered);
    BOOST_TEST(take_along_axis(x, y.indices, 1).to_vector() == values, per_element());
}

BOOST_AUTO_TEST_CASE(different_elements_are_found_and_counted) {
    const Unique u = unique(Variable({{3, 1, 3}, {1, 3, 2}}, DType::int64));
    check(u.values, {3}, {1, 2, 3});
    check(u.indices, {3}, {1, 5, 0});
    check(u.inverse, {2, 3}, {2, 0, 2, 0, 2, 1});
    check(u.counts, {3}, {2, 1, 3});
    const Variable x = integers({{1, 0, 1, 1}, {2, 5, 2, 0}});
    const Unique columns = unique(x, -1);
    check(columns.values, {2, 3}, {0, 1, 1, 5, 0, 2});
    check(columns.indices, {3}, {1, 3, 0});
    check(columns.inverse, {4}, {2, 0, 2, 1});
    check(columns.counts, {3}, {1, 1, 2});
    check(take(columns.values, columns.inverse, -1), {2, 4}, x.to_vector());
    check(unique(integers({{1, 2}, {0, 3}, {1, 2}}), 0).values, {2, 2}, {0, 3, 1, 2});
    check(unique(zeros({0, 2}), 0).counts, {0}, {});
    check(unique(zeros({3, 0}), 0).counts, {1}, {3});
    check(unique(Variable({NAN, 1, NAN})).counts, {2}, {1, 2});
    check(bincount(Variable({3, 1, 3}, DType::int64)), {4}, {0, 1, 0, 2});
    BOOST_CHECK_EXCEPTION(bincount(Variable({-1}, DType::int64)), ValueError, Says({"bincount: ", "element -1"}));
}

BOOST_AUTO_TEST_CASE(creation_covers_diagonals_and_geometric_spacing) {
    check(eye(2, 3, 1, DType::int64), {2, 3}, {0, 1, 0, 0, 0, 1});
    check(eye(3, 2, -1, DType::int64), {3, 2}, {0, 0, 1, 0, 0, 1});
    check(eye(2, 2, 7, DType::int64), {2, 2}, {0, 0, 0, 0});
    check(full_like(count({2}), 7), {2}, {7, 7});
    BOOST_TEST(logspace(0, 3, 4).to_vector() == numbers({1, 10, 100, 1000}), per_element());
    BOOST_TEST(logspace(0, 3, 4, 2).to_vector() == numbers({1, 2, 4, 8}), per_element());
    BOOST_TEST(geomspace(1, 1000, 4).to_vector() == numbers({1, 10, 100, 1000}), per_element());
    BOOST_TEST(geomspace(-1, -4, 3).to_vector() == numbers({-1, -2, -4}), per_element());
    BOOST_TEST(geomspace(5, 7, 1).to_vector() == numbers({5}), per_element());
    BOOST_CHECK_EXCEPTION(geomspace(-1, 4, 3), ValueError, Says({"geomspace", "-1", "4"}));
}

BOOST_AUTO_TEST_CASE(integers_compare_with_fractions_as_numbers_do) {
    const Variable i({1, 2}, DType::int64);
    using Numbers = std::vector<double>;
    BOOST_TEST((i == 1.5).to_vector() == (Numbers{0, 0}), boost::test_tools::per_element());
    BOOST_TEST((i < 1.5).to_vector() == (Numbers{1, 0}), boost::test_tools::per_element());
    BOOST_TEST((1.5 < i).to_vector() == (Numbers{0, 1}), boost::test_tools::per_element());
    BOOST_TEST((i >= 2).to_vector() == (Numbers{0, 1}), boost::test_tools::per_element());
    BOOST_TEST((i != i).to_vector() == (Numbers{0, 0}), boost::test_tools::per_element());
}
