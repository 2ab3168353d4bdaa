#include <xgrad/autograd/region.hpp>

#include <xgrad/autograd/tape.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <atomic>
#include <unordered_set>
#include <utility>

namespace xgrad::detail {

namespace {

std::uint32_t next_id() {
    static std::atomic<std::uint32_t> last{0};
    return ++last;
}

}  // namespace

Region::Region() : id_(next_id()), before_(std::exchange(thread_state.region, id_)) {}
Region::~Region() { thread_state.region = before_; }

std::vector<Variable> Region::sources(const std::vector<Variable>& results) const {
    std::vector<Variable> found;
    std::unordered_set<const Node*> known;
    const auto look_at = [&](const Variable& v) {
        const Node& node = v.node();
        const bool is_inside = node.is_recorded() && node.region == id_;
        if (node.requires_grad && !is_inside && known.insert(&node).second) found.push_back(v);
    };
    std::vector<Variable> there;
    for (const Variable& result : results)
        if (result) there.push_back(result);
    for (const Variable& result : there) look_at(result);
    Walk walk(there, 0, id_);
    for (std::size_t place = walk.next(); place != Walk::none; place = walk.next()) {
        const Node& node = walk.node(place);
        for (std::uint32_t i = 0; i < node.input_count; ++i) look_at(node.inputs[i]);
    }
    return found;
}

}  // namespace xgrad::detail
