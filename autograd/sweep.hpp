#pragma once

#include <xgrad/autograd/tape.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <array>
#include <span>
#include <utility>
#include <vector>

namespace xgrad::detail {

/// Has what a rule computes belong where its operator stood: to its line (the outermost wins) and its scope.
class Ascription {
public:
    Ascription() : line_(thread_state.call_site), scope_(thread_state.scope) {}
    ~Ascription() { end(); }
    Ascription(const Ascription&) = delete;
    Ascription& operator=(const Ascription&) = delete;

    void begin(const Node& node) {
        if (!line_) thread_state.call_site = node.location;
        thread_state.scope = node.scope;
    }
    void end() {
        thread_state.call_site = line_;
        thread_state.scope = scope_;
    }

private:
    Location line_;  // of the CallSite around the walk, if any
    std::uint32_t scope_;
};

/// One walk from some results back to what gradients are wanted for: the only one there is. backward(), grad() and the
/// replay of a checkpoint all are one.
class Sweep {
public:
    template <class T>
    using Pooled = std::vector<T, memory::Allocator<T>>;

    struct Options {
        bool keep_graph = false;
        bool fills_retained = false;  ///< add to the grad() of values that retain it
        std::uint64_t since = 0;      ///< go no further than nodes recorded from this sequence number on, unless 0
    };

    /// @param wanted what gradients are wanted for; when empty, they are added to the leaves' own
    Sweep(std::span<const Variable> results, std::span<const Variable> wanted, const Options& options);

    /// What comes to a result from outside.
    void seed(const Variable& result, Variable gradient);
    void run();

    /// For each wanted Variable its gradient, empty where none came.
    Pooled<Variable>& captured() { return captured_; }

private:
    using Wanted = std::pair<Node*, std::size_t>;

    void run_towards_wanted();
    const Wanted* find_wanted(Node* node) const;
    bool leads_to_wanted(const Variable& v) const;
    // Defined, and only called, in sweep.cpp.
    inline void visit(std::size_t place);
    inline void step(std::size_t place, Node& node, Variable& dy);
    inline Needs inspect(const Node& node) const;
    inline void differentiate(Node& node, Variable& dy, Needs needs);
    inline void differentiate(Node& node, Variable& dy, Needs needs, Variable* gradients);
    void differentiate_adding(Node& node, Variable& dy, Needs needs, Variable* gradients);
    void hand_over(const Node& node, Needs needs, Variable* gradients);
    inline void deliver(const Node& node, Needs needs, Variable* gradients);
    inline void deliver(const Variable& target, Variable&& gradient);
    inline void arrive(Node& node, Variable&& gradient);
    void wait_for_rest(const Variable& leaf, Variable&& gradient);

    Options options_;
    Ascription ascription_;
    Walk walk_;
    Pooled<Wanted> wanted_;
    Pooled<Variable> captured_;
    Pooled<std::pair<Variable, Variable>> hooked_;  // leaves with hooks, and what has come to them
    std::array<Variable, 3> few_;  // what a rule writes to, if its node has no more inputs; empty between nodes
    Pooled<char> needed_;          // by place; empty when everything is
};

/// Adds a gradient to a leaf's own, which nobody else sees: one that others hold (the dy of an addition goes to both
/// sides) is copied, so that changing one gradient in place changes no other. Several threads may add to one leaf at a
/// time, in any order.
void accumulate_leaf(Node& leaf, Variable&& gradient);

}  // namespace xgrad::detail
