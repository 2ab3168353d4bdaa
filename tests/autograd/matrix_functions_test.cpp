#include <xgrad/autograd/ops/matrix_functions.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>

using namespace xgrad;
using namespace engine;

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::Shape)

namespace {

constexpr auto float64 = DType::float64;

Variable matrix(std::initializer_list<NestedList> values) { return Variable(values, float64); }

Variable random(const Shape& shape) {
    Rng rng(3);
    return random_normal(shape, rng, 0, 1, float64);
}

double distance(const Variable& a, const Variable& b) {
    BOOST_REQUIRE(a.shape() == b.shape());
    return a.size() == 0 ? 0 : max(abs(a - b)).item();
}

/// Relative to the largest element.
void check_near(const Variable& found, const numbers& expected, double tolerance) {
    const Variable right = Variable::from(expected, found.shape()).to(float64);
    BOOST_TEST(distance(found.to(float64), right) <= tolerance * max(abs(right)).item());
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_matrix_exponential_has_its_known_values) {
    const numbers one{51.968956198705004, 74.736564567003213, 112.10484685050482, 164.07380304920982};
    check_near(matrix_exp(matrix({{1, 2}, {3, 4}})), one, 1e-15);
    check_near(matrix_exp(Variable({{1, 2}, {3, 4}})), one, 1e-6);
    check_near(matrix_exp(matrix({{0, 1, 0}, {0, 0, 1}, {0, 0, 0}})), {1, 1, 0.5, 0, 1, 1, 0, 0, 1}, 1e-15);
    // Moler & Van Loan 2003, "Nineteen dubious ways to compute the exponential of a matrix": terms of 1e15 that cancel.
    check_near(matrix_exp(matrix({{-49, 24}, {-64, 31}})),
               {-0.73575875814475308, 0.5518190996580977, -1.4715175990882605, 1.1036382407155726}, 1e-13);
    check_near(matrix_exp(matrix({{0.1, -30}, {30, 0.1}})),
               {0.17047421648676102, 1.0919438170864812, -1.0919438170864812, 0.17047421648676102}, 1e-14);
    check_near(matrix_exp(matrix({{1, 1e6}, {0, -1}})),
               {2.7182818284590452, 1175201.1936438015, 0, 0.36787944117144232}, 1e-15);
    // Small powers of a large matrix (Al-Mohy & Higham 2009).
    check_near(matrix_exp(Variable({{1, 1e6}, {0, -1}})), {2.7182818284590452, 1175201.1936438015, 0, 0.3678794411},
               1e-6);
    check_near(matrix_exp(matrix({{0, 1e200}, {0, 0}})), {1, 1e200, 0, 1}, 1e-15);
    check_near(matrix_exp(zeros({2, 2}, float64)), {1, 0, 0, 1}, 0);
    BOOST_TEST(matrix_exp(zeros({0, 0})).shape() == (Shape{0, 0}));
}

BOOST_AUTO_TEST_CASE(each_matrix_of_a_batch_is_scaled_for_itself) {
    const Variable small = matrix({{0.01, 0.02}, {-0.03, 0.01}}), large = matrix({{3, -90}, {80, 2}});
    const Variable both = matrix_exp(stack({small, large}));
    BOOST_TEST(index(both, {0}).to_vector() == matrix_exp(small).to_vector(), per_element());
    BOOST_TEST(index(both, {1}).to_vector() == matrix_exp(large).to_vector(), per_element());
    BOOST_CHECK_EXCEPTION(matrix_exp(stack({small, NAN * large})), ValueError, Says({"matrix_exp", "matrix 1 of 2"}));
}

BOOST_AUTO_TEST_CASE(a_large_gradient_of_an_exponential_is_as_exact_as_a_small_one) {
    const Variable a = parameter(0.1 * random({3, 3})), weights = random({3, 3});
    const Variable one = grad(sum(weights * matrix_exp(a)), a), large = grad(sum(1e200 * weights * matrix_exp(a)), a);
    BOOST_TEST(distance(large / 1e200, one) <= 1e-14);
    const Variable none = grad(sum(0 * matrix_exp(a)), a);
    BOOST_TEST(max(abs(none)).item() == 0);
}

BOOST_AUTO_TEST_CASE(the_logarithm_of_the_determinant_of_an_exponential_is_the_trace) {
    const Variable a = random({4, 3, 3});
    BOOST_TEST(distance(slogdet(matrix_exp(a)).logabsdet, trace(a)) <= 1e-13);
}

BOOST_AUTO_TEST_CASE(matrices_are_measured) {
    const Variable a = matrix({{1, -2, 3}, {4, 0, -6}});
    BOOST_TEST(matrix_norm(a).item() == std::sqrt(66.0));
    BOOST_TEST(matrix_norm(a, MatrixNorm::column).item() == 9);
    BOOST_TEST(matrix_norm(a, MatrixNorm::row).item() == 10);
    BOOST_TEST(matrix_norm(a, MatrixNorm::smallest_column).item() == 2);
    BOOST_TEST(matrix_norm(a, MatrixNorm::smallest_row).item() == 6);
    const Variable s = svd(a).s;
    BOOST_TEST(matrix_norm(a, MatrixNorm::smallest_singular).item() == s.to_vector()[1]);
    BOOST_TEST(matrix_norm(a, MatrixNorm::spectral).item() == s.to_vector()[0]);
    BOOST_TEST(matrix_norm(a, MatrixNorm::nuclear, {.keepdims = true}).item() == sum(s).item());
    BOOST_TEST(matrix_norm(zeros({5, 2, 3}), MatrixNorm::row, {.keepdims = true}).shape() == (Shape{5, 1, 1}));
    BOOST_TEST(matrix_norm(zeros({5, 2, 3}), MatrixNorm::spectral).shape() == Shape{5});
    BOOST_TEST(matrix_norm(zeros({2, 0}), MatrixNorm::nuclear).item() == 0);
    const Variable square = matrix({{4, 1}, {2, 3}});  // its inverse is ((3, -1), (-2, 4)) / 10
    BOOST_TEST(distance(cond(square, MatrixNorm::column), Variable(6 * 0.5, DType::float64)) <= 1e-14);
    BOOST_TEST(distance(cond(square, MatrixNorm::row), Variable(5 * 0.6, DType::float64)) <= 1e-14);
    BOOST_TEST(distance(cond(square, MatrixNorm::frobenius), Variable(3.0, DType::float64)) <= 1e-14);
    BOOST_TEST(distance(cond(square, MatrixNorm::spectral), cond(square)) <= 1e-14);
    BOOST_TEST(distance(cond(square, MatrixNorm::smallest_singular), 1 / cond(square)) <= 1e-14);
    BOOST_TEST(cond(zeros({2, 2}), MatrixNorm::spectral).item() == INFINITY);
}

BOOST_AUTO_TEST_CASE(lu_factors_make_up_the_matrix) {
    for (const Shape& shape : {Shape{3, 3}, Shape{5, 2}, Shape{2, 5}, Shape{4, 3, 3}, Shape{1, 1}}) {
        const Variable a = random(shape);
        const auto [p, l, u] = lu(a);
        BOOST_TEST(distance(matmul(p, matmul(l, u)), a) <= 1e-14);
        BOOST_TEST(distance(l, tril(l)) == 0);
        BOOST_TEST(distance(u, triu(u)) == 0);
        BOOST_TEST(max(abs(l)).item() == 1);
    }
    const auto [p, l, u] = lu(matrix({{1, 2}, {4, 3}}));
    BOOST_TEST(p.to_vector() == (numbers{0, 1, 1, 0}), per_element());
    BOOST_TEST(l.to_vector() == (numbers{1, 0, 0.25, 1}), per_element());
    BOOST_TEST(u.to_vector() == (numbers{4, 3, 0, 1.25}), per_element());
}

BOOST_AUTO_TEST_CASE(lu_of_singular_and_other_odd_matrices) {
    const auto [p, l, u] = lu(ones({2, 2}));
    BOOST_TEST(u.to_vector() == (numbers{1, 1, 0, 0}), per_element());
    const Variable a = parameter(ones({2, 2}));
    BOOST_CHECK_EXCEPTION(sum(lu(a).u).backward(), ValueError, Says({"singular"}));
    const auto odd = lu(matrix({{1, NAN}, {2, 3}}));
    BOOST_TEST(sum(isnan(odd.l)).item() == 4);
    BOOST_TEST(odd.p.to_vector() == (numbers{1, 0, 0, 1}), per_element());
    BOOST_TEST(lu(zeros({3, 0})).p.shape() == (Shape{3, 3}));
}
