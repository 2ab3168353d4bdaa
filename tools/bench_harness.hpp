#pragma once

#include <functional>
#include <string>

/// Timing for xgrad-bench: warm-up, repeated steps, and one line of JSON.
namespace bench {

struct Options {
    int threads = 1;
    int batch = 0;      ///< 0 for the workload's own
    double budget = 2;  ///< seconds
    bool float64 = false;
};

struct Workload {
    std::string name;  ///< as it is printed
    std::string variant;
    double samples_per_step = 1;
    long steps_per_call = 1;
    std::string extra = {};  ///< further JSON members, computed after the run
};

/// Calls `step` (which does steps_per_call steps) for about the budget, after a warm-up, and prints a line of JSON:
/// seconds per step (median, least, 90th percentile, processor time), steps, samples per second, peak memory and its
/// growth, and calls of the system's allocator per step.
/// @returns the median seconds per step
double measure(const Workload& workload, const Options& options, const std::function<void()>& step);

}  // namespace bench
