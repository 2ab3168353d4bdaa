#pragma once

#include <xgrad/autograd/location.hpp>

#include <cstdint>

namespace xgrad {

class RandomLog;
namespace detail {
class Capture;
}

/// What the engine keeps for each thread. One object, because reaching a thread-local costs more than reading it.
struct ThreadState {
    bool recording = true;                 ///< off inside NoGrad
    std::uint64_t clock = 0;               ///< the highest sequence number this thread has given or seen
    std::uint32_t scope = 0;               ///< the innermost Scope, 0 for none
    std::uint32_t region = 0;              ///< given to what is recorded: see checkpoint()
    Location call_site = {};               ///< what is recorded is ascribed to this line, when set
    const char* function = nullptr;        ///< errors of operators are ascribed to it, when set
    std::uint64_t sweeps = 0;              ///< walks started on this thread
    RandomLog* random_log = nullptr;       ///< asked for the state of every Rng that is drawn from, when set
    detail::Capture* capture = nullptr;    ///< told what this thread does, when set: see replay()
    detail::Capture* creations = nullptr;  ///< told of every value this thread makes, even inside an instruction
};

extern constinit thread_local ThreadState thread_state;

/// While it lives, what this thread records is ascribed to `location`: a function made of operators (a loss, a layer)
/// opens one so that errors and drawings show its caller's line, and errors the function's name, if it gives one. The
/// outermost wins.
class CallSite {
public:
    explicit CallSite(const Location& location, const char* function = nullptr)
        : gives_line_(!thread_state.call_site && location), gives_name_(thread_state.function == nullptr && function) {
        if (gives_line_) thread_state.call_site = location;
        if (gives_name_) thread_state.function = function;
    }
    ~CallSite() {
        if (gives_line_) thread_state.call_site = {};
        if (gives_name_) thread_state.function = nullptr;
    }
    CallSite(const CallSite&) = delete;
    CallSite& operator=(const CallSite&) = delete;

private:
    bool gives_line_, gives_name_;
};

}  // namespace xgrad
