#pragma once

#include <memory>
#include <vector>

#include <xgrad/autograd/ops/random.hpp>

namespace xgrad {

/// The generators that a run of a function drew from, each with its state before the run: so that a second run draws
/// the same numbers.
class RandomLog {
public:
    /// Called by an Rng before it draws.
    void note(const std::shared_ptr<Rng::State>& state);

    /// While it lives, this thread's draws are noted; in logs further out too.
    class [[nodiscard]] Noting {
    public:
        explicit Noting(RandomLog& log);
        ~Noting();
        Noting(const Noting&) = delete;
        Noting& operator=(const Noting&) = delete;

    private:
        RandomLog* before_;
    };

    /// Puts every generator where it stood before the run; in the end, back to where it was.
    class [[nodiscard]] Replay {
    public:
        explicit Replay(const RandomLog& log);
        ~Replay();
        Replay(const Replay&) = delete;
        Replay& operator=(const Replay&) = delete;

    private:
        std::vector<std::pair<std::shared_ptr<Rng::State>, Rng::State>> now_;
    };

private:
    std::vector<std::pair<std::shared_ptr<Rng::State>, Rng::State>> before_;
    RandomLog* outer_ = nullptr;
};

}  // namespace xgrad
