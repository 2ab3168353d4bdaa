#pragma once

#include <xgrad/autograd/ops/random.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace xgrad {

/// The generators that a run of a function drew from, each with its state before the run: so that a second run draws
/// the same numbers. It draws them from copies, since another thread may be using the generators.
class RandomLog {
public:
    enum class Use {
        note,   ///< keep the state of every generator that is drawn from, as it is before its first draw
        replay  ///< draw from the states that were kept; they move on, so a log is replayed once
    };

    /// While it lives, this thread's draws go through the log, and what is not replayed goes on to logs further out.
    class [[nodiscard]] Drawing {
    public:
        Drawing(RandomLog& log, Use use);
        ~Drawing();
        Drawing(const Drawing&) = delete;
        Drawing& operator=(const Drawing&) = delete;

    private:
        RandomLog* before_;
    };

    /// The state that a generator stands in for this thread. Called by an Rng before it draws.
    Rng::State& state_of(const std::shared_ptr<Rng::State>& generator);

private:
    std::vector<std::pair<std::shared_ptr<Rng::State>, Rng::State>> states_;
    RandomLog* outer_ = nullptr;
    Use use_ = Use::note;
};

}  // namespace xgrad
