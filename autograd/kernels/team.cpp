#include <xgrad/autograd/kernels/team.hpp>

#include <xgrad/autograd/flush_denormal.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

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

/// A moment that leaves the core to its other hardware thread.
void pause() {
#ifdef __SSE2__
    _mm_pause();
#endif
}

}  // namespace

Region::Region(std::size_t n, std::size_t piece, std::size_t threads, Body body, void* context)
    : n_(n), piece_(piece), body_(body), context_(context), flushes_denormal_(xgrad::flushes_denormal()) {
    const std::size_t pieces = (n + piece - 1) / piece;
    count_ = std::min({threads, pieces, most_shares});
    const auto first_of = [&](std::size_t share) { return (pieces * share + count_ - 1) / count_; };
    for (std::size_t s = 0; s < count_; ++s) {
        share_[s].next.store(first_of(s), std::memory_order_relaxed);
        share_[s].end = first_of(s + 1);
    }
}

void Region::prefetch(std::size_t share) const {
    __builtin_prefetch(this);
    __builtin_prefetch(&share_[share], 1);
}

void Region::work(std::size_t share) {
    for (std::size_t s = 0; s < count_; ++s) {
        Share& from = share_[(share + s) % count_];
        while (from.next.load(std::memory_order_relaxed) < from.end) {
            const std::size_t piece = from.next.fetch_add(1, std::memory_order_relaxed);
            if (piece < from.end) do_piece(piece);
        }
    }
}

void Region::do_piece(std::size_t piece) {
    try {
        body_(context_, piece * piece_, std::min(n_, (piece + 1) * piece_));
    } catch (...) {
        const std::lock_guard lock(failing_);
        if (error_ && failed_piece_ < piece) return;
        failed_piece_ = piece;
        error_ = std::current_exception();
    }
}

void Region::rethrow() const {
    if (error_) std::rethrow_exception(error_);
}

bool Helper::change(const void* from, const void* to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_relaxed);
}

bool Helper::call(const Region& region) {
    if (change(&watching, &region)) return true;
    if (!change(asleep, &region)) return false;
    arena_->start([](void* helper) { static_cast<Helper*>(helper)->watch(); }, this);
    return true;
}

void Helper::release(const Region& region) {
    if (state_.load(std::memory_order_relaxed) == &region && change(&region, &watching)) return;
    for (unsigned looks = 0; state_.load(std::memory_order_acquire) == at_work_for(&region); ++looks)
        if (looks < looks_before_yielding)
            pause();
        else
            std::this_thread::yield();
}

void Helper::watch() {
    Clock::time_point idle_since;
    for (unsigned looks = 0;; ++looks) {
        const void* const state = state_.load(std::memory_order_relaxed);
        if (state != &watching) {
            Region& region = *static_cast<Region*>(const_cast<void*>(state));
            region.prefetch(share_);
            if (!change(&region, at_work_for(&region))) continue;  // the call was taken back
            {
                const FlushDenormal as_the_caller(region.flushes_denormal());
                region.work(share_);
            }
            state_.store(&watching, std::memory_order_release);
            looks = 0;
        } else if (looks == looks_for_clock) {
            idle_since = Clock::now();
        } else if (looks % looks_for_clock == 0 && looks > looks_for_clock && Clock::now() - idle_since > patience &&
                   change(&watching, asleep)) {
            return;
        }
        pause();
    }
}

Team::Team(std::size_t threads) : arena_(threads - 1) {
    for (std::size_t share = 1; share < threads; ++share) helpers_.emplace_back(arena_, share);
}

void Team::run(Region& region) {
    const std::size_t wanted = region.shares() - 1;
    std::uint64_t called = 0;
    for (std::size_t i = 0; i < wanted; ++i)
        if (helpers_[i].call(region)) called |= std::uint64_t{1} << i;
    region.work(0);
    for (std::size_t i = 0; i < wanted; ++i)
        if ((called >> i & 1) != 0) helpers_[i].release(region);
    region.rethrow();
}

}  // namespace xgrad::kernels::detail
