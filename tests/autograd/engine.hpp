#pragma once

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/variable.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of the engine share.
namespace engine {

using boost::test_tools::per_element;
using numbers = std::vector<double>;

/// For BOOST_CHECK_EXCEPTION: the message has all of these fragments. One that does not is printed.
class Says {
public:
    Says(std::initializer_list<std::string> fragments) : fragments_(fragments) {}
    bool operator()(const std::exception& error) const {
        const std::string_view message = error.what();
        for (const std::string& fragment : fragments_) {
            if (message.find(fragment) != std::string_view::npos) continue;
            BOOST_TEST_MESSAGE("no \"" << fragment << "\" in: " << message);
            return false;
        }
        return true;
    }

private:
    std::vector<std::string> fragments_;
};

/// Whether two lists agree element by element, to `tolerance` relative to 1 or the larger of each pair.
inline boost::test_tools::assertion_result all_close(const numbers& a, const numbers& b, double tolerance = 1e-12) {
    boost::test_tools::assertion_result result(a.size() == b.size());
    if (!result) result.message() << a.size() << " elements and " << b.size();
    for (std::size_t i = 0; i < a.size() && result; ++i) {
        if (std::abs(a[i] - b[i]) <= tolerance * std::max({1.0, std::abs(a[i]), std::abs(b[i])})) continue;
        result = false;
        result.message() << "element " << i << ": " << a[i] << " and " << b[i];
    }
    return result;
}

/// Whether two values agree in shape and to the last bit.
inline boost::test_tools::assertion_result all_equal(const xgrad::Variable& a, const xgrad::Variable& b) {
    if (a.shape() == b.shape()) return all_close(a.to_vector(), b.to_vector(), 0);
    boost::test_tools::assertion_result result(false);
    result.message() << "shapes " << to_string(a.shape()) << " and " << to_string(b.shape());
    return result;
}

/// "autograd/backward_test.cpp:41" for the calling line, or another of its file, as messages print it.
inline std::string at_line(unsigned line = __builtin_LINE(), const char* file = __builtin_FILE()) {
    return xgrad::to_string(xgrad::Location{file, line});
}

/// A leaf of float64: tests that compare numbers are then not about rounding.
inline xgrad::Variable leaf(const std::vector<double>& values, const xgrad::Shape& shape) {
    return xgrad::parameter(xgrad::Variable::from(values, shape));
}
inline xgrad::Variable leaf(double value) { return leaf({value}, {}); }
/// A leaf of float64 with small, distinct, uneven values.
inline xgrad::Variable uneven_leaf(const xgrad::Shape& shape) {
    std::vector<double> values(shape.elements());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = 0.3 + 0.17 * static_cast<double>(i) - 0.013 * static_cast<double>(i * i % 7);
    return leaf(values, shape);
}

}  // namespace engine
