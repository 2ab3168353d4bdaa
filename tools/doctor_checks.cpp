#include "doctor_checks.hpp"

#include "doctor_machine.hpp"
#include "doctor_speed.hpp"

#include <xgrad/autograd/build_info.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

using namespace xgrad;

namespace {

constexpr double gibibyte = 1024.0 * 1024 * 1024;

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "not set" : fmt::format("\"{}\"", value);
}

Check check_build(const BuildInfo& info) {
    if (!info.sanitizers.empty())
        return {"build", fmt::format("with the {} sanitizer", info.sanitizers),
                "Everything is many times slower. For other work than finding bugs build the release preset: "
                "cmake --preset release && cmake --build --preset release"};
    if (!info.optimized)
        return {"build", "without optimisation",
                "The kernels are many times slower. Configure xgrad with -DCMAKE_BUILD_TYPE=Release."};
    return {"build", "optimised"};
}

Check check_simd(const BuildInfo& info) {
    Check check{"instruction set",
                fmt::format("built for {}, the processor has {}", to_string(info.compiled), to_string(info.processor))};
    if (info.compiled < info.processor)
        check.advice =
            "Elementwise work is slower than it could be. Configure xgrad with -DXGRAD_MARCH=native, or for "
            "several kinds of processors with -DBUILD_SHARED_LIBS=ON -DXGRAD_HWCAPS=ON.";
    return check;
}

/// `floor` is what products must reach, in multiples of plain loops: well below what xgrad, OpenBLAS and oneDNN do (8
/// times and more for float64, 15 for float32), above the reference BLAS (1) and kernels for SSE3 (4 and 7).
Check check_products(const char* name, const Speed& speed, double floor, const std::string& advice) {
    Check check{name, fmt::format("{:.1f} GFLOP/s on one thread, {:.1f} times plain loops (at least {:.1f} expected)",
                                  speed.gflops, speed.ratio(), floor)};
    if (speed.ratio() < floor) check.advice = advice;
    return check;
}

/// The library that decompositions are taken from, by its file: fast ones are known by name.
Check check_blas_file(const BuildInfo& info) {
    if (info.blas_file.empty()) return {"BLAS library", "linked into the program"};
    Check check{"BLAS library", info.blas_file};
    const auto is_named = [&](std::string_view name) { return info.blas_file.find(name) != std::string::npos; };
    if (!is_named("openblas") && !is_named("mkl") && !is_named("blis") && !is_named("atlas"))
        check.advice = std::getenv("LD_PRELOAD") != nullptr
                           ? "Not a fast one, as far as its name tells; LD_PRELOAD may have brought it. Unset that."
                           : "Not a fast one, as far as its name tells. Install OpenBLAS (apt-get install "
                             "libopenblas-openmp-dev), or choose it: update-alternatives --config "
                             "libblas.so.3-x86_64-linux-gnu.";
    return check;
}

/// OpenBLAS does that with processors that are newer than itself, or when told to.
bool is_taken_for_an_old_processor(const BuildInfo& info) {
    constexpr std::array wide{"Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids"};
    return !info.blas_core.empty() && info.processor >= Simd::x86_64_v3 &&
           std::find(wide.begin(), wide.end(), info.blas_core) == wide.end();
}

