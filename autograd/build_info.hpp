#pragma once

#include <string>
#include <string_view>

namespace xgrad {

/// The instruction sets that the kernels come in, as the x86-64 psABI numbers them; `other` for the rest of the world.
enum class Simd { other, x86_64, x86_64_v2, x86_64_v3, x86_64_v4 };

/// "x86-64-v3 (AVX2)".
std::string_view to_string(Simd level);

/// How the library was built and what it was linked with: for bug reports, and for xgrad-doctor.
struct BuildInfo {
    std::string version;          ///< of xgrad: "0.1.0"
    std::string compiler;         ///< "g++ 12.2.0"
    std::string xtensor;          ///< versions of what it was compiled with
    std::string xsimd;            ///<
    std::string fmt;              ///<
    std::string tbb;              ///< the version that runs
    std::string blas;             ///< "OpenBLAS", with its version and options; "BLAS" of another
    std::string blas_file;        ///< where its matrix products are: another library may have come first
    std::string blas_core;        ///< the processor that OpenBLAS took this one for: "SkylakeX"; "" of another BLAS
    std::string onednn;           ///< the version that runs; "" when built without
    Simd compiled;                ///< the instruction set of the kernels
    Simd processor;               ///< the best that this processor has
    bool optimized;               ///< built with -O1 or more
    std::string_view sanitizers;  ///< "address", "thread", or ""
};
BuildInfo build_info();

}  // namespace xgrad
