#pragma once

#include <functional>
#include <string>
#include <vector>

/// What the benchmark programs share: the command line, and timing: warm-up, repeated steps, and one line of JSON.
namespace bench {

struct Options {
    int threads = 1;
    int batch = 0;      ///< 0 for the workload's own
    double budget = 2;  ///< seconds
    bool float64 = false;
    long (*allocations)() = nullptr;  ///< calls of the system's allocator so far, when the program counts them
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
/// growth, and calls of the system's allocator per step when they are counted.
/// @returns the median seconds per step
double measure(const Workload& workload, const Options& options, const std::function<void()>& step);

struct Entry {
    const char* name;
    void (*run)(const Options&);
};

struct Program {
    std::string version;  ///< what --version prints
    std::vector<Entry> workloads;
    void (*prepare)(Options&);  ///< sets what holds for all workloads, such as the number of threads
};

/// The `main` of a benchmark program: runs the workload that the command line names.
/// @returns the exit code
int run(int argc, char** argv, const Program& program);

}  // namespace bench
