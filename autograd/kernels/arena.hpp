#pragma once

#include <cstddef>
#include <memory>

namespace xgrad::kernels::detail {

/// Threads of TBB's pool that may be asked for. A file of its own, so that ThreadSanitizer sees as little of what TBB's
/// templates do as of TBB itself, which is compiled without it.
class Arena {
public:
    explicit Arena(std::size_t threads);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// Calls work(context) on one of the threads, soon.
    void start(void (*work)(void*), void* context);

private:
    struct Pool;
    std::unique_ptr<Pool> pool_;
};

}  // namespace xgrad::kernels::detail
