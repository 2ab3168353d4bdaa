#include <xgrad/nn/initializers.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

struct Moments {
    double mean, stddev, largest;
};
Moments moments(const nn::Initializer& initializer, const Shape& shape) {
    Rng rng(7);
    const std::vector<double> v = initializer(shape, rng, DType::float64).to_vector();
    const auto n = static_cast<double>(v.size());
    const double mean = std::accumulate(v.begin(), v.end(), 0.0) / n;
    double square = 0, largest = 0;
    for (const double x : v) {
        square += (x - mean) * (x - mean);
        largest = std::max(largest, std::abs(x));
    }
    return {mean, std::sqrt(square / n), largest};
}

/// Checks that the numbers have mean 0, this standard deviation (to 1 %), and this bound, nearly reached.
void check(const nn::Initializer& initializer, const Shape& shape, double stddev, double bound) {
    const Moments m = moments(initializer, shape);
    BOOST_TEST(std::abs(m.mean) < 0.02 * stddev);
    BOOST_TEST(std::abs(m.stddev - stddev) < 0.01 * stddev);
    BOOST_TEST(m.largest <= bound);
    BOOST_TEST(m.largest > 0.98 * bound);
}

constexpr double truncation = 0.87962566103423978;

}  // namespace

BOOST_AUTO_TEST_CASE(uniform_initializers_keep_keras_limits) {
    const Shape dense{784, 256}, convolution{3, 3, 30, 320};  // fans 784, 256; 270, 2880
    const auto expect = [](const char* name, const Shape& shape, double limit) {
        check(name, shape, limit / std::sqrt(3.0), limit);
    };
    expect("glorot_uniform", dense, std::sqrt(6.0 / 1040));
    expect("glorot_uniform", convolution, std::sqrt(6.0 / (270 + 2880)));
    expect("he_uniform", dense, std::sqrt(6.0 / 784));
    expect("he_uniform", convolution, std::sqrt(6.0 / 270));
    expect("lecun_uniform", dense, std::sqrt(3.0 / 784));
    expect("random_uniform", dense, 0.05);
}

BOOST_AUTO_TEST_CASE(truncated_normal_initializers_have_keras_variances) {
    const Shape dense{784, 256};
    const auto expect = [&](const char* name, double stddev) { check(name, dense, stddev, 2 * stddev / truncation); };
    expect("glorot_normal", std::sqrt(2.0 / 1040));
    expect("he_normal", std::sqrt(2.0 / 784));
    expect("lecun_normal", std::sqrt(1.0 / 784));
    expect("variance_scaling", std::sqrt(1.0 / 784));
    check("truncated_normal", dense, 0.05 * truncation, 0.1);
}

BOOST_AUTO_TEST_CASE(normal_initializers_are_not_cut_off) {
    const Moments m = moments("random_normal", {784, 256});
    BOOST_TEST(std::abs(m.stddev - 0.05) < 0.0005);
    BOOST_TEST(m.largest > 0.2);
    using namespace nn::initializers;
    const Moments scaled = moments(
        variance_scaling({.scale = 3, .mode = FanMode::fan_out, .distribution = Distribution::untruncated_normal}),
        {784, 256});
    BOOST_TEST(std::abs(scaled.stddev - std::sqrt(3.0 / 256)) < 0.01 * scaled.stddev);
    BOOST_TEST(scaled.largest > 3 * scaled.stddev);
    BOOST_CHECK_THROW(variance_scaling({.scale = 0}), ValueError);
}

BOOST_AUTO_TEST_CASE(constant_initializers_fill) {
    Rng rng(1);
    const std::vector<double> zero{0, 0}, one{1, 1}, third{0.25, 0.25}, unit{1, 0, 0, 0, 1, 0};
    BOOST_TEST(nn::Initializer("zeros")({2}, rng).to_vector() == zero, boost::test_tools::per_element());
    BOOST_TEST(nn::Initializer("ones")({2}, rng).to_vector() == one, boost::test_tools::per_element());
    BOOST_TEST(nn::initializers::constant(0.25)({2}, rng).to_vector() == third, boost::test_tools::per_element());
    BOOST_TEST(nn::Initializer("identity")({2, 3}, rng).to_vector() == unit, boost::test_tools::per_element());
    BOOST_CHECK_THROW(nn::Initializer("identity")({2}, rng), ShapeError);
}

BOOST_AUTO_TEST_CASE(orthogonal_rows_or_columns_are_orthonormal) {
    Rng rng(1);
    const nn::Initializer initializer = nn::initializers::orthogonal(2);
    for (const Shape& shape : {Shape{7, 4}, Shape{4, 7}, Shape{5, 5}, Shape{2, 3, 4}}) {
        const Variable all = initializer(shape, rng, DType::float64);
        const Variable q = reshape(all, Shape{all.size() / shape.back(), shape.back()});
        const bool tall = q.shape()[0] >= q.shape()[1];
        const Variable gram = matmul(q, q, {.transpose_a = tall, .transpose_b = !tall});
        const Variable error = max(abs(gram - 4 * eye(gram.shape()[0], DType::float64)));
        BOOST_TEST(error.item() < 1e-12, to_string(shape));
    }
    BOOST_CHECK_THROW(initializer({3}, rng), ShapeError);
}

BOOST_AUTO_TEST_CASE(an_initializer_may_be_a_function_and_an_unknown_name_lists_the_known) {
    Rng rng(1);
    const nn::Initializer sevens = [](const Shape& shape, Rng&, DType dtype) { return full(shape, 7, dtype); };
    BOOST_TEST(sevens({1}, rng).item() == 7);
    BOOST_CHECK_EXCEPTION(nn::Initializer("golrot"), ValueError, [](const ValueError& e) {
        return std::string(e.what()).find("initializer: unknown name \"golrot\"; known are constant, glorot_normal,") ==
               0;
    });
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_weights_in_either_precision) {
    Rng a(5), b(5);
    const nn::Initializer initializer = "glorot_normal";
    const Variable single = initializer({10, 10}, a), twice = initializer({10, 10}, b, DType::float64);
    BOOST_TEST(single.to_vector() == twice.to(DType::float32).to_vector(), boost::test_tools::per_element());
}
