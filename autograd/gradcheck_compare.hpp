#pragma once

#include <xgrad/autograd/gradcheck_problem.hpp>

#include <functional>
#include <vector>

namespace xgrad::detail {

/// What is compared in one order: some values, weighed to a scalar, and the scalar's gradients for the leaves.
struct GradcheckOrder {
    int number;
    std::vector<GradcheckLeaf> leaves;
    std::function<std::vector<double>()> values;
    std::vector<double> weights;
    std::vector<Variable> analytic;  ///< empty where no gradient came
};

/// Compares all gradients of an order with numeric ones, and adds what it finds to the report.
void compare(GradcheckReport& report, const GradcheckOrder& order, const GradcheckProblem& problem,
             const GradcheckOptions& options);

}  // namespace xgrad::detail
