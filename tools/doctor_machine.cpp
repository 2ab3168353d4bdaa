#include "doctor_machine.hpp"

#include <sched.h>
#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace {

/// Two words of a file of the control group: "max 100000". Version 2 of control groups; under version 1 there is none.
std::optional<std::pair<std::string, double>> control_group(const std::string& name) {
    std::string folder;
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);)
        if (line.starts_with("0::")) folder = line.substr(3);
    for (const fs::path& path : {fs::path("/sys/fs/cgroup" + folder) / name, fs::path("/sys/fs/cgroup") / name}) {
        std::ifstream file(path);
        std::string first;
        double second = 0;
        if (!(file >> first)) continue;
        file >> second;
        return std::pair(first, second);
    }
    return std::nullopt;
}

std::size_t allowed_cores(std::size_t otherwise) {
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::size_t>(CPU_COUNT(&set)) : otherwise;
}

double available_memory() {
    std::ifstream file("/proc/meminfo");
    double bytes = 0;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("MemAvailable:")) std::istringstream(line.substr(13)) >> bytes;
    bytes *= 1024;
    const auto limit = control_group("memory.max"), used = control_group("memory.current");
    if (limit && used && limit->first != "max")
        bytes = std::min(bytes, std::stod(limit->first) - std::stod(used->first));
    return bytes;
}

}  // namespace

Machine this_machine() {
    Machine machine{};
    machine.cores = static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
    machine.allowed = allowed_cores(machine.cores);
    if (const auto limit = control_group("cpu.max"); limit && limit->first != "max" && limit->second > 0)
        machine.quota = std::stod(limit->first) / limit->second;
    machine.memory_available = available_memory();
    return machine;
}

std::string find_program(const std::string& name) {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string file = (fs::path(folder) / name).string();
        if (access(file.c_str(), X_OK) == 0 && fs::is_regular_file(file)) return file;
    }
    return {};
}
