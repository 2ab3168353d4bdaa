#pragma once

#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace xgrad {

/// A walk over the recorded nodes that lead to some results, newest first. Sequence numbers grow from inputs to results
/// (each is one more than the highest that this thread or the inputs have seen: Lamport 1978), so the order is
/// topological. The walk is lazy: what next() has not reached yet has not been touched. Nodes met get a place; the time
/// is linear for chains and n log w for graphs that are w nodes wide.
///
/// Threads may walk over the same nodes at once. A node's place is written on the node itself (Node::mark), but only by
/// one thread at a time; a walk that finds another thread at it keeps its places in a table of its own instead. So a
/// walk that is alone pays one atomic operation, and none waits for another.
class Walk {
public:
    static constexpr std::size_t none = ~std::size_t{0}, most_places = std::size_t{1} << 32;

    /// @param since leave out nodes older than this sequence number
    /// @param region leave out nodes of other regions, unless 0
    explicit Walk(std::span<const Variable> results, std::uint64_t since = 0, std::uint32_t region = 0);
    ~Walk();
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    /// The place of the newest node not yet visited, or none. Its inputs are met.
    std::size_t next() {
        std::size_t place = newest_.place;
        if (!met_.empty() && newest_ < met_.front()) [[unlikely]]
            place = newest_met();
        else
            newest_ = {0, none};
        if (place == none) return none;
        for (const Variable& input : entries_[place].node->input_list()) meet(*input.get());
        return place;
    }
    Node& node(std::size_t place) const { return *entries_[place].node; }
    /// What has come to the node so far, on a walk that carries gradients.
    Variable& gradient(std::size_t place) { return entries_[place].gradient; }
    /// The place of a node that was met, or none; leaves never are.
    std::size_t place_of(const Node& node) const {
        if (has_table_) [[unlikely]]
            return find(node);
        const std::uint64_t place = node.mark - first_mark_;  // another walk's marks are far away
        return place < most_places ? place : none;
    }
    /// Lets go of a handle in the graph. What it was on has the walk's own reference, so the count is left as it is
    /// until the walk lets go too: both at once.
    void take_over(Variable&& handle) {
        Node* const node = std::move(handle).detach_node();
        if (const std::size_t place = place_of(*node); place != none)
            ++entries_[place].references;
        else
            release(node);
    }
    /// Lets go of a node that is done with, its gradient taken: it may die now, and its place may be another's.
    void drop(std::size_t place) {
        Entry& entry = entries_[place];
        Node* const node = std::exchange(entry.node, nullptr);
        if (!has_table_) node->mark = std::exchange(entry.mark_before, std::exchange(vacant_, place));
        release(node, entry.references);
        --held_;
    }

private:
    struct Entry {
        Node* node = nullptr;
        std::uint32_t references = 1;   ///< to the node, that are the walk's
        std::uint64_t mark_before = 0;  ///< put back in the end; of a vacant entry, the next vacant place
        Variable gradient;
    };
    struct Met {
        std::uint64_t sequence;  ///< comparing touches no node
        std::size_t place;
        bool operator<(const Met& other) const { return sequence < other.sequence; }
    };

    void meet(Node& node) {
        if (node.is_recorded() && node.sequence >= since_ && place_of(node) == none) enter(node);
    }
    void enter(Node& node) {
        if (region_ != 0 && node.region != region_) return;
        std::size_t place = vacant_;
        if (place == none) {
            place = entries_.size();
            entries_.emplace_back();
        } else {
            vacant_ = entries_[place].mark_before;
        }
        // What the visit will read: the inputs, their versions, the shape.
        for (std::size_t line = 1; line < 4; ++line)
            __builtin_prefetch(reinterpret_cast<const char*>(&node) + 64 * line);
        Entry& entry = entries_[place];
        entry.node = &node;
        entry.references = 1;
        node.retain();
        ++held_;
        if (!has_table_)
            entry.mark_before = std::exchange(node.mark, first_mark_ + place);
        else
            note(place);
        Met met{node.sequence, place};
        if (newest_ < met) std::swap(newest_, met);
        if (met.place != none) wait(met);
    }
    void wait(const Met& met);
    std::size_t newest_met();
    std::size_t find(const Node& node) const;
    void note(std::size_t place);
    void grow();

    std::vector<Variable, memory::Allocator<Variable>> results_;
    std::vector<Entry, memory::Allocator<Entry>> entries_;
    Met newest_{0, none};  // one of those not yet visited, number 0 for none: a chain has no more
    std::vector<Met, memory::Allocator<Met>> met_;                     // a heap of the others
    std::vector<std::size_t, memory::Allocator<std::size_t>> places_;  // open addressing, place + 1; empty with marks
    std::uint64_t since_, first_mark_;
    std::size_t held_ = 0;       // entries not dropped
    std::size_t vacant_ = none;  // a place to be used again: the others are linked from it
    std::uint32_t region_;
    bool holds_marks_ = false;  // and gives them back in the end
    bool has_table_ = false;    // places_, in the place of marks
};

/// The recorded nodes that lead to some results, newest first, as a list: what drawings and checks read.
class Tape {
public:
    explicit Tape(std::span<const Variable> results, std::uint64_t since = 0);
    explicit Tape(const Variable& result) : Tape(std::span(&result, 1)) {}

    std::size_t size() const { return order_.size(); }
    Node& operator[](std::size_t i) const { return order_[i].node(); }

private:
    std::vector<Variable, memory::Allocator<Variable>> order_;
};

}  // namespace xgrad
