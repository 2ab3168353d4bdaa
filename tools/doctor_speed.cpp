#include "doctor_speed.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/random.hpp>

#include "plain_matmul.hpp"

using namespace xgrad;

namespace {

constexpr std::size_t n = 512;

/// The shortest of several times: what disturbs a measurement only ever lengthens it.
template <class F>
double gflops(int rounds, F f) {
    using clock = std::chrono::steady_clock;
    double shortest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < rounds; ++i) {
        const auto start = clock::now();
        f();
        shortest = std::min(shortest, std::chrono::duration<double>(clock::now() - start).count());
    }
    return 2e-9 * n * n * n / shortest;
}

template <class T>
double plain(const Variable& a, const Variable& b) {
    std::vector<T> c(n * n);
    return gflops(6, [&] { plain_matmul(n, a.data<T>(), b.data<T>(), c.data()); });
}

}  // namespace

Speed measure_matmul(DType dtype) {
    Rng rng(1);
    const Variable a = random_normal({n, n}, rng, 0, 1, dtype), b = random_normal({n, n}, rng, 0, 1, dtype);
    const std::size_t threads = thread_count();
    set_thread_count(1);
    const double library = gflops(16, [&] { matmul(a, b); });
    set_thread_count(threads);
    return {library, dtype == DType::float32 ? plain<float>(a, b) : plain<double>(a, b)};
}
