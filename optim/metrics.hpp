#pragma once

#include <xgrad/autograd/variable.hpp>

#include <functional>
#include <string>

namespace xgrad::optim {

/// A measure of predictions against targets: a name and a function that gives its mean over the batch.
struct Metric {
    std::string name;
    std::function<double(const Variable& prediction, const Variable& target)> function;
};

/// The part of the samples whose largest output is the label's.
/// @param prediction (n, classes), probabilities or logits
/// @param target (n), int64
/// @throws ShapeError when the shapes do not fit
double sparse_categorical_accuracy(const Variable& prediction, const Variable& target);
/// The same for one-hot targets, (n, classes).
double categorical_accuracy(const Variable& prediction, const Variable& target);
/// The part of the outputs on the target's side of 0.5; shapes alike.
double binary_accuracy(const Variable& prediction, const Variable& target);
/// "accuracy", which of the three by the shapes and types it meets, as Keras does.
Metric accuracy();

}  // namespace xgrad::optim
