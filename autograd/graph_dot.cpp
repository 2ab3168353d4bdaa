#include <xgrad/autograd/graph_label.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

// How a graph looks: values flow from top to bottom. An operator is a white box, what comes from outside is coloured,
// and so is the result. Numbers are small and have no box. The parts of a model are soft grey boxes around their nodes.
namespace xgrad {

namespace {

constexpr std::string_view header = R"(digraph xgrad {
  graph [nodesep=0.25, ranksep=0.3, bgcolor=white, pad=0.2, fontname="Helvetica,Arial,sans-serif", fontcolor="#1F2733"];
  node [shape=box, style="rounded,filled", margin="0.1,0.05", height=0, width=0, fontsize=13, fontname="Helvetica,Arial,sans-serif", fontcolor="#1F2733"];
  edge [color="#8792A2", arrowhead=vee, arrowtail=vee, arrowsize=0.55, labeldistance=1.1, labelangle=30, fontsize=8, fontcolor="#6B7685", fontname="Helvetica,Arial,sans-serif"];
)";

using detail::caption, detail::counted, detail::escape, detail::label, detail::look_of, detail::cluster_label,
    detail::tooltip;

class Drawing {
public:
    Drawing(const Graph& graph, const DrawingOptions& options)
        : graph_(graph),
          options_(options),
          stays_(graph.nodes.size(), 1),
          uses_(graph.nodes.size()),
          streams_(graph.nodes.size()),
          beside_(graph.nodes.size()),
          has_left_(graph.nodes.size()),
          main_kind_(graph.nodes.size(), GraphKind::constant),
          inside_(graph.scopes.size() + 1),
          children_(graph.scopes.size() + 1),
          lines_(graph.scopes.size()) {
        for (const GraphNode& node : graph.nodes)
            if (node.is_result) usual_ = node.dtype;
        leave_out_the_middle();
        count_uses();
        find_lines();
        for (std::size_t i = 0; i < graph.scopes.size(); ++i) children_[bucket(graph.scopes[i].parent)].push_back(i);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i)
            if (stays_[i] && !is_repeated(i)) add(fmt::format("n{}", i), graph.nodes[i], graph.nodes[i].scope, false);
        for (const GraphEdge& edge : graph.edges) connect(edge);
    }

    std::string text() const {
        std::string dot(header);
        dot += fmt::format("  label=<{}>;\n", caption(graph_, usual_, options_.title));
        write_scope(dot, graph_.scopes.size(), "  ");
        if (left_out_ != 0)
            dot += fmt::format("  gap [shape=plain, fontcolor=\"#6B7685\", label=\"⋮\\n{} not drawn\\n⋮\"];\n",
                               counted(left_out_, "operator"));
        return dot + edges_ + "}\n";
    }

private:
    bool is_operator(std::size_t i) const { return graph_.nodes[i].kind == GraphKind::op; }
    std::size_t bucket(std::optional<std::size_t> scope) const { return scope.value_or(graph_.scopes.size()); }
    /// One place for a leaf that is used all over the graph would tie everything together.
    bool is_repeated(std::size_t i) const { return !is_operator(i) && uses_[i] > options_.repeat; }

    void leave_out_the_middle() {
        std::size_t operators = 0;
        for (std::size_t i = 0; i < stays_.size(); ++i) operators += is_operator(i);
        if (operators <= options_.most) return;
        const std::size_t first = options_.most / 2, last = operators - (options_.most - first);
        for (std::size_t i = 0, n = 0; i < stays_.size(); ++i) {
            if (!is_operator(i)) continue;
            stays_[i] = n < first || n >= last || graph_.nodes[i].is_result ? 1 : 0;
            left_out_ += !stays_[i];
            ++n;
        }
    }

