#include "doctor_speed.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/random.hpp>

#include "plain_matmul.hpp"

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

template <class T>
Speed measure() {
    constexpr std::size_t n = 512;
    Rng rng(1);
    const Variable a = random_normal({n, n}, rng, 0, 1, dtype_of<T>), b = random_normal({n, n}, rng, 0, 1, dtype_of<T>);
    // Smaller for the plain loops, so that both take a few milliseconds, less than a turn on a busy core; and no power
    // of two, or addresses written and read may agree in their last bits, which takes twice as long ("4K aliasing").
    constexpr std::size_t m = 252;
    const std::vector<T> p(m * m, T(1)), q(m * m, T(1));
    std::vector<T> r(m * m);
    Speed speed{};
    for (int round = 0; round < 40; ++round) {
        time_product(speed.gflops, n, [&] { matmul(a, b); });
        time_product(speed.plain, m, [&] { plain_matmul(m, p.data(), q.data(), r.data()); });
    }
    return speed;
}

}  // namespace

Speed measure_matmul(DType dtype) {
    const std::size_t threads = thread_count();
    set_thread_count(1);
    const Speed speed = dtype == DType::float32 ? measure<float>() : measure<double>();
    set_thread_count(threads);
    return speed;
}
