#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/softmax.hpp>
#include <xgrad/nn/loss_parts.hpp>
#include <xgrad/nn/losses.hpp>

#include <fmt/format.h>

#include <string_view>

namespace xgrad::nn {

namespace {

constexpr double smallest = 1e-7, largest = 1 - 1e-7;  // Keras's epsilon

/// The logits: the prediction itself, or what stands behind it when it is directly the result of `activation`; empty
/// for plain probabilities.
Variable logits_of(const Variable& prediction, std::string_view activation, bool from_logits) {
    if (from_logits) return prediction;
    const Node& node = prediction.node();
    return node.operator_name() == activation && node.input_count == 1 ? node.inputs[0] : Variable();
}

/// log p over the last axis.
Variable log_probabilities(const Variable& prediction, bool from_logits) {
    const Variable logits = logits_of(prediction, "softmax", from_logits);
    if (logits) return log_softmax(logits);
    const Variable total = sum(prediction, -1, {.keepdims = true});
    return map([](auto p, auto s) { return log(clip(p / s, smallest, largest)); }, prediction, total);
}

void check_smoothing(double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1))
        throw ValueError(fmt::format("label_smoothing is {}, it must be in [0, 1]", smoothing));
}

}  // namespace

Variable binary_crossentropy(const Operand& prediction, const Operand& target, const CrossentropyOptions& options) {
    static const detail::Loss loss("binary_crossentropy");
    return loss.run(prediction.at(), [&] {
        check_smoothing(options.label_smoothing);
        const double scale = 1 - options.label_smoothing, shift = options.label_smoothing / 2;
        const Variable logits = logits_of(prediction.get(), "sigmoid", options.from_logits);
        if (logits) {
            // Both terms are positive: nothing cancels. Neither has a kink.
            return loss.elementwise(logits, target, options, [=](auto z, auto label) {
                const auto t = scale * label + shift;
                return (1 - t) * softplus(z) + t * softplus(-z);
            });
        }
        return loss.elementwise(prediction, target, options, [=](auto probability, auto label) {
            const auto t = scale * label + shift;
            const auto p = clip(probability, smallest, largest);
            return -(t * log(p) + (1 - t) * log(1 - p));
        });
    });
}

Variable categorical_crossentropy(const Operand& prediction, const Operand& target,
                                  const CrossentropyOptions& options) {
    static const detail::Loss loss("categorical_crossentropy");
    return loss.run(prediction.at(), [&] {
        check_smoothing(options.label_smoothing);
        const Variable& p = prediction.get();
        const Variable t = detail::as_real(target.get(), p.dtype());
        detail::check_same_shape(p, t);
        const Variable logs = log_probabilities(p, options.from_logits);
        const double scale = 1 - options.label_smoothing;
        const double shift = options.label_smoothing / static_cast<double>(p.shape().back());
        // where() and not a product alone: a class that is excluded by an infinite logit counts 0, not NaN
        const Variable terms = map(
            [=](auto l, auto label) {
                const auto weight = scale * label + shift;
                return where(weight == 0, 0, -weight * l);
            },
            logs, t);
        return detail::reduce_samples(sum(terms, -1), options.reduction, options.sample_weight);
    });
}

Variable sparse_categorical_crossentropy(const Operand& prediction, const Operand& labels,
                                         const CrossentropyOptions& options) {
    static const detail::Loss loss("sparse_categorical_crossentropy");
    return loss.run(prediction.at(), [&] {
        check_smoothing(options.label_smoothing);
        const Variable &p = prediction.get(), &numbers = labels.as(DType::int64);
        if (numbers.shape() == p.shape())
            throw ShapeError(
                fmt::format("needs one class number for each row of {}, got {}; for one-hot targets use "
                            "categorical_crossentropy",
                            to_string(p.shape()), to_string(numbers.shape())));
        const Variable logs = log_probabilities(p, options.from_logits);
        Variable samples = -pick(logs, numbers);
        if (options.label_smoothing > 0)
            samples = (1 - options.label_smoothing) * samples - options.label_smoothing * mean(logs, -1);
        return detail::reduce_samples(samples, options.reduction, options.sample_weight);
    });
}

}  // namespace xgrad::nn
