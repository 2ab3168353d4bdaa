#pragma once

#include <xgrad/autograd/dtype.hpp>

/// How fast matmul() is on one thread, beside three plain loops.
struct Speed {
    double gflops;  ///< 1e9 additions and multiplications a second
    double plain;   ///< the same of plain loops
    double ratio() const { return gflops / plain; }
};
/// Takes about half a second.
Speed measure_matmul(xgrad::DType dtype);
