#include "operator_table.hpp"

#include <xgrad/autograd/backward.hpp>

namespace table {

namespace {

using List = const std::vector<Variable>&;

/// A free matrix made one that is far from singular.
Variable regular(const Variable& x) { return x + 6 * eye(x.shape().back(), x.dtype()); }
/// A free square matrix made symmetric positive definite, with eigenvalues apart.
Variable positive(const Variable& x) {
    const std::size_t n = x.shape().back();
    const Variable place = arange(0, static_cast<double>(n), 1, x.dtype());
    return matmul(x, x, {.transpose_b = true}) + (3 * place + 1) * eye(n, x.dtype());
}
Variable slope_of_det(const Variable& x) { return grad(sum(square(det(x))), x, {.create_graph = true}); }
/// x with its last row the sum of the others: singular.
Variable singular(const Variable& x) { return concatenate({x, sum(x, -2, {.keepdims = true})}, -2); }

// clang-format off
const Lines gradients{
    {"solve", [](List in) { return solve(regular(in[0]), in[1]); },
        {{{3, 3}, {3, 2}}, {{3, 3}, {3}}, {{2, 3, 3}, {3}}, {{2, 4, 4}, {2, 4, 3}}, {{3, 3}, {2, 3, 2}}, {{2, 1, 3, 3}, {4, 3, 1}},
         {{1, 1}, {1, 1}}, {{0, 0}, {0, 2}}, {{3, 3}, {3, 0}}, {{0, 3, 3}, {3, 2}}, {{7, 7}, {7, 5}}}, {}, true,
        {{[] { return solve(ones({3, 3}), ones({3, 2})); }, {"singular", "pivot 2"}}, {[] { return solve(zeros({2, 3}), zeros({2, 1})); }, {"square", "(2, 3)"}},
         {[] { return solve(eye(3), zeros({2, 1})); }, {"3 rows", "(3, 3)", "(2, 1)"}}, {[] { return solve(eye(3), zeros({2})); }, {"3 elements", "(2,)"}},
         {[] { return solve(zeros({2, 3, 3}), zeros({4, 3, 1})); }, {"(2,)", "(4,)"}}, {[] { return solve(eye(3), zeros({3, 1}, DType::float64)); }, {"mixed"}},
         {[] { return solve(concatenate({reshape(eye(2), {1, 2, 2}), zeros({1, 2, 2})}), zeros({2, 1})); }, {"matrix 1 of 2 is singular"}}}},
    {"solve", [](List in) { return solve(regular(in[0]), in[1], {.left = false}); }, {{{3, 3}, {2, 3}}, {{3, 3}, {3}}, {{2, 4, 4}, {1, 4}}, {{3, 3}, {2, 2, 3}}, {{3, 3}, {0, 3}}}, {}, true,
        {{[] { return solve(eye(3), zeros({3, 2}), {.left = false}); }, {"solve", "3 columns", "(3, 3)", "(3, 2)"}}, {[] { return solve(zeros({2, 3}), zeros({1, 2}), {.left = false}); }, {"square", "(2, 3)"}},
         {[] { return solve(eye(3), zeros({2, 3}, DType::float64), {.left = false}); }, {"mixed", "(2, 3)"}}}},
    {"inverse", [](List in) { return inverse(regular(in[0])); }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 3, 3}}, {{2, 0, 0}}, {{2, 3, 5, 5}}}, {}, true,
        {{[] { return inverse(zeros({2, 2})); }, {"the matrix is singular", "pivot 1"}}, {[] { return inverse(zeros({2, 3})); }, {"square", "(2, 3)"}}, {[] { return inverse(zeros({3})); }, {"matrix", "(3,)"}},
         {[] { return inverse(zeros({2, 2}, DType::int64)); }, {"real"}}}},
    {"triangular_solve", [](List in) { return triangular_solve(regular(in[0]), in[1]); },
        {{{3, 3}, {3, 2}}, {{3, 3}, {3}}, {{2, 4, 4}, {2, 4, 3}}, {{3, 3}, {2, 3, 2}}, {{2, 3, 3}, {3, 1}}, {{1, 1}, {1, 1}}, {{0, 0}, {0, 2}}, {{3, 3}, {3, 0}}, {{0, 3, 3}, {3, 2}}}, {}, true,
        {{[] { return triangular_solve(zeros({2, 2}), zeros({2, 1})); }, {"singular", "diagonal element 0"}}, {[] { return triangular_solve(zeros({2, 3}), zeros({2, 1})); }, {"square", "(2, 3)"}},
         {[] { return triangular_solve(eye(3), zeros({2, 1})); }, {"3 rows"}}}},
    {"triangular_solve", [](List in) { return triangular_solve(regular(in[0]), in[1], {.lower = false}); }, {{{4, 4}, {4, 3}}, {{2, 3, 3}, {3}}}},
    {"triangular_solve", [](List in) { return triangular_solve(regular(in[0]), in[1], {.transpose = true}); }, {{{4, 4}, {4, 3}}, {{2, 3, 3}, {3}}}},
    {"triangular_solve", [](List in) { return triangular_solve(0.3 * in[0], in[1], {.lower = false, .transpose = true, .unit_diagonal = true}); }, {{{4, 4}, {4, 3}}, {{2, 3, 3}, {3}}}},
    {"triangular_solve", [](List in) { return triangular_solve(regular(in[0]), in[1], {.left = false}); }, {{{4, 4}, {3, 4}}, {{2, 3, 3}, {3}}}, {}, true,
        {{[] { return triangular_solve(eye(3), zeros({3, 2}), {.left = false}); }, {"triangular_solve", "3 columns", "(3, 2)"}}}},
    {"triangular_solve", [](List in) { return triangular_solve(regular(in[0]), in[1], {.lower = false, .transpose = true, .left = false}); }, {{{3, 3}, {2, 3}}}},
    {"cholesky_solve", [](List in) { return cholesky_solve(regular(in[0]), in[1]); }, {{{3, 3}, {3, 2}}, {{3, 3}, {3}}, {{2, 4, 4}, {4, 3}}, {{1, 1}, {1, 1}}, {{0, 0}, {0, 2}}}, {}, true,
        {{[] { return cholesky_solve(zeros({2, 3}), zeros({2, 1})); }, {"square", "(2, 3)"}}, {[] { return cholesky_solve(eye(3), zeros({2, 1})); }, {"3 rows"}}, {[] { return cholesky_solve(eye(3), zeros({2})); }, {"3 rows"}},
         {[] { return cholesky_solve(eye(3), zeros({3, 1}, DType::float64)); }, {"mixed"}}}},
    {"matrix_power", [](List in) { return matrix_power(in[0], 5); }, {{{3, 3}}, {{2, 2, 2}}, {{0, 0}}}, {}, true,
        {{[] { return matrix_power(zeros({2, 3}), 2); }, {"square", "(2, 3)"}}}},
    {"matrix_power", [](List in) { return matrix_power(regular(in[0]), -2); }, {{{3, 3}}, {{2, 2, 2}}}},
    {"det", [](List in) { return det(in[0]); }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 3, 3}}, {{2, 2}}, {{2, 3, 2, 2}}}, {}, true,
        {{[] { return det(zeros({2, 3})); }, {"square", "(2, 3)"}}, {[] { return det(Variable(1.0)); }, {"matrix", "()"}}}},
    {"det", [](List in) { return det(singular(in[0])); }, {{{2, 3}}, {{3, 4}}, {{2, 2, 3}}}},
    {"cofactor", [](List in) { return slope_of_det(in[0]); }, {{{3, 3}}, {{2, 2, 2}}, {{4, 4}}, {{1, 1}}}},
    {"cholesky", [](List in) { return cholesky(positive(in[0])); }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 3, 3}}}, {}, true,
        {{[] { return cholesky(Variable({{1, 2}, {2, 1}})); }, {"not positive definite", "order 2"}}, {[] { return cholesky(zeros({2, 3})); }, {"square", "(2, 3)"}},
         {[] { return cholesky(Variable({{1, 0}, {0, NAN}})); }, {"NaN"}}}},
    {"cholesky", [](List in) { return cholesky(0.2 * in[0] + 2 * eye(3, in[0].dtype())); }, {{{3, 3}}}},  // not symmetric
    {"cholesky", [](List in) { return cholesky(positive(in[0]), {.upper = true, .triangle = Triangle::upper}); }, {{{3, 3}}, {{2, 2, 2}}}},
    {"cholesky", [](List in) { return cholesky(0.2 * in[0] + 2 * eye(3, in[0].dtype()), {.triangle = Triangle::lower}); }, {{{3, 3}}}},
    {"slogdet", [](List in) { return slogdet(in[0]).logabsdet; }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 3, 3}}}, {}, true,
        {{[] { return slogdet(zeros({2, 3})).sign; }, {"square", "(2, 3)"}}}},
    {"slogdet", [](List in) { return in[0] * slogdet(in[0]).sign; }, {{{3, 3}}}},  // which has no gradient
    {"logdet", [](List in) { return logdet(positive(in[0])); }, {{{3, 3}}, {{2, 4, 4}}, {{0, 0}}}, {}, true,
        {{[] { return logdet(zeros({3})); }, {"matrix", "(3,)"}}}},
    {"qr", [](List in) { const auto [q, r] = qr(in[0]); return matmul(q * q, r) + q * sum(r * r); }, {{{4, 3}}, {{3, 3}}, {{2, 5, 2}}, {{1, 1}}, {{3, 0}}, {{0, 2, 2}}}, {}, true,
        {{[] { return qr(zeros({3})).q; }, {"matrix", "(3,)"}}}},
    {"qr", [](List in) { const auto [q, r] = qr(in[0]); return matmul(q * q, r) + sum(r * r); }, {{{2, 4}}, {{2, 3, 5}}, {{1, 3}}, {{0, 3}}}},
    {"qr", [](List in) { return qr(in[0]).q; }, {{{4, 2}}, {{2, 3}}}},
    {"qr", [](List in) { return qr(in[0]).r; }, {{{4, 2}}, {{2, 3}}}},
    {"qr", [](List in) { const auto [q, r] = qr(in[0], {.complete = true}); return matmul(slice(q, -1, 0, 2), slice(r, -2, 0, 2)) + sum(r * r) * slice(q, -1, 0, 2); }, {{{4, 2}}, {{2, 3, 2}}}, {}, true,
        {{[] { const Variable a = parameter(ones({3, 1})); return grad(sum(qr(a, {.complete = true}).q), a); }, {"first 1", "no derivative"}}}},
    {"qr", [](List in) { const auto [q, r] = qr(in[0], {.complete = true}); return q + sum(r * r); }, {{{2, 3}}, {{3, 3}}}},
    {"lu", [](List in) { const auto [p, l, u] = lu(in[0]); return matmul(l * l, u) + sum(l) * matmul(l, u * u); }, {{{3, 3}}, {{2, 4, 4}}, {{4, 2}}, {{2, 4}}, {{2, 3, 2}}, {{2, 2, 4}}, {{1, 1}}, {{0, 0}}, {{0, 2, 2}}}, {}, true,
        {{[] { return lu(zeros({3})).l; }, {"matrix", "(3,)"}}, {[] { return lu(zeros({2, 2}, DType::int64)).l; }, {"real", "int64"}}}},
    {"lu", [](List in) { return lu(in[0]).l; }, {{{3, 3}}, {{4, 2}}, {{2, 4}}}},
    {"lu", [](List in) { return lu(in[0]).u; }, {{{3, 3}}, {{4, 2}}, {{2, 4}}}},
    {"eigh", [](List in) { const auto e = eigh(positive(in[0])); return e.eigenvectors + expand_dims(e.eigenvalues, -1); }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 3, 3}}}, {}, true,
        {{[] { return eigh(zeros({2, 3})).eigenvalues; }, {"square", "(2, 3)"}}, {[] { return eigh(Variable({{NAN}})).eigenvalues; }, {"NaN"}}}},
    {"eigh", [](List in) { return eigvalsh(in[0]); }, {{{3, 3}}}},  // not symmetric
    {"eigh", [](List in) { return eigh(in[0], {.triangle = Triangle::lower}).eigenvalues * eigh(in[0], {.triangle = Triangle::upper}).eigenvalues; }, {{{3, 3}}, {{2, 2, 2}}}},
    {"svd", [](List in) { const auto d = svd(in[0]); return matmul(d.u * d.u, expand_dims(d.s, -1) * d.vh) + sum(d.u) * d.vh * sum(d.s) + d.u * sum(d.vh); }, {{{3, 3}}, {{2, 3, 3}}, {{1, 1}}, {{0, 0}}, {{0, 2, 2}}}, {}, true,
        {{[] { return svd(zeros({3})).s; }, {"matrix", "(3,)"}}, {[] { return svd(Variable({{INFINITY}})).s; }, {"infinity"}}}},
    {"svd", [](List in) { const auto d = svd(in[0], {.full_matrices = true}); return matmul(slice(d.u, -1, 0, 2) * expand_dims(d.s, -2), square(slice(d.vh, -2, 0, 2))); }, {{{4, 2}}, {{2, 4}}, {{2, 2, 2}}}, {}, true,
        {{[] { const Variable a = parameter(ones({3, 1})); return grad(sum(svd(a, {.full_matrices = true}).u), a); }, {"first 1", "no derivative"}}}},
    {"svd", [](List in) { return svd(in[0]).u; }, {{{4, 2}}, {{2, 4}}, {{2, 4, 3}}, {{3, 0}}}},
    {"svd", [](List in) { return svdvals(in[0]); }, {{{4, 2}}, {{2, 4}}}},
    {"svd", [](List in) { return svd(in[0]).vh; }, {{{4, 2}}, {{2, 4}}, {{2, 3, 4}}}},
    {"pinv", [](List in) { return pinv(in[0]); }, {{{4, 2}}, {{2, 4}}, {{2, 3, 3}}, {{1, 1}}, {{0, 3}}, {{3, 0}}, {{0, 2, 3}}}, {}, true,
        {{[] { return pinv(zeros({3})); }, {"matrix", "(3,)"}}, {[] { return pinv(Variable({{NAN}})); }, {"NaN"}}}},
    {"pinv", [](List in) { return pinv(matmul(in[0], in[1])); }, {{{4, 2}, {2, 3}}}},  // of rank 2 throughout
    {"matrix_exp", [](List in) { return matrix_exp(in[0]); }, {{{3, 3}}, {{2, 4, 4}}, {{1, 1}}, {{0, 0}}, {{0, 2, 2}}}, {}, true,
        {{[] { return matrix_exp(zeros({2, 3})); }, {"square", "(2, 3)"}}, {[] { return matrix_exp(Variable({{NAN}})); }, {"the matrix holds a NaN"}},
         {[] { return matrix_exp(zeros({2, 2}, DType::int64)); }, {"real", "int64"}}}},
    {"matrix_exp", [](List in) { return matrix_exp(5 * in[0]) / 1000; }, {{{2, 2}}}, {{-0.5, 0.5}}},
    {"matrix_norm", [](List in) { return matrix_norm(in[0]); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 2, 2}}, {{2, 0}}}, {}, true,
        {{[] { return matrix_norm(zeros({3})); }, {"matrix", "(3,)"}}, {[] { return matrix_norm(zeros({2, 0}), MatrixNorm::row); }, {"empty", "(2, 0)"}},
         {[] { return matrix_norm(zeros({2, 2}, DType::int64)); }, {"real", "int64"}}}},
    {"matrix_norm", [](List in) { return matrix_norm(in[0], MatrixNorm::nuclear) * matrix_norm(in[0], MatrixNorm::spectral); }, {{{3, 4}}, {{2, 3, 2}}, {{0, 2, 2}}}},
    {"matrix_norm", [](List in) { return matrix_norm(in[0], MatrixNorm::column, {.keepdims = true}) * matrix_norm(in[0], MatrixNorm::row, {.keepdims = true}); }, {{{3, 4}}, {{2, 3, 2}}}},
    {"matrix_norm", [](List in) { return matrix_norm(in[0], MatrixNorm::smallest_column) * matrix_norm(in[0], MatrixNorm::smallest_row) * matrix_norm(in[0], MatrixNorm::smallest_singular); }, {{{3, 4}}, {{2, 3, 2}}}},
    {"cond", [](List in) { return cond(in[0], MatrixNorm::column) / cond(in[0], MatrixNorm::frobenius); }, {{{3, 3}}, {{2, 2, 2}}, {{1, 1}}}, {}, true,
        {{[] { return cond(zeros({2, 3}), MatrixNorm::row); }, {"square", "(2, 3)"}}, {[] { return cond(zeros({0, 0}), MatrixNorm::nuclear); }, {"empty", "(0, 0)"}}, {[] { return cond(zeros({2, 2}), MatrixNorm::row); }, {"singular"}}}},
    {"cond", [](List in) { return cond(in[0]); }, {{{3, 3}}, {{2, 4, 3}}, {{2, 4}}, {{1, 1}}, {{0, 2, 2}}}, {}, true,
        {{[] { return cond(zeros({3})); }, {"matrix", "(3,)"}}, {[] { return cond(zeros({2, 0})); }, {"empty", "(2, 0)"}}, {[] { return cond(zeros({2, 2}, DType::int64)); }, {"real", "int64"}}}},
    {"matrix_rank", [](List in) { return in[0] * matrix_rank(in[0]).to(in[0].dtype()); }, {{{3, 3}}, {{0, 0}}}, {}, true,  // which has no gradient
        {{[] { return matrix_rank(zeros({3})); }, {"matrix", "(3,)"}}, {[] { return matrix_rank(zeros({2, 2}, DType::int64)); }, {"real", "int64"}}}},
    {"lstsq", [](List in) { return lstsq(in[0], in[1]).residuals; }, {{{4, 2}, {4, 3}}, {{4, 2}, {4}}, {{2, 5, 3}, {5, 1}}, {{2, 3, 2}, {3}}}},
    {"lstsq", [](List in) { return lstsq(in[0], in[1]).solution; }, {{{4, 2}, {4, 3}}, {{4, 2}, {4}}, {{2, 4}, {2}}, {{2, 5, 3}, {5, 1}}}, {}, true,
        {{[] { return lstsq(zeros({4, 2}), zeros({3})).solution; }, {"4 rows", "(4, 2)", "(3,)"}}, {[] { return lstsq(zeros({4}), zeros({4})).solution; }, {"matrix"}}}},
};
// clang-format on

}  // namespace

}  // namespace table
