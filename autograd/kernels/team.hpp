#pragma once

#include <xgrad/autograd/kernels/arena.hpp>
#include <xgrad/autograd/kernels/float_mode.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>

namespace xgrad::kernels::detail {

/// A loop in pieces, a share of them for each thread that may take part. Whoever is done with his share takes what
/// others have not begun, so that all is done even if nobody else comes; and who does come finds in his caches what he
/// wrote when he had that share before. For that reason the last piece is left to a share's owner once he is at work,
/// unless pieces are tasks, which may be of any size. Lives while its Team runs it.
class alignas(64) Loop {
public:
    using Body = void (*)(void* context, std::size_t begin, std::size_t end);

    /// For body(context, begin, end) on [0, n) in pieces of `piece`, on so many threads (most_threads, if there are
    /// more).
    Loop(std::size_t n, std::size_t piece, std::size_t threads, bool are_tasks, Body body, void* context);

    std::size_t shares() const { return count_; }

    /// Does the pieces of this share, then those that are left of others.
    void work(std::size_t share);
    /// The same on another thread than the loop's own, as that one would.
    void help(std::size_t share);
    /// When all is done: throws what the first of the pieces that threw has thrown.
    void rethrow() const;

private:
    /// Pieces [next, end), of which others leave the last `kept`; shared but for `end`.
    struct alignas(64) Share {
        std::size_t next, end, kept;
    };

    void do_piece(std::size_t piece);

    std::size_t n_, piece_, count_;
    bool are_tasks_, uses_all_;
    FloatMode float_mode_;
    Body body_;
    void* context_;
    std::array<Share, most_threads> share_;  // the first `count_` are set: each is a line of the cache
    std::mutex failing_;
    std::size_t failed_piece_ = 0;
    std::exception_ptr error_;
};

/// Whether this thread is inside a loop that has all threads: one within it had better not be divided.
bool is_inside_loop();

/// A thread of the pool that, while work comes at short intervals, watches for it instead of sleeping: it begins as
/// soon as it sees the call, where a task of TBB takes microseconds.
class alignas(64) Helper {
public:
    Helper(Arena& arena, std::size_t share) : arena_(&arena), share_(share) {}

    /// Asks for help with this loop, if it is free.
    void call(const Loop& loop) noexcept;
    /// Takes the call back, if it has not begun, or waits until it has done its part.
    void release(const Loop& loop) noexcept;

private:
    /// Does what it is called for until nothing has come for a while.
    void watch();
    bool change(const void* from, const void* to);

    // What it does: one of these, the address of the loop it is called for, or that of one it works for plus one.
    static constexpr std::nullptr_t asleep = nullptr;
    static inline const char watching = 0;
    static const void* at_work_for(const void* loop) { return static_cast<const char*>(loop) + 1; }

    std::atomic<const void*> state_{asleep};
    Arena* arena_;
    std::size_t share_;
};

/// The thread that calls and as many helpers as make this number. Several threads may run loops at once: each has the
/// helpers that were free.
class Team {
public:
    explicit Team(std::size_t threads);

    std::size_t threads() const { return helpers_.size() + 1; }
    void run(Loop& loop);

private:
    Arena arena_;
    std::deque<Helper> helpers_;
};

}  // namespace xgrad::kernels::detail
