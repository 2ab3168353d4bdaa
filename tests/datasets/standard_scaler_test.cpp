#include <xgrad/datasets/standard_scaler.hpp>

#include "files.hpp"

#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::datasets;

namespace {

constexpr DType f64 = DType::float64;

void check_close(const Variable& v, const std::vector<double>& expected) {
    const std::vector<double> values = v.to_vector();
    BOOST_REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(std::abs(values[i] - expected[i]) < 1e-12);
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_feature_gets_mean_0_and_deviation_1) {
    // mean (2, 30), population deviation (sqrt(2/3), 10 sqrt(2/3))
    const Variable x({{1, 20}, {2, 30}, {3, 40}}, f64);
    StandardScaler scaler;
    const Variable z = scaler.fit_transform(x);
    const double s = std::sqrt(1.5);
    check_close(z, {-s, -s, 0, 0, s, s});
    check_close(scaler.mean(), {2, 30});
    check_close(scaler.scale(), {1 / s, 10 / s});
    check_close(scaler.inverse_transform(z), x.to_vector());
}

BOOST_AUTO_TEST_CASE(all_features_may_share_one_mean_and_deviation) {
    const Variable x({{1, 2}, {3, 6}}, f64);
    StandardScaler scaler({.per_feature = false});
    const double s = std::sqrt((4 + 1 + 0 + 9) / 4.0);
    check_close(scaler.fit_transform(x), {-2 / s, -1 / s, 0, 3 / s});
    BOOST_TEST(scaler.mean().rank() == 0U);
    check_close(scaler.transform(Variable({3.0 + s}, f64)), {1});  // any shape will do
}

BOOST_AUTO_TEST_CASE(a_constant_feature_is_only_shifted) {
    // 0.1 is not a binary number: its mean is rounded, and the rounding must not be blown up to 1.
    const Variable x({{0.1, 1}, {0.1, 2}, {0.1, 3}}, f64);
    StandardScaler scaler;
    const std::vector<double> z = scaler.fit_transform(x).to_vector();
    for (const std::size_t i : {0U, 2U, 4U}) BOOST_TEST(std::abs(z[i]) < 1e-15);
    BOOST_TEST(scaler.scale().to_vector()[0] == 1);
}

BOOST_AUTO_TEST_CASE(what_training_data_taught_is_used_for_other_data) {
    StandardScaler scaler;
    scaler.fit(Variable({{0, 0}, {2, 4}}, f64));
    check_close(scaler.transform(Variable({{3, 4}}, f64)), {2, 1});
}

BOOST_AUTO_TEST_CASE(statistics_of_float32_images_are_accurate) {
    // Around 1000, float32 sums of 10,000 numbers would be off by more than a tenth.
    Rng rng(1);
    const Variable x = random_normal({10000, 2, 3}, rng, 1000, 0.1);
    StandardScaler scaler;
    const Variable z = scaler.fit_transform(x);
    BOOST_TEST(to_string(z.dtype()) == "float32");
    BOOST_TEST(to_string(scaler.mean().shape()) == "(2, 3)");
    for (const double mean : scaler.mean().to_vector()) BOOST_TEST(std::abs(mean - 1000) < 0.01);
    for (const double scale : scaler.scale().to_vector()) BOOST_TEST(std::abs(scale - 0.1) < 0.01);
}

BOOST_AUTO_TEST_CASE(the_transform_has_a_gradient) {
    StandardScaler scaler;
    scaler.fit(Variable({{0, 0}, {2, 4}}, f64));
    const Variable x = parameter(Variable({{3, 4}}, f64));
    sum(scaler.transform(x)).backward();
    check_close(x.grad(), {1, 0.5});
}

BOOST_AUTO_TEST_CASE(a_scaler_says_what_does_not_fit) {
    StandardScaler scaler;
    BOOST_TEST(files::throws<ValueError>(
        [&] {
            scaler.transform(zeros({1, 2}));
        },
        "StandardScaler::transform: call fit() first", "scaler_test.cpp:"));
    BOOST_TEST(files::throws<ShapeError>([&] { scaler.fit(zeros({0, 2})); }, "StandardScaler::fit: ", "(0, 2)"));
    BOOST_TEST(files::throws<DTypeError>([&] { scaler.fit(zeros({3, 2}, DType::int64)); }, "int64"));
    scaler.fit(ones({3, 2}));
    BOOST_TEST(files::throws<ShapeError>(
        [&] {
            scaler.inverse_transform(zeros({2, 3}));
        },
        "inverse_transform: ", "(2, 3)", "(2,)"));
}
