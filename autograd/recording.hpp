#pragma once

#include <xgrad/autograd/thread_state.hpp>

#include <utility>

namespace xgrad {

/// While it lives, this thread records nothing: for evaluation and for updates of parameters.
class [[nodiscard]] NoGrad {
public:
    NoGrad() : before_(std::exchange(thread_state.recording, false)) {}
    ~NoGrad() { thread_state.recording = before_; }
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

private:
    bool before_;
};

/// Turns recording on or off for a while; NoGrad in either direction.
class [[nodiscard]] Recording {
public:
    explicit Recording(bool on) : before_(std::exchange(thread_state.recording, on)) {}
    ~Recording() { thread_state.recording = before_; }
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

private:
    bool before_;
};

inline bool is_recording() { return thread_state.recording; }

}  // namespace xgrad
