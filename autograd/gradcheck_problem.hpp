#pragma once

#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/recording.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::detail {

/// Keeps float32 leaves in float64, with their gradients set aside, as long as it lives.
class Promotion {
public:
    explicit Promotion(const std::vector<Variable>& leaves);
    ~Promotion();
    Promotion(const Promotion&) = delete;
    Promotion& operator=(const Promotion&) = delete;

private:
    struct Saved {
        Variable leaf, gradient;
    };
    std::vector<Saved> saved_;
};

/// What is perturbed: an input's float64 copy, a captured leaf, or the weights of an output.
struct GradcheckLeaf {
    Variable value;
    std::string name;
};

/// f in float64 at a point whose leaves can be moved in place, with the weights that make a scalar of its results.
class GradcheckProblem {
public:
    GradcheckProblem(const GradcheckFunction& f, const std::vector<Variable>& inputs, bool check_captured);

    /// The inputs and captured leaves.
    const std::vector<GradcheckLeaf>& leaves() const { return leaves_; }
    /// The weights, as leaves: dy.
    const std::vector<GradcheckLeaf>& weights() const { return weights_; }
    /// Whether no result carries a gradient.
    bool is_constant() const { return is_constant_; }
    /// The relative error to expect of a value.
    double roundoff() const { return roundoff_; }

    /// The results that are differentiated: those that carry a gradient, or all of them if none does.
    std::vector<Variable> outputs() const;
    /// dL/d leaf for each of leaves(), empty where no gradient came.
    std::vector<Variable> gradients(bool create_graph) const;
    /// The operator whose backward() reads what its `reads` says it does not; empty if there is none.
    std::string false_reader() const;
    /// "matmul tests/net_test.cpp:12, tanh tests/net_test.cpp:12": what f records, oldest first.
    std::string operators() const;

private:
    std::vector<Variable> gradients_of(const std::vector<Variable>& results, bool create_graph) const;
    std::vector<Variable> find_captured();
    void set_weights();

    const Recording recording_{true};
    const GradcheckFunction& f_;
    std::vector<Variable> arguments_;
    std::vector<GradcheckLeaf> leaves_, weights_;
    std::optional<Promotion> promotion_;
    bool is_constant_ = false;
    double roundoff_ = std::numeric_limits<double>::epsilon() / 2;
};

/// Fixed uneven numbers from 0.5 to 1.5: multiples of `step` modulo 1 (Weyl's sequence), so that no symmetry of f hides
/// an error. Positive, so that at a kink the gradient stays between the one-sided slopes.
std::vector<double> uneven(std::size_t n, double step);
/// The steps of the results' weights and of the gradients' weights: the golden ratio and the root of 2, modulo 1.
inline constexpr double result_weight_step = 0.6180339887498949, gradient_weight_step = 0.4142135623730951;

}  // namespace xgrad::detail
