#include "doctor_speed.hpp"

#include "plain_matmul.hpp"

#include <xgrad/autograd/kernels/blas.hpp>
#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops/random.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace xgrad;

namespace {

/// The best of several times: what disturbs a measurement only ever makes it slower.
template <class F>
void time_product(double& gflops, std::size_t n, F f) {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    f();
    const double seconds = std::chrono::duration<double>(clock::now() - start).count();
    gflops = std::max(gflops, 2e-9 * static_cast<double>(n * n * n) / seconds);
}

/// `product` is given two matrices and one to fill, (n, n) each.
template <class T, class F>
Speed measure(F product) {
    const std::size_t threads = thread_count();
    set_thread_count(1);
    constexpr std::size_t n = 512;
    Rng rng(1);
    const Variable a = random_normal({n, n}, rng, 0, 1, dtype_of<T>), b = random_normal({n, n}, rng, 0, 1, dtype_of<T>);
    Variable c = Variable::empty({n, n}, dtype_of<T>);
    // Smaller for the plain loops, so that both take a few milliseconds, less than a turn on a busy core; and no power
    // of two, or addresses written and read may agree in their last bits, which takes twice as long ("4K aliasing").
    constexpr std::size_t m = 252;
    const std::vector<T> p(m * m, T(1)), q(m * m, T(1));
    std::vector<T> r(m * m);
    Speed speed{};
    for (int round = 0; round < 40; ++round) {
        time_product(speed.gflops, n, [&] { product(n, a.data<T>(), b.data<T>(), c.mutable_data<T>()); });
        time_product(speed.plain, m, [&] { plain_matmul(m, p.data(), q.data(), r.data()); });
    }
    set_thread_count(threads);
    return speed;
}

template <class T>
Speed measure_matmul_of() {
    return measure<T>(
        [](std::size_t n, const T* a, const T* b, T* c) { kernels::matmul(false, false, n, n, n, a, b, c); });
}

}  // namespace

Speed measure_matmul(DType dtype) {
    return dtype == DType::float32 ? measure_matmul_of<float>() : measure_matmul_of<double>();
}

Speed measure_blas() {
    const kernels::BlasOnOneThread alone;
    return measure<float>([](std::size_t size, const float* a, const float* b, float* c) {
        const auto n = static_cast<BLAS_IDX>(size);
        cxxblas::gemm<BLAS_IDX>(cxxblas::StorageOrder::RowMajor, cxxblas::NoTrans, cxxblas::NoTrans, n, n, n, 1.0F, a,
                                n, b, n, 0.0F, c, n);
    });
}
