#pragma once

#include <xgrad/autograd/callable.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/variable.hpp>

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Proves gradients: compares what backward computes with numerical differentiation.
namespace xgrad {

struct GradcheckOptions {
    double rtol = 1e-6;   ///< accepted difference, relative to the larger of the two numbers
    double atol = 1e-10;  ///< accepted difference, absolute; the estimated error of the numeric value is added to both
    bool second_order = true;        ///< also check the gradient of the gradient
    bool captured = true;            ///< also check the leaves that f uses without being given them, such as weights
    bool allow_constant = false;     ///< a result that carries no gradient is right if it does not vary either
    std::size_t max_elements = 100;  ///< of an input checked one by one; a larger one is sampled, and ...
    std::size_t directions = 4;      ///< ... checked as a whole along this many directions
    std::size_t show = 5;            ///< the worst elements to report
};

/// One number that was compared.
struct GradcheckElement {
    int order = 1;                   ///< 1: a gradient, 2: a gradient of the weighed gradients
    std::string input;               ///< "x" (2, 3), input 0 (2, 3), captured "w" (3,), dy (2, 3)
    std::vector<std::size_t> index;  ///< of the element, in the input's shape
    bool is_direction = false;       ///< instead of one element, a direction over all of them
    double analytic = 0, numeric = 0;
    double error = 0;            ///< the estimated error of `numeric`
    double left = 0, right = 0;  ///< one-sided slopes, where they differ
};

/// What gradcheck() found: true when all is right, and printable.
struct GradcheckReport {
    bool passed = true;
    int failed_order = 0;                      ///< 1 or 2; 0 when passed, or when f could not be checked
    std::size_t compared = 0;                  ///< numbers compared, in both orders
    double largest_error = 0;                  ///< of the right ones: |analytic - numeric|
    std::size_t faults = 0;                    ///< numbers that are wrong
    std::vector<GradcheckElement> worst = {};  ///< the wrong ones, worst first; GradcheckOptions::show of them
    std::vector<GradcheckElement> kinks = {};  ///< where f has a kink or jump and the gradient is one of its slopes
    std::vector<std::string> diagnosis = {};   ///< what the pattern of the faults says, in sentences
    Location at = {};

    explicit operator bool() const { return passed; }
};
std::ostream& operator<<(std::ostream& out, const GradcheckReport& report);
std::string to_string(const GradcheckReport& report);

namespace detail {

using GradcheckFunction = ListFunction;

GradcheckReport run_gradcheck(const GradcheckFunction& f, const std::vector<Variable>& inputs,
                              const GradcheckOptions& options, const Location& at);

}  // namespace detail

/// Compares the gradients that backward computes for f at `inputs` with numerical ones, of first and second order.
///
///     BOOST_TEST(gradcheck([](const Variable& x, const Variable& w) { return tanh(matmul(x, w)); }, {x, w}));
///
/// All is computed in float64, whatever the inputs are: they are copied (one given twice becomes two), and float32
/// leaves that f captures (a model's weights) are converted while the check runs, then restored. int64 inputs are
/// passed on as they are. The result, of any shape, is weighed with fixed uneven numbers to a scalar L = sum_j w_j y_j.
///
/// - First order: dL/dx against central differences with step halving and Richardson's extrapolation (Ridders 1982),
///   which estimates its own error; that error counts as tolerance, up to a thousandth of the largest gradient.
/// - Second order: S = sum_i v_i dL/dx_i, computed under create_graph; its gradients with respect to the inputs and to
///   w (the dy that a backward rule is given) against differences of S.
///
/// What no backward() in the graph says that it reads (`reads`) holds NaN in one more run: the gradient must not
/// change.
///
/// At a kink (left and right slopes differ, as for relu at 0) any slope between the two is right. A failure says which
/// order failed, shows the worst elements, and reads from their pattern what is likely wrong.
///
/// @param f takes as many `const Variable&` (or `const Operand&`) as there are inputs, or one
///        `const std::vector<Variable>&`; returns a Variable, or several in a vector, array, tuple or pair. It must
///        give the same values each time: a function that draws random numbers seeds its generator inside.
/// @throws ValueError when f takes another number of inputs, or none of them is real; whatever f itself throws
GradcheckReport gradcheck(auto f, const std::vector<Variable>& inputs, const GradcheckOptions& options = {},
                          const Location& at = Location::current()) {
    return detail::run_gradcheck(detail::erase_signature(std::move(f), inputs.size(), "gradcheck", at), inputs, options,
                                 at);
}

}  // namespace xgrad
