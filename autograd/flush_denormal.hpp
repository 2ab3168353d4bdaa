#pragma once

namespace xgrad {

/// Whether this thread, what it has done on xgrad's pool, and threads that it starts from now on take denormal
/// (subnormal) numbers for 0, as results and as operands: numbers below 1.2e-38 in float32, 2.2e-308 in float64. Off at
/// first. Processors need many times as long for them, and a gradient that fades through a long recurrence, or a mean
/// that decays, ends among them and stays. (PyTorch's torch.set_flush_denormal; the flags FTZ and DAZ of MXCSR.)
/// @returns whether this processor has such a setting: x86 has
bool set_flush_denormal(bool on);

/// Flushes while it lives.
class [[nodiscard]] FlushDenormal {
public:
    FlushDenormal();
    ~FlushDenormal();
    FlushDenormal(const FlushDenormal&) = delete;
    FlushDenormal& operator=(const FlushDenormal&) = delete;

private:
    unsigned before_;
};

}  // namespace xgrad
