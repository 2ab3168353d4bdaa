#include <xgrad/autograd/ops.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/backward.hpp>

// Differences, slopes and integrals of samples, after NumPy's documentation.
using namespace xgrad;
using namespace engine;

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::Shape)

namespace {

Variable real(std::initializer_list<NestedList> values) { return Variable(values, DType::float64); }

}  // namespace

BOOST_AUTO_TEST_CASE(differences_of_neighbours) {
    BOOST_TEST(diff(real({1.0, 4.0, 9.0, 16.0})).to_vector() == (numbers{3, 5, 7}));
    BOOST_TEST(diff(real({1.0, 4.0, 9.0, 16.0}), 2).to_vector() == (numbers{2, 2}));
    BOOST_TEST(diff(zeros({3, 4}), 9, 0).shape() == (Shape{0, 4}));
}

BOOST_AUTO_TEST_CASE(slopes_at_samples) {
    const Variable y = real({1.0, 2.0, 4.0, 7.0, 11.0, 16.0});  // NumPy's example
    BOOST_TEST(gradient(y).to_vector() == (numbers{1, 1.5, 2.5, 3.5, 4.5, 5}));
    BOOST_TEST(gradient(y, 2).to_vector() == (numbers{0.5, 0.75, 1.25, 1.75, 2.25, 2.5}));
    BOOST_TEST(gradient(y, 1, 0, {.edge_order = 2}).to_vector() == (numbers{0.5, 1.5, 2.5, 3.5, 4.5, 5.5}));
    const Variable x = real({0.0, 1.0, 1.5, 3.5, 4.0, 6.0});
    BOOST_TEST(all_close(gradient(y, x).to_vector(), {1, 3, 3.5, 6.7, 6.9, 2.5}, 1e-14));
    BOOST_TEST(all_close(gradient(square(x), x, -1, {.edge_order = 2}).to_vector(), (2 * x).to_vector(), 1e-13));
    const Variable table = real({{1.0, 2.0, 6.0}, {3.0, 4.0, 5.0}});
    BOOST_TEST(gradient(table, 1, 0).to_vector() == (numbers{2, 2, -1, 2, 2, -1}));
    BOOST_TEST(gradient(table, 1, 1).to_vector() == (numbers{1, 2.5, 4, 1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(integrals_of_samples) {
    const Variable y = real({1.0, 2.0, 3.0});
    BOOST_TEST(trapezoid(y).item() == 4);
    BOOST_TEST(trapezoid(y, 2).item() == 8);
    BOOST_TEST(trapezoid(y, real({4.0, 6.0, 8.0})).item() == 8);
    BOOST_TEST(trapezoid(y, real({8.0, 6.0, 4.0})).item() == -8);
    const Variable table = real({{0.0, 1.0, 2.0}, {3.0, 4.0, 5.0}});
    BOOST_TEST(trapezoid(table, 1, 0).to_vector() == (numbers{1.5, 2.5, 3.5}));
    BOOST_TEST(trapezoid(table).to_vector() == (numbers{2, 8}));
    BOOST_TEST(trapezoid(real({5.0})).item() == 0);
    BOOST_TEST(trapezoid(zeros({2, 0})).to_vector() == (numbers{0, 0}));
    BOOST_TEST(cumulative_trapezoid(table).to_vector() == (numbers{0.5, 2, 3.5, 8}));
    BOOST_TEST(cumulative_trapezoid(y, real({0.0, 1.0, 3.0})).to_vector() == (numbers{1.5, 6.5}));
    BOOST_TEST(cumulative_trapezoid(zeros({2, 1})).shape() == (Shape{2, 0}));
}

BOOST_AUTO_TEST_CASE(values_between_samples) {
    const Variable xp = real({1.0, 2.0, 3.0}), fp = real({3.0, 2.0, 0.0});  // NumPy's example
    BOOST_TEST(interp(real({0.0, 1.0, 1.5, 2.75, 3.0, 3.14}), xp, fp).to_vector() == (numbers{3, 3, 2.5, 0.5, 0, 0}));
    BOOST_TEST(interp(2.5, xp, fp).item() == 1);
    BOOST_TEST(isnan(interp(real({NAN}), xp, fp)).item() == 1);
    // Two samples at one place are a step.
    BOOST_TEST(interp(real({0.5, 1.0, 2.0}), real({0.0, 1.0, 1.0}), real({0.0, 1.0, 2.0})).to_vector() ==
               (numbers{0.5, 2, 2}));
    const Variable x = parameter(real({0.0, 1.5, 2.5, 4.0}));
    BOOST_TEST(grad(sum(interp(x, xp, fp)), x).to_vector() == (numbers{0, -1, -2, 0}));
}
