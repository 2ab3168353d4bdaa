#include <xgrad/optim/callback.hpp>

#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/recording.hpp>

namespace xgrad::optim {

void EarlyStopping::on_train_begin(FitState&) {
    any_ = false;
    waited_ = 0;
    best_weights_.clear();
}

void EarlyStopping::on_epoch_end(FitState& state, const Logs& logs) {
    const double value = value_of(logs, options_.monitor);
    const bool better = options_.maximize ? value > best_ + options_.min_delta : value < best_ - options_.min_delta;
    if (!any_ || better) {
        any_ = true;
        best_ = value;
        waited_ = 0;
        if (!options_.restore_best_weights) return;
        const NoGrad off;
        best_weights_.clear();
        for (const Variable& p : state.parameters) best_weights_.push_back(copy(p));
    } else if (++waited_ >= options_.patience) {
        state.stop = true;
    }
}

void EarlyStopping::on_train_end(FitState& state) {
    for (std::size_t i = 0; i < best_weights_.size(); ++i) state.parameters[i].assign(best_weights_[i]);
}

}  // namespace xgrad::optim
