#include <xgrad/autograd/gradcheck.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/gradcheck_compare.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace xgrad::detail {

namespace {

using Numbers = std::vector<double>;

void fail(GradcheckReport& report, int order, std::string why) {
    report.passed = false;
    report.failed_order = order;
    report.diagnosis.push_back(std::move(why));
}

Numbers flattened(const std::vector<Variable>& values) {
    Numbers numbers;
    for (const Variable& v : values) {
        const Numbers own = v.to_vector();
        numbers.insert(numbers.end(), own.begin(), own.end());
    }
    return numbers;
}

/// The gradients of all leaves, zeros where none came.
Numbers flattened_gradients(const GradcheckProblem& problem, bool create_graph) {
    Numbers numbers;
    const std::vector<Variable> gradients = problem.gradients(create_graph);
    for (std::size_t k = 0; k < gradients.size(); ++k) {
        const Numbers own = gradients[k] ? gradients[k].to_vector() : Numbers(problem.leaves()[k].value.size());
        numbers.insert(numbers.end(), own.begin(), own.end());
    }
    return numbers;
}

bool are_identical(const Numbers& a, const Numbers& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

/// What makes a comparison pointless, if anything.
std::string obstacle(const GradcheckProblem& problem, const GradcheckOptions& options) {
    if (problem.is_constant() && !options.allow_constant)
        return "the result carries no gradient: nothing recorded leads to it (a non-differentiable operator, detach(), "
               "NoGrad, "
               "or values taken out with value() or item())";
    const Numbers values = flattened(problem.outputs());
    if (!are_identical(values, flattened(problem.outputs())))
        return "f is not deterministic: two calls with the same inputs gave different values; give it a fresh "
               "generator with "
               "a fixed seed in each call";
    const auto bad = std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
    if (bad != values.end())
        return fmt::format("f is not finite here: element {} of its result is {}", bad - values.begin(),
                           std::isnan(*bad) ? "NaN" : "infinite");
    return {};
}

GradcheckOrder first_order(const GradcheckProblem& problem) {
    GradcheckOrder order{1, problem.leaves(), {}, {}, problem.gradients(false)};
    order.values = [&problem] { return flattened(problem.outputs()); };
    for (const GradcheckLeaf& w : problem.weights()) {
        const Numbers own = w.value.to_vector();
        order.weights.insert(order.weights.end(), own.begin(), own.end());
    }
    return order;
}

std::string wrong_shape(const GradcheckOrder& order) {
    for (std::size_t k = 0; k < order.leaves.size(); ++k)
        if (order.analytic[k] && order.analytic[k].shape() != order.leaves[k].value.shape())
            return fmt::format("the gradient of {} has the shape {}", order.leaves[k].name,
                               to_string(order.analytic[k].shape()));
    return {};
}

/// How the gradient computed under create_graph differs from the plain one, if it does.
std::string graph_difference(const Numbers& plain, const Numbers& recorded, double roundoff) {
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const double accepted = 1e4 * roundoff * std::max({1.0, std::abs(plain[i]), std::abs(recorded[i])});
        if (!(std::abs(plain[i] - recorded[i]) <= accepted))
            return fmt::format(
                "under create_graph the gradient differs: {:.12g} instead of {:.12g} (element {} of all inputs' "
                "gradients): the two ways of a backward() disagree",
                recorded[i], plain[i], i);
    }
    return {};
}

/// S = sum_i v_i dL/dx_i, and its gradients for the leaves and the weights.
GradcheckOrder second_order(const GradcheckProblem& problem) {
    GradcheckOrder order{2, problem.leaves(), {}, {}, {}};
    order.values = [&problem] { return flattened_gradients(problem, false); };
    for (const GradcheckLeaf& w : problem.weights())
        if (w.value.dtype() == DType::float64) order.leaves.push_back(w);
    std::vector<Variable> wanted, results;
    for (const GradcheckLeaf& leaf : order.leaves) wanted.push_back(leaf.value);
    GradOptions options{.allow_unused = true};
    const std::vector<Variable> gradients = problem.gradients(true);
    std::size_t size = 0, at = 0;
    for (const GradcheckLeaf& leaf : problem.leaves()) size += leaf.value.size();
    order.weights = uneven(size, gradient_weight_step);
    for (std::size_t k = 0; k < gradients.size(); ++k) {
        const std::size_t n = problem.leaves()[k].value.size();
        if (gradients[k] && gradients[k].requires_grad()) {
            results.push_back(gradients[k]);
            options.gradients.push_back(
                Variable::from(std::span<const double>(order.weights).subspan(at, n), gradients[k].shape()));
        }
        at += n;
    }
    if (results.empty())
        order.analytic.resize(wanted.size());
    else
        order.analytic = grad(results, wanted, options);
    return order;
}

void check_orders(GradcheckReport& report, const GradcheckProblem& problem, const GradcheckOptions& options) {
    int number = 1;
    try {
        const GradcheckOrder first = first_order(problem);
        const Numbers plain = flattened_gradients(problem, false);
        if (std::string why = wrong_shape(first); !why.empty()) return fail(report, 1, std::move(why));
        if (!are_identical(plain, flattened_gradients(problem, false)))
            return fail(report, 1, "the gradient is not deterministic: two calls of backward gave different values");
        if (const std::string name = problem.false_reader(); !name.empty())
            return fail(report, 1,
                        fmt::format("the backward() of {} reads a value that its `reads` says it does not: with NaN in "
                                    "the place of that value the gradient is another",
                                    name));
        compare(report, first, problem, options);
        if (!report.passed || !options.second_order || problem.is_constant()) return;
        number = 2;
        if (std::string why = graph_difference(plain, flattened_gradients(problem, true), problem.roundoff());
            !why.empty())
            return fail(report, 2, std::move(why));
        compare(report, second_order(problem), problem, options);
    } catch (const Error& error) {
        fail(report, number, std::string("backward failed: ") + error.what());
    }
}

}  // namespace

GradcheckReport run_gradcheck(const GradcheckFunction& f, const std::vector<Variable>& inputs,
                              const GradcheckOptions& options, const Location& at) {
    if (Capture* const step = thread_state.creations) step->refuse("a gradient check runs in it");
    GradcheckReport report;
    report.at = at;
    const GradcheckProblem problem(f, inputs, options.captured);
    if (std::string why = obstacle(problem, options); !why.empty())
        fail(report, 0, std::move(why));
    else
        check_orders(report, problem, options);
    return report;
}

}  // namespace xgrad::detail
