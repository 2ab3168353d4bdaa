#pragma once

#ifdef __SSE2__
#include <immintrin.h>
#else
#include <cfenv>
#endif

namespace xgrad::kernels {

/// How a thread rounds and, on x86, whether it takes denormal numbers for 0.
class FloatMode {
public:
#ifdef __SSE2__
    static FloatMode current() { return FloatMode(_mm_getcsr() & ~flags); }
    void set() const { _mm_setcsr(bits_ | (_mm_getcsr() & flags)); }
#else
    static FloatMode current() { return FloatMode(static_cast<unsigned>(std::fegetround())); }
    void set() const { std::fesetround(static_cast<int>(bits_)); }
#endif
    bool operator==(const FloatMode&) const = default;

private:
    explicit FloatMode(unsigned bits) : bits_(bits) {}

    static constexpr unsigned flags = 0x3f;  // of MXCSR: what has happened
    unsigned bits_;
};

}  // namespace xgrad::kernels
