#pragma once

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace xgrad::kernels {

/// While it lives, this thread and what it gives to parallel_for() take subnormal numbers (below 1e-38 in float32) for
/// 0: processors need many times as long for them. A mean that decays, as optimizers keep, ends among them and stays.
/// On processors other than x86 it does nothing.
class [[nodiscard]] FlushSubnormals {
public:
#ifdef __SSE2__
    FlushSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_results | flush_operands); }
    ~FlushSubnormals() { _mm_setcsr(before_); }
#else
    FlushSubnormals() {}
#endif
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;

private:
#ifdef __SSE2__
    static constexpr unsigned flush_results = 0x8000, flush_operands = 0x0040;  // FTZ and DAZ of MXCSR
    unsigned before_;
#endif
};

}  // namespace xgrad::kernels
