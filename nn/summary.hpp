#pragma once

#include <xgrad/nn/layer.hpp>

#include <functional>
#include <string>

namespace xgrad::nn {

namespace detail {

std::string summarize(Module& model, const Shape& input_shape, const std::function<void(const Variable&)>& run);

}  // namespace detail

/// What Keras 2 prints for a model: its layers with their shapes (None for the batch) and numbers of parameters.
///
///     std::cout << nn::summary(model, {784});
///
/// To learn the shapes, the model runs once, in evaluation mode, on a batch of one zero input. A part that is no Layer,
/// or did not run, has no shape to show. "Non-trainable" counts frozen parameters and buffers.
/// @param input_shape of one sample, without the batch
template <class M>
std::string summary(M& model, const Shape& input_shape) {
    return detail::summarize(model, input_shape, [&model](const Variable& x) { model(x); });
}

}  // namespace xgrad::nn
