#include <xgrad/autograd/build_info.hpp>

#include <xgrad/autograd/sanitizer.hpp>

#include <fmt/format.h>
#include <tbb/version.h>
#include <xsimd/config/xsimd_config.hpp>

#include <dlfcn.h>

#if __has_include(<xtensor/xtensor_config.hpp>)
#include <xtensor/xtensor_config.hpp>
#else  // 0.26 moved its headers
#include <xtensor/core/xtensor_config.hpp>
#endif

#ifdef XGRAD_WITH_ONEDNN
#include <oneapi/dnnl/dnnl.h>
#endif

#ifdef XGRAD_WITH_OPENBLAS
extern "C" char* openblas_get_config();
extern "C" char* openblas_get_corename();
#endif

namespace xgrad {

namespace {

constexpr Simd compiled_for() {
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && \
    defined(__AVX512VL__)
    return Simd::x86_64_v4;
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
    return Simd::x86_64_v3;
#elif defined(__SSE4_2__)
    return Simd::x86_64_v2;
#elif defined(__x86_64__)
    return Simd::x86_64;
#else
    return Simd::other;
#endif
}

Simd of_processor() {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return Simd::x86_64_v4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return Simd::x86_64_v3;
    return __builtin_cpu_supports("sse4.2") ? Simd::x86_64_v2 : Simd::x86_64;
#else
    return Simd::other;
#endif
}

std::string compiler() {
#ifdef __clang__
    return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

constexpr std::string_view sanitizer() {
#if defined(XGRAD_ADDRESS_SANITIZER)
    return "address";
#elif defined(XGRAD_THREAD_SANITIZER)
    return "thread";
#else
    return "";
#endif
}

/// The file that the loader takes matrix products from. Not always the one linked to: LD_PRELOAD, or another library
/// with a BLAS inside.
std::string blas_file() {
    Dl_info info{};
    void* const product = dlsym(RTLD_DEFAULT, "cblas_dgemm");
    return product != nullptr && dladdr(product, &info) != 0 ? info.dli_fname : "";
}

}  // namespace

std::string_view to_string(Simd level) {
    switch (level) {
        case Simd::x86_64:
            return "x86-64 (SSE2)";
        case Simd::x86_64_v2:
            return "x86-64-v2 (SSE4.2)";
        case Simd::x86_64_v3:
            return "x86-64-v3 (AVX2)";
        case Simd::x86_64_v4:
            return "x86-64-v4 (AVX-512)";
        default:
            return "not x86-64";
    }
}

BuildInfo build_info() {
    BuildInfo info;
    info.version = XGRAD_VERSION;
    info.compiler = compiler();
    info.xtensor = fmt::format("{}.{}.{}", XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH);
    info.xsimd = fmt::format("{}.{}.{}", XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH);
    info.fmt = fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
    info.tbb = TBB_runtime_version();
#ifdef XGRAD_WITH_OPENBLAS
    info.blas = openblas_get_config();  // begins with "OpenBLAS" and its version
    info.blas_core = openblas_get_corename();
#else
    info.blas = "BLAS";
#endif
    info.blas_file = blas_file();
#ifdef XGRAD_WITH_ONEDNN
    const dnnl_version_t& dnnl = *dnnl_version();
    info.onednn = fmt::format("{}.{}.{}", dnnl.major, dnnl.minor, dnnl.patch);
#endif
    info.compiled = compiled_for();
    info.processor = of_processor();
#ifdef __OPTIMIZE__
    info.optimized = true;
#else
    info.optimized = false;
#endif
    info.sanitizers = sanitizer();
    return info;
}

}  // namespace xgrad