    /// Counts the uses that are drawn; leaves without any are left out too.
    void count_uses() {
        for (const GraphEdge& edge : graph_.edges) {
            uses_[edge.from] += static_cast<std::size_t>(stays_[edge.to]);
            main_kind_[edge.to] = std::min(main_kind_[edge.to], graph_.nodes[edge.from].kind);
        }
        for (const GraphEdge& edge : graph_.edges) {
            streams_[edge.to] += is_stream(edge);
            beside_[edge.to] += comes_from_the_side(edge);
        }
        for (std::size_t i = 0; i < stays_.size(); ++i)
            if (!is_operator(i) && uses_[i] == 0 && !graph_.nodes[i].is_result) stays_[i] = 0;
    }

    /// Notes which parts of the model were recorded by one line throughout: it is said once, beside their name.
    void find_lines() {
        for (const GraphNode& node : graph_.nodes)
            if (node.kind == GraphKind::op)
                for (auto at = node.scope; at; at = graph_.scopes[*at].parent) {
                    lines_[*at] = lines_[*at].value_or(node.location) == node.location ? node.location : "";
                }
    }
    bool has_one_line(std::optional<std::size_t> scope) const { return scope && !lines_[*scope].value_or("").empty(); }

    void add(const std::string& id, const GraphNode& node, std::optional<std::size_t> scope, bool is_copy) {
        std::string look = R"(shape=plain, style="")";
        if (node.kind != GraphKind::constant || node.is_result) {
            look = fmt::format(R"(fillcolor="{}", color="{}")", look_of(node).fill, look_of(node).border);
            if (is_copy || node.is_freed) look += R"(, style="rounded,filled,dashed")";
            if (node.is_result) look += ", penwidth=1.6";
        }
        GraphNode shown = node;
        if (has_one_line(scope)) shown.location.clear();
        inside_[bucket(scope)].push_back(fmt::format("{} [label=<{}>, {}, tooltip=\"{}\"];", id,
                                                     label(graph_, shown, usual_), look, tooltip(graph_, node)));
    }

    void connect(const GraphEdge& edge) {
        if (!stays_[edge.to] && (!stays_[edge.from] || !is_operator(edge.from))) return;
        const std::string to = stays_[edge.to] ? fmt::format("n{}", edge.to) : "gap";
        std::string from = stays_[edge.from] ? fmt::format("n{}", edge.from) : "gap";
        if (is_repeated(edge.from)) {
            from += fmt::format("_{}_{}", edge.to, edge.position);
            add(from, graph_.nodes[edge.from], graph_.nodes[edge.to].scope, true);
        }
        if ((from == "gap" || to == "gap") && !at_gap_.insert(from + to).second) return;
        // Graphviz puts the target of a flat edge on the right: backwards, it is the leaf, as in x W. Of several the
        // first stands on the left: the arrow of another one on the right would have to go around its neighbour.
        const bool is_beside = comes_from_the_side(edge);
        const bool is_left = is_beside && beside_[edge.to] > 1 && std::exchange(has_left_[edge.to], 1) == 0;
        if (is_beside && !is_left)
            edges_ += fmt::format("  {} -> {} [{}, minlen=0, dir=back];\n", to, from, look_of_edge(edge));
        else if (is_left)
            edges_ += fmt::format("  {} -> {} [{}, minlen=0];\n", from, to, look_of_edge(edge));
        else
            edges_ += fmt::format("  {} -> {} [{}];\n", from, to, look_of_edge(edge));
    }

    std::string look_of_edge(const GraphEdge& edge) const {
        // Heavy edges are short and straight: the way of the computation, and the numbers beside their operators.
        switch (graph_.nodes[edge.from].kind) {
            case GraphKind::op:
                return "weight=6" + order_mark(edge);
            case GraphKind::constant:
                return "weight=4, color=\"#BCC4CF\", arrowsize=0.4";
            default:
                return "weight=1" + order_mark(edge);
        }
    }

