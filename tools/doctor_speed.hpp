#pragma once

#include <xgrad/autograd/dtype.hpp>

/// How fast matrix products are on one thread, beside three plain loops.
struct Speed {
    double gflops;  ///< 1e9 additions and multiplications a second
    double plain;   ///< the same of plain loops
    double ratio() const { return gflops / plain; }
};
/// xgrad's matmul(). Takes up to half a second.
Speed measure_matmul(xgrad::DType dtype);
/// The BLAS library itself, in float32.
Speed measure_blas();
