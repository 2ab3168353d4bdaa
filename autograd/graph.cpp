#include <xgrad/autograd/graph.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/tape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace xgrad {

namespace {

/// The number that all elements are, as text; "" when they differ, or there are none (left).
std::string common_value(const Variable& v) {
    if (v.node().data == nullptr) return {};
    return visit(v.dtype(), [&](auto number) -> std::string {
        const auto elements = v.span<decltype(number)>();
        if (elements.empty()) return {};
        const auto differs = [&](auto e) { return e != elements[0]; };
        if (std::any_of(elements.begin(), elements.end(), differs)) return {};
        // Six digits: 0.1f reads "0.1", not "0.10000000149".
        return fmt::format("{:.6}", static_cast<double>(elements[0]));
    });
}

/// Reads a tape into plain data.
class Reader {
public:
    Reader(const std::vector<Variable>& results, const GraphOptions& options) : options_(options) {
        for (const auto& [name, parameter] : options.parameters)
            if (parameter) names_.emplace(parameter.get(), name);
        const Tape tape(results);
        for (std::size_t place = tape.size(); place-- > 0;) add_step(tape[place]);
        for (const Variable& result : results) graph_.nodes[place_of(result)].is_result = true;
        place_leaves();
    }

    Graph take() { return std::move(graph_); }

private:
    void add_step(xgrad::Node& node) {
        std::vector<std::size_t> from;
        for (std::uint32_t i = 0; i < node.input_count; ++i) from.push_back(place_of(node.inputs[i]));
        GraphNode step = describe(Variable::share(&node));
        step.op = node.operator_name();
        step.details = node.details();
        step.is_freed = node.was_released;
        step.is_bundle = node.is_bundle;
        if (options_.locations) step.location = to_string(node.location);
        if (options_.scopes) step.scope = scope_of(node.scope);
        const std::size_t place = append(node, std::move(step));
        for (std::size_t i = 0; i < from.size(); ++i) graph_.edges.push_back({from[i], place, i});
    }

    /// Where a value stands; a leaf that was not met before is added.
    std::size_t place_of(const Variable& v) {
        const auto known = places_.find(v.get());
        if (known != places_.end()) return known->second;
        GraphNode leaf = describe(v);
        leaf.kind = kind_of(v, leaf);
        return append(v.node(), std::move(leaf));
    }

    GraphKind kind_of(const Variable& v, GraphNode& leaf) const {
        const bool listed = names_.contains(v.get());
        if (listed || (options_.parameters.empty() && v.requires_grad())) return GraphKind::parameter;
        if (!leaf.name.empty() || v.requires_grad()) return GraphKind::input;
        leaf.value = common_value(v);
        return leaf.value.empty() ? GraphKind::input : GraphKind::constant;
    }

    GraphNode describe(const Variable& v) const {
        const auto listed = names_.find(v.get());
        return {.name = listed != names_.end() ? listed->second : v.name(),
                .value = v.size() == 1 ? common_value(v) : "",
                .shape = v.shape(),
                .dtype = v.dtype(),
                .bytes = v.node().data == nullptr ? 0 : v.size() * size_of(v.dtype()),
                .requires_grad = v.requires_grad()};
    }

    std::size_t append(const xgrad::Node& node, GraphNode described) {
        if (node.buffer == nullptr || buffers_.insert(node.buffer).second) graph_.bytes += described.bytes;
        graph_.nodes.push_back(std::move(described));
        return places_[&node] = graph_.nodes.size() - 1;
    }

    /// The place of a scope in the list; it and those around it are added when new.
    std::optional<std::size_t> scope_of(std::uint32_t id) {
        constexpr std::size_t deepest = 32;  // a module that once called itself is its own ancestor
        std::vector<std::uint32_t> chain;
        for (; id != 0 && !scopes_.contains(id) && chain.size() < deepest; id = scope_parent(id)) chain.push_back(id);
        std::optional<std::size_t> inner;
        if (const auto known = scopes_.find(id); known != scopes_.end()) inner = known->second;
        for (std::size_t i = chain.size(); i-- > 0;) {
            const auto [entry, is_new] = scopes_.try_emplace(chain[i], graph_.scopes.size());
            if (is_new) graph_.scopes.push_back({scope_label(chain[i]), path_of(chain[i], inner), inner});
            inner = entry->second;
        }
        return inner;
    }

    std::string path_of(std::uint32_t id, std::optional<std::size_t> parent) const {
        return parent ? fmt::format("{}.{}", graph_.scopes[*parent].path, scope_label(id)) : scope_label(id);
    }

    /// A parameter or constant belongs to the innermost part of the model that holds all its uses. Inputs come from
    /// outside and stay there.
    void place_leaves() {
        std::vector<char> met(graph_.nodes.size(), 0);
        for (const GraphEdge& edge : graph_.edges) {
            GraphNode& leaf = graph_.nodes[edge.from];
            if (leaf.kind == GraphKind::op || leaf.kind == GraphKind::input) continue;
            const std::optional<std::size_t> user = graph_.nodes[edge.to].scope;
            leaf.scope = met[edge.from] ? common(leaf.scope, user) : user;
            met[edge.from] = 1;
        }
    }

    /// The innermost scope around both. A parent's place is below its children's.
    std::optional<std::size_t> common(std::optional<std::size_t> a, std::optional<std::size_t> b) const {
        while (a != b) {
            if (!a || !b) return {};
            auto& inner = *a > *b ? a : b;
            inner = graph_.scopes[*inner].parent;
        }
        return a;
    }

    const GraphOptions& options_;
    Graph graph_;
    std::unordered_map<const xgrad::Node*, std::string> names_;
    std::unordered_map<const xgrad::Node*, std::size_t> places_;
    std::unordered_map<std::uint32_t, std::size_t> scopes_;
    std::unordered_set<const Buffer*> buffers_;
};

}  // namespace

Graph graph(const std::vector<Variable>& results, const GraphOptions& options) {
    if (results.empty()) throw ValueError("graph: no result to start from");
    for (const Variable& result : results)
        if (result.node().was_released)
            throw GraphError(fmt::format(
                "graph: the graph that led to \"{}\" {} was freed by backward(); draw it before, or keep it "
                "with backward({{.retain_graph = true}})",
                result.node().operator_name(), to_string(result.shape())));
    return Reader(results, options).take();
}

Graph graph(const Variable& result, const GraphOptions& options) { return graph(std::vector{result}, options); }

}  // namespace xgrad
