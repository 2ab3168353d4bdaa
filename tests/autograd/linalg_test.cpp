#include <autograd/matrices.hpp>
#include <xgrad/autograd/gradcheck.hpp>

#include <limits>

using namespace xgrad;
using namespace engine;

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::DType)

namespace {

/// Symmetric positive definite matrices.
Variable positive(const Shape& shape) {
    const Variable x = random(shape);
    return matmul(x, x, {.transpose_b = true}) + eye(shape.back(), float64);
}

bool all_nan(const Variable& x) { return sum(isnan(x)).item() == static_cast<double>(x.size()); }

}  // namespace

BOOST_AUTO_TEST_CASE(ranks_and_condition_numbers) {
    const Variable a = matrix({{1, 2}, {2, 4}}), b = matrix({{2, 0}, {0, -8}});
    BOOST_TEST(matrix_rank(stack({a, b, 0 * a})).to_vector() == (numbers{1, 2, 0}), per_element());
    BOOST_TEST(matrix_rank(a).dtype() == DType::int64);
    BOOST_TEST(matrix_rank(matmul(random({5, 2}), random({2, 7}))).item() == 2);
    BOOST_TEST(matrix_rank(b, 0.5).item() == 1);
    BOOST_TEST(matrix_rank(zeros({2, 3, 0})).to_vector() == (numbers{0, 0}), per_element());
    check_near(cond(stack({b, eye(2, float64)})), matrix({4, 1}));
    BOOST_TEST(cond(matrix({{0, 0}, {0, 3}})).item() > 1e15);
}

BOOST_AUTO_TEST_CASE(small_systems_have_their_known_solutions) {
    check_near(solve(matrix({{2, 1}, {1, 3}}), matrix({3, 5})), matrix({0.8, 1.4}));
    check_near(solve(matrix({{0, 2}, {1, 0}}), matrix({{2, 4}, {3, 5}})), matrix({{3, 5}, {1, 2}}));
    check_near(inverse(matrix({{1, 2}, {3, 4}})), matrix({{-2, 1}, {1.5, -0.5}}));
    BOOST_TEST(det(matrix({{1, 2}, {3, 4}})).item() == -2, boost::test_tools::tolerance(1e-14));
    check_near(cholesky(matrix({{4, 2}, {2, 3}})), matrix({{2, 0}, {1, std::sqrt(2.0)}}));
    check_near(eigh(matrix({{2, 1}, {1, 2}})).eigenvalues, matrix({1, 3}));
    check_near(svd(matrix({{0, -2}, {3, 0}})).s, matrix({3, 2}));
    check_near(pinv(matrix({{1, 1}, {1, 1}})), full({2, 2}, 0.25, float64));
    check_near(lstsq(matrix({{1, 0}, {1, 1}, {1, 2}}), matrix({1, 3, 5})).solution,
               matrix({1, 2}));                                                  // a line through points
    check_near(lstsq(matrix({{1, 1}}), matrix({2})).solution, matrix({1, 1}));   // the shortest of many
    check_near(qr(matrix({{3, 1}, {4, 2}})).r, matrix({{-5, -2.2}, {0, 0.4}}));  // LAPACK's signs
}

BOOST_AUTO_TEST_CASE(complete_decompositions_span_the_whole_space) {
    for (const Shape& shape : {Shape{5, 2}, Shape{2, 5}, Shape{3, 3}, Shape{2, 4, 1}, Shape{3, 0}, Shape{0, 3}}) {
        const Variable a = random(shape);
        const std::size_t m = shape[shape.rank() - 2], n = shape.back();
        const auto [q, r] = qr(a, {.complete = true});
        BOOST_TEST(r.shape() == shape);
        check_near(matmul(q, r), a, 1e-13);
        check_near(matmul(q, q, {.transpose_a = true}) - eye(m, float64), zeros_like(q), 1e-13);
        const auto [u, s, vh] = svd(a, {.full_matrices = true});
        check_near(matmul(u, u, {.transpose_b = true}) - eye(m, float64), zeros_like(u), 1e-13);
        check_near(matmul(vh, vh, {.transpose_b = true}) - eye(n, float64), zeros_like(vh), 1e-13);
        const auto k = static_cast<long>(std::min(m, n));
        check_near(matmul(slice(u, -1, 0, k) * expand_dims(s, -2), slice(vh, -2, 0, k)), a, 1e-13);
    }
    const Variable lost = qr(matrix({{1, NAN}, {2, 3}, {4, 5}}), {.complete = true}).q;
    BOOST_TEST(isnan(lost).to_vector() == numbers(9, 1), per_element());
}

