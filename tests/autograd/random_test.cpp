#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

/// A seed's numbers, and that the distributions are what they say.
using namespace xgrad;

namespace {

void check_close(const Variable& found, double expected, double tolerance) {
    BOOST_TEST(std::abs(found.item() - expected) <= tolerance, found.item() << " is not near " << expected);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_generator_is_the_mersenne_twister_of_the_standard) {
    Rng rng(5489);
    std::uint64_t bits = 0;
    for (int i = 0; i < 10000; ++i) bits = rng();
    BOOST_TEST(bits == 9981545732273789042U);  // ISO C++ 20, [rand.predef]
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_numbers_everywhere) {
    Rng bits(42), uniform(42), below(42);
    BOOST_TEST(bits() == 13930160852258120406U);
    for (const double u : {0x1.82a3befaddcbcp-1, 0x1.472f1f73724ap-1, 0x1.81192cfe1cbcfp-1, 0x1.171621fc50d68p-3})
        BOOST_TEST(uniform.uniform() == u);
    for (const unsigned n : {6U, 4U, 0U, 2U, 1U, 8U, 6U, 4U}) BOOST_TEST(below.below(10) == n);
    Rng range(42);  // by a multiplication and an addition: one instruction for both would round once
    BOOST_TEST(
        random_uniform({4}, range, -0.1, 0.7, DType::float64).to_vector() ==
        (std::vector<double>{0x1.021c98c8b16fdp-1, 0x1.a518325250766p-2, 0x1.00e0f0cb4a30cp-1, 0x1.2781b3040ab90p-7}));
    Rng integers(42), order(42);
    BOOST_TEST(random_integers({8}, integers, -5, 5).to_vector() == (std::vector<double>{1, -1, -5, -3, -4, 3, 1, -1}));
    BOOST_TEST(random_permutation(5, order).to_vector() == (std::vector<double>{2, 3, 4, 0, 1}));
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_normal_numbers_up_to_rounding) {
    Rng rng(42);
    const double radius = std::sqrt(-2 * std::log(1 - 0x1.82a3befaddcbcp-1)), angle = 2 * M_PI * 0x1.472f1f73724ap-1;
    BOOST_TEST(rng.normal() == radius * std::cos(angle), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(rng.normal() == radius * std::sin(angle), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(distributions_have_their_moments) {
    constexpr std::size_t n = 100000;
    Rng rng(1);
    const auto f64 = DType::float64;
    const Variable normal = random_normal({n}, rng, 3, 2, f64), exponential = random_exponential({n}, rng, 4, f64),
                   truncated = random_truncated_normal({n}, rng, 3, 2, f64),
                   integers = random_integers({n}, rng, 0, 10).to(f64);
    check_close(mean(normal), 3, 0.03);
    check_close(stddev(normal), 2, 0.03);
    check_close(mean(exponential), 0.25, 0.005);
    check_close(stddev(exponential), 0.25, 0.005);
    check_close(mean(truncated), 3, 0.03);
    check_close(stddev(truncated), 2 * 0.87962566103423978, 0.02);  // of a normal number inside two deviations
    check_close(max(abs(truncated - 3)), 4, 0.01);
    check_close(mean(integers), 4.5, 0.05);
    check_close(mean(random_bernoulli({n}, rng, 0.3)), 0.3, 0.01);
}

BOOST_AUTO_TEST_CASE(more_distributions_have_their_moments) {
    constexpr std::size_t n = 100000;
    Rng rng(5);
    const auto f64 = DType::float64;
    const auto check = [](const Variable& x, double centre, double deviation) {
        check_close(mean(x), centre, 0.015 * deviation);
        check_close(stddev(x), deviation, 0.025 * deviation);
    };
    check(random_laplace({n}, rng, 3, 2, f64), 3, 2 * M_SQRT2);
    check(random_gumbel({n}, rng, 3, 2, f64), 3 + 2 * 0.57721566490153286, 2 * M_PI / std::sqrt(6));
    check(random_gamma({n}, rng, 7.5, 2, f64), 15, 2 * std::sqrt(7.5));
    check(random_gamma({n}, rng, 0.3, 1, f64), 0.3, std::sqrt(0.3));
    check(random_beta({n}, rng, 2, 3, f64), 0.4, 0.2);
    check(random_beta({n}, rng, 0.001, 0.001, f64), 0.5, std::sqrt(0.25 / 1.002));
    for (const double rate : {0.2, 3.0, 9.9, 10.0, 50.0, 1e6})
        check(random_poisson(full({n}, rate, f64), rng), rate, std::sqrt(rate));
    const Variable counts = random_poisson(full({n}, 12, f64), rng);
    BOOST_TEST(all(counts == floor(counts)).item() == 1);
    check_close(mean(counts == 12), 0.11436791550944653, 0.004);
    check_close(mean(counts < 6), 0.02034103, 0.002);
    BOOST_TEST(sum(random_poisson(zeros({10}), rng)).item() == 0);
    const Variable drawn = random_bernoulli(broadcast_to(Variable({0.0, 0.3, 1.0}), {n, 3}), rng);
    const std::vector<double> share = mean(drawn, 0).to_vector();
    BOOST_TEST((share[0] == 0 && share[2] == 1 && std::abs(share[1] - 0.3) < 0.01));
}

BOOST_AUTO_TEST_CASE(choices_are_those_asked_for) {
    constexpr std::size_t n = 100000;
    Rng rng(6);
    const auto shares = [](const Variable& chosen) {
        return (bincount(flatten(chosen), 4).to(DType::float64) / static_cast<double>(chosen.size())).to_vector();
    };
    const auto near = [](const std::vector<double>& found, const std::vector<double>& expected) {
        for (std::size_t i = 0; i < expected.size(); ++i)
            BOOST_TEST(std::abs(found[i] - expected[i]) < 0.01, found[i] << " is not near " << expected[i]);
    };
    near(shares(random_choice(4, {n}, rng)), {0.25, 0.25, 0.25, 0.25});
    near(shares(random_choice(4, {10, n}, rng, {.weights = {1, 6, 0, 3}})), {0.1, 0.6, 0, 0.3});
    BOOST_TEST(sort(random_choice(5, {5}, rng, {.replace = false})).values.to_vector() ==
               (std::vector<double>{0, 1, 2, 3, 4}));
    const ChoiceOptions different{.replace = false, .weights = {1, 6, 0, 3}};
    std::vector<double> first(4);
    for (int i = 0; i < 20000; ++i) {
        const std::vector<double> chosen = random_choice(4, {2}, rng, different).to_vector();
        BOOST_REQUIRE((chosen[0] != chosen[1] && chosen[0] != 2 && chosen[1] != 2));
        first[static_cast<std::size_t>(chosen[0])] += 1 / 20000.0;
    }
    near(first, {0.1, 0.6, 0, 0.3});
}

BOOST_AUTO_TEST_CASE(categories_come_with_the_probabilities_of_their_logits) {
    constexpr std::size_t n = 100000;
    Rng rng(2);
    const Variable row({std::log(0.1), std::log(0.6), -INFINITY, std::log(0.3)});
    const Variable drawn = random_categorical(broadcast_to(row, Shape{n, 4}), rng);
    BOOST_TEST(to_string(drawn.shape()) == "(100000,)");
    const Variable share = mean(one_hot(drawn, 4), 0);
    for (std::size_t i = 0; i < 4; ++i)
        BOOST_TEST(std::abs(share.to_vector()[i] - (std::vector{0.1, 0.6, 0.0, 0.3})[i]) < 0.01);
}

BOOST_AUTO_TEST_CASE(distributions_check_their_parameters) {
    Rng rng;
    BOOST_CHECK_THROW(random_bernoulli({2}, rng, 1.5), ValueError);
    BOOST_CHECK_THROW(random_exponential({2}, rng, 0), ValueError);
    BOOST_CHECK_THROW(random_integers({2}, rng, 3, 3), ValueError);
    BOOST_CHECK_THROW(random_categorical(Variable(1.0), rng), ShapeError);
    BOOST_CHECK_THROW(random_categorical(zeros({2, 0}), rng), ShapeError);
    BOOST_CHECK_THROW(random_categorical(zeros({2}, DType::int64), rng), DTypeError);
    BOOST_CHECK_THROW(random_bernoulli(Variable({0.5, NAN}), rng), ValueError);
    BOOST_CHECK_THROW(random_laplace({2}, rng, 0, -1), ValueError);
    BOOST_CHECK_THROW(random_gumbel({2}, rng, 0, -1), ValueError);
    BOOST_CHECK_THROW(random_gamma({2}, rng, 0), ValueError);
    BOOST_CHECK_THROW(random_beta({2}, rng, 1, -1), ValueError);
    BOOST_CHECK_THROW(random_gamma({2}, rng, INFINITY), ValueError);
    BOOST_CHECK_THROW(random_beta({2}, rng, INFINITY, 1), ValueError);
    BOOST_CHECK_THROW(random_poisson(Variable({-1.0}), rng), ValueError);
    BOOST_CHECK_THROW(random_poisson(Variable({INFINITY}), rng), ValueError);
    BOOST_CHECK_THROW(random_poisson(zeros({2}, DType::int64), rng), DTypeError);
    BOOST_CHECK_THROW(random_choice(0, {2}, rng), ValueError);
    BOOST_CHECK_THROW(random_choice(3, {4}, rng, {.replace = false}), ValueError);
    BOOST_CHECK_THROW(random_choice(3, {3}, rng, {.replace = false, .weights = {1, 1, 0}}), ValueError);
    BOOST_CHECK_THROW(random_choice(3, {2}, rng, {.weights = {1, 1}}), ValueError);
    BOOST_CHECK_THROW(random_choice(2, {2}, rng, {.weights = {1, -1}}), ValueError);
    BOOST_CHECK_THROW(random_choice(2, {2}, rng, {.weights = {0, 0}}), ValueError);
    BOOST_CHECK_THROW(rng.below(0), ValueError);
    BOOST_CHECK_THROW(random_uniform({2}, rng, -1.7e308, 1.7e308), ValueError);
    BOOST_CHECK_THROW(random_uniform({2}, rng, 0, INFINITY), ValueError);
    BOOST_CHECK_THROW(random_normal({2}, rng, 0, 1, DType::int64), DTypeError);
    BOOST_CHECK_THROW(random_categorical(Variable({0.0, NAN}), rng), ValueError);
    BOOST_CHECK_THROW(random_categorical(Variable({-INFINITY, -INFINITY}), rng), ValueError);
}

BOOST_AUTO_TEST_CASE(uniform_numbers_stay_below_their_end_where_float32_rounds_up) {
    Rng rng(1);
    const Variable x = random_uniform({4000000}, rng, 100, 101);
    BOOST_TEST(max(x).item() < 101);
    BOOST_TEST(min(x).item() >= 100);
    BOOST_TEST(random_uniform({3}, rng, 2, 2).to_vector() == (std::vector<double>{2, 2, 2}),
               boost::test_tools::per_element());
}
