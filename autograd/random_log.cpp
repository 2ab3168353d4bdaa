#include <xgrad/autograd/random_log.hpp>

#include <xgrad/autograd/thread_state.hpp>

#include <algorithm>
#include <utility>

namespace xgrad {

void RandomLog::note(const std::shared_ptr<Rng::State>& state) {
    if (outer_ != nullptr) outer_->note(state);
    const auto is_known = [&](const auto& entry) { return entry.first == state; };
    if (std::none_of(before_.begin(), before_.end(), is_known)) before_.emplace_back(state, *state);
}

RandomLog::Noting::Noting(RandomLog& log) : before_(std::exchange(thread_state.random_log, &log)) {
    log.outer_ = before_;
}
RandomLog::Noting::~Noting() {
    thread_state.random_log->outer_ = nullptr;
    thread_state.random_log = before_;
}

RandomLog::Replay::Replay(const RandomLog& log) {
    for (const auto& [state, before] : log.before_) {
        now_.emplace_back(state, *state);
        *state = before;
    }
}
RandomLog::Replay::~Replay() {
    for (const auto& [state, now] : now_) *state = now;
}

}  // namespace xgrad
