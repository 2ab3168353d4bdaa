#include <xgrad/autograd/tape.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/thread_state.hpp>

namespace xgrad {

namespace {

// A mark is the walk's number and a place on it.
constexpr int place_bits = 36;

constexpr auto older = [](const auto& a, const auto& b) { return a.first < b.first; };

}  // namespace

Walk::Walk(std::span<const Variable> results, std::uint64_t since)
    : results_(results.begin(), results.end()), since_(since), first_mark_(++thread_state.sweeps << place_bits) {
    for (const Variable& result : results_)
        if (result) meet(result.node());
}

Walk::~Walk() {
    for (std::size_t place = 0; place < entries_.size(); ++place) drop(place);
}

void Walk::meet(Node& node) {
    if (!node.is_recorded() || node.sequence < since_ || place_of(node) != none) return;
    const std::size_t place = entries_.size();
    node.retain();
    entries_.push_back({&node, std::exchange(node.mark, first_mark_ + place), Variable()});
    met_.emplace_back(node.sequence, place);
    std::push_heap(met_.begin(), met_.end(), older);
}

std::size_t Walk::next() {
    if (met_.empty()) return none;
    std::pop_heap(met_.begin(), met_.end(), older);
    const std::size_t place = met_.back().second;
    met_.pop_back();
    const Node& node = *entries_[place].node;
    for (std::uint32_t i = 0; i < node.input_count; ++i) meet(*node.inputs[i].get());
    return place;
}

void Walk::drop(std::size_t place) {
    Entry& entry = entries_[place];
    if (entry.node == nullptr) return;
    entry.node->mark = entry.mark_before;
    entry.gradient = Variable();
    release(std::exchange(entry.node, nullptr));
}

Tape::Tape(std::span<const Variable> results, std::uint64_t since) : walk_(results, since) {
    for (std::size_t place = walk_.next(); place != Walk::none; place = walk_.next()) order_.push_back(place);
}

NoGrad::NoGrad() : before_(std::exchange(thread_state.recording, false)) {}
NoGrad::~NoGrad() { thread_state.recording = before_; }
Recording::Recording(bool on) : before_(std::exchange(thread_state.recording, on)) {}
Recording::~Recording() { thread_state.recording = before_; }
bool is_recording() { return thread_state.recording; }

std::vector<OperatorInfo>& operators() {
    static std::vector<OperatorInfo> list;
    return list;
}

namespace detail {

void throw_dtypes(std::span<const Variable* const> in) {
    const DType first = in[0]->dtype();
    // Beside an integer Variable a number has become one too: the Variable is what the message is about.
    std::size_t widest = 0;
    for (std::size_t i = 1; i < in.size(); ++i)
        if (in[i]->rank() > in[widest]->rank()) widest = i;
    for (const std::size_t i : {widest, std::size_t{0}, in.size() - 1})
        if (!is_floating(in[i]->dtype()))
            throw DTypeError(
                fmt::format("needs real numbers, but {} is int64; use .to(DType::float32)", describe(*in[i], i)));
    for (std::size_t i = 1; i < in.size(); ++i)
        if (in[i]->dtype() != first)
            throw DTypeError(fmt::format("mixed element types: {} is {}, {} is {}; use .to() on one of them",
                                         describe(*in[0], 0), to_string(first), describe(*in[i], i),
                                         to_string(in[i]->dtype())));
    throw DTypeError("mixed element types");
}

void check_input_list(std::span<const Variable> in) {
    if (in.empty()) throw ValueError("an empty list of inputs");
    for (const Variable& v : in) {
        const std::array<const Variable*, 2> pair{&in[0], &v};
        check_inputs(pair, in[0].dtype() == DType::int64 && v.dtype() == DType::int64);
    }
}

void stamp(Node& node, const Location& at) {
    std::uint64_t latest = thread_state.clock;
    for (std::uint32_t i = 0; i < node.input_count; ++i) latest = std::max(latest, node.inputs[i].get()->sequence);
    node.sequence = thread_state.clock = latest + 1;
    node.location = thread_state.call_site ? thread_state.call_site : at;
    node.scope = thread_state.scope;
    node.requires_grad = true;
}

void explain(Error& error, std::string_view operator_name, const Location& at) {
    const std::string path = thread_state.scope == 0 ? "" : scope_path(thread_state.scope);
    error.locate(path.empty() ? std::string(operator_name) : fmt::format("{} in {}", operator_name, path),
                 thread_state.call_site ? thread_state.call_site : at);
}

std::string describe(const Variable& v) {
    return v.name().empty() ? to_string(v.shape()) : fmt::format("\"{}\" {}", v.name(), to_string(v.shape()));
}

std::string describe(const Variable& v, std::size_t position) {
    static constexpr std::array<std::string_view, 3> words{"lhs", "rhs", "third input"};
    std::string text =
        v.name().empty() ? (position < words.size() ? std::string(words[position]) : fmt::format("input {}", position))
                         : fmt::format("\"{}\"", v.name());
    return text + " " + to_string(v.shape());
}

}  // namespace detail
}  // namespace xgrad
