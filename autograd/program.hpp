#pragma once

#include <xgrad/autograd/capture.hpp>

#include <memory>
#include <vector>

namespace xgrad::detail {

/// What a step did, ready to be done again.
struct Program {
    /// A value that the step used and did not make (a parameter), and what must not have changed about it.
    struct Source {
        Variable value;
        DType dtype;
        bool requires_grad, has_hooks;

        bool is_as_before() const {
            return value.dtype() == dtype && value.requires_grad() == requires_grad &&
                   value.node().has_hooks == has_hooks;
        }
    };

    /// A value that the step makes, and by how many it is held when nobody else holds it.
    struct Result {
        Variable value;
        Variable leaf;  ///< the one whose gradient it is, if any: that does not count as a holder
        std::uint32_t holders = 0, holders_of_elements = 0;

        /// Now is when nobody else does.
        void count() {
            holders = node_count();
            holders_of_elements = buffer_count();
        }
        /// Whether the next run would change elements under somebody's eyes.
        bool is_held_outside() const { return node_count() > holders || buffer_count() > holders_of_elements; }

    private:
        std::uint32_t node_count() const {
            const bool is_gradient = leaf && leaf.node().grad.load(std::memory_order_relaxed) == value.get();
            return value.node().references.load() - (is_gradient ? 1 : 0);
        }
        std::uint32_t buffer_count() const {
            const Buffer* const buffer = value.node().buffer;
            return buffer == nullptr ? 0 : buffer->references.load();
        }
    };

    std::vector<std::unique_ptr<Instruction>> instructions;
    std::vector<Result> results;
    std::vector<Variable> inputs, outputs;
    std::vector<Source> sources;
    /// Leaves whose gradient the step adds to without clearing it first: there must be none when it starts.
    std::vector<Variable> without_gradient;
    bool was_recording = true;
};

}  // namespace xgrad::detail
