#include "bench_harness.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <xgrad/autograd/sanitizer.hpp>

namespace {

std::atomic<long> allocations{0};
void count_allocation() { allocations.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

// Counts every call of the system's allocator in this process by standing in front of glibc's.
#if defined(__GLIBC__) && !defined(XGRAD_ADDRESS_SANITIZER) && !defined(XGRAD_THREAD_SANITIZER)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) {
    count_allocation();
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
    count_allocation();
    return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
    count_allocation();
    return __libc_realloc(p, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    count_allocation();
    return __libc_memalign(alignment, n);
}
}
#endif

namespace bench {

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double processor_time() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double resident_mb() {
    std::ifstream file("/proc/self/statm");
    long size = 0, resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576;
}

double peak_mb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

double measure(const Workload& workload, const Options& options, const std::function<void()>& step) {
    const double resident_before = resident_mb();
    const double warm_up = now();
    for (int i = 0; i < 3 || (now() - warm_up < 0.3 && i < 200); ++i) step();

    std::vector<double> times;
    times.reserve(20000);
    const long allocations_before = allocations;
    const double begin = now(), processor_before = processor_time();
    while ((now() - begin < options.budget || times.size() < 7) && times.size() < times.capacity()) {
        const double start = now();
        step();
        times.push_back(now() - start);
        if (now() - begin > 6 * options.budget && times.size() >= 3) break;
    }
    const long steps = static_cast<long>(times.size()) * workload.steps_per_call;
    const double processor = (processor_time() - processor_before) / static_cast<double>(steps);
    const double allocated = static_cast<double>(allocations - allocations_before) / static_cast<double>(steps);
    std::sort(times.begin(), times.end());
    const auto at = [&](std::size_t i) { return times[i] / static_cast<double>(workload.steps_per_call); };
    const double median = at(times.size() / 2);
    fmt::print(
        "{{\"workload\":\"{}\",\"variant\":\"{}\",\"threads\":{},\"median_s_per_step\":{:.4e},\"min_s_per_step\":{:.4e}"
        ","
        "\"p90_s_per_step\":{:.4e},\"cpu_s_per_step\":{:.4e},\"steps\":{},\"samples_per_s\":{:.6g},\"peak_rss_mb\":{:."
        "1f},"
        "\"peak_rss_delta_mb\":{:.1f},\"allocs_per_step\":{:.4g}{}}}\n",
        workload.name, workload.variant, options.threads, median, at(0), at(times.size() * 9 / 10), processor, steps,
        workload.samples_per_step / median, peak_mb(), peak_mb() - resident_before, allocated, workload.extra);
    std::fflush(stdout);
    return median;
}

}  // namespace bench
