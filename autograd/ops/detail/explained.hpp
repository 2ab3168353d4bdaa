#pragma once

#include <xgrad/autograd/operator.hpp>

#include <string_view>
#include <utility>

namespace xgrad::detail {

/// f(), with an error's message completed as apply() does it: for checks that a function makes before it applies an
/// operator.
template <class F>
decltype(auto) explained(std::string_view name, const Location& at, F&& f) {
    try {
        return std::forward<F>(f)();
    } catch (Error& error) {
        explain(error, name, at);
        throw;
    }
}

/// f() as the function `name`, which is made of operators: they and their errors have its name and the caller's line.
template <class F>
decltype(auto) as_function(const char* name, const Location& at, F&& f) {
    const CallSite here(at, name);
    return explained(name, at, std::forward<F>(f));
}

}  // namespace xgrad::detail
