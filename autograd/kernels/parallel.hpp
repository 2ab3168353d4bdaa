#pragma once

#include <cstddef>
#include <type_traits>

namespace xgrad {

/// How many threads kernels may use, from 1, which keeps everything on the caller's, to 256. At first the
/// XGRAD_NUM_THREADS variable, or the number of cores. A result may differ in its last digits from one number to
/// another, but not from run to run.
std::size_t thread_count();
void set_thread_count(std::size_t threads);

namespace kernels {

inline constexpr std::size_t most_threads = 256;

/// The number of threads to cut work for: 1 within work that has been cut for all of them.
std::size_t threads_at_hand();

namespace detail {
void run_parallel(std::size_t n, std::size_t grain, std::size_t unit, void (*body)(void*, std::size_t, std::size_t),
                  void* context);
}

/// Below this many elements another thread costs more than it brings.
inline constexpr std::size_t elementwise_grain = 16384;

/// Borders of pieces of a row of elements: whole packets and cache lines.
inline constexpr std::size_t whole_packets = 64;

/// Calls body(begin, end) on pieces of [0, n) of about `grain` and more (the last may be smaller; borders are multiples
/// of `unit`), on several threads when that may pay. The pieces depend on n, grain and the number of threads alone; a
/// grain of 1 is for tasks, each a piece of its own.
template <class F>
void parallel_for(std::size_t n, std::size_t grain, F&& body, std::size_t unit = 1) {
    if (n <= grain || threads_at_hand() == 1) {
        if (n != 0) body(std::size_t{0}, n);
        return;
    }
    using Body = std::remove_reference_t<F>;
    detail::run_parallel(
        n, grain, unit,
        [](void* context, std::size_t begin, std::size_t end) { (*static_cast<Body*>(context))(begin, end); },
        const_cast<std::remove_const_t<Body>*>(&body));
}

}  // namespace kernels
}  // namespace xgrad