    /// Which input it is, where that matters and cannot be seen.
    std::string order_mark(const GraphEdge& edge) const {
        if (!is_stream(edge) || streams_[edge.to] < 2 || edge.position >= 26) return {};
        if (is_commutative(graph_.nodes[edge.to].op)) return {};
        return fmt::format(", headlabel=\"{}\"", static_cast<char>('a' + edge.position));
    }

    /// Part of the way of the computation; what a parameter is to an operator beside others, the shapes tell.
    bool is_stream(const GraphEdge& edge) const {
        return !comes_from_the_side(edge) &&
               graph_.nodes[edge.from].kind <= std::max(main_kind_[edge.to], GraphKind::input);
    }

    /// Whether a leaf stands beside the operator, not above it: the computation comes from above, from another
    /// operator, or from an input where the leaf is a parameter.
    bool comes_from_the_side(const GraphEdge& edge) const {
        const bool has_one_use = uses_[edge.from] == 1 || is_repeated(edge.from);
        return options_.beside && has_one_use && graph_.nodes[edge.from].kind > main_kind_[edge.to];
    }

    static bool is_commutative(std::string_view op) {
        return op == "add" || op == "multiply" || op == "maximum" || op == "minimum" || op == "hypot";
    }

    bool is_empty(std::size_t scope) const {
        bool empty = inside_[scope].empty();
        for (const std::size_t child : children_[scope]) empty = empty && is_empty(child);
        return empty;
    }

    /// Whether the computation ends in this part of the model: then its name stands below, where no arrow crosses it.
    bool is_last(std::size_t scope) const {
        return std::any_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const GraphNode& node) {
            auto at = node.is_result ? node.scope : std::nullopt;
            while (at && *at != scope) at = graph_.scopes[*at].parent;
            return at.has_value();
        });
    }

    /// The nodes of a part of the model and, in boxes, its own parts.
    void write_scope(std::string& dot, std::size_t place, const std::string& indent) const {
        for (const std::string& line : inside_[place]) dot += indent + line + "\n";
        for (const std::size_t child : children_[place]) {
            if (is_empty(child)) continue;
            const std::string_view fill = indent.size() % 4 == 2 ? "#F4F6FA" : "#E9EDF4";  // nested boxes alternate
            const std::string line =
                has_one_line(child) && !has_one_line(graph_.scopes[child].parent) ? *lines_[child] : "";
            dot += fmt::format("{}subgraph cluster_{} {{\n", indent, child);
            dot += fmt::format(
                "{}  graph [label=<{}>, labeljust=r, labelloc={}, style=\"rounded,filled\", fillcolor=\"{}\", "
                "color=\"#D6DCE6\", "
                "fontsize=11, fontcolor=\"#5A6675\", margin=10, tooltip=\"{}\"];\n",
                indent, cluster_label(graph_.scopes[child], line), is_last(child) ? 'b' : 't', fill,
                escape(graph_.scopes[child].path));
            write_scope(dot, child, indent + "  ");
            dot += indent + "}\n";
        }
    }

    const Graph& graph_;
    const DrawingOptions& options_;
    DType usual_ = DType::float32;
    std::vector<char> stays_;
    std::vector<std::size_t> uses_;
    std::vector<std::size_t> streams_;  // how many of an operator's inputs come from above
    std::vector<std::size_t> beside_;   // and how many leaves stand beside it
    std::vector<char> has_left_;        // whether one of them stands on its left
    std::vector<GraphKind> main_kind_;  // what an operator's inputs are, at best an operator
    std::size_t left_out_ = 0;
    std::vector<std::vector<std::string>> inside_;    // the nodes' lines, by scope; last those in none
    std::vector<std::vector<std::size_t>> children_;  // scopes, likewise
    std::vector<std::optional<std::string>> lines_;   // of each scope; "" for several
    std::set<std::string> at_gap_;
    std::string edges_;
};

}  // namespace

std::string Graph::to_dot(const DrawingOptions& options) const { return Drawing(*this, options).text(); }

}  // namespace xgrad
