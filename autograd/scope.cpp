#include <xgrad/autograd/scope.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <mutex>
#include <utility>

namespace xgrad {

namespace {

struct Entry {
    std::string label;
    std::atomic<std::uint32_t> parent{0};
};

/// Every scope so far; threads find one without a lock, and take turns at the labels alone. Never destroyed: modules
/// may outlive it. (tbb::concurrent_vector would do, but LeakSanitizer does not see what it holds.)
class Table {
public:
    Table() { add(); }

    /// @throws IndexError on an id that nothing has
    Entry& operator[](std::uint32_t id) {
        if (id >= size_.load(std::memory_order_acquire)) throw IndexError(fmt::format("no scope has the id {}", id));
        const Place place(id);
        return blocks_[place.block].load(std::memory_order_relaxed)[place.offset];
    }
    /// The id of one more. Not from two threads at once.
    std::uint32_t add() {
        const std::uint32_t id = size_.load(std::memory_order_relaxed);
        const Place place(id);
        if (place.offset == 0)
            blocks_[place.block].store(new Entry[std::size_t{1} << place.block], std::memory_order_relaxed);
        size_.store(id + 1, std::memory_order_release);
        return id;
    }

    std::mutex label_mutex;

private:
    /// Block k has 2^k entries, so that none ever moves.
    struct Place {
        std::size_t block, offset;
        explicit Place(std::uint32_t id) {
            const std::uint64_t n = std::uint64_t{id} + 1;
            block = static_cast<std::size_t>(std::bit_width(n) - 1);
            offset = n - (std::uint64_t{1} << block);
        }
    };

    std::atomic<std::uint32_t> size_{0};
    std::array<std::atomic<Entry*>, 32> blocks_{};
};
Table& table() {
    static auto* const t = new Table;
    return *t;
}

Entry& entry(std::uint32_t id) { return table()[id]; }

}  // namespace

Scope::Scope(std::uint32_t id) : outer_(thread_state.scope) {
    if (outer_ != id) entry(id).parent.store(outer_, std::memory_order_relaxed);
    thread_state.scope = id;
}

Scope::~Scope() { thread_state.scope = outer_; }

std::uint32_t new_scope(std::string label) {
    const std::lock_guard lock(table().label_mutex);
    const std::uint32_t id = table().add();
    entry(id).label = std::move(label);
    return id;
}

void rename_scope(std::uint32_t id, std::string label) {
    const std::lock_guard lock(table().label_mutex);
    entry(id).label = std::move(label);
}

std::string scope_label(std::uint32_t id) {
    const std::lock_guard lock(table().label_mutex);
    return entry(id).label;
}

std::uint32_t scope_parent(std::uint32_t id) { return entry(id).parent.load(std::memory_order_relaxed); }

std::string scope_path(std::uint32_t id) {
    std::string path = scope_label(id);
    int depth = 0;  // a module that once called itself would make a ring
    for (id = scope_parent(id); id != 0 && depth < 32; id = scope_parent(id), ++depth)
        path.insert(0, scope_label(id) + ".");
    return path;
}

}  // namespace xgrad