BOOST_AUTO_TEST_CASE(one_triangle_of_a_symmetric_matrix_is_enough) {
    const Variable whole = matrix({{4, 2}, {2, 3}});
    for (const auto& [a, triangle] : {std::pair(matrix({{4, NAN}, {2, 3}}), Triangle::lower),
                                      std::pair(matrix({{4, 2}, {NAN, 3}}), Triangle::upper)}) {
        check_near(cholesky(a, {.triangle = triangle}), cholesky(whole));
        check_near(eigh(a, {.triangle = triangle}).eigenvalues, eigh(whole).eigenvalues);
    }
    check_near(cholesky(whole, {.upper = true}), transpose(cholesky(whole)));
}

BOOST_AUTO_TEST_CASE(least_squares_come_with_residuals_and_rank) {
    const auto line = lstsq(matrix({{1, 0}, {1, 1}, {1, 2}}), matrix({0, 2, 1}));
    check_near(line.solution, matrix({0.5, 0.5}));
    check_near(line.residuals, Variable(1.5, float64));
    BOOST_TEST(line.rank.item() == 2);
    check_near(square(line.singular_values), matrix({4 + std::sqrt(10.0), 4 - std::sqrt(10.0)}));
    const auto flat = lstsq(matrix({{1, 1}, {1, 1}}), matrix({{2, 0}, {4, 0}}));
    check_near(flat.residuals, matrix({2, 0}));
    BOOST_TEST(flat.rank.item() == 1);
    const auto batch = lstsq(random({3, 2, 2}), matrix({1, 2}));  // one right side for all
    BOOST_TEST(batch.solution.shape() == (Shape{3, 2}));
    check_near(batch.residuals, matrix({0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(systems_of_all_sizes_are_solved) {
    for (const std::size_t n : {1U, 2U, 3U, 8U, 40U, 130U}) {
        const Variable a = random({n, n}), unit = eye(n, float64), b = random({2, n, 3});
        check_near(matmul(a, inverse(a)), unit, 1e-9);
        check_near(matmul(a, solve(a, b)), b, 1e-9);
        check_near(matmul(a, solve(a, random({n}))), random({n}), 1e-9);
        const Variable l = cholesky(positive({n, n}));
        check_near(matmul(l, l, {.transpose_b = true}), positive({n, n}), 1e-10);
        check_near(triangular_solve(l, matmul(l, b)), b, 1e-10);
        check_near(cholesky_solve(l, matmul(positive({n, n}), b)), b, 1e-8);
        check_near(triangular_solve(l, matmul(l, b, {.transpose_a = true}), {.transpose = true}), b, 1e-10);
        const Variable rows = random({2, 3, n});
        check_near(matmul(solve(a, rows, {.left = false}), a), rows, 1e-9);
        check_near(matmul(solve(a, random({n}), {.left = false}), a), random({n}), 1e-9);
        check_near(triangular_solve(l, matmul(rows, l), {.left = false}), rows, 1e-10);
        check_near(triangular_solve(l, matmul(rows, l, {.transpose_b = true}), {.transpose = true, .left = false}),
                   rows, 1e-10);
    }
}

BOOST_AUTO_TEST_CASE(decompositions_of_all_shapes_multiply_to_the_matrix) {
    for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{1, 1}, {3, 3}, {5, 2}, {2, 5}, {70, 40}, {40, 70}}) {
        const Variable a = random({2, m, n}),
                       unit = broadcast_to(eye(std::min(m, n), float64), {2, std::min(m, n), std::min(m, n)});
        const auto [q, r] = qr(a);
        check_near(matmul(q, r), a, 1e-12);
        check_near(matmul(q, q, {.transpose_a = true}), unit, 1e-12);
        const auto [u, s, vh] = svd(a);
        check_near(matmul(u * expand_dims(s, -2), vh), a, 1e-12);
        check_near(matmul(u, u, {.transpose_a = true}), unit, 1e-12);
        check_near(matmul(vh, vh, {.transpose_b = true}), unit, 1e-12);
        const Variable p = pinv(a);
        check_near(matmul(matmul(a, p), a), a, 1e-11);
        check_near(matmul(a, p), last_two_swapped(matmul(a, p)), 1e-11);
        const Variable symmetric = positive({2, m, m});
        const auto [w, v] = eigh(symmetric);
        check_near(matmul(symmetric, v), v * expand_dims(w, -2), 1e-11);
        BOOST_TEST(sum(slice(w, -1, 0, -1) <= slice(w, -1, 1, static_cast<long>(m))).item() ==
                   static_cast<double>(2 * (m - 1)));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_gives_what_its_matrices_give_one_by_one) {
    const Variable a = positive({300, 4, 4}), b = random({300, 4, 2});
    const Variable inverses = inverse(a), solutions = solve(a, b), dets = det(a), factors = cholesky(a);
    const Variable vectors = eigh(a).eigenvectors;
    for (const long i : {0L, 64L, 255L, 299L}) {
        const auto one = [&](const Variable& x) { return squeeze(slice(x, 0, i, i + 1), 0); };
        BOOST_TEST(distance(inverse(one(a)), one(inverses)) == 0);
        BOOST_TEST(distance(solve(one(a), one(b)), one(solutions)) == 0);
        BOOST_TEST(distance(det(one(a)), one(dets)) == 0);
        BOOST_TEST(distance(cholesky(one(a)), one(factors)) == 0);
        BOOST_TEST(distance(eigh(one(a)).eigenvectors, one(vectors)) == 0);
    }
}

BOOST_AUTO_TEST_CASE(slogdet_reaches_where_det_overflows) {
    const auto [sign, logabsdet] = slogdet(-1e200 * eye(3, float64));
    BOOST_TEST(sign.item() == -1);
    BOOST_TEST(logabsdet.item() == 600 * std::log(10.0), boost::test_tools::tolerance(1e-14));
    const SlogdetResult singular = slogdet(zeros({2, 2}));
    BOOST_TEST(singular.sign.item() == 0);
    BOOST_TEST(singular.logabsdet.item() == -INFINITY);
    BOOST_TEST(logdet(zeros({2, 2})).item() == -INFINITY);
    BOOST_TEST(std::isnan(logdet(matrix({{0, 1}, {1, 0}})).item()));
    const SlogdetResult nothing = slogdet(zeros({0, 0}));
    BOOST_TEST(nothing.sign.item() == 1);
    BOOST_TEST(nothing.logabsdet.item() == 0);
}

BOOST_AUTO_TEST_CASE(the_determinant_of_a_singular_matrix_has_its_gradient) {
    const auto slope = [](Variable a) {
        a.set_requires_grad();
        return grad(det(a), a);
    };
    check_near(slope(matrix({{1, 2}, {2, 4}})), matrix({{4, -2}, {-2, 1}}));
    check_near(slope(matrix({{2, 0, 0}, {0, 3, 0}, {0, 0, 0}})), matrix({{0, 0, 0}, {0, 0, 0}, {0, 0, 6}}));
    check_near(slope(ones({3, 3}, float64)), zeros({3, 3}, float64));
    check_near(slope(zeros({2, 2}, float64)), zeros({2, 2}, float64));
    check_near(slope(zeros({1, 1}, float64)), ones({1, 1}, float64));
}

BOOST_AUTO_TEST_CASE(functions_of_a_repeated_eigenvalue_have_their_gradient) {
    Variable a = 2 * eye(3, float64);
    a.set_requires_grad();
    check_near(grad(sum(square(eigh(a).eigenvalues)), a), 4 * eye(3, float64));
    check_near(grad(sum(svd(a).s), a), eye(3, float64));
    // What comes from the vectors has no value to be found there, and must not look like one.
    const auto [w, v] = eigh(a);
    BOOST_TEST(sum(isnan(grad(sum(matmul(v * exp(w), transpose(v))), a))).item() > 0);
    const auto [u, s, vh] = svd(a);
    BOOST_TEST(sum(isnan(grad(sum(matmul(u * s, vh)), a))).item() > 0);
    const auto slope = grad(sum(square(eigh(a).eigenvalues)), a, {.create_graph = true});
    BOOST_TEST(sum(isnan(grad(index(slope, {0, 1}), a))).item() > 0);
}

BOOST_AUTO_TEST_CASE(determinants_at_the_edge) {
    const Variable large = Variable({{1e20, 0, 0}, {0, 1e20, 0}, {0, 0, 0}});  // float32: the pivots overflow
    BOOST_TEST(det(large).item() == 0);
    Variable odd = matrix({{0, 1}, {1, 0}});
    odd.set_requires_grad();
    BOOST_TEST(std::isnan(logdet(odd).item()));
    BOOST_TEST(all_nan(grad(logdet(odd), odd)));
    BOOST_TEST(logdet(zeros({2, 2}, float64)).item() == -INFINITY);
    BOOST_TEST(cond(zeros({2, 2}, float64)).item() == INFINITY);
    Variable tiny = matrix({{1e-200, 0}, {0, 2e-200}});
    tiny.set_requires_grad();
    const Variable slope = grad(det(tiny), tiny);  // det is too small to be a number
    check_near(1e200 * slope, matrix({{2, 0}, {0, 1}}));
}

BOOST_AUTO_TEST_CASE(right_sides_that_do_not_fit_are_shown_as_they_were_given) {
    const Variable a = random({3, 3}), b = random({3, 2});
    BOOST_CHECK_EXCEPTION(solve(a, random({2})), ShapeError,
                          Says({"solve: ", "right sides of 3 elements", "rhs (2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(solve(a, ones({3})), DTypeError, Says({"solve: ", "rhs (3,) is float32", at_line()}));
    BOOST_CHECK_EXCEPTION(solve(a, b, {.left = false}), ShapeError,
                          Says({"solve: ", "right sides of 3 columns", "rhs (3, 2)", at_line()}));
    BOOST_CHECK_EXCEPTION(triangular_solve(a, 1.0), ShapeError, Says({"triangular_solve: ", "rhs ()", at_line()}));
}

BOOST_AUTO_TEST_CASE(qr_of_columns_that_depend_on_others_has_no_gradient) {
    const Variable counted = matrix({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});  // r's last element is rounding
    for (const Variable& dependent : {counted, ones({3, 2}, float64), counted.to(DType::float32)})
        for (const bool of_q : {true, false}) {
            const Variable a = parameter(dependent);
            const auto [q, r] = qr(a);
            BOOST_CHECK_EXCEPTION(grad(sum(of_q ? q : r), a), ValueError,
                                  Says({"qr: ", "has no derivative", "depends on those before it"}));
        }
    const Variable batch = parameter(stack({random({4, 2}), matrix({{1, 2}, {3, 6}, {5, 10}, {7, 14}})}));
    BOOST_CHECK_EXCEPTION(grad(sum(qr(batch).q), batch), ValueError, Says({"matrix 1 of 2", "column 1"}));
    const Variable wide = parameter(matrix({{1, 2, 3, 5}, {2, 4, 7, 1}}));
    BOOST_CHECK_THROW(grad(sum(qr(wide).r), wide), ValueError);
    const Variable nearly = parameter((counted + 1e-6 * eye(3, float64)).detach());
    BOOST_TEST(!all_nan(grad(sum(qr(nearly).q), nearly)));
}

BOOST_AUTO_TEST_CASE(a_matrix_that_is_not_finite_neither_hangs_nor_passes_for_a_number) {
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
        for (const std::size_t n : {1U, 3U, 40U}) {
            Variable a = eye(n, float64);
            a.mutable_data<double>()[n * n / 2] = bad;
            BOOST_TEST(all_nan(inverse(a)));
            BOOST_TEST(all_nan(solve(a, ones({n}, float64))));
            BOOST_TEST(all_nan(det(a)));
            BOOST_TEST(all_nan(slogdet(a).logabsdet));
            BOOST_TEST(all_nan(qr(a).q));
            const Says not_finite{"the matrix holds a NaN or an infinity"};
            BOOST_CHECK_EXCEPTION(cholesky(a), ValueError, not_finite);
            BOOST_CHECK_EXCEPTION(eigh(a), ValueError, not_finite);
            BOOST_CHECK_EXCEPTION(svd(a), ValueError, not_finite);
            BOOST_CHECK_EXCEPTION(pinv(a), ValueError, not_finite);
            a.set_requires_grad();
            BOOST_TEST(all_nan(grad(det(a), a)));
        }
    }
}

BOOST_AUTO_TEST_CASE(triangular_solve_reads_its_triangle_alone) {
    const Variable b = matrix({2, 8});
    check_near(triangular_solve(matrix({{2, NAN}, {1, 7}}), b), matrix({1, 1}));
    check_near(triangular_solve(matrix({{2, 0}, {NAN, 8}}), b, {.lower = false}), matrix({1, 1}));
    check_near(triangular_solve(matrix({{NAN, NAN}, {1, NAN}}), b, {.unit_diagonal = true}), matrix({2, 6}));
}

BOOST_AUTO_TEST_CASE(linear_algebra_has_third_derivatives) {
    const auto slope_of = [](const auto& f) {
        return [f](const Variable& x) { return grad(sum(f(x)), x, {.create_graph = true}); };
    };
    const Variable x = random({3, 3}), a = x + 4 * eye(3, float64);
    BOOST_TEST(gradcheck(slope_of([](const Variable& v) { return logdet(v); }), {a}));
    BOOST_TEST(gradcheck(slope_of([](const Variable& v) { return square(inverse(v)); }), {a}));
    BOOST_TEST(gradcheck(slope_of([](const Variable& v) { return cholesky(v + last_two_swapped(v)); }), {a}));
    BOOST_TEST(
        gradcheck(slope_of([](const Variable& v) { return square(eigh(v).eigenvectors); }), {x}, {.rtol = 1e-5}));
    BOOST_TEST(gradcheck(slope_of([](const Variable& v) { return einsum("ij,jk,ki", {v, v, v}); }), {x}));
}
