#pragma once

#include <string_view>
#include <utility>

#include <xgrad/autograd/operator.hpp>

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

}  // namespace xgrad::detail
