#pragma once

#include <autograd/engine.hpp>

#include <initializer_list>

/// What the tests of linear algebra share.
namespace engine {

inline constexpr auto float64 = xgrad::DType::float64;

inline xgrad::Variable matrix(std::initializer_list<xgrad::NestedList> values) {
    return xgrad::Variable(values, float64);
}

inline xgrad::Variable random(const xgrad::Shape& shape, unsigned seed = 3) {
    xgrad::Rng rng(seed);
    return xgrad::random_normal(shape, rng, 0, 1, float64);
}

inline xgrad::Variable last_two_swapped(const xgrad::Variable& x) { return xgrad::einsum("...ij->...ji", {x}); }

inline double distance(const xgrad::Variable& a, const xgrad::Variable& b) {
    BOOST_REQUIRE(a.shape() == b.shape());
    return a.size() == 0 ? 0 : max(abs(a - b)).item();
}

inline void check_near(const xgrad::Variable& found, const xgrad::Variable& expected, double tolerance = 1e-12) {
    BOOST_TEST(distance(found, expected) <= tolerance);
}

}  // namespace engine
