#include <xgrad/autograd/gradcheck_reads.hpp>

#include <cstring>
#include <limits>
#include <set>

namespace xgrad::detail {

UnreadSpoiled::UnreadSpoiled(const std::vector<Variable>& results, std::string_view suspect) {
    const Tape tape(results);
    std::set<Node*> values;
    std::set<const void*> read;
    for (std::size_t place = 0; place < tape.size(); ++place) {
        Node& node = tape[place];
        const bool is_believed = suspect.empty() || node.operator_name() != suspect;
        for (std::uint32_t i = 0; i <= node.input_count; ++i) {
            Node& value = i < node.input_count ? node.inputs[i].node() : node;
            values.insert(&value);
            if (!is_believed || node.reads(i)) read.insert(value.data);
            // The results of a step that has several are read by its rule, if any are.
            if (value.is_bundle && (!is_believed || value.reads(value.input_count))) read.insert(node.data);
        }
    }
    for (Node* const value : values) {
        if (value->size == 0 || value->data == nullptr || read.contains(value->data) || !is_floating(value->dtype))
            continue;
        const auto* const first = static_cast<const std::byte*>(value->data);
        saved_.push_back({Variable::share(value), {first, first + value->size * size_of(value->dtype)}});
        visit_floating(value->dtype, [&](auto number) {
            using T = decltype(number);
            std::fill_n(static_cast<T*>(value->data), value->size, std::numeric_limits<T>::quiet_NaN());
        });
    }
}

UnreadSpoiled::~UnreadSpoiled() {
    // Backwards: of two handles of the same elements the first saw them whole.
    for (std::size_t k = saved_.size(); k-- > 0;)
        std::memcpy(saved_[k].value.node().data, saved_[k].elements.data(), saved_[k].elements.size());
}

bool tells_what_it_reads(const Tape& tape) {
    for (std::size_t place = 0; place < tape.size(); ++place)
        if (tape[place].has_hooks || tape[place].operator_name() == "checkpoint") return false;
    return true;
}

}  // namespace xgrad::detail
