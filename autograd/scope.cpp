#include <xgrad/autograd/scope.hpp>

#include <xgrad/autograd/thread_state.hpp>

#include <tbb/concurrent_vector.h>

#include <atomic>
#include <mutex>
#include <utility>

namespace xgrad {

namespace {

struct Entry {
    std::string label;
    std::atomic<std::uint32_t> parent{0};
};

/// Every scope so far; threads find one without a lock, and take turns at the labels alone. Never destroyed: modules
/// may outlive it.
struct Table {
    std::mutex label_mutex;
    tbb::concurrent_vector<Entry> entries{1};
};
Table& table() {
    static auto* const t = new Table;
    return *t;
}

Entry& entry(std::uint32_t id) { return table().entries.at(id); }

}  // namespace

Scope::Scope(std::uint32_t id) : outer_(std::exchange(thread_state.scope, id)) {
    if (outer_ != id) entry(id).parent.store(outer_, std::memory_order_relaxed);
}

Scope::~Scope() { thread_state.scope = outer_; }

std::uint32_t new_scope(std::string label) {
    const std::lock_guard lock(table().label_mutex);
    const auto added = table().entries.grow_by(1);
    added->label = std::move(label);
    return static_cast<std::uint32_t>(added - table().entries.begin());
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
