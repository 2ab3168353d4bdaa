#pragma once

#include <xgrad/autograd/sanitizer.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

/// The caching pool behind every value and node. Blocks are 64-byte aligned and of a size class (multiples of 64 bytes
/// to 1 KiB, then four steps per doubling). A thread takes and gives blocks without a lock from magazines of its own;
/// full magazines move through a central store, so a block may be freed by another thread than took it. (Magazines:
/// Bonwick & Adams 2001, "Magazines and Vmem".) After the first steps of a training loop the system is not called.
namespace xgrad::memory {

inline constexpr std::size_t alignment = 64;

/// A block of at least `bytes` bytes, its size rounded up to a multiple of 64; never null.
/// @throws MemoryError (a std::bad_alloc) when the system has no more
void* allocate(std::size_t bytes);
/// Gives back a block; `bytes` as it was asked for.
void deallocate(void* block, std::size_t bytes) noexcept;

struct Statistics {
    std::uint64_t system_calls;  ///< allocations asked of the system so far, by all threads
    std::size_t cached_bytes;    ///< free blocks in the central store
    std::size_t system_bytes;    ///< held from the system, in use or cached
};
Statistics statistics();

/// Returns the central store's blocks of more than 32 KiB to the system (smaller ones are cut from slabs and stay).
void trim();
/// The most that the central store keeps, in bytes; by default a quarter of the machine's memory.
void set_cache_limit(std::size_t bytes);

namespace detail {
// allocate() and deallocate(), not inline: containers are not worth it. (And inlined into a container's growth, g++ 12
// may address the thread's cache through a vector register, which ld refuses to link.)
void* allocate_array(std::size_t bytes);
void deallocate_array(void* block, std::size_t bytes) noexcept;
}  // namespace detail

/// For containers inside the engine: pooled, so that a step of training allocates nothing from the system.
template <class T>
struct Allocator {
    using value_type = T;
    Allocator() = default;
    template <class U>
    Allocator(const Allocator<U>&) {}
    T* allocate(std::size_t n) { return static_cast<T*>(detail::allocate_array(n * sizeof(T))); }
    void deallocate(T* p, std::size_t n) noexcept { detail::deallocate_array(p, n * sizeof(T)); }
    friend bool operator==(const Allocator&, const Allocator&) { return true; }
};

/// Whether blocks are pooled. Under the sanitizers the system gives every block, so that they see what uses one after
/// its end; but ThreadSanitizer looks at the pool itself when the environment has XGRAD_POOL.
bool is_pooled();

namespace detail {

#if defined(XGRAD_ADDRESS_SANITIZER) || defined(XGRAD_THREAD_SANITIZER)
inline constexpr bool asks_first = true;  // whether there is a pool
#else
inline constexpr bool asks_first = false;
#endif

struct FreeBlock {
    FreeBlock* next;           ///< in the same magazine
    FreeBlock* next_magazine;  ///< in the central store; used in a magazine's first block
    std::uint64_t room;        ///< in this magazine; used in its first block
};

inline constexpr std::size_t small_limit = 1024;
inline constexpr std::size_t class_count = 17 + 4 * 38;

/// Classes 1..16 are multiples of 64 bytes; then four classes per doubling.
constexpr std::size_t class_of(std::size_t bytes) {
    if (bytes <= small_limit) return bytes == 0 ? 1 : (bytes + 63) / 64;
    const auto power = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // 2^power < bytes <= 2^(power + 1)
    const std::size_t quarter = (bytes - 1 - (std::size_t{1} << power)) >> (power - 2);
    return 17 + (power - 10) * 4 + quarter;
}
constexpr std::size_t bytes_of(std::size_t size_class) {
    if (size_class <= 16) return size_class * 64;
    const std::size_t power = (size_class - 17) / 4 + 10, quarter = (size_class - 17) % 4;
    return (std::size_t{1} << power) + ((quarter + 1) << (power - 2));
}

struct ThreadCache {
    struct Magazine {
        FreeBlock* head = nullptr;
        std::uint64_t room = 0;  ///< for so many blocks more; a magazine with neither head nor room is not yet one
    };
    struct Slot {
        Magazine active, spare;
    };
    std::array<Slot, class_count> slots{};
    bool registered = false;  ///< its blocks will go to the central store when the thread ends
    bool closed = false;      ///< the thread is ending
};
extern constinit thread_local ThreadCache thread_cache;

void* allocate_slowly(std::size_t size_class);
void deallocate_slowly(FreeBlock* block, std::size_t size_class) noexcept;
/// The most blocks that a magazine has.
constexpr std::uint64_t magazine_size(std::size_t bytes) {
    return bytes >= 65536 ? 1 : bytes >= 1024 ? 65536 / bytes : 128;
}

[[gnu::always_inline]] inline void* allocate_class(std::size_t size_class) {
    auto& active = thread_cache.slots[size_class].active;
    if (asks_first || active.head == nullptr) return allocate_slowly(size_class);
    FreeBlock* const block = active.head;
    active.head = block->next;
    ++active.room;
    __builtin_prefetch(active.head, 1);  // the next one to be given is read then
    return block;
}

[[gnu::always_inline]] inline void deallocate_class(void* block, std::size_t size_class) noexcept {
    auto& active = thread_cache.slots[size_class].active;
    auto* const freed = static_cast<FreeBlock*>(block);
    if (asks_first || active.room == 0) return deallocate_slowly(freed, size_class);
    freed->next = active.head;
    active.head = freed;
    --active.room;
}

}  // namespace detail

[[gnu::always_inline]] inline void* allocate(std::size_t bytes) {
    return detail::allocate_class(detail::class_of(bytes));
}
[[gnu::always_inline]] inline void deallocate(void* block, std::size_t bytes) noexcept {
    detail::deallocate_class(block, detail::class_of(bytes));
}

}  // namespace xgrad::memory
