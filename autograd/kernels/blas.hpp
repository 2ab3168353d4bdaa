#pragma once

#include <complex>
#include <mutex>

// First, for it says that there is a CBLAS: without it cxxblas falls back to loops of its own, up to 50 times slower.
#include <xtensor-blas/xblas_config.hpp>

#include <xflens/cxxblas/cxxblas.cxx>

#ifndef HAVE_CBLAS
#error "xtensor-blas is configured without CBLAS (XTENSOR_USE_FLENS_BLAS): products would be up to 50 times slower"
#endif

#ifdef XGRAD_WITH_OPENBLAS
extern "C" {
void openblas_set_num_threads(int);
int openblas_get_parallel();
// There where OpenBLAS's threads are OpenMP's.
[[gnu::weak]] int omp_get_max_threads();
[[gnu::weak]] void omp_set_num_threads(int);
}
#endif

namespace xgrad::kernels {

/// While it lives, calls of BLAS and LAPACK from this thread stay on it: the pool is xgrad's, and OpenBLAS's own
/// threads would fight it for the cores. What the program has set for its own OpenMP regions is put back. An OpenBLAS
/// without threads does not stand calls from several at once: they take turns.
class BlasOnOneThread {
public:
    BlasOnOneThread(const BlasOnOneThread&) = delete;
    BlasOnOneThread& operator=(const BlasOnOneThread&) = delete;
    BlasOnOneThread() {
#ifdef XGRAD_WITH_OPENBLAS
        if (omp_get_max_threads != nullptr) before_ = omp_get_max_threads();
        static const bool once = (openblas_set_num_threads(1), true);
        static_cast<void>(once);
        if (before_ != 1) omp_set_num_threads(1);
        if (openblas_get_parallel() == 0) turn_ = std::unique_lock(calls_);
#endif
    }
    ~BlasOnOneThread() {
#ifdef XGRAD_WITH_OPENBLAS
        if (before_ != 1) omp_set_num_threads(before_);
#endif
    }

private:
    static inline std::mutex calls_;
    std::unique_lock<std::mutex> turn_;
    int before_ = 1;
};

}  // namespace xgrad::kernels
