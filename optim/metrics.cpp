#include <xgrad/optim/metrics.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

namespace xgrad::optim {

namespace {

[[noreturn]] void misfit(const char* name, const Variable& prediction, const Variable& target) {
    throw ShapeError(
        fmt::format("{}: prediction {}, target {}", name, to_string(prediction.shape()), to_string(target.shape())));
}

}  // namespace

double sparse_categorical_accuracy(const Variable& prediction, const Variable& target) {
    if (prediction.rank() != target.rank() + 1 || prediction.size() != target.size() * prediction.shape().back())
        misfit("sparse_categorical_accuracy", prediction, target);
    const NoGrad off;
    return mean(argmax(prediction, -1) == target).item();
}

double categorical_accuracy(const Variable& prediction, const Variable& target) {
    if (prediction.shape() != target.shape()) misfit("categorical_accuracy", prediction, target);
    const NoGrad off;
    return mean(argmax(prediction, -1) == argmax(target, -1)).item();
}

double binary_accuracy(const Variable& prediction, const Variable& target) {
    if (prediction.shape() != target.shape()) misfit("binary_accuracy", prediction, target);
    const NoGrad off;
    return mean((prediction > 0.5) == (target > 0.5)).item();
}

Metric accuracy() {
    return {"accuracy", [](const Variable& prediction, const Variable& target) {
                if (target.dtype() == DType::int64) return sparse_categorical_accuracy(prediction, target);
                const bool classes = prediction.rank() > 1 && prediction.shape().back() > 1;
                return classes ? categorical_accuracy(prediction, target) : binary_accuracy(prediction, target);
            }};
}

}  // namespace xgrad::optim
