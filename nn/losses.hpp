#pragma once

#include <xgrad/autograd/variable.hpp>

/// Keras's losses, as functions of (prediction, target). Each measures every sample over the last axis, and then takes
/// the mean over the samples (or their sum, or leaves them). Targets that are integers are converted. All throw
/// ShapeError when prediction and target differ in shape, since (n, 1) against (n) would broadcast to (n, n), and on an
/// empty batch.
namespace xgrad::nn {

/// What becomes of the samples' losses, shape (n, ...).
enum class Reduction { mean, sum, none };

struct LossOptions {
    Reduction reduction = Reduction::mean;
    /// A factor for each sample, of the samples' shape. The mean still divides by the number of samples.
    Variable sample_weight = {};
};

/// mean((p - t)^2)
Variable mean_squared_error(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// mean(|p - t|), slope 0 where they are equal
Variable mean_absolute_error(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// mean(p - t): positive when predictions are too high
Variable mean_bias_error(const Operand& prediction, const Operand& target, const LossOptions& options = {});

inline Variable mse(const Operand& prediction, const Operand& target, const LossOptions& options = {}) {
    return mean_squared_error(prediction, target, options);
}
inline Variable mae(const Operand& prediction, const Operand& target, const LossOptions& options = {}) {
    return mean_absolute_error(prediction, target, options);
}
inline Variable mbe(const Operand& prediction, const Operand& target, const LossOptions& options = {}) {
    return mean_bias_error(prediction, target, options);
}

struct HuberOptions {
    double delta = 1;  ///< where the square goes over into a straight line
    Reduction reduction = Reduction::mean;
    Variable sample_weight = {};
};
/// With d = p - t: mean(d^2 / 2 where |d| <= delta, else delta |d| - delta^2 / 2) (Huber 1964).
/// @throws ValueError unless delta is positive
Variable huber(const Operand& prediction, const Operand& target, const HuberOptions& options = {});
/// mean(log cosh(p - t)), without overflow
Variable log_cosh(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// mean(max(0, 1 - t p)), for targets -1 and 1; when all are 0 or 1, they are taken as -1 and 1.
Variable hinge(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// mean(p - t log(p + 1e-7)), for counts t
Variable poisson(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// sum(t log(t / p)), both clipped to [1e-7, 1]
Variable kl_divergence(const Operand& prediction, const Operand& target, const LossOptions& options = {});
/// -sum(t p) / (|t| |p|): -1 for the same direction, 1 for the opposite one
Variable cosine_similarity(const Operand& prediction, const Operand& target, const LossOptions& options = {});

struct CrossentropyOptions {
    bool from_logits = false;    ///< the prediction is what goes into the softmax or sigmoid
    double label_smoothing = 0;  ///< the part of each target, in [0, 1], that is spread evenly over the classes
    Reduction reduction = Reduction::mean;
    Variable sample_weight = {};
};

/// @name Cross-entropies, in nats
/// From logits they are computed without overflow or cancellation: finite, with the right gradient, for the largest
/// logits. From probabilities, these are clipped to [1e-7, 1 - 1e-7], where the gradient is then 0. A prediction that
/// comes straight from a recorded softmax (sigmoid) is replaced by the logits behind it, as Keras does, so that
/// `.activation = "softmax"` in the last layer costs no accuracy. Under NoGrad nothing is recorded, so the same call
/// clips there. All throw ValueError on a label_smoothing outside [0, 1].
/// @{

/// mean(-t log p - (1 - t) log(1 - p)) over the last axis, for targets in [0, 1].
///
///     from logits z: (1 - t) softplus(z) + t softplus(-z)        dz = (sigmoid(z) - t) / size
Variable binary_crossentropy(const Operand& prediction, const Operand& target, const CrossentropyOptions& options = {});

/// -sum(t log p) over the last axis, for targets that are themselves probabilities (one-hot, say). Predicted
/// probabilities are first divided by their sum.
///
///     from logits z: p = softmax(z)        dz = (p sum(t) - t) / n
Variable categorical_crossentropy(const Operand& prediction, const Operand& target,
                                  const CrossentropyOptions& options = {});

/// -log p[label]: categorical_crossentropy for targets given as class numbers.
/// @param prediction (..., classes)
/// @param labels int64 (...), each in [0, classes)
/// @throws IndexError on a label out of range, naming both; DTypeError unless labels are int64
Variable sparse_categorical_crossentropy(const Operand& prediction, const Operand& labels,
                                         const CrossentropyOptions& options = {});
/// @}

}  // namespace xgrad::nn
