#include <xgrad/autograd/checkpoint.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/many_step.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/random_log.hpp>
#include <xgrad/autograd/sweep.hpp>
#include <xgrad/autograd/tape.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <unordered_set>

namespace xgrad::detail {

namespace {

/// While it lives, what this thread records is of a region of its own: so a run of f is told from what was before.
class Region {
public:
    Region() : id_(++last()), before_(std::exchange(thread_state.region, id_)) {}
    ~Region() { thread_state.region = before_; }
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;
    std::uint32_t id() const { return id_; }

private:
    static std::atomic<std::uint32_t>& last() {
        static std::atomic<std::uint32_t> value{0};
        return value;
    }
    std::uint32_t id_, before_;
};

/// The recorded run of a function of which only inputs and outputs are kept.
class Checkpoint final : public ManyStep {
public:
    Checkpoint(ListFunction f, std::vector<Variable> given, RandomLog log)
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

private:
    void rule(std::span<const Variable> y, std::span<const Variable> dy, Needs needs,
              Variable* gradients) const override {
        const bool create_graph = is_recording();
        const Region second_run;
        std::vector<Variable> again;
        {
            const Recording on(true);
            RandomLog log = log_;
            const RandomLog::Drawing replay(log, RandomLog::Use::replay);
            again = f_(given_);
        }
        check_same_shapes(y, again);
        std::vector<Variable> results, wanted;
        std::vector<std::size_t> places;
        for (const Variable& v : again)
            if (v.requires_grad()) results.push_back(v);
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (!needs[i]) continue;
            wanted.push_back(sources_[i]);
            places.push_back(i);
        }
        if (wanted.empty()) return;
        Sweep sweep(results, wanted, create_graph, second_run.id());
        for (std::size_t j = 0; j < again.size(); ++j)
            if (again[j].requires_grad()) sweep.seed(again[j], dy[j]);
        sweep.run();
        for (std::size_t k = 0; k < wanted.size(); ++k) gradients[places[k]] = std::move(sweep.captured()[k]);
    }

    void check_same_shapes(std::span<const Variable> first, std::span<const Variable> second) const {
        bool same = first.size() == second.size();
        for (std::size_t j = 0; j < first.size() && same; ++j) same = first[j].shape() == second[j].shape();
        if (!same)
            throw GraphError(fmt::format("checkpoint {}: f gave other shapes when it ran again", to_string(location)));
    }

    ListFunction f_;
    std::vector<Variable> given_, sources_;
    std::vector<std::uint32_t> source_versions_;
    RandomLog log_;
};

/// What the region's nodes were computed from: the inputs, and whatever else requires a gradient.
std::vector<Variable> sources_of(const std::vector<Variable>& outputs, const std::vector<Variable>& inputs,
                                 std::uint32_t region) {
    std::vector<Variable> sources;
    std::unordered_set<const Node*> known;
    const auto add = [&](const Variable& v) {
        if (known.insert(v.get()).second) sources.push_back(v);
    };
    for (const Variable& v : inputs) add(v);
    for (Walk walk(outputs, 0, region);;) {
        const std::size_t place = walk.next();
        if (place == Walk::none) return sources;
        const Node& node = walk.node(place);
        for (std::uint32_t i = 0; i < node.input_count; ++i) {
            const Node& input = node.inputs[i].node();
            if (input.requires_grad && !(input.is_recorded() && input.region == region)) add(node.inputs[i]);
        }
    }
}

}  // namespace

std::vector<Variable> checkpoint(const ListFunction& f, const std::vector<Variable>& inputs, const Location& at) {
    if (!is_recording()) return f(inputs);
    RandomLog log;
    std::vector<Variable> outputs, sources;
    {
        const Region first_run;
        const RandomLog::Drawing noting(log, RandomLog::Use::note);
        outputs = f(inputs);
        sources = sources_of(outputs, inputs, first_run.id());
    }
    const auto requires_grad = [](const Variable& v) { return v.requires_grad(); };
    if (std::none_of(outputs.begin(), outputs.end(), requires_grad)) return outputs;
    for (Variable& y : outputs) y = y.detach();  // what led to them is let go here
    auto* const step = make_node<Checkpoint>(Shape{0}, outputs[0].dtype(), false, f, inputs, std::move(log));
    const Variable holder = Variable::adopt(step);
    step->keep(std::move(sources));
    stamp(*step, at);
    step->attach(outputs);
    return outputs;
}

}  // namespace xgrad::detail
