#include <xgrad/autograd/tape.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/thread_state.hpp>

namespace xgrad {

// A walk from the results, always taking the newest node met so far: for a chain the heap holds one node.
Tape::Tape(std::span<const Variable> results, std::uint64_t since)
    : results_(results.begin(), results.end()), id_(++thread_state.sweeps) {
    using Met = std::pair<std::uint64_t, Entry>;  // sequence number first: comparing touches no node
    std::vector<Met, memory::Allocator<Met>> met;
    const auto older = [](const Met& a, const Met& b) { return a.first < b.first; };
    const std::uint64_t first_mark = id_ << place_bits;
    const std::uint64_t no_place = first_mark + (std::uint64_t{1} << place_bits) - 1;
    const auto meet = [&](Node* node) {
        if (!node->is_recorded() || node->sequence < since || node->mark >= first_mark) return;
        met.push_back({node->sequence, {node, std::exchange(node->mark, no_place), false}});
        std::push_heap(met.begin(), met.end(), older);
    };
    for (const Variable& result : results)
        if (result) meet(result.get());
    while (!met.empty()) {
        std::pop_heap(met.begin(), met.end(), older);
        const Entry entry = met.back().second;
        met.pop_back();
        entry.node->mark = first_mark + entries_.size();
        entries_.push_back(entry);
        for (std::uint32_t i = 0; i < entry.node->input_count; ++i) meet(entry.node->inputs[i].get());
    }
}

Tape::~Tape() {
    for (std::size_t place = 0; place < entries_.size(); ++place) drop(place);
}

void Tape::drop(std::size_t place) {
    auto& [node, mark_before, owned] = entries_[place];
    if (node == nullptr) return;
    node->mark = mark_before;
    if (owned) release(node);
    node = nullptr;
}

void Tape::release_inputs(std::size_t place) {
    Node& node = *entries_[place].node;
    for (std::uint32_t i = 0; i < node.input_count; ++i) {
        Node* const input = std::move(node.inputs[i]).detach_node();
        const std::size_t at = place_of(*input);
        if (at < size() && !entries_[at].owned) entries_[at].owned = true;
        else release(input);
    }
    node.input_count = 0;
    node.was_released = true;
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
    for (std::size_t i = 0; i < in.size(); ++i)
        if (!is_floating(in[i]->dtype()))
            throw DTypeError(fmt::format("needs real numbers, but {} is int64; use .to(DType::float32)", describe(*in[i], i)));
    for (std::size_t i = 1; i < in.size(); ++i)
        if (in[i]->dtype() != first)
            throw DTypeError(fmt::format("mixed element types: {} is {}, {} is {}; use .to() on one of them",
                                         describe(*in[0], 0), to_string(first), describe(*in[i], i), to_string(in[i]->dtype())));
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

std::string describe(const Variable& v, std::size_t position) {
    static constexpr std::array<std::string_view, 3> words{"lhs", "rhs", "third input"};
    std::string text = v.name().empty() ? (position < words.size() ? std::string(words[position]) : fmt::format("input {}", position))
                                        : fmt::format("\"{}\"", v.name());
    return text + " " + to_string(v.shape());
}

}  // namespace detail
}  // namespace xgrad
