#pragma once

#include <xgrad/autograd/gradcheck_problem.hpp>

#include <functional>
#include <string>
#include <vector>

namespace xgrad::detail {

/// The numbers compared for one leaf, element by element.
struct LeafFinding {
    GradcheckLeaf leaf;
    std::vector<std::size_t> elements;  ///< flat positions
    std::vector<double> analytic, numeric;
    double scale = 0;          ///< the largest |numeric|
    double largest_error = 0;  ///< of the numeric values
    bool is_wrong = false;

    bool is_complete() const { return elements.size() == leaf.value.size(); }
};

/// All that was compared in one order.
struct OrderFinding {
    int order;
    std::vector<LeafFinding> leaves;
    /// The shapes of f's results.
    std::vector<Shape> results;
    /// The numeric values of leaf k again, with other weights for the (only) result.
    std::function<std::vector<double>(std::size_t k, const std::vector<double>& weights)> reweighed;
};

/// What the pattern of the differences says is wrong, in sentences; empty when it says nothing.
std::vector<std::string> diagnose(const OrderFinding& finding);

}  // namespace xgrad::detail
