#include <xgrad/optim/fit.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/recording.hpp>

namespace xgrad::optim {

namespace {

/// Averages over the samples met so far.
class Averages {
public:
    explicit Averages(const std::vector<Metric>& metrics) : metrics_(metrics) {
        logs_.emplace_back("loss", 0);
        for (const Metric& metric : metrics) logs_.emplace_back(metric.name, 0);
    }
    void add(const Variable& loss, const Variable& prediction, const Variable& target, std::size_t samples) {
        samples_ += static_cast<double>(samples);
        const double weight = static_cast<double>(samples) / samples_;
        const auto move = [&](double& average, double value) { average += weight * (value - average); };
        move(logs_[0].second, loss.item());
        for (std::size_t i = 0; i < metrics_.size(); ++i)
            move(logs_[i + 1].second, metrics_[i].function(prediction, target));
    }
    const Logs& logs() const { return logs_; }

private:
    const std::vector<Metric>& metrics_;
    Logs logs_;
    double samples_ = 0;
};

void check(const datasets::Dataset& data, std::size_t batch_size, const char* function, const Location& at) {
    detail::located(function, at, [&] {
        if (data.size() == 0) throw ValueError("the data set is empty");
        if (batch_size == 0) throw ValueError("batch_size is 0");
    });
}

}  // namespace

Logs evaluate(const FitModel& model, const Loss& loss, const datasets::Dataset& data,
              const std::vector<Metric>& metrics, std::size_t batch_size, const Location& at) {
    check(data, batch_size, "evaluate", at);
    const NoGrad off;
    model.set_training(false);
    Averages averages(metrics);
    for (const auto& [x, y] : datasets::batches(data, {.size = batch_size})) {
        const Variable prediction = model.predict(x);
        averages.add(loss(prediction, y), prediction, y, x.shape()[0]);
    }
    return averages.logs();
}

History fit(const FitModel& model, Optimizer& optimizer, const Loss& loss, const datasets::Dataset& train,
            const FitOptions& options, const Location& at) {
    check(train, options.batch_size, "fit", at);
    History history;
    FitState state;
    state.epochs = options.epochs;
    state.steps = (train.size() + options.batch_size - 1) / options.batch_size;
    state.parameters = optimizer.parameters();
    const auto tell = [&](auto event, const auto&... logs) {
        for (const AnyCallback& callback : options.callbacks) (callback.operator->()->*event)(state, logs...);
    };

    tell(&Callback::on_train_begin);
    for (state.epoch = 0; state.epoch < options.epochs && !state.stop; ++state.epoch) {
        tell(&Callback::on_epoch_begin);
        model.set_training(true);
        Averages averages(options.metrics);
        state.step = 0;
        for (const auto& [x, y] : datasets::batches(train, {.size = options.batch_size, .shuffle = options.shuffle})) {
            const Variable prediction = model.predict(x);
            const Variable value = loss(prediction, y);
            optimizer.zero_grad();
            value.backward();
            optimizer.step(at);
            averages.add(value, prediction, y, x.shape()[0]);
            tell(&Callback::on_batch_end, averages.logs());
            ++state.step;
        }
        Logs logs = averages.logs();
        if (options.validation != nullptr)
            for (auto& [name, value] :
                 evaluate(model, loss, *options.validation, options.metrics, options.batch_size, at))
                logs.emplace_back("val_" + name, value);
        history.epochs.push_back(logs);
        tell(&Callback::on_epoch_end, logs);
    }
    tell(&Callback::on_train_end);
    model.set_training(false);
    return history;
}

}  // namespace xgrad::optim
