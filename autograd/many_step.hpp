#pragma once

#include <xgrad/autograd/variable.hpp>

#include <span>
#include <vector>

namespace xgrad::detail {

/// The recorded use of an operator with several outputs. It holds no elements: each output is a node of its own whose
/// only input is the step. Gradients come to it as one bundle with a place for each output.
class ManyStep : public Node {
public:
    ManyStep() { is_bundle = true; }

    /// Turns the outputs, computed but without history, into results of this step: of real numbers all, or those that
    /// are flagged.
    void attach(std::span<Variable> outputs, const std::vector<bool>* flags = nullptr);

    void drop_saved() override { outputs_.clear(); }
    /// What backward() sees as the outputs: the same elements as the results have (or copies), without history.
    std::span<const Variable> plain_outputs() const { return outputs_; }

    void backward(const Variable& y, const Variable& dy, Needs needs, Variable* gradients) const override;

protected:
    /// The operator's rule; `dy` is zeros where nothing came.
    virtual void rule(std::span<const Variable> y, std::span<const Variable> dy, Needs needs,
                      Variable* gradients) const = 0;
    /// Whether output `i` is a result of the step.
    bool has_gradient(std::size_t i) const { return output_is_result_[i] != 0; }

private:
    Variable output(std::size_t i) const;
    void check_outputs() const;

    std::vector<Variable, memory::Allocator<Variable>> outputs_;  // the same elements, without history
    std::vector<char, memory::Allocator<char>> output_is_result_;
    std::vector<std::uint32_t, memory::Allocator<std::uint32_t>> output_versions_;
};

/// so_far + more, both bundles, place by place.
Variable add_bundles(const Variable& so_far, const Variable& more);

}  // namespace xgrad::detail
