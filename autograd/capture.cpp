#include <xgrad/autograd/capture.hpp>

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/program.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

namespace xgrad::detail {

namespace {

class SetGradient final : public Instruction {
public:
    SetGradient(Variable leaf, Variable gradient)
        : Instruction({}), leaf_(std::move(leaf)), gradient_(std::move(gradient)) {}
    void run() override {
        if (leaf_.node().grad.load(std::memory_order_acquire) != gradient_.get()) leaf_.set_grad(gradient_);
    }
    std::string_view name() const override { return "gradient"; }
    bool has_effect() const override { return true; }
    bool clears() const { return !gradient_; }
    const Variable& leaf() const { return leaf_; }
    const Variable& gradient() const { return gradient_; }

private:
    Variable leaf_, gradient_;
};

/// Clearing a gradient that is set again before anything could have looked at it.
bool is_superfluous(const Program& program, std::size_t i) {
    const auto* const cleared = dynamic_cast<const SetGradient*>(program.instructions[i].get());
    if (cleared == nullptr || !cleared->clears()) return false;
    for (std::size_t k = i + 1; k < program.instructions.size(); ++k) {
        const Instruction& later = *program.instructions[k];
        const auto* const set = dynamic_cast<const SetGradient*>(&later);
        if (set != nullptr && set->leaf().is_same(cleared->leaf())) return true;
        if (set == nullptr && later.has_effect()) return false;
    }
    return false;
}

std::string words_for(const Variable& v) {
    return v.node().is_recorded() ? fmt::format("the result of \"{}\" {}", v.node().operator_name(), describe(v))
                                  : fmt::format("{} {}", to_string(v.dtype()), describe(v));
}

}  // namespace

struct Capture::Notes {
    enum class Origin {
        elsewhere,  ///< made during the step, by no instruction
        instruction,
        constant
    };
    struct Made {
        Variable value;  ///< held, so that no other comes to stand at its address
        Origin origin = Origin::elsewhere;
    };

    Program program;
    std::unordered_map<const Node*, Made> made;
    std::unordered_map<const Node*, bool> gradient_set;  // whether a leaf's gradient is of this step
    std::unordered_set<const Node*> sources;
    std::string refusal;
    Capture* outer = thread_state.creations;
};

Capture::Capture(std::span<const Variable> inputs) : notes_(std::make_unique<Notes>()) {
    static std::atomic<std::uint64_t> captures{0};
    number_ = ++captures;
    for (const Variable& v : inputs) {
        notes_->program.inputs.push_back(v);
        add_result(v);
    }
    notes_->program.was_recording = is_recording();
    thread_state.capture = thread_state.creations = this;
}

Capture::~Capture() {
    if (thread_state.creations == this) thread_state.capture = thread_state.creations = notes_->outer;
}

void Capture::use(const Variable& v) {
    if (!v) return;
    const auto made = notes_->made.find(v.get());
    if (made == notes_->made.end()) {
        if (notes_->sources.insert(v.get()).second)
            notes_->program.sources.push_back({v, v.dtype(), v.requires_grad(), v.node().has_hooks});
    } else if (made->second.origin == Notes::Origin::elsewhere) {
        refuse(fmt::format("{} is made inside the step, and not by operators; make it before, or give it to the step",
                           words_for(v)));
    }
}

void Capture::add(std::unique_ptr<Instruction> instruction, std::span<const Variable* const> sources,
                  std::span<const Variable> results) {
    use(sources);
    for (const Variable& v : results)
        if (v) add_result(v);
    notes_->program.instructions.push_back(std::move(instruction));
}

void Capture::add_result(const Variable& v) { notes_->made[v.get()] = {v, Notes::Origin::instruction}; }

void Capture::add_constant(const Variable& v) { notes_->made[v.get()] = {v, Notes::Origin::constant}; }

void Capture::on_creation(const Variable& v) { notes_->made[v.get()] = {v, Notes::Origin::elsewhere}; }

void Capture::on_read(const Variable& v) {
    reads_ = true;
    if (is_asking_) return;
    refuse(
        fmt::format("the elements of {} are read inside the step; return the value and read it outside", words_for(v)));
}

void Capture::on_change(const Variable& v) {
    const auto made = notes_->made.find(v.get());
    if (made == notes_->made.end() || made->second.origin != Notes::Origin::elsewhere)
        refuse(fmt::format("{} is changed in place inside the step, and not by assign()", words_for(v)));
}

void Capture::on_assign(const Variable& to, const Variable& from) {
    const auto& inputs = notes_->program.inputs;
    const auto is_seen_in = [&](const Variable& in) {
        return in.is_same(to) || (in.node().buffer != nullptr && in.node().buffer == to.node().buffer);
    };
    if (std::any_of(inputs.begin(), inputs.end(), is_seen_in))
        refuse("it assigns to one of its inputs, of which a replay has copies");
    use(to);
    use(from);
    add_effect("assign", [to, from] { Variable(to).assign(from); });
}

void Capture::on_gradient_use(const Variable& leaf) {
    if (leaf.node().is_recorded()) return refuse(words_for(leaf) + " retains its gradient (retain_grad)");
    if (notes_->made.contains(leaf.get())) return;  // a leaf of this run has no gradient from before
    if (notes_->gradient_set[leaf.get()]) return;
    if (leaf.node().grad.load(std::memory_order_relaxed) != nullptr)
        refuse(fmt::format("{} has a gradient from before the step; call zero_grad() in it", words_for(leaf)));
    else
        notes_->program.without_gradient.push_back(leaf);
}

void Capture::on_set_gradient(const Variable& leaf, const Variable& gradient) {
    use(leaf);
    use(gradient);
    notes_->gradient_set[leaf.get()] = true;
    notes_->program.instructions.push_back(std::make_unique<SetGradient>(leaf, gradient));
}

void Capture::refuse(std::string reason) {
    if (notes_->refusal.empty()) notes_->refusal = std::move(reason);
}
const std::string& Capture::refusal() const { return notes_->refusal; }

Program Capture::finish(std::span<const Variable> outputs) && {
    for (const Variable& v : outputs) use(v);
    thread_state.capture = thread_state.creations = notes_->outer;
    Program& program = notes_->program;
    program.outputs.assign(outputs.begin(), outputs.end());
    std::unordered_map<const Node*, Variable> leaf_of;
    for (const auto& instruction : program.instructions)
        if (const auto* const set = dynamic_cast<const SetGradient*>(instruction.get());
            set != nullptr && !set->clears())
            leaf_of[set->gradient().get()] = set->leaf();
    for (const auto& [node, made] : notes_->made)
        if (made.origin == Notes::Origin::instruction)
            program.results.push_back({.value = made.value, .leaf = leaf_of[node]});
    for (std::size_t i = program.instructions.size(); i-- > 0;)
        if (is_superfluous(program, i))
            program.instructions.erase(program.instructions.begin() + static_cast<std::ptrdiff_t>(i));
    return std::move(program);
}

void note_read(const Variable& v) { thread_state.capture->on_read(v); }
void note_change(const Variable& v) { thread_state.capture->on_change(v); }

void refuse_replay(std::string_view operator_name) {
    if (thread_state.creations != nullptr)
        thread_state.creations->refuse(fmt::format("\"{}\" keeps values of its forward pass on itself", operator_name));
}

void copy_elements(const Variable& to, const Variable& from) {
    if (to.node().data != from.node().data)
        std::memcpy(to.node().data, from.node().data, from.size() * size_of(from.dtype()));
}

}  // namespace xgrad::detail
