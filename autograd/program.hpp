#pragma once

#include <memory>
#include <vector>

#include <xgrad/autograd/capture.hpp>

namespace xgrad::detail {

/// What a step did, ready to be done again.
struct Program {
    /// A value that the step used and did not make (a parameter), and what must not have changed about it.
    struct Source {
        Variable value;
        DType dtype;
        bool requires_grad;

        bool is_as_before() const { return value.dtype() == dtype && value.requires_grad() == requires_grad; }
    };

    std::vector<std::unique_ptr<Instruction>> instructions;
    std::vector<Variable> inputs, outputs;
    std::vector<Source> sources;
    /// Leaves whose gradient the step adds to without clearing it first: there must be none when it starts.
    std::vector<Variable> without_gradient;
    bool was_recording = true;
};

}  // namespace xgrad::detail
