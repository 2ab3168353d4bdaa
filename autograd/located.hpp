#pragma once

#include <xgrad/autograd/error.hpp>

namespace xgrad::detail {

/// Runs `f`; an error that comes out of it names the function that was called, and the caller's line.
template <class F>
auto located(const char* function, const Location& at, F&& f) {
    try {
        return f();
    } catch (Error& error) {
        error.locate(function, at);
        throw;
    }
}

}  // namespace xgrad::detail
