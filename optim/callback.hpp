#pragma once

#include <xgrad/autograd/variable.hpp>
#include <xgrad/optim/history.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace xgrad::optim {

/// What a callback may look at and change while fit() runs.
struct FitState {
    std::size_t epoch = 0;  ///< from 0
    std::size_t epochs = 0;
    std::size_t step = 0;  ///< in this epoch, from 0
    std::size_t steps = 0;
    std::vector<Variable> parameters = {};
    bool stop = false;  ///< set it to end after this epoch
};

/// Something that is told how training goes. Derive, and override what is of interest.
class Callback {
public:
    virtual ~Callback() = default;
    virtual void on_train_begin(FitState&) {}
    virtual void on_epoch_begin(FitState&) {}
    /// @param logs averages over the epoch so far
    virtual void on_batch_end(FitState&, const Logs& /*logs*/) {}
    /// @param logs the whole epoch's averages, and those of the validation
    virtual void on_epoch_end(FitState&, const Logs& /*logs*/) {}
    virtual void on_train_end(FitState&) {}
};

/// Any callback, by value or as a std::shared_ptr to keep a hand on it.
class AnyCallback {
public:
    template <std::derived_from<Callback> C>
    AnyCallback(C callback) : callback_(std::make_shared<C>(std::move(callback))) {}
    template <std::derived_from<Callback> C>
    AnyCallback(std::shared_ptr<C> callback) : callback_(std::move(callback)) {}
    Callback* operator->() const { return callback_.get(); }

private:
    std::shared_ptr<Callback> callback_;
};

struct EarlyStoppingOptions {
    std::string monitor = "val_loss";
    std::size_t patience = 0;           ///< epochs without improvement that are put up with
    double min_delta = 0;               ///< less than this is no improvement
    bool maximize = false;              ///< for accuracies: more is better
    bool restore_best_weights = false;  ///< end with the best epoch's parameters, not the last one's
};

/// Ends training when a measure has not improved for `patience` epochs in a row, as Keras's EarlyStopping does.
class EarlyStopping : public Callback {
public:
    explicit EarlyStopping(EarlyStoppingOptions options = {}) : options_(std::move(options)) {}
    void on_train_begin(FitState& state) override;
    /// @throws ValueError when nothing of the monitored name is measured
    void on_epoch_end(FitState& state, const Logs& logs) override;
    void on_train_end(FitState& state) override;

private:
    EarlyStoppingOptions options_;
    double best_ = 0;
    bool any_ = false;
    std::size_t waited_ = 0;
    std::vector<Variable> best_weights_;
};

}  // namespace xgrad::optim
