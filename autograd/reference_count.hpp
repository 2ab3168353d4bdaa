#pragma once

#include <atomic>
#include <cstdint>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define XGRAD_KNOWS_SINGLE_THREADED
#endif

namespace xgrad {

/// Whether the process has not yet had another thread. glibc (2.32 and newer) knows; elsewhere always false.
inline bool is_only_thread() noexcept {
#ifdef XGRAD_KNOWS_SINGLE_THREADED
    return __libc_single_threaded != 0;
#else
    return false;
#endif
}

/// Counts who holds an object, from 1. Like libstdc++'s shared_ptr it does without atomic operations until there is
/// a second thread: some of them for each operator would take longer than a small operator's arithmetic.
class ReferenceCount {
public:
    void add_one() noexcept {
        if (is_only_thread())
            count_.store(load() + 1, std::memory_order_relaxed);
        else
            count_.fetch_add(1, std::memory_order_relaxed);
    }
    /// Whether nobody holds the object any more.
    [[nodiscard]] bool drop(std::uint32_t some = 1) noexcept {
        // The last holder need not count down: nobody else can take a reference any more.
        const std::uint32_t before = count_.load(std::memory_order_acquire);
        if (before == some) return true;
        if (!is_only_thread()) return count_.fetch_sub(some, std::memory_order_acq_rel) == some;
        count_.store(before - some, std::memory_order_relaxed);
        return false;
    }
    bool is_one() const noexcept { return count_.load(std::memory_order_acquire) == 1; }
    std::uint32_t load() const noexcept { return count_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint32_t> count_{1};
};

}  // namespace xgrad
