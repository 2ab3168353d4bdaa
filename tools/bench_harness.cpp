#include "bench_harness.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <vector>

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
    const long allocations_before = options.allocations ? options.allocations() : 0;
    const double begin = now(), processor_before = processor_time();
    while ((now() - begin < options.budget || times.size() < 7) && times.size() < times.capacity()) {
        const double start = now();
        step();
        times.push_back(now() - start);
        if (now() - begin > 6 * options.budget && times.size() >= 3) break;
    }
    const long steps = static_cast<long>(times.size()) * workload.steps_per_call;
    const double processor = (processor_time() - processor_before) / static_cast<double>(steps);
    const std::string allocated =
        options.allocations
            ? fmt::format(",\"allocs_per_step\":{:.4g}",
                          static_cast<double>(options.allocations() - allocations_before) / static_cast<double>(steps))
            : "";
    std::sort(times.begin(), times.end());
    const auto at = [&](std::size_t i) { return times[i] / static_cast<double>(workload.steps_per_call); };
    const double median = at(times.size() / 2);
    fmt::print(
        R"({{"workload":"{}","variant":"{}","threads":{},"median_s_per_step":{:.4e},"min_s_per_step":{:.4e},)"
        R"("p90_s_per_step":{:.4e},"cpu_s_per_step":{:.4e},"steps":{},"samples_per_s":{:.6g},"peak_rss_mb":{:.1f},)"
        R"("peak_rss_delta_mb":{:.1f}{}{}}})"
        "\n",
        workload.name, workload.variant, options.threads, median, at(0), at(times.size() * 9 / 10), processor, steps,
        workload.samples_per_step / median, peak_mb(), peak_mb() - resident_before, allocated, workload.extra);
    std::fflush(stdout);
    return median;
}

int run(int argc, char** argv, const Program& program) try {
    CLI::App app("Times training steps; one line of JSON per workload");
    Options options;
    std::string name, dtype = "float32";
    app.set_version_flag("--version", program.version);
    app.add_option("workload", name, "a workload's name, \"all\", or \"list\"")->required();
    app.add_option("--threads", options.threads, "threads for the kernels")->check(CLI::Range(1, 256));
    app.add_option("--batch", options.batch, "batch size (fashion_mlp) or number of operators (small_ops)")
        ->check(CLI::Range(1, 100'000'000));
    app.add_option("--budget", options.budget, "seconds for each workload")->check(CLI::Range(1e-3, 1e5));
    app.add_option("--dtype", dtype)->check(CLI::IsMember({"float32", "float64"}));
    CLI11_PARSE(app, argc, argv);
    options.float64 = dtype == "float64";
    program.prepare(options);

    bool found = false;
    for (const Entry& entry : program.workloads) {
        if (name == "list")
            fmt::print("{}\n", entry.name);
        else if (name == "all" || name == entry.name)
            entry.run(options);
        found = found || name == "list" || name == "all" || name == entry.name;
    }
    if (!found) fmt::print(stderr, "{0}: no workload named \"{1}\"; see {0} list\n", argv[0], name);
    return found ? EXIT_SUCCESS : 2;
} catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", argv[0], error.what());
    return EXIT_FAILURE;
}

}  // namespace bench
