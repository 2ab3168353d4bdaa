#include <xgrad/autograd/flush_denormal.hpp>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace xgrad {

#ifdef __SSE2__

namespace {

constexpr unsigned flags = 0x8040;  // FTZ and DAZ of MXCSR

}  // namespace

bool set_flush_denormal(bool on) {
    _mm_setcsr(on ? _mm_getcsr() | flags : _mm_getcsr() & ~flags);
    return true;
}

FlushDenormal::FlushDenormal() : before_(_mm_getcsr()) { set_flush_denormal(true); }
FlushDenormal::~FlushDenormal() { _mm_setcsr(before_); }

#else

bool set_flush_denormal(bool) { return false; }

FlushDenormal::FlushDenormal() : before_(0) {}
FlushDenormal::~FlushDenormal() = default;

#endif

}  // namespace xgrad
