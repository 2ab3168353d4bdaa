#include <xgrad/autograd/tape.hpp>

#include <algorithm>
#include <utility>

#include <xgrad/autograd/thread_state.hpp>

namespace xgrad {

namespace {

// A mark is the walk's number and a place on it.
constexpr int place_bits = 36;

constexpr auto older = [](const auto& a, const auto& b) { return a.first < b.first; };

}  // namespace

Walk::Walk(std::span<const Variable> results, std::uint64_t since, std::uint32_t region)
    : results_(results.begin(), results.end()),
      since_(since),
      first_mark_(++thread_state.sweeps << place_bits),
      region_(region) {
    for (const Variable& result : results_)
        if (result) meet(result.node());
}

Walk::~Walk() {
    for (std::size_t place = 0; place < entries_.size(); ++place) drop(place);
}

void Walk::meet(Node& node) {
    if (!node.is_recorded() || node.sequence < since_ || place_of(node) != none) return;
    if (region_ != 0 && node.region != region_) return;
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

}  // namespace xgrad
