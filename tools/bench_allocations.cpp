#include "bench_allocations.hpp"

#include <xgrad/autograd/sanitizer.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace {

std::atomic<long> count{0};
[[maybe_unused]] void count_allocation() { count.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

long bench::allocations() { return count; }

// Counts every call of the system's allocator in this process by standing in front of glibc's.
#if defined(__GLIBC__) && !defined(XGRAD_ADDRESS_SANITIZER) && !defined(XGRAD_THREAD_SANITIZER)
// NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name): glibc's names
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) {
    count_allocation();
    return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
    count_allocation();
    return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
    count_allocation();
    return __libc_realloc(p, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
    count_allocation();
    return __libc_memalign(alignment, n);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t n) {
    count_allocation();
    *result = __libc_memalign(alignment, n);
    return *result ? 0 : ENOMEM;
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
#endif
