#pragma once

#include <xgrad/autograd/variable.hpp>

#include <span>
#include <vector>

namespace xgrad {

struct BackwardOptions {
    Variable gradient = {};     ///< d(objective)/d(this); needed unless this is a single number
    bool retain_graph = false;  ///< keep the graph for another backward()
    /// Record the gradients' computation too; keeps the graph. A leaf and its grad() then hold each other until
    /// zero_grad(): grad() gives gradients of gradients without that.
    bool create_graph = false;
    std::vector<Variable> inputs = {};  ///< accumulate into these only; empty means every leaf that requires a gradient
};

struct GradOptions {
    bool create_graph = false;             ///< the gradients remember how they were computed: for higher orders
    bool retain_graph = false;             ///< keep the graph; implied by create_graph
    bool allow_unused = false;             ///< an input that the outputs do not depend on gives an empty Variable
    std::vector<Variable> gradients = {};  ///< one for each output: the v of a vector-Jacobian product
};

/// The gradients of (the sum over) `outputs` with respect to `inputs`; touches no grad().
///
///     result_k = sum_j gradients_j^T  d outputs_j / d inputs_k
///
/// Recorded values in the middle of the graph may be inputs as well as leaves.
/// @throws GraphError when an output is no single number and no gradient is given for it, when the graph was freed by
///         an earlier backward, when a value that a gradient needs was changed in place, or when an input is not
///         reached (unless allow_unused)
std::vector<Variable> grad(const std::vector<Variable>& outputs, const std::vector<Variable>& inputs,
                           const GradOptions& options = {}, const Location& at = Location::current());
Variable grad(const Variable& output, const Variable& input, const GradOptions& options = {},
              const Location& at = Location::current());

namespace detail {
/// grad() for lists that stand anywhere, with `gradients` in the place of those of the options.
void grad_into(std::span<Variable> result, std::span<const Variable> outputs, std::span<const Variable> inputs,
               std::span<const Variable> gradients, const GradOptions& options);
}  // namespace detail

}  // namespace xgrad
