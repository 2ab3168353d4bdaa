#include <xgrad/autograd/kernels/blas.hpp>

#include <dlfcn.h>

#ifdef XGRAD_WITH_OPENBLAS
extern "C" {
void openblas_set_num_threads(int);
int openblas_get_parallel();
}
#endif

namespace xgrad::kernels {

#ifdef XGRAD_WITH_OPENBLAS

namespace {

std::mutex calls;

/// OpenMP's, if it is in the program: OpenBLAS may have brought it, xgrad is not linked with it.
struct OpenMp {
    int (*max_threads)() = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
    void (*set_threads)(int) = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
};

const OpenMp& openmp() {
    static const OpenMp functions;
    return functions;
}

}  // namespace

BlasOnOneThread::BlasOnOneThread() {
    if (openmp().max_threads != nullptr) openmp_threads_before_ = openmp().max_threads();
    static const bool once = (openblas_set_num_threads(1), true);
    static_cast<void>(once);
    if (openmp_threads_before_ != 1) openmp().set_threads(1);
    if (openblas_get_parallel() == 0) turn_ = std::unique_lock(calls);
}

BlasOnOneThread::~BlasOnOneThread() {
    if (openmp_threads_before_ != 1) openmp().set_threads(openmp_threads_before_);
}

#else

BlasOnOneThread::BlasOnOneThread() = default;
BlasOnOneThread::~BlasOnOneThread() = default;

#endif

}  // namespace xgrad::kernels
