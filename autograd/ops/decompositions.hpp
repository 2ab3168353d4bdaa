#pragma once

#include <xgrad/autograd/variable.hpp>

/// Matrix decompositions over the last two axes; leading axes are a batch. All throw ValueError when a matrix holds a
/// NaN or an infinity, except where said otherwise.
namespace xgrad {

/// What is read of a matrix that is taken for symmetric.
enum class Triangle {
    both,   ///< its symmetric part (a + a^T) / 2; the gradient is then symmetric
    lower,  ///< its diagonal and what is below; the gradient is then 0 above
    upper
};

struct CholeskyOptions {
    bool upper = false;  ///< give the upper triangular l^T instead
    Triangle triangle = Triangle::both;
};
/// The lower triangular l, with a positive diagonal, of a symmetric positive definite a = l l^T, (..., n, n).
///
///     da = l^-T sym(P) l^-1, P = the lower triangle of l^T dl with half its diagonal
///
/// (S. Smith 1995; I. Murray, "Differentiation of the Cholesky decomposition", 2016.)
/// @throws ShapeError when a is not square; ValueError when a matrix is not positive definite, saying which leading
/// minor
Variable cholesky(const Operand& a, const CholeskyOptions& options = {});

struct QrResult {
    Variable q, r;
};
struct QrOptions {
    bool complete = false;  ///< q (..., m, m) and r (..., m, n), with rows of 0 behind the k-th
};

/// The reduced QR decomposition a = q r of (..., m, n), with k = min(m, n): q (..., m, k) has orthonormal columns, r
/// (..., k, n) is upper triangular. The signs are LAPACK's, as in NumPy: r's diagonal may be negative. A matrix with a
/// NaN or an infinity gives NaN. What completes q behind the k-th column is any basis of the rest, without a
/// derivative.
///
///     M = r dr^T - dq^T q,  C = tril(M) + tril(M, -1)^T,  da = (dq + q C) r^-T        for m >= n
///
/// (S. Walter & L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
/// experimental design", 2010. For m < n the columns after the m-th follow from q: D. Roberts & L. Roberts, "QR and LQ
/// decomposition matrix backpropagation algorithms", 2020.)
/// @throws ShapeError when a is no matrix; ValueError from backward() when the first k columns are not independent, so
/// that q is not differentiable, or when a gradient comes from the columns of q behind the k-th
QrResult qr(const Operand& a, const QrOptions& options = {});

struct EighResult {
    Variable eigenvalues;   ///< (..., n), ascending
    Variable eigenvectors;  ///< (..., n, n), one per column, each of length 1
};

struct EighOptions {
    Triangle triangle = Triangle::both;
};

/// The eigenvalues and eigenvectors of a symmetric a, (..., n, n): a v = v diag(w). The vectors' signs are LAPACK's.
///
///     da = v (diag(dw) + sym(F * (v^T dv))) v^T, F_ij = 1 / (w_j - w_i) off the diagonal
///
/// (Giles 2008; M. Seeger et al., "Auto-differentiating linear algebra", 2017.) The vectors of an eigenvalue that
/// occurs several times are determined up to a rotation, and have no derivative: a gradient that comes from them is
/// NaN, also where the whole does not depend on the rotation, as v diag(f(w)) v^T does not. (For that see matrix_exp()
/// and its like.) A function of the eigenvalues alone has its first gradient. Between nearly equal ones F is large and
/// inexact.
/// @throws ShapeError when a is not square; ValueError when LAPACK's iteration does not converge
EighResult eigh(const Operand& a, const EighOptions& options = {});
/// The eigenvalues alone, in ascending order, as eigh();  da = v diag(dw) v^T.
Variable eigvalsh(const Operand& a, const EighOptions& options = {});

struct SvdResult {
    Variable u;   ///< (..., m, k), orthonormal columns
    Variable s;   ///< (..., k), descending, not negative
    Variable vh;  ///< (..., k, n), orthonormal rows
};
struct SvdOptions {
    bool full_matrices = false;  ///< u (..., m, m) and vh (..., n, n)
};

/// The reduced singular value decomposition a = u diag(s) vh of (..., m, n), k = min(m, n). A pair of vectors' sign is
/// LAPACK's, and may be another than NumPy's. What completes u and vh to full matrices is any basis of the rest,
/// without a derivative.
///
///     da = u (diag(ds) + (F * skew(u^T du)) s + s (F * skew(v^T dv))) v^T
///          + (1 - u u^T) du s^-1 v^T + u s^-1 dv^T (1 - v v^T),        F_ij = 1 / (s_j^2 - s_i^2) off the diagonal
///
/// with skew(x) = x - x^T (Giles 2008; J. Townsend, "Differentiating the singular value decomposition", 2016). For
/// equal singular values the same holds as for equal eigenvalues in eigh(); 1 / s is taken as 0 where s is 0.
/// @throws ShapeError when a is no matrix; ValueError when LAPACK's iteration does not converge, or from backward()
/// when a gradient comes from what completes u or vh
SvdResult svd(const Operand& a, const SvdOptions& options = {});
/// The singular values alone, descending, as svd();  da = u diag(ds) v^T.
Variable svdvals(const Operand& a);

}  // namespace xgrad
