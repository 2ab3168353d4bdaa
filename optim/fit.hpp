#pragma once

#include <xgrad/datasets/dataset.hpp>
#include <xgrad/optim/callback.hpp>
#include <xgrad/optim/history.hpp>
#include <xgrad/optim/metrics.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <functional>

namespace xgrad::optim {

/// loss(prediction, target) -> a single number, the mean over the batch.
using Loss = std::function<Variable(const Variable& prediction, const Variable& target)>;

struct FitOptions {
    std::size_t epochs = 1;
    std::size_t batch_size = 32;
    Rng* shuffle = nullptr;  ///< a new order of the samples in every epoch; null keeps theirs
    const datasets::Dataset* validation = nullptr;
    std::vector<Metric> metrics = {};
    std::vector<AnyCallback> callbacks = {};
};

/// What fit() asks of a model: a prediction, and to be told whether it is training.
struct FitModel {
    std::function<Variable(const Variable&)> predict;
    std::function<void(bool)> set_training;
};

History fit(const FitModel& model, Optimizer& optimizer, const Loss& loss, const datasets::Dataset& train,
            const FitOptions& options, const Location& at = Location::current());
Logs evaluate(const FitModel& model, const Loss& loss, const datasets::Dataset& data,
              const std::vector<Metric>& metrics, std::size_t batch_size, const Location& at = Location::current());

template <class Model>
FitModel fit_model(Model& model) {
    return {[&model](const Variable& x) -> Variable { return model(x); },
            [&model](bool on) { model.set_training(on); }};
}

/// Trains a model: for every epoch, every batch: predict, loss, backward, step. As Keras's fit(): the epoch's loss and
/// metrics are averages over the samples as they were met, the last batch may be smaller, and the validation follows
/// each epoch. The model is left in evaluation mode.
///
/// @param model anything with operator()(Variable) and set_training(bool)
/// @throws ValueError on an empty data set or a batch size of 0; what the model, loss and callbacks throw
template <class Model>
History fit(Model& model, Optimizer& optimizer, const Loss& loss, const datasets::Dataset& train,
            const FitOptions& options = {}, const Location& at = Location::current()) {
    return fit(fit_model(model), optimizer, loss, train, options, at);
}

/// The loss and metrics over a data set, in evaluation mode and without recording.
template <class Model>
Logs evaluate(Model& model, const Loss& loss, const datasets::Dataset& data, const std::vector<Metric>& metrics = {},
              std::size_t batch_size = 32, const Location& at = Location::current()) {
    return evaluate(fit_model(model), loss, data, metrics, batch_size, at);
}

}  // namespace xgrad::optim
