#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

/// Values of reductions and scans, and their gradients where they are delicate.
using namespace xgrad;

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::Shape)

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();
using Numbers = std::vector<double>;

Variable real(std::initializer_list<NestedList> values) { return Variable(values, DType::float64); }
Variable real_parameter(std::initializer_list<NestedList> values) { return parameter(real(values)); }

Numbers gradient(Variable (*f)(const Variable&), const Variable& x) { return grad(sum(f(x)), x).to_vector(); }

void check_near(const Numbers& found, const Numbers& expected, double tolerance) {
    BOOST_REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        BOOST_TEST((found[i] == expected[i] || std::abs(found[i] - expected[i]) <= tolerance * std::abs(expected[i])),
                   "element " << i << " is " << found[i] << ", not " << expected[i]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_product_has_gradients_of_any_order_at_zeros) {
    const Variable one = real_parameter({2.0, 0.0, 3.0}), two = real_parameter({0.0, 5.0, 0.0});
    const auto f = [](const Variable& x) { return prod(x); };
    BOOST_TEST(gradient(f, one) == (Numbers{0, 6, 0}));
    BOOST_TEST(gradient(f, two) == (Numbers{0, 0, 0}));
    const auto second = [](const Variable& x) {
        return sum(grad(prod(x), x, {.create_graph = true}) * real({1.0, 10.0, 100.0}));
    };
    BOOST_TEST(grad(second(two), two).to_vector() == (Numbers{500, 0, 5}));
    BOOST_TEST(prod(real({1e200, 1e200, 1e-200, 1e-200})).item() == 1, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(prod(zeros({0})).item() == 1);
    // the derivative does not go through an overflowing or vanishing product
    BOOST_TEST(gradient(f, real_parameter({1e-200, 1e-200, 1e300})) == (Numbers{1e-200 * 1e300, 1e-200 * 1e300, 0}));
}

BOOST_AUTO_TEST_CASE(the_variance_survives_a_large_mean) {
    const Variable x = real({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
    BOOST_TEST(var(x).item() == 22.5);
    BOOST_TEST(var(x, {}, {.correction = 1}).item() == 30);
    BOOST_TEST(stddev(x, 0, {.correction = 1}).item() == std::sqrt(30));
    BOOST_TEST(std::isnan(var(real({3.0}), {}, {.correction = 1}).item()));
    BOOST_TEST(std::isnan(var(zeros({0})).item()));
    BOOST_TEST(var(real({3.0})).item() == 0);
}

BOOST_AUTO_TEST_CASE(the_deviation_of_equal_numbers_is_flat) {
    const Variable x = real_parameter({{2.0, 2.0}, {1.0, 3.0}});
    const auto f = [](const Variable& v) { return stddev(v, 1); };
    BOOST_TEST(gradient(f, x) == (Numbers{0, 0, -0.5, 0.5}));
}

// Columns are searched side by side, and a long one in pieces, on all threads: against plain loops.
BOOST_AUTO_TEST_CASE(the_first_of_the_largest_is_found_along_every_axis) {
    const std::size_t before = thread_count();
    const std::vector<std::array<std::size_t, 3>> shapes{{1, 100'003, 1}, {1, 3, 1},     {5, 7, 1},    {2, 900, 63},
                                                         {1, 900, 64},    {2, 900, 130}, {300, 9, 65}, {1, 1, 70}};
    for (const auto& [outer, n, inner] : shapes)
        for (const bool has_nan : {false, true}) {
            Numbers x(outer * n * inner), places(outer * inner, 0);
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * i % 97);  // with many ties
            if (has_nan)
                for (std::size_t i = 5; i < x.size(); i += 1009) x[i] = not_a_number;
            for (std::size_t i = 0; i < outer * inner; ++i) {
                const auto at = [&x, first = i / inner * n * inner + i % inner, step = inner](std::size_t k) {
                    return x[first + k * step];
                };
                std::size_t best = 0;
                for (std::size_t k = 1; k < n && !std::isnan(at(best)); ++k)
                    if (std::isnan(at(k)) || at(k) > at(best)) best = k;
                places[i] = static_cast<double>(best);
            }
            for (const std::size_t threads : {1U, 3U}) {
                set_thread_count(threads);
                for (const DType dtype : {DType::float32, DType::float64, DType::int64}) {
                    if (has_nan && dtype == DType::int64) continue;
                    const Variable v = Variable::from(x, {outer, n, inner}).to(dtype);
                    BOOST_TEST_CONTEXT(to_string(v.shape())
                                       << " of " << to_string(dtype) << ", " << threads << " threads") {
                        BOOST_TEST((argmax(v, 1).to_vector() == places));
                        BOOST_TEST((argmin(-v, 1).to_vector() == places));
                    }
                }
            }
        }
    set_thread_count(before);
}

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_numpy) {
    const Variable x = real({7.0, 1.0, 3.0, 10.0});  // 1 3 7 10
    check_near(quantile(x, {0, 0.5, 0.7, 1}).to_vector(), {1, 5, 7.3, 10}, 1e-15);
    const auto at = [&](double q, Interpolation how) { return quantile(x, q, {}, {.interpolation = how}).item(); };
    BOOST_TEST(at(0.4, Interpolation::lower) == 3);
    BOOST_TEST(at(0.4, Interpolation::higher) == 7);
    BOOST_TEST(at(0.4, Interpolation::nearest) == 3);
    BOOST_TEST(at(0.5, Interpolation::nearest) == 7);  // halves go to the even place
    BOOST_TEST(at(0.4, Interpolation::midpoint) == 5);
    BOOST_TEST(at(1, Interpolation::higher) == 10);
    BOOST_TEST(median(real({{1.0, 5.0, 2.0}, {4.0, 0.0, 9.0}}), 1).to_vector() == (Numbers{2, 4}));
    BOOST_TEST(quantile(zeros({2, 3, 4}), {0.1, 0.2}, {0, 2}).shape() == (Shape{2, 3}));
    BOOST_TEST(quantile(zeros({2, 3, 4}), {0.1, 0.2}, {0, 2}, {.keepdims = true}).shape() == (Shape{2, 1, 3, 1}));
    const Numbers gaps = median(real({{1.0, not_a_number, 2.0}, {4.0, 0.0, infinity}}), 1).to_vector();
    BOOST_TEST((std::isnan(gaps[0]) && gaps[1] == 4));
}

BOOST_AUTO_TEST_CASE(a_quantiles_gradient_goes_to_its_neighbours) {
    const Variable x = real_parameter({7.0, 1.0, 3.0, 10.0});
    BOOST_TEST(gradient([](const Variable& v) { return median(v); }, x) == (Numbers{0.5, 0, 0.5, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return quantile(v, 0.25); }, x) == (Numbers{0, 0.25, 0.75, 0}));
    const Variable tied = real_parameter({2.0, 5.0, 2.0, 2.0, 0.0});
    BOOST_TEST(gradient([](const Variable& v) { return median(v); }, tied) == (Numbers{0, 0, 1, 0, 0}));
}

BOOST_AUTO_TEST_CASE(missing_numbers_are_left_out) {
    const Variable x = real_parameter({{1.0, not_a_number, 5.0}, {not_a_number, not_a_number, not_a_number}});
    BOOST_TEST(nansum(x, 1).to_vector() == (Numbers{6, 0}));
    const Numbers means = nanmean(x, 1).to_vector();
    BOOST_TEST((means[0] == 3 && std::isnan(means[1])));
    BOOST_TEST(nanmean(x).item() == 3);
    BOOST_TEST(gradient([](const Variable& v) { return nanmean(v); }, x) == (Numbers{0.5, 0, 0.5, 0, 0, 0}));
    BOOST_TEST(nanprod(x, 1).to_vector() == (Numbers{5, 1}));
    const Variable row = slice(x.detach(), 0, 0, 1);
    BOOST_TEST(nanmax(row).item() == 5);
    BOOST_TEST(nanmin(row).item() == 1);
    BOOST_TEST(nanvar(row).item() == 4);
    BOOST_TEST(nanvar(row, 1, {.correction = 1, .keepdims = true}).item() == 8);
    BOOST_TEST(nanstddev(row).item() == 2);
    BOOST_TEST(nanmedian(row).item() == 3);
    for (const Variable& y : {nanmax(x, 1), nanmin(x, 1), nanvar(x, 1), nanmedian(x, 1), nanquantile(x, 0, 1)})
        BOOST_TEST(isnan(y).to_vector() == (Numbers{0, 1}));
    const auto f = [](const Variable& v) { return nanmax(v, 1); };
    BOOST_TEST(gradient(f, x) == (Numbers{0, 0, 1, 0, 0, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return nanvar(v, 1); }, x) == (Numbers{-2, 0, 2, 0, 0, 0}));
    const Variable equal = real_parameter({2.0, not_a_number, 2.0});
    BOOST_TEST(gradient([](const Variable& v) { return nanstddev(v); }, equal) == (Numbers{0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(what_takes_no_part_has_no_say_in_the_gradient) {
    static const Variable mask({1, 1, 0, 0}), none({0, 0, 0, 0});
    const auto row = [](double a, double b) { return real_parameter({a, b, not_a_number, infinity}); };
    const auto largest = +[](const Variable& v) { return max(v, {}, {.initial = 5, .where = mask}); };
    BOOST_TEST(gradient(largest, row(7, 7)) == (Numbers{0.5, 0.5, 0, 0}));
    BOOST_TEST(gradient(largest, row(5, 1)) == (Numbers{0.5, 0, 0, 0}));  // initial has the other half
    BOOST_TEST(gradient(largest, row(4, 1)) == (Numbers{0, 0, 0, 0}));
    const auto smallest = +[](const Variable& v) { return min(v, {}, {.initial = 5, .where = mask}); };
    BOOST_TEST(gradient(smallest, row(5, 9)) == (Numbers{0.5, 0, 0, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return sum(v, {}, {.where = mask}); }, row(1, 2)) ==
               (Numbers{1, 1, 0, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return prod(v, {}, {.initial = 2, .where = mask}); }, row(3, 5)) ==
               (Numbers{10, 6, 0, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return mean(v, {}, {.where = mask}); }, row(1, 2)) ==
               (Numbers{0.5, 0.5, 0, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return var(v, {}, {.where = mask}); }, row(1, 5)) ==
               (Numbers{-2, 2, 0, 0}));
    check_near(gradient([](const Variable& v) { return logsumexp(v, {}, {.where = mask}); }, row(3, 3)),
               {0.5, 0.5, 0, 0}, 1e-14);
    for (const auto f : {+[](const Variable& v) { return mean(v, {}, {.where = none}); },
                         +[](const Variable& v) { return var(v, {}, {.where = none}); },
                         +[](const Variable& v) { return stddev(v, {}, {.where = none}); },
                         +[](const Variable& v) { return logsumexp(v, {}, {.where = none}); },
                         +[](const Variable& v) { return nanmax(v, {}, {.where = none}); }})
        BOOST_TEST(gradient(f, row(1, 2)) == (Numbers{0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_missing_number_never_gets_a_gradient) {
    const Variable lowest = real_parameter({-infinity, not_a_number}),
                   highest = real_parameter({not_a_number, infinity});
    BOOST_TEST(gradient([](const Variable& v) { return nanmax(v); }, lowest) == (Numbers{1, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return nanmin(v); }, highest) == (Numbers{0, 1}));
    BOOST_TEST(nanmax(lowest).item() == -infinity);
    BOOST_TEST(gradient([](const Variable& v) { return nanmax(v); }, real_parameter({3.0, not_a_number, 3.0})) ==
               (Numbers{0.5, 0, 0.5}));
    const Variable missing = real_parameter({not_a_number, not_a_number});
    for (const auto f :
         {+[](const Variable& v) { return nansum(v); }, +[](const Variable& v) { return nanprod(v); },
          +[](const Variable& v) { return nanmean(v); }, +[](const Variable& v) { return nanmax(v); },
          +[](const Variable& v) { return nanmin(v); }, +[](const Variable& v) { return nanvar(v); },
          +[](const Variable& v) { return nanstddev(v); }, +[](const Variable& v) { return nanmedian(v); },
          +[](const Variable& v) { return nanquantile(v, 0.3); }})
        BOOST_TEST(gradient(f, missing) == (Numbers{0, 0}));
    const Variable rows = real_parameter({{not_a_number, not_a_number}, {not_a_number, 2.0}});
    BOOST_TEST(gradient([](const Variable& v) { return nanmedian(v, 1); }, rows) == (Numbers{0, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(quantiles_of_numbers_are_those_of_numpy) {
    const Variable x = real({{7.0, 1.0, not_a_number, 3.0, 10.0}, {not_a_number, 2.0, 6.0, not_a_number, 4.0}});
    check_near(nanquantile(x, {0.5, 0.7}, 1).to_vector(), {5, 4, 7.3, 4.8}, 1e-15);
    const auto at = [&](double q, Interpolation how) {
        return nanquantile(x, q, 1, {.interpolation = how}).to_vector();
    };
    BOOST_TEST(at(0.4, Interpolation::lower) == (Numbers{3, 2}));
    BOOST_TEST(at(0.4, Interpolation::higher) == (Numbers{7, 4}));
    BOOST_TEST(at(0.4, Interpolation::nearest) == (Numbers{3, 4}));
    BOOST_TEST(at(0.4, Interpolation::midpoint) == (Numbers{5, 3}));
    BOOST_TEST(nanquantile(zeros({2, 3, 4}), {0.1, 0.2}, {0, 2}, {.keepdims = true}).shape() == (Shape{2, 1, 3, 1}));
}

BOOST_AUTO_TEST_CASE(quantiles_between_infinities) {
    BOOST_TEST(median(real({infinity, infinity})).item() == infinity);
    BOOST_TEST(median(real({-infinity, 3.0})).item() == -infinity);
    BOOST_TEST(std::isnan(median(real({-infinity, infinity})).item()));
    BOOST_TEST(nanmedian(real({infinity, not_a_number, infinity})).item() == infinity);
    BOOST_TEST(nanmedian(real({infinity, not_a_number})).item() == infinity);
    BOOST_TEST(median(real({-1.5e308, 1.5e308})).item() == 0);
}

BOOST_AUTO_TEST_CASE(weighted_means) {
    const Variable x = real({{1.0, 2.0}, {3.0, 4.0}});
    BOOST_TEST(average(x, real({1.0, 3.0}), 1).to_vector() == (Numbers{1.75, 3.75}));
    BOOST_TEST(average(x, real({{1.0}, {3.0}})).item() == 3);
    BOOST_TEST(average(x, 1, 0).to_vector() == (Numbers{2, 3}));
}

BOOST_AUTO_TEST_CASE(vectors_are_brought_to_a_length) {
    const Variable x = real_parameter({{3.0, 4.0}, {0.0, 0.0}, {0.3, 0.4}});
    check_near(normalize(x).to_vector(), {0.6, 0.8, 0, 0, 0.6, 0.8}, 1e-15);
    BOOST_TEST(all(isfinite(grad(sum(normalize(x)), x))).item() == 1);
    check_near(normalize(x, 1, 0).to_vector(), {3 / 3.3, 4 / 4.4, 0, 0, 0.3 / 3.3, 0.4 / 4.4}, 1e-15);
    check_near(renorm(x, 2, 0, 1).to_vector(), {0.6, 0.8, 0, 0, 0.3, 0.4}, 1e-15);
    BOOST_TEST(renorm(real({3.0, -4.0, 0.5}), 2, 0, 1).to_vector() == (Numbers{1, -1, 0.5}));
    BOOST_TEST(gradient([](const Variable& v) { return renorm(v, 2, 0, 10); }, x) == (Numbers(6, 1)));
}

BOOST_AUTO_TEST_CASE(covariances_and_correlations) {
    const Variable x = real({{0.0, 1.0, 2.0}, {2.0, 1.0, 0.0}});  // NumPy's example
    BOOST_TEST(cov(x).to_vector() == (Numbers{1, -1, -1, 1}));
    BOOST_TEST(cov(transpose(x), {.rowvar = false}).to_vector() == (Numbers{1, -1, -1, 1}));
    BOOST_TEST(cov(x, {.correction = 0}).to_vector()[0] == 2. / 3);
    BOOST_TEST(cov(real({1.0, 2.0, 6.0})).item() == 7);
    check_near(corrcoef(x).to_vector(), {1, -1, -1, 1}, 1e-15);
    BOOST_TEST(corrcoef(real({1.0, 2.0, 6.0})).item() == 1);
}

BOOST_AUTO_TEST_CASE(covariances_with_weights_are_those_of_numpy) {
    const Variable x = real({{0.0, 1.0, 2.0, 4.0}, {2.0, 1.0, 0.0, 3.0}}), often({1, 2, 1, 3}, DType::int64),
                   weights = real({0.5, 1.0, 2.0, 0.25});
    check_near(cov(x, {.fweights = often}).to_vector(),
               {2.9047619047619047, 1.380952380952381, 1.380952380952381, 1.4761904761904763}, 1e-15);
    check_near(cov(x, {.aweights = weights}).to_vector(),
               {1.457142857142857, -0.17142857142857143, -0.17142857142857143, 1.3857142857142857}, 1e-15);
    const CovarianceOptions both{.fweights = often, .aweights = weights};
    check_near(cov(x, both).to_vector(),
               {1.6331360946745561, 0.4970414201183432, 0.4970414201183432, 1.3668639053254439}, 1e-15);
    check_near(cov(x, {.correction = 0, .fweights = often, .aweights = weights}).to_vector(),
               {1.251700680272109, 0.38095238095238093, 0.38095238095238093, 1.0476190476190477}, 1e-15);
    check_near(cov(transpose(x), {.rowvar = false, .fweights = often}).to_vector(),
               cov(repeat(x, {1, 2, 1, 3}, 1)).to_vector(), 1e-15);
    BOOST_TEST(cov(slice(x, 0, 0, 1), both).shape() == (Shape{1, 1}));
    check_near({cov(index(x, {0}), both).item()}, {1.6331360946745561}, 1e-15);
}

BOOST_AUTO_TEST_CASE(norms_of_any_exponent) {
    const Variable x = real({{3.0, -4.0, 0.0}, {1.0, -1.0, 2.0}});
    BOOST_TEST(norm(x, 2, 1).to_vector() == (Numbers{5, std::sqrt(6)}));
    BOOST_TEST(norm(x, 1, 1).to_vector() == (Numbers{7, 4}));
    BOOST_TEST(norm(x, 0, 1).to_vector() == (Numbers{2, 3}));
    BOOST_TEST(norm(x, infinity, 1).to_vector() == (Numbers{4, 2}));
    BOOST_TEST(norm(x, -infinity, 1).to_vector() == (Numbers{0, 1}));
    check_near(norm(x, 3, 1).to_vector(), Numbers{std::cbrt(91), std::cbrt(10)}, 1e-15);
    BOOST_TEST(norm(x, -1, 1).to_vector() == (Numbers{0, 0.4}));
    BOOST_TEST(norm(x, 0.5, 1).to_vector()[1] == std::pow(2 + std::sqrt(2), 2), boost::test_tools::tolerance(1e-15));
    BOOST_TEST(norm(zeros({0})).item() == 0);
}

BOOST_AUTO_TEST_CASE(a_norm_neither_overflows_nor_underflows) {
    BOOST_TEST(norm(real({3e200, -4e200})).item() == 5e200, boost::test_tools::tolerance(1e-15));
    check_near(norm(real({{3e-200, 4e-200}, {3.0, 4.0}}), 2, 1).to_vector(), Numbers{5e-200, 5}, 1e-15);
    BOOST_TEST(norm(Variable({3e30, 4e30})).item() == 5e30, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(norm(real({3e200, -4e200}), 4).item() == std::pow(337, 0.25) * 1e200,
               boost::test_tools::tolerance(1e-14));
    BOOST_TEST(norm(real({infinity, 1.0})).item() == infinity);
    BOOST_TEST(std::isnan(norm(real({not_a_number, 1.0})).item()));
    const auto f = [](const Variable& v) { return norm(v); };
    check_near(gradient(f, real_parameter({3e-200, 4e-200})), {0.6, 0.8}, 1e-15);
}

BOOST_AUTO_TEST_CASE(a_norm_is_flat_at_the_zero_vector) {
    const Variable x = real_parameter({{0.0, 0.0}, {3.0, 4.0}});
    check_near(gradient([](const Variable& v) { return norm(v, 2, 1); }, x), {0, 0, 0.6, 0.8}, 1e-15);
    BOOST_TEST(gradient([](const Variable& v) { return norm(v, 1, 1); }, x) == (Numbers{0, 0, 1, 1}));
    BOOST_TEST(gradient([](const Variable& v) { return norm(v, infinity, 1); }, x) == (Numbers{0, 0, 0, 1}));
    const Numbers cubic = gradient([](const Variable& v) { return norm(v, 3, 1); }, x);
    BOOST_TEST(cubic[0] == 0);
    BOOST_TEST(cubic[2] == std::pow(3 / std::cbrt(91), 2), boost::test_tools::tolerance(1e-14));
    for (const double p : {1.5, 2.0, 3.0}) {
        const Variable slope = grad(sum(norm(x, p, 1)), x, {.create_graph = true});
        BOOST_TEST(all(isfinite(grad(sum(slope * slope), x))).item() == 1);
    }
}

BOOST_AUTO_TEST_CASE(scans_along_an_axis) {
    const Variable x = real({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
    BOOST_TEST(cumsum(x).to_vector() == (Numbers{1, 3, 6, 4, 9, 15}));
    BOOST_TEST(cumsum(x, 0).to_vector() == (Numbers{1, 2, 3, 5, 7, 9}));
    BOOST_TEST(cumsum(x, 1, {.reverse = true}).to_vector() == (Numbers{6, 5, 3, 15, 11, 6}));
    BOOST_TEST(cumsum(x, 1, {.exclusive = true}).to_vector() == (Numbers{0, 1, 3, 0, 4, 9}));
    BOOST_TEST(cumsum(x, 1, {.reverse = true, .exclusive = true}).to_vector() == (Numbers{5, 3, 0, 11, 6, 0}));
    BOOST_TEST(cumprod(x).to_vector() == (Numbers{1, 2, 6, 4, 20, 120}));
    BOOST_TEST(cumprod(x, 0, {.exclusive = true}).to_vector() == (Numbers{1, 1, 1, 1, 2, 3}));
    BOOST_TEST(linear_scan(x, ones_like(x)).to_vector() == (Numbers{1, 3, 10, 1, 6, 37}));
    BOOST_TEST(linear_scan(x, ones_like(x), 1, {.reverse = true}).to_vector() == (Numbers{4, 3, 1, 25, 6, 1}));
    const Variable waves = real({1.0, 3.0, 2.0, 3.0, not_a_number, 4.0});
    BOOST_TEST(cummax(slice(waves, 0, 0, 4)).to_vector() == (Numbers{1, 3, 3, 3}));
    BOOST_TEST(cummin(slice(waves, 0, 1, 4)).to_vector() == (Numbers{3, 2, 2}));
    BOOST_TEST(isnan(cummax(waves)).to_vector() == (Numbers{0, 0, 0, 0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(the_last_of_several_largest_gets_the_gradient) {
    const Variable x = real_parameter({1.0, 3.0, 2.0, 3.0, 0.0});
    BOOST_TEST(gradient([](const Variable& v) { return cummax(v); }, x) == (Numbers{1, 2, 0, 2, 0}));
    BOOST_TEST(gradient([](const Variable& v) { return cummin(v); }, x) == (Numbers{4, 0, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(a_running_sum_in_float32_is_as_good_as_the_type) {
    constexpr std::size_t n = 1000000;
    const Variable y = cumsum(full({n}, 0.1));
    BOOST_TEST(y.to_vector().back() == n * static_cast<double>(0.1F), boost::test_tools::tolerance(1e-7));
}

BOOST_AUTO_TEST_CASE(a_running_logarithm_of_sums_stays_finite) {
    const Variable x = real_parameter({-infinity, 1000.0, 1000.0, -1000.0});
    const Variable y = logcumsumexp(x);
    BOOST_TEST(y.to_vector() == (Numbers{-infinity, 1000, 1000 + std::log(2), 1000 + std::log(2)}));
    check_near(grad(sum(slice(y, 0, 1, 4)), x).to_vector(), Numbers{0, 2, 1, 0}, 1e-13);
}

BOOST_AUTO_TEST_CASE(a_norm_of_negative_exponent_is_0_beside_a_0_and_has_no_slope_there) {
    const Variable x = real_parameter({0, 5, -6});
    for (const double p : {-1.0, -2.0, -0.5}) {
        const Variable y = norm(x, p);
        BOOST_TEST(y.item() == 0);
        BOOST_TEST(grad(y, x).to_vector() == (Numbers{0, 0, 0}), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(running_extremes_give_their_gradient_to_the_element_that_they_are) {
    const Variable weights = real({1, 10, 100, 1000});
    const auto slopes = [&](const Variable& x) { return grad(sum(cummax(x) * weights), x).to_vector(); };
    BOOST_TEST(slopes(real_parameter({1, not_a_number, 3, 4})) == (Numbers{1, 1110, 0, 0}),
               boost::test_tools::per_element());
    BOOST_TEST(slopes(real_parameter({not_a_number, not_a_number, 3, 4})) == (Numbers{1111, 0, 0, 0}),
               boost::test_tools::per_element());
    BOOST_TEST(slopes(real_parameter({2, 1, 3, 0})) == (Numbers{11, 0, 1100, 0}), boost::test_tools::per_element());
}
