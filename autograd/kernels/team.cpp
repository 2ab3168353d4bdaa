#include <xgrad/autograd/kernels/team.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace xgrad::kernels::detail {

namespace {

using Clock = std::chrono::steady_clock;

/// How long a helper watches for more work. The gaps between the parallel parts of a training step are shorter.
constexpr auto patience = std::chrono::microseconds(200);
/// After so many looks another thread may need the core: some hundred microseconds.
constexpr unsigned looks_before_yielding = 10000;
/// The clock is read at every so many looks.
constexpr unsigned looks_for_clock = 64;

thread_local bool inside_loop = false;

/// A moment that leaves the core to its other hardware thread.
void pause() {
#ifdef __SSE2__
    _mm_pause();
#endif
}

}  // namespace

Loop::Loop(std::size_t n, std::size_t piece, std::size_t threads, bool are_tasks, Body body, void* context)
    : n_(n), piece_(piece), are_tasks_(are_tasks), float_mode_(FloatMode::current()), body_(body), context_(context) {
    const std::size_t pieces = (n + piece - 1) / piece;
    count_ = std::min({threads, pieces, most_threads});
    uses_all_ = count_ == threads;
    const auto first_of = [&](std::size_t share) { return (pieces * share + count_ - 1) / count_; };
    for (std::size_t s = 0; s < count_; ++s) share_[s] = {first_of(s), first_of(s + 1), 0};
}

void Loop::work(std::size_t share) {
    const bool before = std::exchange(inside_loop, inside_loop || uses_all_);
    if (!are_tasks_) std::atomic_ref(share_[share].kept).store(1, std::memory_order_relaxed);
    for (std::size_t s = 0; s < count_; ++s) {
        Share& from = share_[(share + s) % count_];
        const std::atomic_ref next(from.next), kept(from.kept);
        // Two who look at the same time may both take one: then the last is gone, too.
        while (next.load(std::memory_order_relaxed) + (s == 0 ? 0 : kept.load(std::memory_order_relaxed)) < from.end) {
            const std::size_t piece = next.fetch_add(1, std::memory_order_relaxed);
            if (piece < from.end) do_piece(piece);
        }
    }
    inside_loop = before;
}

void Loop::help(std::size_t share) {
    __builtin_prefetch(&share_[share], 1);
    const FloatMode own = FloatMode::current();
    const bool differs = float_mode_ != own;
    if (differs) float_mode_.set();
    work(share);
    if (differs) own.set();
}

void Loop::do_piece(std::size_t piece) {
    try {
        body_(context_, piece * piece_, std::min(n_, (piece + 1) * piece_));
    } catch (...) {
        const std::lock_guard lock(failing_);
        if (error_ && failed_piece_ < piece) return;
        failed_piece_ = piece;
        error_ = std::current_exception();
    }
}

void Loop::rethrow() const {
    if (error_) std::rethrow_exception(error_);
}

bool is_inside_loop() { return inside_loop; }

bool Helper::change(const void* from, const void* to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void Helper::call(const Loop& loop) noexcept {
    if (change(&watching, &loop) || !change(asleep, &loop)) return;
    try {
        arena_->start([](void* helper) { static_cast<Helper*>(helper)->watch(); }, this);
    } catch (...) {
        // No thread to be had: nobody will come. It may have been noted down, though, so it counts as called.
    }
}

void Helper::release(const Loop& loop) noexcept {
    if (state_.load(std::memory_order_relaxed) == &loop && change(&loop, &watching)) return;
    for (unsigned looks = 0; state_.load(std::memory_order_acquire) == at_work_for(&loop); ++looks)
        if (looks < looks_before_yielding)
            pause();
        else
            std::this_thread::yield();
}

void Helper::watch() {
    Clock::time_point idle_since;
    for (unsigned looks = 1;; ++looks) {
        const void* const state = state_.load(std::memory_order_relaxed);
        if (state != &watching) {
            if (change(state, at_work_for(state))) {  // or the call was taken back
                static_cast<Loop*>(const_cast<void*>(state))->help(share_);
                state_.store(&watching, std::memory_order_release);
            }
            looks = 0;
        } else if (looks == looks_for_clock) {
            idle_since = Clock::now();
        } else if (looks % looks_for_clock == 0 && Clock::now() - idle_since > patience && change(&watching, asleep)) {
            return;
        }
        pause();
    }
}

Team::Team(std::size_t threads) : arena_(threads - 1) {
    for (std::size_t share = 1; share < threads; ++share) helpers_.emplace_back(arena_, share);
}

void Team::run(Loop& loop) {
    const std::size_t wanted = loop.shares() - 1;
    for (std::size_t i = 0; i < wanted; ++i) helpers_[i].call(loop);
    loop.work(0);
    for (std::size_t i = 0; i < wanted; ++i) helpers_[i].release(loop);
    loop.rethrow();
}

}  // namespace xgrad::kernels::detail
