#pragma once

#include <complex>

// First, for it says that there is a CBLAS: without it cxxblas falls back to loops of its own, up to 50 times slower.
#include <xtensor-blas/xblas_config.hpp>

#include <xflens/cxxblas/cxxblas.cxx>

#ifndef HAVE_CBLAS
#error "xtensor-blas is configured without CBLAS (XTENSOR_USE_FLENS_BLAS): products would be up to 50 times slower"
#endif

#ifdef XGRAD_WITH_OPENBLAS
extern "C" void openblas_set_num_threads(int);
#endif

namespace xgrad::kernels {

/// Before the first call of BLAS or LAPACK: the pool is xgrad's, and OpenBLAS's own threads would fight it for the
/// cores.
inline void hold_blas_to_one_thread() {
#ifdef XGRAD_WITH_OPENBLAS
    static const bool once = (openblas_set_num_threads(1), true);
    static_cast<void>(once);
#endif
}

}  // namespace xgrad::kernels
