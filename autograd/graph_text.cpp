#include <xgrad/autograd/graph.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace xgrad {

namespace {

/// Between quotes, on one line whatever the name holds.
std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') text += '\\';
        if (static_cast<unsigned char>(c) < ' ')
            text += fmt::format("\\x{:02x}", c);
        else
            text += c;
    }
    return text + '"';
}

/// "matmul[b^T] %0 %1 "h"", "parameter "w"", "constant 0.5".
std::string statement(const GraphNode& node, const std::string& inputs) {
    std::string text;
    switch (node.kind) {
        case GraphKind::op:
            text = node.op + (node.details.empty() ? "" : "[" + node.details + "]") + inputs;
            break;
        case GraphKind::parameter:
            text = "parameter";
            break;
        case GraphKind::input:
            text = "input";
            break;
        case GraphKind::constant:
            text = "constant " + node.value;
            break;
    }
    if (node.is_freed) text += " freed";
    return node.name.empty() ? text : text + " " + quoted(node.name);
}

}  // namespace

std::string Graph::to_text() const {
    std::vector<std::string> inputs(nodes.size()), statements;
    for (const GraphEdge& edge : edges) inputs[edge.to] += fmt::format(" %{}", edge.from);
    std::size_t width = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        statements.push_back(fmt::format("%{} = {}", i, statement(nodes[i], inputs[i])));
        // One long list of inputs must not push the shapes of all others to the right.
        if (statements.back().size() <= 48) width = std::max(width, statements.back().size());
    }
    std::string text;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const GraphNode& node = nodes[i];
        const std::string type =
            node.is_bundle ? "outputs" : fmt::format("{} {}", to_string(node.shape), to_string(node.dtype));
        fmt::format_to(std::back_inserter(text), "{:<{}}  {}", statements[i], width, type);
        if (node.scope) text += "  in " + scopes[*node.scope].path;
        if (!node.location.empty()) text += "  at " + node.location;
        if (node.is_result) text += "  result";
        text += '\n';
    }
    return text;
}

}  // namespace xgrad
