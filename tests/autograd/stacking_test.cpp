#include <xgrad/autograd/ops/stacking.hpp>

#include <autograd/integers.hpp>

// Joining arrays of different ranks, windows, and elements of several axes at once, after NumPy's and PyTorch's
// documentation.
using namespace xgrad;
using namespace engine;

BOOST_AUTO_TEST_CASE(arrays_are_stacked_whatever_their_rank) {
    const Variable a = count({3}), b = count({2, 3});
    check(hstack({a, a}), {6}, {0, 1, 2, 0, 1, 2});
    check(hstack({b, count({2, 1})}), {2, 4}, {0, 1, 2, 0, 3, 4, 5, 1});
    check(vstack({a, b}), {3, 3}, {0, 1, 2, 0, 1, 2, 3, 4, 5});
    check(dstack({a, a}), {1, 3, 2}, {0, 0, 1, 1, 2, 2});
    check(dstack({b, b}), {2, 3, 2}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
    check(column_stack({a, a}), {3, 2}, {0, 0, 1, 1, 2, 2});
    check(column_stack({count({2}), b}), {2, 4}, {0, 0, 1, 2, 1, 3, 4, 5});
    check(hstack({count({}), count({})}), {2}, {0, 0});
}

BOOST_AUTO_TEST_CASE(matrices_stand_along_a_diagonal) {
    check(block_diag({count({2, 2}), count({1, 3}), integers({7})}), {4, 6},
          {0, 1, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 7});
    check(block_diag({count({2, 0}), integers({7})}), {3, 1}, {0, 0, 7});
    check(block_diag({Variable(5, DType::int64)}), {1, 1}, {5});
}

BOOST_AUTO_TEST_CASE(axes_are_added_and_cut) {
    BOOST_TEST(atleast_1d(zeros({})).shape() == Shape{1});
    BOOST_TEST(atleast_2d(zeros({})).shape() == (Shape{1, 1}));
    BOOST_TEST(atleast_2d(zeros({3})).shape() == (Shape{1, 3}));
    BOOST_TEST(atleast_3d(zeros({})).shape() == (Shape{1, 1, 1}));
    BOOST_TEST(atleast_3d(zeros({3})).shape() == (Shape{1, 3, 1}));
    BOOST_TEST(atleast_3d(zeros({3, 4})).shape() == (Shape{3, 4, 1}));
    BOOST_TEST(atleast_3d(zeros({2, 3, 4, 5})).shape() == (Shape{2, 3, 4, 5}));
    BOOST_TEST(unflatten(zeros({2, 12, 3}), -2, {3, -1}).shape() == (Shape{2, 3, 4, 3}));
    BOOST_TEST(unflatten(zeros({2, 0}), 1, {0, 5}).shape() == (Shape{2, 0, 5}));
}

BOOST_AUTO_TEST_CASE(an_axis_is_cut_unevenly) {
    const auto sizes = [](const std::vector<Variable>& parts) {
        std::vector<std::size_t> result;
        result.reserve(parts.size());
        for (const Variable& v : parts) result.push_back(v.size());
        return result;
    };
    using Sizes = std::vector<std::size_t>;
    BOOST_TEST(sizes(chunk(count({11}), 6)) == (Sizes{2, 2, 2, 2, 2, 1}), per_element());
    BOOST_TEST(sizes(chunk(count({12}), 6)) == (Sizes{2, 2, 2, 2, 2, 2}), per_element());
    BOOST_TEST(sizes(chunk(count({13}), 6)) == (Sizes{3, 3, 3, 3, 1}), per_element());
    BOOST_TEST(sizes(chunk(count({2}), 5)) == (Sizes{1, 1}), per_element());
    BOOST_TEST(sizes(chunk(count({0}), 5)) == (Sizes{0, 0, 0, 0, 0}), per_element());
    BOOST_TEST(sizes(array_split(count({11}), 4)) == (Sizes{3, 3, 3, 2}), per_element());
    BOOST_TEST(sizes(array_split(count({2}), 3)) == (Sizes{1, 1, 0}), per_element());
    check(array_split(count({2, 3}), 2, -1)[1], {2, 1}, {2, 5});
}

BOOST_AUTO_TEST_CASE(arrays_are_turned_by_quarters) {
    const Variable x = count({2, 2});
    check(rot90(x), {2, 2}, {1, 3, 0, 2});
    check(rot90(x, 2), {2, 2}, {3, 2, 1, 0});
    check(rot90(x, -1), {2, 2}, {2, 0, 3, 1});
    check(rot90(x, 4), {2, 2}, {0, 1, 2, 3});
    check(rot90(count({2, 3})), {3, 2}, {2, 5, 1, 4, 0, 3});
    check(rot90(count({2, 3}), 1, 1, 0), {3, 2}, {3, 0, 4, 1, 5, 2});
}

BOOST_AUTO_TEST_CASE(windows_are_taken_of_an_axis) {
    check(unfold(count({5}), 3), {3, 3}, {0, 1, 2, 1, 2, 3, 2, 3, 4});
    check(unfold(count({5}), 2, 2), {2, 2}, {0, 1, 2, 3});
    check(unfold(count({3, 2}), 2, 1, 0), {2, 2, 2}, {0, 2, 1, 3, 2, 4, 3, 5});
    check(unfold(count({0, 3}), 3), {0, 1, 3}, {});
    const Variable x = leaf({1, 2, 3, 4}, {4});
    sum(unfold(x, 2)).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({1, 2, 2, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(elements_are_named_by_an_index_for_each_axis) {
    const Variable x = count({3, 4});
    check(take_at(x, {integers({0, 2, -1}), integers({1, -1, 0})}), {3}, {1, 11, 8});
    check(take_at(x, {integers({{0}, {2}}), integers({1, 3})}), {2, 2}, {1, 3, 9, 11});
    check(take_at(x, {integers({2, 0})}), {2, 4}, {8, 9, 10, 11, 0, 1, 2, 3});
    check(take_at(x, {Variable(1, DType::int64), Variable(2, DType::int64)}), {}, {6});
    check(put_at(count({2, 2}), {integers({0, 1, 0}), integers({1, 0, 1})}, integers({7, 8, 9})), {2, 2}, {0, 9, 8, 3});
    check(put_at(count({2, 2}), {integers({1})}, 5), {2, 2}, {0, 1, 5, 5});
    check(add_at(count({2, 2}), {integers({0, 1, 0}), integers({1, 0, 1})}, integers({7, 8, 9})), {2, 2},
          {0, 17, 10, 3});
    const auto rows = tril_indices(3, 4), upper = triu_indices(3, 4, 2);
    check(rows[0], {6}, {0, 1, 1, 2, 2, 2});
    check(rows[1], {6}, {0, 0, 1, 0, 1, 2});
    check(take_at(x, upper), {3}, {2, 3, 7});
    BOOST_TEST(tril_indices(2, 3, -5)[0].size() == 0U);
}

BOOST_AUTO_TEST_CASE(places_of_running_extremes) {
    const Variable x({{1, 3, 2, 3, 0}, {2, NAN, 5, NAN, 7}}, DType::float64);
    check(argcummax(x), {2, 5}, {0, 1, 1, 3, 3, 0, 1, 1, 3, 3});
    check(argcummin(x), {2, 5}, {0, 0, 0, 0, 4, 0, 1, 1, 3, 3});
    check(argcummax(x, 0), {2, 5}, {0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
    check(argcummax(zeros({0, 3})), {0, 3}, {});
}

BOOST_AUTO_TEST_CASE(the_most_frequent_and_the_kth_element) {
    const Variable x = integers({{3, 1, 2, 1}, {9, 0, 9, 0}});
    check(mode(x).values, {2}, {1, 0});
    check(mode(x).indices, {2}, {1, 1});
    check(kthvalue(x, 3).values, {2}, {2, 9});
    check(kthvalue(x, 1, 0, {.keepdims = true}).indices, {1, 4}, {0, 1, 0, 1});
}
