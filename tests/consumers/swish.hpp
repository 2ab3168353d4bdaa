#pragma once

#include <xgrad/autograd/map.hpp>

/// One operator for several files, so that the linker meets its templates once from each.
struct Swish {
    template <class V>
    V operator()(const V& x) const {
        return x / (1 + exp(-x));
    }
};

// From two files: one compiled with the project's flags, one with -march=native.
xgrad::Variable swish_plain(const xgrad::Variable& x);
xgrad::Variable swish_native(const xgrad::Variable& x);
