#pragma once

#include <string>

namespace xgrad {

/// A line of source: where an operator was called. (clang 14 lacks std::source_location.)
struct Location {
    const char* file = nullptr;
    unsigned line = 0;

    static constexpr Location current(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
        return {file, line};
    }
    explicit operator bool() const { return file != nullptr; }
};

/// "labs/signs.cpp:41": the last two parts of the path, and the line; empty when unknown.
std::string to_string(const Location& location);

}  // namespace xgrad
