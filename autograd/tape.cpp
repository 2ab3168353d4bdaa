#include <xgrad/autograd/tape.hpp>

#include <xgrad/autograd/thread_state.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

namespace xgrad {

namespace {

/// The thread whose walks write marks now. Walks are nested on their thread, and the outermost one holds the marks.
constinit std::atomic<const ThreadState*> marking{nullptr};

enum class Marks { held_by_other, held_by_outer_walk, taken };
Marks take_marks() {
    const ThreadState* holder = marking.load(std::memory_order_relaxed);
    if (holder == &thread_state) return Marks::held_by_outer_walk;
    return holder == nullptr && marking.compare_exchange_strong(holder, &thread_state, std::memory_order_acquire,
                                                                std::memory_order_relaxed)
               ? Marks::taken
               : Marks::held_by_other;
}

/// Of a walk on this thread: a mark is the number and a place on the walk. The numbers come again after 2^32 walks, but
/// not 0, the mark of no walk.
std::uint64_t next_number() {
    if (++thread_state.sweeps % (std::uint64_t{1} << 32) == 0) ++thread_state.sweeps;
    return thread_state.sweeps;
}

constexpr std::size_t first_table = 64;

/// Where the search for a node starts in a table whose size is a power of two (Fibonacci hashing: Knuth, TAOCP 3, 6.4).
std::size_t slot_of(const Node* node, std::size_t table_size) {
    const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(node));
    return address * 0x9E3779B97F4A7C15U >> (65 - std::bit_width(table_size));
}

}  // namespace

Walk::Walk(std::span<const Variable> results, std::uint64_t since, std::uint32_t region)
    : results_(results.begin(), results.end()),
      since_(since),
      first_mark_(next_number() * most_places),
      region_(region) {
    const Marks marks = take_marks();
    holds_marks_ = marks == Marks::taken;
    has_table_ = marks == Marks::held_by_other;
    if (has_table_) places_.resize(first_table);
    for (const Variable& result : results_)
        if (result) meet(result.node());
}

Walk::~Walk() {
    for (std::size_t place = 0; held_ != 0; ++place)
        if (entries_[place].node != nullptr) drop(place);
    if (holds_marks_) marking.store(nullptr, std::memory_order_release);
}

void Walk::wait(const Met& met) {
    met_.push_back(met);
    std::push_heap(met_.begin(), met_.end());
}

std::size_t Walk::newest_met() {
    const std::size_t place = met_.front().place;
    std::pop_heap(met_.begin(), met_.end());
    met_.pop_back();
    return place;
}

// A dropped entry has no node, so it matches none, though its slot stays in use; with a table no place is used again.
std::size_t Walk::find(const Node& node) const {
    for (std::size_t slot = slot_of(&node, places_.size()); places_[slot] != 0; slot = (slot + 1) % places_.size())
        if (entries_[places_[slot] - 1].node == &node) return places_[slot] - 1;
    return none;
}

void Walk::note(std::size_t place) {
    if (2 * entries_.size() > places_.size()) return grow();
    std::size_t slot = slot_of(entries_[place].node, places_.size());
    while (places_[slot] != 0) slot = (slot + 1) % places_.size();
    places_[slot] = place + 1;
}

void Walk::grow() {
    places_.assign(2 * places_.size(), 0);
    for (std::size_t place = 0; place < entries_.size(); ++place)
        if (entries_[place].node != nullptr) note(place);
}

Tape::Tape(std::span<const Variable> results, std::uint64_t since) {
    Walk walk(results, since);
    for (std::size_t place = walk.next(); place != Walk::none; place = walk.next())
        order_.push_back(Variable::share(&walk.node(place)));
}

}  // namespace xgrad
