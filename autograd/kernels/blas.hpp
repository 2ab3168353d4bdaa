#pragma once

#include <complex>
#include <mutex>

// First, for it says that there is a CBLAS: without it cxxblas falls back to loops of its own, up to 50 times slower.
#include <xtensor-blas/xblas_config.hpp>

#include <xflens/cxxblas/cxxblas.cxx>

#ifndef HAVE_CBLAS
#error "xtensor-blas is configured without CBLAS (XTENSOR_USE_FLENS_BLAS): products would be up to 50 times slower"
#endif

namespace xgrad::kernels {

/// While it lives, calls of BLAS and LAPACK from this thread stay on it: the pool is xgrad's, and OpenBLAS's own
/// threads would fight it for the cores. What the program has set for its own OpenMP regions is put back. An OpenBLAS
/// without threads does not stand calls from several at once: they take turns, so one must not be within another.
class [[nodiscard]] BlasOnOneThread {
public:
    BlasOnOneThread();
    ~BlasOnOneThread();
    BlasOnOneThread(const BlasOnOneThread&) = delete;
    BlasOnOneThread& operator=(const BlasOnOneThread&) = delete;

private:
    std::unique_lock<std::mutex> turn_;
    int openmp_threads_before_ = 1;
};

}  // namespace xgrad::kernels
