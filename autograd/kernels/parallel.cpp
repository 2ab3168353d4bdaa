#include <xgrad/autograd/kernels/parallel.hpp>

#include <xgrad/autograd/kernels/team.hpp>

#include <sched.h>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>

namespace xgrad {

namespace {

std::size_t initial_count() {
    if (const char* const text = std::getenv("XGRAD_NUM_THREADS")) {
        const long count = std::strtol(text, nullptr, 10);
        if (count > 0) return static_cast<std::size_t>(count);
    }
    cpu_set_t allowed;  // taskset and containers leave a program fewer cores than the machine has
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
    return std::max(1U, std::thread::hardware_concurrency());
}

std::atomic<std::size_t>& count() {
    static std::atomic<std::size_t> value{std::min(initial_count(), kernels::most_threads)};
    return value;
}

/// The team of as many threads as set_thread_count() allows, made when first needed: a program that never works in
/// parallel starts no threads. Teams stay, since others may be at work with them, and while the program ends.
kernels::detail::Team& team() {
    using kernels::detail::Team;
    static std::atomic<Team*> current{nullptr};
    const std::size_t size = thread_count();
    if (Team* const team = current.load(std::memory_order_acquire); team != nullptr && team->threads() == size)
        return *team;
    static std::mutex mutex;
    static auto& teams = *new std::map<std::size_t, Team>;
    const std::lock_guard lock(mutex);
    Team& team = teams.try_emplace(size, size).first->second;
    current.store(&team, std::memory_order_release);
    return team;
}

}  // namespace

std::size_t thread_count() { return count().load(std::memory_order_relaxed); }
void set_thread_count(std::size_t threads) { count() = std::clamp<std::size_t>(threads, 1, kernels::most_threads); }

namespace kernels {

std::size_t threads_at_hand() {
    const std::size_t threads = thread_count();
    return threads > 1 && detail::is_inside_loop() ? 1 : threads;
}

namespace detail {

void run_parallel(std::size_t n, std::size_t grain, std::size_t unit, void (*body)(void*, std::size_t, std::size_t),
                  void* context) {
    Team& all = team();
    const bool are_tasks = grain == 1;
    const std::size_t threads = all.threads(), most = (n + grain - 1) / grain;
    const std::size_t even = std::min(most, 4 * threads) / threads * threads;  // so many for each, if there are enough
    const std::size_t pieces = are_tasks ? n : even != 0 ? even : most;
    const std::size_t piece = ((n + pieces - 1) / pieces + unit - 1) / unit * unit;
    Loop loop(n, piece, threads, are_tasks, body, context);
    all.run(loop);
}

}  // namespace detail
}  // namespace kernels
}  // namespace xgrad
