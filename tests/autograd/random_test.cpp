#include <cmath>

#include <boost/test/unit_test.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>

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
    BOOST_CHECK_THROW(rng.below(0), ValueError);
}
