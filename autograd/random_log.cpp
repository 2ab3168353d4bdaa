#include <xgrad/autograd/random_log.hpp>

#include <xgrad/autograd/thread_state.hpp>

#include <algorithm>
#include <utility>

namespace xgrad {

Rng::State& RandomLog::state_of(const std::shared_ptr<Rng::State>& generator) {
    const auto known =
        std::find_if(states_.begin(), states_.end(), [&](const auto& entry) { return entry.first == generator; });
    if (use_ == Use::replay && known != states_.end()) return known->second;
    Rng::State& state = outer_ == nullptr ? *generator : outer_->state_of(generator);
    if (use_ == Use::note && known == states_.end()) states_.emplace_back(generator, state);
    return state;
}

RandomLog::Drawing::Drawing(RandomLog& log, Use use) : before_(std::exchange(thread_state.random_log, &log)) {
    log.outer_ = before_;
    log.use_ = use;
}
RandomLog::Drawing::~Drawing() {
    thread_state.random_log->outer_ = nullptr;
    thread_state.random_log = before_;
}

}  // namespace xgrad
