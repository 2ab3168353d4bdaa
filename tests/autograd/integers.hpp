#pragma once

#include <autograd/engine.hpp>
#include <xgrad/autograd/ops.hpp>

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::Shape)
BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::DType)

/// Arrays of int64, for the tests of operators that only rearrange: all of these take integers.
namespace engine {

/// 0, 1, 2, ...
inline xgrad::Variable count(const xgrad::Shape& shape) {
    return reshape(xgrad::arange(0, static_cast<double>(shape.elements()), 1, xgrad::DType::int64), shape);
}
inline xgrad::Variable integers(std::initializer_list<xgrad::NestedList> values) {
    return xgrad::Variable(values, xgrad::DType::int64);
}

/// That y is an array of int64 with this shape and these elements.
inline void check(const xgrad::Variable& y, const xgrad::Shape& shape, const std::vector<double>& expected) {
    BOOST_TEST(y.shape() == shape, to_string(y.shape()) << " is not " << to_string(shape));
    BOOST_TEST(y.dtype() == xgrad::DType::int64);
    BOOST_TEST(y.to_vector() == expected, per_element());
}

}  // namespace engine
