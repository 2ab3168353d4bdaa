#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// The recorded nodes that lead to some results, newest first. Sequence numbers grow from inputs to results (each is
/// one more than the highest this thread or the inputs have seen: Lamport 1978), so this order is topological, and
/// backward, drawings and checks all walk this one list. Building it takes time linear in the nodes for chains and
/// n log w for graphs w nodes wide.
class Tape {
public:
    /// @param since leave out nodes older than this sequence number
    explicit Tape(std::span<const Variable> results, std::uint64_t since = 0);
    explicit Tape(const Variable& result) : Tape(std::span(&result, 1)) {}
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    std::size_t size() const { return entries_.size(); }
    Node& operator[](std::size_t place) const { return *entries_[place].node; }
    /// Where `node` stands on this tape, or size() when it does not: leaves never do.
    std::size_t place_of(const Node& node) const {
        const std::uint64_t place = node.mark - (id_ << place_bits);
        return node.is_recorded() && place < entries_.size() && entries_[place].node == &node ? place : entries_.size();
    }
    /// Frees the graph behind the node at `place`: its inputs live on only as long as this tape, or others, need them.
    void release_inputs(std::size_t place);
    /// Lets go of the node at `place`: it may die now.
    void drop(std::size_t place);

private:
    // A mark is the walk's number and the place on it. Marks from an enclosing walk of the same thread (a hook, a
    // recomputation) are put back when this one ends.
    static constexpr int place_bits = 36;
    struct Entry {
        Node* node;
        std::uint64_t mark_before;
        bool owned;  ///< holds a reference; before its consumers are released, theirs keep the node alive
    };
    std::vector<Variable, memory::Allocator<Variable>> results_;
    std::vector<Entry, memory::Allocator<Entry>> entries_;
    std::uint64_t id_;
};

/// While it lives, this thread records nothing: for evaluation and for updates of parameters.
class [[nodiscard]] NoGrad {
public:
    NoGrad();
    ~NoGrad();
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

private:
    bool before_;
};

/// Turns recording on or off for a while; NoGrad in either direction.
class [[nodiscard]] Recording {
public:
    explicit Recording(bool on);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

private:
    bool before_;
};

bool is_recording();

}  // namespace xgrad
