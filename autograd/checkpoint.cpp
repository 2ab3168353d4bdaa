#include <xgrad/autograd/checkpoint.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/many_step.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/random_log.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/region.hpp>
#include <xgrad/autograd/sweep.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace xgrad::detail {

namespace {

/// The recorded run of a function of which only inputs and outputs are kept.
class Checkpoint final : public ManyStep {
public:
    Checkpoint(std::shared_ptr<const ListFunction> f, std::vector<Variable> given, RandomLog log)
        : f_(std::move(f)), given_(std::move(given)), log_(std::move(log)) {}

    std::string_view operator_name() const override { return "checkpoint"; }
    bool reads(std::size_t i) const override { return i != input_count; }

    /// All that the outputs depend on: what f was given, and what it took from elsewhere.
    void keep(std::vector<Variable> sources) {
        sources_ = std::move(sources);
        for (const Variable& v : sources_) source_versions_.push_back(v.node().version());
        source_versions_.push_back(0);
        inputs = sources_.data();
        input_versions = source_versions_.data();
        input_count = static_cast<std::uint32_t>(sources_.size());
    }
    void drop_saved() override {
        ManyStep::drop_saved();
        f_.reset();
        given_.clear();
        log_ = {};
    }

private:
    void rule(std::span<const Variable> y, std::span<const Variable> dy, Needs needs,
              Variable* gradients) const override {
        std::vector<Variable> wanted;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (!needs[i]) continue;
            wanted.push_back(sources_[i]);
            places.push_back(i);
        }
        if (wanted.empty()) return;
        const std::uint64_t start = after_sources();
        const std::vector<Variable> again = run_again(y);
        std::vector<Variable> results;
        for (std::size_t j = 0; j < again.size(); ++j)
            if (has_gradient(j)) results.push_back(again[j]);
        Sweep sweep(results, wanted, {.keep_graph = is_recording(), .since = start});
        for (std::size_t j = 0; j < again.size(); ++j)
            if (has_gradient(j)) sweep.seed(again[j], dy[j]);
        sweep.run();
        for (std::size_t k = 0; k < wanted.size(); ++k) gradients[places[k]] = std::move(sweep.captured()[k]);
    }

    /// A sequence number that all the second run's nodes will reach, and nothing that the run starts from has.
    std::uint64_t after_sources() const {
        for (const Variable& v : sources_) thread_state.clock = std::max(thread_state.clock, v.node().sequence);
        return thread_state.clock + 1;
    }

    std::vector<Variable> run_again(std::span<const Variable> first) const {
        const Recording on(true);
        RandomLog log = log_;
        const RandomLog::Drawing replay(log, RandomLog::Use::replay);
        std::vector<Variable> again = (*f_)(given_);
        bool same = again.size() == first.size();
        for (std::size_t j = 0; j < again.size() && same; ++j)
            same = !again[j] == !first[j] &&
                   (!again[j] || (again[j].shape() == first[j].shape() && again[j].dtype() == first[j].dtype() &&
                                  (again[j].requires_grad() || !has_gradient(j))));
        if (!same)
            throw GraphError(
                fmt::format("checkpoint {}: f gave something else when it ran again: other shapes or types, or a "
                            "result without a gradient",
                            to_string(location)));
        return again;
    }

    std::shared_ptr<const ListFunction> f_;
    std::vector<Variable> given_, sources_;
    std::vector<std::uint32_t> source_versions_;
    RandomLog log_;
};

}  // namespace

std::vector<Variable> checkpoint(ListFunction f, const std::vector<Variable>& inputs, const Location& at) {
    if (!is_recording()) return f(inputs);
    const auto shared = std::make_shared<const ListFunction>(std::move(f));  // one and the same for both runs
    RandomLog log;
    std::vector<Variable> outputs, sources;
    {
        const Region first_run;
        const RandomLog::Drawing noting(log, RandomLog::Use::note);
        outputs = (*shared)(inputs);
        sources = first_run.sources(outputs);
    }
    std::vector<bool> has_gradient(outputs.size());
    std::transform(outputs.begin(), outputs.end(), has_gradient.begin(),
                   [](const Variable& y) { return y.requires_grad(); });
    if (std::none_of(has_gradient.begin(), has_gradient.end(), [](bool has) { return has; })) return outputs;
    for (Variable& y : outputs)
        if (y) y = y.detach();  // what led to them is let go here
    // Inputs without a gradient are sources too: they must not have changed when f runs again.
    for (const Variable& v : inputs)
        if (v && !v.requires_grad()) sources.push_back(v);
    const DType dtype = outputs[static_cast<std::size_t>(std::find(has_gradient.begin(), has_gradient.end(), true) -
                                                         has_gradient.begin())]
                            .dtype();
    auto* const step = make_node<Checkpoint>(Shape{0}, dtype, false, shared, inputs, std::move(log));
    const Variable holder = Variable::adopt(step);
    step->keep(std::move(sources));
    stamp(*step, at);
    step->attach(outputs, &has_gradient);
    return outputs;
}

}  // namespace xgrad::detail
