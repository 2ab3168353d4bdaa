#include <autograd/integers.hpp>
#include <xgrad/autograd/replay.hpp>

#include <limits>

// What arithmetic on int64 does that real numbers do not. The operator table compares the two where they agree.
using namespace xgrad;
using namespace engine;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max(),
                       least = std::numeric_limits<std::int64_t>::min();

Variable exact(const std::vector<std::int64_t>& values) { return Variable::from(values, {values.size()}); }

void check_exact(const Variable& y, const std::vector<std::int64_t>& expected) {
    const auto elements = y.span<std::int64_t>();
    BOOST_TEST(std::vector<std::int64_t>(elements.begin(), elements.end()) == expected, per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(integers_are_exact_beyond_what_float64_can_tell_apart) {
    const std::int64_t big = (std::int64_t{1} << 60) + 1;
    check_exact(exact({big}) + 1, {big + 1});
    check_exact(2 * exact({big}), {2 * big});
    check_exact(maximum(exact({big}), exact({big - 1})), {big});
    check_exact(sum(exact({big, 1, -big}), {}, {.keepdims = true}), {1});
    check_exact(max(exact({big - 1, big})), {big});
    check_exact(cumsum(exact({big, 1})), {big, big + 1});
    check_exact(cummin(exact({big, big - 1})), {big, big - 1});
    check_exact(argmax(exact({big - 1, big, big - 2})), {1});
    check_exact(matmul(reshape(exact({big, 1}), {1, 2}), exact({1, 2})), {big + 2});
    check_exact(exact({big}) - Variable(big, DType::int64), {0});
    BOOST_TEST((exact({big, big}) > exact({big - 1, big})).to_vector() == (numbers{1, 0}), per_element());
    BOOST_TEST((exact({big, big}) == exact({big - 1, big})).to_vector() == (numbers{0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(reductions_of_integers_of_all_sizes_are_those_of_real_numbers) {
    for (std::size_t n = 1; n <= 70; ++n)
        for (const Shape& shape : {Shape{n}, Shape{2, n}, Shape{n, 3}, Shape{2, n, 2}})
            for (int axis = 0; axis < static_cast<int>(shape.rank()); ++axis) {
                const Variable x = remainder(count(shape) * 7, 5) - 2, y = x.to(DType::float64);
                BOOST_TEST_CONTEXT(to_string(shape) << " along " << axis) {
                    BOOST_TEST(sum(x, axis).to_vector() == sum(y, axis).to_vector(), per_element());
                    BOOST_TEST(max(x, axis).to_vector() == max(y, axis).to_vector(), per_element());
                    BOOST_TEST(min(x, axis).to_vector() == min(y, axis).to_vector(), per_element());
                    BOOST_TEST(cumsum(x, axis).to_vector() == cumsum(y, axis).to_vector(), per_element());
                    const Variable sign_x = 2 * remainder(x, 2) - 1;
                    BOOST_TEST(prod(sign_x, axis).to_vector() == prod(sign_x.to(DType::float64), axis).to_vector(),
                               per_element());
                }
            }
}

BOOST_AUTO_TEST_CASE(overflow_of_integers_wraps_around) {
    check_exact(exact({largest}) + 1, {least});
    check_exact(exact({least}) - 1, {largest});
    check_exact(-exact({least}), {least});
    check_exact(abs(exact({least})), {least});
    check_exact(exact({largest}) * 2, {-2});
    check_exact(sum(exact({largest, 2})), {least + 1});
    check_exact(prod(exact({largest, 2})), {-2});
    check_exact(cumprod(exact({largest, 2})), {largest, -2});
    check_exact(floor_divide(exact({least}), -1), {least});
    check_exact(remainder(exact({least}), -1), {0});
    check_exact(max(exact({least, least})), {least});
    check_exact(scatter_add(exact({largest}), 0, exact({0}), exact({2})), {least + 1});
    check_exact(index_add(exact({largest}), 0, exact({0}), exact({2})), {least + 1});
    check_exact(scatter_reduce(exact({largest}), 0, exact({0}), exact({2}), Reduce::prod), {-2});
    check_exact(segment_sum(exact({largest, 2}), exact({0, 0}), 1), {least + 1});
    check_exact(min(zeros({0, 1}, DType::int64), 1), {});
}

BOOST_AUTO_TEST_CASE(integers_are_not_divided_by_zero) {
    const Variable x({4, 5}, DType::int64), zero({1, 0}, DType::int64);
    BOOST_CHECK_EXCEPTION(floor_divide(x, zero), ValueError, Says({"floor_divide: ", "divided by 0", at_line()}));
    BOOST_CHECK_EXCEPTION(remainder(x, zero), ValueError, Says({"remainder: ", "divided by 0", at_line()}));
    BOOST_CHECK_EXCEPTION(fmod(x, 0), ValueError, Says({"fmod: ", "divided by 0", at_line()}));
}

BOOST_AUTO_TEST_CASE(powers_of_integers_are_exact_and_wrap_around) {
    const Variable x = exact({3, -2, 0}), e = exact({39, 63, 0});
    check_exact(pow(x, e), {4052555153018976267, least, 1});
    check_exact(pow(x, 2), {9, 4, 0});
    check_exact(pow(2, exact({0, 1, 62, 64})), {1, 2, std::int64_t{1} << 62, 0});
    BOOST_TEST(pow(reshape(x, {3, 1}), e).shape() == Shape({3, 3}));
    BOOST_CHECK_EXCEPTION(pow(x, -1), ValueError, Says({"pow: an int64 to the power of -1", at_line()}));
    BOOST_CHECK_EXCEPTION(pow(x, 0.5), ValueError, Says({"pow: 0.5 is no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(pow(x, ones({3})), DTypeError, Says({"pow: ", "int64", at_line()}));
}

BOOST_AUTO_TEST_CASE(integers_are_clipped) {
    const Variable x = exact({-5, 0, largest});
    check_exact(clip(x, -1, 7), {-1, 0, 7});
    check_exact(clip(x, 0, INFINITY), {0, 0, largest});
    check_exact(clip(x, exact({-9, 2, 0}), 4), {-5, 2, 4});
    check_exact(clip(x, exact({-9, 2, 0}), INFINITY), {-5, 2, largest});
    BOOST_TEST(!clip(x, -INFINITY, INFINITY).is_same(x));
    BOOST_CHECK_EXCEPTION(clip(x, INFINITY, INFINITY), ValueError, Says({"clip: ", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(clip(x, 0.5, 2), ValueError, Says({"clip: 0.5 is no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(clip(x, zeros({3}), 2), DTypeError, Says({"clip: ", "int64", at_line()}));
}

BOOST_AUTO_TEST_CASE(a_fraction_is_no_integer) {
    const Variable x({4, 5}, DType::int64), first({0}, DType::int64);
    BOOST_CHECK_EXCEPTION(x + 2.5, ValueError, Says({"add: 2.5 is no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(Variable(2.5, DType::int64), ValueError, Says({"Variable: 2.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(masked_fill(x, x > 4, NAN), ValueError, Says({"masked_fill: nan", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(where(x > 4, x, 0.5), ValueError, Says({"where: 0.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(index_fill(x, 0, first, 0.5), ValueError, Says({"index_fill: 0.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(scatter(x, 0, first, 0.5), ValueError, Says({"scatter: 0.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(pad(x, {{1, 1}}, {.value = 0.5}), ValueError,
                          Says({"pad: ", "0.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(full({2}, 0.5, DType::int64), ValueError, Says({"full: ", "0.5", "no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(Variable::from(numbers{1.5}, {1}, DType::int64), ValueError,
                          Says({"Variable::from: 1.5 is no integer", at_line()}));
    BOOST_CHECK_EXCEPTION(arange(0.5, 3, 1, DType::int64), ValueError, Says({"0.5 is no integer"}));
    BOOST_TEST((x < 4.5).to_vector() == (numbers{1, 0}), per_element());  // but a comparison with one is fine
    BOOST_TEST((x < INFINITY).to_vector() == (numbers{1, 1}), per_element());
    BOOST_CHECK_EXCEPTION(x * 9007199254740993, ValueError, Says({"multiply: ", "below 2^53", at_line()}));
}

BOOST_AUTO_TEST_CASE(a_conversion_to_integers_cuts_off_and_refuses_what_does_not_fit) {
    BOOST_TEST(Variable({1.9, -1.9}).to(DType::int64).to_vector() == (numbers{1, -1}), per_element());
    for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY), 1e19, -1e19, 0x1p63})
        BOOST_CHECK_EXCEPTION(Variable(bad, DType::float64).to(DType::int64), ValueError,
                              Says({"does not fit into int64"}));
    check_exact(Variable(-0x1p63, DType::float64).to(DType::int64), {least});
    Variable v({1.0, NAN});
    BOOST_CHECK_THROW(v.convert(DType::int64), ValueError);
    BOOST_TEST((v.dtype() == DType::float32));
}

BOOST_AUTO_TEST_CASE(a_mask_of_where_may_be_of_any_type) {
    const Variable labels({0, 1, 1}, DType::int64), a = Variable({1.0, 2.0, 3.0}, DType::float64), mask({0, 1, 2});
    const numbers chosen{0, 2, 3};
    BOOST_TEST(where(labels == 1, a, 0).to_vector() == chosen, per_element());
    BOOST_TEST(where(labels, a, 0).to_vector() == chosen, per_element());
    BOOST_TEST(where(mask, a, 0).to_vector() == chosen, per_element());
    BOOST_TEST(where(1, a, 0).to_vector() == a.to_vector(), per_element());
    const Variable x = parameter(a);
    BOOST_TEST(grad(sum(where(labels == 1, x, 0)), x).to_vector() == (numbers{0, 1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(functions_made_of_operators_take_integers_too) {
    const Variable x = integers({{1, 2}, {3, 4}});
    check(einsum("ij,jk->ik", {x, x}), {2, 2}, {7, 10, 15, 22});
    check(einsum("ii->", {x}), {}, {5});
    check(trace(x), {}, {5});
    check(dot(x, integers({1, 1})), {2}, {3, 7});
    check(outer(integers({1, 2}), integers({3, 4})), {2, 2}, {3, 4, 6, 8});
    check(kron(integers({1, 2}), integers({3, 4})), {4}, {3, 4, 6, 8});
    check(tensordot(x, x, 2), {}, {30});
    check(argmax(x), {}, {3});
    Variable counter({0, 0}, DType::int64);
    counter += integers({1, 2});
    counter *= 3;
    check(counter, {2}, {3, 6});
}

BOOST_AUTO_TEST_CASE(a_step_on_integers_is_replayed) {
    auto step = replay([](const Variable& x) { return sum(x * x + 1); });
    for (const int n : {1, 2, 3}) check(step(integers({n, 2})), {}, {n * n + 6.0});
    BOOST_TEST(step.is_replayed());
}
