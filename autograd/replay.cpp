#include <xgrad/autograd/replay.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/program.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace xgrad::detail {

namespace {

/// More shapes than a step is called with, or they change with every call.
constexpr std::size_t most_recordings = 8;
/// After so many steps that could not be replayed, no further one is recorded.
constexpr std::size_t most_failures = 3;

std::atomic<std::uint64_t> epoch{0};

bool is_like(const Variable& v, const Variable& recorded) {
    return v && v.dtype() == recorded.dtype() && v.shape() == recorded.shape() && !v.requires_grad();
}

/// A value of its own with the same elements.
Variable twin(const Variable& v) {
    Variable copy = Variable::empty(v.shape(), v.dtype());
    copy_elements(copy, v);
    return copy;
}

/// Whether it could be run to the end. If not, nothing has happened that a second run would do twice.
/// @throws GraphError when it is too late for that
bool run_all(const Program& program) {
    const NoGrad off;
    bool is_too_late = false;
    for (const auto& instruction : program.instructions) {
        is_too_late |= instruction->has_effect();
        try {
            instruction->run();
        } catch (const ShapeChanged& change) {
            if (!is_too_late) return false;
            throw GraphError(fmt::format(
                "replay: the result of \"{}\" {} is {} now, and was {} when the step was recorded", instruction->name(),
                to_string(instruction->at()), to_string(change.now), to_string(change.before)));
        } catch (Error& error) {
            explain(error, instruction->name(), instruction->at());
            throw;
        }
    }
    return true;
}

}  // namespace

void forget_recordings() noexcept { ++epoch; }

struct Recordings::Entry {
    Program program;
    std::uint64_t made_in = epoch;

    bool takes(std::span<const Variable* const> in) const {
        return std::equal(in.begin(), in.end(), program.inputs.begin(), program.inputs.end(),
                          [](const Variable* v, const Variable& recorded) { return is_like(*v, recorded); }) &&
               program.was_recording == is_recording();
    }
    /// Whether what the step uses is as it was.
    bool is_valid() const {
        return made_in == epoch && std::all_of(program.sources.begin(), program.sources.end(),
                                               [](const Program::Source& s) { return s.is_as_before(); });
    }
    bool is_held_outside() const {
        return std::any_of(program.results.begin(), program.results.end(),
                           [](const Program::Result& r) { return r.is_held_outside(); });
    }
    bool is_ready() const {
        return std::none_of(program.without_gradient.begin(), program.without_gradient.end(), [](const Variable& leaf) {
            return leaf.node().grad.load(std::memory_order_acquire) != nullptr;
        });
    }
};

Recordings::Recordings() = default;
Recordings::~Recordings() = default;
Recordings::Recordings(Recordings&&) noexcept = default;
Recordings& Recordings::operator=(Recordings&&) noexcept = default;

bool Recordings::replay(std::span<const Variable* const> inputs) {
    if (thread_state.capture != nullptr) return false;  // a step within a step is part of that
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry->takes(inputs); });
    if (found == entries_.end()) return false;
    if (!(*found)->is_valid()) {
        why_not_ =
            "a value that the step uses has another type, or requires a gradient now or no longer, or a hook was "
            "registered, or a module was switched between training and evaluation";
        entries_.erase(found);
        was_stale_ = true;
        return false;
    }
    if ((*found)->is_held_outside()) {
        why_not_ = "a value that the step made, such as a gradient, is still held outside it";
        entries_.erase(found);
        was_stale_ = true;
        ++failures_;
        return false;
    }
    if (!(*found)->is_ready()) {
        why_not_ = "a gradient was not cleared before the step, and was when it was recorded";
        return false;
    }
    std::rotate(entries_.begin(), found, found + 1);
    const Program& program = entries_.front()->program;
    for (std::size_t i = 0; i < inputs.size(); ++i) copy_elements(program.inputs[i], *inputs[i]);
    if (run_all(program)) return true;
    why_not_ = "a result has another shape now: its shape depends on elements";
    entries_.erase(entries_.begin());
    ++failures_;
    return false;
}

std::vector<Variable> Recordings::run(const ListFunction& step, const std::vector<Variable>& inputs) {
    const auto without_history = [](std::vector<Variable> results) {
        for (Variable& v : results)
            if (v) v = v.detach();
        return results;
    };
    if (thread_state.capture != nullptr) return step(inputs);
    ++calls_;
    const bool needs_gradient =
        std::any_of(inputs.begin(), inputs.end(), [](const Variable& v) { return !v || v.requires_grad(); });
    if (calls_ == 1) why_not_ = "the first call runs the step as it stands";
    if (needs_gradient) why_not_ = "an input is empty or requires a gradient";
    if (calls_ == 1 || needs_gradient || failures_ >= most_failures) return without_history(step(inputs));

    auto entry = std::make_unique<Entry>();
    std::vector<Variable> copies;
    {
        std::vector<Variable> own;
        for (const Variable& v : inputs) own.push_back(twin(v));
        Capture capture(own);
        std::vector<Variable> results = step(own);
        entry->program = std::move(capture).finish(results);
        for (std::size_t i = 0; i < own.size(); ++i)
            if (own[i].node().version() != 0) Variable(inputs[i]).assign(own[i]);  // as the step did to its input
        if (!capture.refusal().empty()) {
            why_not_ = capture.refusal();
            if (++failures_ >= most_failures) entries_.clear();
            return without_history(std::move(results));
        }
        for (const Variable& v : results) copies.push_back(v ? twin(v) : v);
    }
    for (Program::Result& result : entry->program.results) result.count();
    why_not_ = std::exchange(was_stale_, false) ? "it was recorded anew: " + why_not_ : "it was recorded";
    if (entries_.size() == most_recordings) entries_.pop_back();
    entries_.insert(entries_.begin(), std::move(entry));
    return copies;
}

Variable Recordings::output(std::size_t i) const {
    const Variable& v = entries_.front()->program.outputs[i];
    return v ? twin(v) : v;
}
std::size_t Recordings::output_count() const { return entries_.front()->program.outputs.size(); }

}  // namespace xgrad::detail
