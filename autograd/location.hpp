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

/// While it lives, what this thread records is ascribed to `location`: a function made of operators (a loss, a layer)
/// opens one so that errors and drawings show its caller's line. The outermost wins.
class CallSite {
public:
    explicit CallSite(const Location& location);
    ~CallSite();
    CallSite(const CallSite&) = delete;
    CallSite& operator=(const CallSite&) = delete;

private:
    bool outermost_;
};

}  // namespace xgrad