/// What has OpenBLAS and oneDNN run as on another processor.
Check check_settings(const BuildInfo& info) {
    Check check{"library settings", "none that hold back OpenBLAS or oneDNN"};
    for (const std::string name : {"OPENBLAS_CORETYPE", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"}) {
        if (std::getenv(name.c_str()) == nullptr) continue;
        if (name == "OPENBLAS_CORETYPE" ? !is_taken_for_an_old_processor(info) : info.onednn.empty()) continue;
        check.found = fmt::format("{}={}", name, variable(name.c_str()));
        check.advice = fmt::format("Matrices are worked on as on that processor, an older one. Unset {}.", name);
    }
    return check;
}

std::string blas_advice(const BuildInfo& info) {
    std::string advice =
        "Decompositions are slow, and products where xgrad is not built for AVX2 or AVX-512, unless the "
        "machine is busy with something else";
    if (!info.blas_file.empty()) advice += fmt::format("; they are done in {}", info.blas_file);
    if (is_taken_for_an_old_processor(info))
        return advice + fmt::format(", which takes this processor for a {}. export OPENBLAS_CORETYPE={}",
                                    info.blas_core, info.processor == Simd::x86_64_v4 ? "SkylakeX" : "Haswell");
    return advice +
           ". Install OpenBLAS (apt-get install libopenblas-openmp-dev) and configure xgrad again; on Debian "
           "see also update-alternatives --config libopenblas.so.0-x86_64-linux-gnu.";
}

std::string products_advice(const BuildInfo& info, bool by_onednn) {
    if (by_onednn)
        return "oneDNN does them. Unless the machine is busy with something else, configure xgrad with "
               "-DXGRAD_ONEDNN=OFF to have its own kernels do them.";
    if (info.compiled < Simd::x86_64_v3 && info.processor >= Simd::x86_64_v3)
        return "Unless the machine is busy with something else, configure xgrad with -DXGRAD_MARCH=native.";
    if (info.compiled < Simd::x86_64_v3) return blas_advice(info);
    return "Unless the machine is busy with something else, xgrad is not built as it should be: see the build above.";
}

std::optional<std::size_t> whole_number(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
    return value;
}

Check check_threads(const Machine& machine) {
    Check check{"threads", fmt::format("{} for {} of {} cores", thread_count(), machine.allowed, machine.cores)};
    if (machine.quota) check.found += fmt::format(", of which the container allows {:.1f}", *machine.quota);
    std::size_t usable = machine.allowed;
    if (machine.quota) usable = std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(*machine.quota)), 1, usable);
    const char* const setting = std::getenv("XGRAD_NUM_THREADS");
    if (setting != nullptr && !whole_number(setting))
        check.advice = fmt::format("XGRAD_NUM_THREADS=\"{}\" is not a number of threads. Set it to {}, or unset it.",
                                   setting, usable);
    else if (thread_count() > usable)
        check.advice = fmt::format("More threads than cores slow each other down. export XGRAD_NUM_THREADS={}", usable);
    else if (setting == nullptr && machine.allowed < machine.cores)
        check.advice = fmt::format(
            "The process may use only some of the cores: taskset, a batch system, or "
            "OMP_PROC_BIND. If that is meant: export XGRAD_NUM_THREADS={}",
            usable);
    return check;
}

Check check_memory(const Machine& machine) {
    Check check{"memory", fmt::format("{:.1f} GiB available", machine.memory_available / gibibyte)};
    if (machine.memory_available < gibibyte)
        check.advice =
            "Training may be ended by the kernel. Close other programs, raise the container's limit, or use "
            "smaller batches.";
    return check;
}

Check check_graphviz() {
    const std::string dot = find_program("dot");
    if (!dot.empty()) return {"Graphviz", dot};
    return {"Graphviz", "no dot on the PATH",
            "Graphs are written as .dot and .txt only. apt-get install graphviz, or add dot's folder to PATH."};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> facts() {
    const BuildInfo info = build_info();
    std::vector<std::pair<std::string, std::string>> list{{"xgrad", info.version},
                                                          {"compiler", info.compiler},
                                                          {"xtensor", info.xtensor},
                                                          {"xsimd", info.xsimd},
                                                          {"fmt", info.fmt},
                                                          {"TBB", info.tbb},
                                                          {"oneDNN", info.onednn.empty() ? "none" : info.onednn},
                                                          {"BLAS", info.blas}};
    if (!info.blas_file.empty()) list.emplace_back("BLAS file", info.blas_file);
    if (!info.blas_core.empty()) list.emplace_back("BLAS core", info.blas_core);
    for (const char* name : {"XGRAD_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
        list.emplace_back(name, variable(name));
    return list;
}

std::vector<Check> checks() {
    const BuildInfo info = build_info();
    const Machine machine = this_machine();
    // Without AVX2 the best library has half the advantage, or a quarter.
    const double wide = info.processor >= Simd::x86_64_v3 ? 1 : 0.45;
    return {
        check_build(info),
        check_simd(info),
        check_blas_file(info),
        check_settings(info),
        check_products("float32 products", measure_matmul(DType::float32), 10 * wide,
                       products_advice(info, !info.onednn.empty())),
        check_products("float64 products", measure_matmul(DType::float64), 4.5 * wide, products_advice(info, false)),
        check_products("BLAS products", measure_blas(), 10 * wide, blas_advice(info)),
        check_threads(machine),
        check_memory(machine),
        check_graphviz()};
}
