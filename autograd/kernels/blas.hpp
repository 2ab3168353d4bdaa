#pragma once

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
