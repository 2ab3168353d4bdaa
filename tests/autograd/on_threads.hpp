#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace engine {

inline constexpr std::size_t thread_total = 4;

/// f(t) on as many threads at the same time.
template <class F>
void on_threads(F f) {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < thread_total; ++t) threads.emplace_back(f, t);
    for (std::thread& t : threads) t.join();
}

}  // namespace engine
