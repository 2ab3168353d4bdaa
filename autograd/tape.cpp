#include <xgrad/autograd/tape.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

#include <xgrad/autograd/thread_state.hpp>

namespace xgrad {

namespace {

// A mark is the walk's number and a place on it.
constexpr int place_bits = 36;

constexpr auto older = [](const auto& a, const auto& b) { return a.first < b.first; };

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
      first_mark_(++thread_state.sweeps << place_bits),
      region_(region) {
    const Marks marks = take_marks();
    holds_marks_ = marks == Marks::taken;
    if (marks == Marks::held_by_other) places_.resize(first_table);
    for (const Variable& result : results_)
        if (result) meet(result.node());
}

Walk::~Walk() {
    for (std::size_t place = 0; held_ != 0; ++place) drop(place);
    if (holds_marks_) marking.store(nullptr, std::memory_order_release);
}

void Walk::enter(Node& node) {
    if (region_ != 0 && node.region != region_) return;
    const std::size_t place = entries_.size();
    node.retain();
    ++held_;
    Entry& entry = entries_.emplace_back(Entry{&node, 0, Variable()});
    if (places_.empty())
        entry.mark_before = std::exchange(node.mark, first_mark_ + place);
    else
        note(place);
    Met met{node.sequence, place};
    if (older(newest_, met)) std::swap(newest_, met);
    if (met.second == none) return;
    met_.push_back(met);
    std::push_heap(met_.begin(), met_.end(), older);
}

std::size_t Walk::next() {
    std::size_t place = newest_.second;
    if (!met_.empty() && older(newest_, met_.front())) {
        place = met_.front().second;
        std::pop_heap(met_.begin(), met_.end(), older);
        met_.pop_back();
    } else {
        newest_ = {0, none};
    }
    if (place == none) return none;
    const Node& node = *entries_[place].node;
    for (std::uint32_t i = 0; i < node.input_count; ++i) meet(*node.inputs[i].get());
    return place;
}

// A dropped entry has no node, so it matches none, though its slot stays in use.
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
