#include <xgrad/autograd/memory.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

namespace xgrad::memory {

bool is_pooled() {
#if defined(XGRAD_ADDRESS_SANITIZER)
    return false;
#elif defined(XGRAD_THREAD_SANITIZER)
    static const bool wanted = std::getenv("XGRAD_POOL") != nullptr;
    return wanted;
#else
    return true;
#endif
}

namespace detail {

constinit thread_local ThreadCache thread_cache{};

namespace {

constexpr std::size_t largest_slab_block = 32768;
constexpr std::size_t huge_page = std::size_t{2} << 20;

std::atomic<std::uint64_t> system_calls{0};
std::atomic<std::size_t> system_bytes{0};
std::atomic<std::size_t> cached_bytes{0};

std::size_t quarter_of_memory() {
    return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 4;
}
std::atomic<std::size_t> cache_limit{quarter_of_memory()};

/// Full magazines of one size class, shared by the threads.
struct Shelf {
    std::mutex mutex;
    FreeBlock* magazines = nullptr;
};

/// Never destroyed: blocks may still come back while static objects are taken down.
Shelf& shelf(std::size_t size_class) {
    static auto* const shelves = new std::array<Shelf, class_count>;
    return (*shelves)[size_class];
}

void* ask_system(std::size_t bytes) {
    const bool huge = bytes >= huge_page;
    void* block = std::aligned_alloc(huge ? huge_page : alignment,
                                     huge ? (bytes + huge_page - 1) / huge_page * huge_page : bytes);
    if (block == nullptr)
        throw MemoryError(fmt::format("no memory for {} more bytes; xgrad has {}", bytes, system_bytes.load()));
    if (huge) madvise(block, bytes, MADV_HUGEPAGE);  // page faults cost up to 10 times the work on fresh large arrays
    system_calls.fetch_add(1, std::memory_order_relaxed);
    system_bytes.fetch_add(bytes, std::memory_order_relaxed);
    return block;
}

void return_to_system(FreeBlock* magazine, std::size_t bytes) noexcept {
    while (magazine != nullptr) {
        FreeBlock* const next = magazine->next;
        std::free(magazine);
        system_bytes.fetch_sub(bytes, std::memory_order_relaxed);
        magazine = next;
    }
}

void put_on_shelf(ThreadCache::Magazine magazine, std::size_t size_class) noexcept {
    if (magazine.head == nullptr) return;
    const std::size_t bytes = bytes_of(size_class), total = bytes * (magazine_size(bytes) - magazine.room);
    if (bytes > largest_slab_block && cached_bytes.load(std::memory_order_relaxed) + total > cache_limit.load())
        return return_to_system(magazine.head, bytes);
    magazine.head->room = magazine.room;
    Shelf& s = shelf(size_class);
    const std::lock_guard lock(s.mutex);
    magazine.head->next_magazine = std::exchange(s.magazines, magazine.head);
    cached_bytes.fetch_add(total, std::memory_order_relaxed);
}

ThreadCache::Magazine take_from_shelf(std::size_t size_class) {
    Shelf& s = shelf(size_class);
    const std::lock_guard lock(s.mutex);
    if (s.magazines == nullptr) return {};
    FreeBlock* const head = std::exchange(s.magazines, s.magazines->next_magazine);
    const std::size_t bytes = bytes_of(size_class);
    cached_bytes.fetch_sub(bytes * (magazine_size(bytes) - head->room), std::memory_order_relaxed);
    return {head, head->room};
}

/// One large block, or a slab cut into a magazine of small ones.
ThreadCache::Magazine fresh(std::size_t size_class) {
    const std::size_t bytes = bytes_of(size_class);
    auto* const slab = static_cast<char*>(ask_system(bytes * magazine_size(bytes)));
    FreeBlock* head = nullptr;
    for (std::uint64_t i = magazine_size(bytes); i-- > 0;) {
        auto* const block = reinterpret_cast<FreeBlock*>(slab + i * bytes);
        block->next = std::exchange(head, block);
    }
    return {head, 0};
}

/// Gives a thread's magazines to the central store when the thread ends.
struct AtThreadEnd {
    ~AtThreadEnd() {
        thread_cache.closed = true;
        for (std::size_t c = 1; c < class_count; ++c) {
            put_on_shelf(std::exchange(thread_cache.slots[c].active, {}), c);
            put_on_shelf(std::exchange(thread_cache.slots[c].spare, {}), c);
        }
    }
};

void register_thread() {
    thread_cache.registered = true;
    static thread_local AtThreadEnd at_thread_end;
    static_cast<void>(at_thread_end);
}

}  // namespace

void* allocate_array(std::size_t bytes) { return allocate(bytes); }
void deallocate_array(void* block, std::size_t bytes) noexcept { deallocate(block, bytes); }

void* allocate_slowly(std::size_t size_class) {
    if (!is_pooled()) return ask_system(bytes_of(size_class));
    if (!thread_cache.registered) register_thread();
    auto& [active, spare] = thread_cache.slots[size_class];
    if (active.head == nullptr) active = std::exchange(spare, {});
    if (active.head == nullptr) active = take_from_shelf(size_class);
    if (active.head == nullptr) active = fresh(size_class);
    FreeBlock* const block = std::exchange(active.head, active.head->next);
    ++active.room;
    if (thread_cache.closed) put_on_shelf(std::exchange(active, {}), size_class);  // nobody will empty it again
    return block;
}

void deallocate_slowly(FreeBlock* block, std::size_t size_class) noexcept {
    block->next = nullptr;
    if (!is_pooled()) return return_to_system(block, bytes_of(size_class));
    const std::uint64_t size = magazine_size(bytes_of(size_class));
    if (thread_cache.closed) return put_on_shelf({block, size - 1}, size_class);
    if (!thread_cache.registered) register_thread();
    auto& [active, spare] = thread_cache.slots[size_class];
    if (active.room == 0) {  // full, or not yet a magazine
        if (active.head != nullptr) {
            put_on_shelf(spare, size_class);
            spare = active;
        }
        active = {nullptr, size};
    }
    block->next = std::exchange(active.head, block);
    --active.room;
}

}  // namespace detail

Statistics statistics() {
    return {detail::system_calls.load(), detail::cached_bytes.load(), detail::system_bytes.load()};
}

void trim() {
    for (std::size_t c = 1; c < detail::class_count; ++c) {
        const std::size_t bytes = detail::bytes_of(c);
        if (bytes <= detail::largest_slab_block) continue;
        for (auto magazine = detail::take_from_shelf(c); magazine.head != nullptr;
             magazine = detail::take_from_shelf(c))
            detail::return_to_system(magazine.head, bytes);
    }
}

void set_cache_limit(std::size_t bytes) { detail::cache_limit = bytes; }

}  // namespace xgrad::memory
