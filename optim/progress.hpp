#pragma once

#include <xgrad/optim/callback.hpp>

#include <chrono>
#include <cstdio>

namespace xgrad::optim {

/// Shows how training goes, in Keras's layout: on a terminal a line per epoch that is redrawn as batches pass,
///
///     Epoch 3/10
///     157/313 [==============>...............] - 0.6 ms/step - loss: 0.4512 - accuracy: 0.8401
///
/// and elsewhere one plain line when an epoch has ended.
class Progress : public Callback {
public:
    explicit Progress(std::FILE* out = stdout);
    void on_epoch_begin(FitState& state) override;
    void on_batch_end(FitState& state, const Logs& logs) override;
    void on_epoch_end(FitState& state, const Logs& logs) override;

private:
    using Clock = std::chrono::steady_clock;
    void show(const FitState& state, const Logs& logs, bool last);

    std::FILE* out_;
    bool live_;
    Clock::time_point begin_, shown_;
    double milliseconds_per_step_ = 0;  // of the training steps alone, without the validation
};

}  // namespace xgrad::optim
