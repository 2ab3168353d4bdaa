#include <xgrad/nn/losses.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/nn/loss_parts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numbers>

namespace xgrad::nn {

namespace detail {

void check_same_shape(const Variable& prediction, const Variable& target) {
    const Shape &p = prediction.shape(), &t = target.shape();
    if (p == t) return;
    std::string hint;
    if (prediction.size() == target.size())
        hint = fmt::format("; reshape one of them, or they would broadcast to {}", to_string(broadcast(p, t)));
    throw ShapeError(
        fmt::format("the shapes of prediction {} and target {} differ{}", to_string(p), to_string(t), hint));
}

Variable as_real(const Variable& target, DType dtype) {
    return is_floating(target.dtype()) || !is_floating(dtype) ? target : target.to(dtype);
}

Variable reduce_samples(const Variable& samples, Reduction reduction, const Variable& sample_weight) {
    if (samples.size() == 0) throw ShapeError(fmt::format("an empty batch: {} samples", to_string(samples.shape())));
    Variable weighed = samples;
    if (sample_weight) {
        const Variable weight = as_real(sample_weight, samples.dtype());
        if (weight.shape() != samples.shape())
            throw ShapeError(fmt::format("needs one sample_weight for each sample: samples {}, weights {}",
                                         to_string(samples.shape()), to_string(weight.shape())));
        weighed = samples * weight;
    }
    if (reduction == Reduction::none) return weighed;
    return reduction == Reduction::mean ? mean(weighed) : sum(weighed);
}

Variable reduce_elements(const Variable& elements, Reduction reduction, const Variable& sample_weight) {
    // The mean of equally long rows' means is the mean of all: one pass.
    if (elements.rank() == 0 || (reduction == Reduction::mean && !sample_weight && elements.size() != 0))
        return mean(elements);
    return reduce_samples(mean(elements, -1), reduction, sample_weight);
}

}  // namespace detail

using detail::Loss;

Variable mean_squared_error(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("mean_squared_error");
    return loss.elementwise(prediction, target, options, [](auto p, auto t) { return square(p - t); });
}

Variable mean_absolute_error(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("mean_absolute_error");
    return loss.elementwise(prediction, target, options, [](auto p, auto t) { return abs(p - t); });
}

Variable mean_bias_error(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("mean_bias_error");
    return loss.elementwise(prediction, target, options, [](auto p, auto t) { return p - t; });
}

Variable huber(const Operand& prediction, const Operand& target, const HuberOptions& options) {
    static const Loss loss("huber");
    return loss.run(prediction.at(), [&, delta = options.delta] {
        if (!(delta > 0)) throw ValueError(fmt::format("delta is {}, it must be positive", delta));
        return loss.elementwise(prediction, target, options, [delta](auto p, auto t) {
            const auto d = p - t;
            return where(abs(d) <= delta, 0.5 * d * d, delta * abs(d) - 0.5 * delta * delta);
        });
    });
}

Variable log_cosh(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("log_cosh");
    // log cosh d = d + log(1 + e^(-2d)) - log 2
    return loss.elementwise(prediction, target, options, [](auto p, auto t) {
        const auto d = p - t;
        return d + softplus(-2 * d) - std::numbers::ln2;
    });
}

Variable hinge(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("hinge");
    const std::vector<double> labels = target->to_vector();
    const bool binary = std::ranges::all_of(labels, [](double t) { return t == 0 || t == 1; });
    return loss.elementwise(prediction, target, options,
                            [binary](auto p, auto t) { return maximum(1 - (binary ? 2 * t - 1 : 1 * t) * p, 0); });
}

Variable poisson(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("poisson");
    return loss.elementwise(prediction, target, options, [](auto p, auto t) { return p - t * log(p + 1e-7); });
}

Variable kl_divergence(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("kl_divergence");
    return loss.run(prediction.at(), [&] {
        const Variable& p = prediction.get();
        const Variable t = detail::as_real(target.get(), p.dtype());
        detail::check_same_shape(p, t);
        const Variable terms = map(
            [](auto q, auto s) {
                const auto clipped = clip(s, 1e-7, 1);
                return clipped * log(clipped / clip(q, 1e-7, 1));
            },
            p, t);
        return detail::reduce_samples(sum(terms, -1), options.reduction, options.sample_weight);
    });
}

Variable cosine_similarity(const Operand& prediction, const Operand& target, const LossOptions& options) {
    static const Loss loss("cosine_similarity");
    return loss.run(prediction.at(), [&] {
        const Variable& p = prediction.get();
        const Variable t = detail::as_real(target.get(), p.dtype());
        detail::check_same_shape(p, t);
        // Keras's guard against a zero vector
        const auto norm = [](const Variable& v) { return sqrt(maximum(sum(square(v), -1), 1e-12)); };
        const Variable cosine = sum(p * t, -1) / (norm(p) * norm(t));
        return detail::reduce_samples(-cosine, options.reduction, options.sample_weight);
    });
}

}  // namespace xgrad::nn
