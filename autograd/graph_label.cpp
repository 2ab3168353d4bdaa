#include <xgrad/autograd/graph_label.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xgrad::detail {

namespace {

constexpr std::string_view table = R"(<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">)";

/// The length of the UTF-8 character at `i`, 0 when there is none: Graphviz refuses a text with a broken one.
std::size_t character_length(std::string_view text, std::size_t i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (i + length > text.size()) return 0;
    for (std::size_t k = 1; k < length; ++k)
        if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return 0;
    return length;
}

std::string escape_character(std::string_view character) {
    switch (character[0]) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\\':
            return "&#92;";  // Graphviz reads \n, \N, \G in tooltips
        case '\x7f':
            return " ";
        default:
            return static_cast<unsigned char>(character[0]) < ' ' ? " " : std::string(character);
    }
}

/// What the eye may skip.
std::string small(std::string_view text) {
    return fmt::format(R"(<FONT POINT-SIZE="9" COLOR="#6B7685">{}</FONT>)", text);
}
/// The line without the folder: that is in the tooltip.
std::string file_and_line(const std::string& location) {
    return fmt::format(R"(<FONT POINT-SIZE="8" COLOR="#8A94A3">{}</FONT>)",
                       escape(location.substr(location.rfind('/') + 1), 48));
}
std::string row(std::string_view text) { return fmt::format("<TR><TD>{}</TD></TR>", text); }

std::string_view kind_name(const GraphNode& node) {
    switch (node.kind) {
        case GraphKind::parameter:
            return "parameter";
        case GraphKind::input:
            return "input";
        case GraphKind::constant:
            return "constant";
        default:
            return node.op;
    }
}

/// Arithmetic as the user wrote it.
std::string_view sign_of(std::string_view op) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> signs{
        {{"add", "+"}, {"subtract", "−"}, {"multiply", "×"}, {"divide", "÷"}}};
    for (const auto& [name, sign] : signs)
        if (name == op) return sign;
    return op;
}

/// A name without what the box around it says already: "kernel" for "encoder.dense.kernel" in "dense".
std::string local_name(const Graph& graph, const GraphNode& node) {
    std::string_view name = node.name;
    if (node.scope) {
        const std::string module = graph.scopes[*node.scope].label + ".";
        const std::size_t at = name.rfind(module);
        if (module.size() > 1 && (at == 0 || (at != std::string_view::npos && name[at - 1] == '.')))
            name.remove_prefix(at + module.size());
    }
    return escape(name.empty() ? node.name : name, 40);
}

std::string heading(const Graph& graph, const GraphNode& node) {
    const std::string name = local_name(graph, node);
    if (node.kind != GraphKind::op) return fmt::format("<B>{}</B>", name.empty() ? kind_name(node) : name);
    std::string text = escape(sign_of(node.op), 40);
    if (!node.details.empty()) text += fmt::format(" {}", small(escape(node.details, 40)));
    return name.empty() ? text : fmt::format("<B>{}</B>&#160;= {}", name, text);
}

std::string human_bytes(std::size_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    constexpr std::array<std::string_view, 4> units{"kB", "MB", "GB", "TB"};
    double amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; amount >= 999.95 && unit + 1 < units.size(); ++unit) amount /= 1000;
    return fmt::format("{:.1f} {}", amount, units[unit]);
}

/// "■ parameter": the key to a colour.
std::string key(const Look& look, std::string_view text) {
    return fmt::format(R"(<FONT COLOR="{}">■</FONT> {})", look.border, text);
}

}  // namespace

std::string escape(std::string_view text, std::size_t longest) {
    std::string safe;
    for (std::size_t i = 0, n = 0; i < text.size(); ++n) {
        if (n == longest) return safe + "…";
        const std::size_t length = character_length(text, i);
        safe += length == 0 ? "�" : escape_character(text.substr(i, length));
        i += std::max<std::size_t>(length, 1);
    }
    return safe;
}

std::string counted(std::size_t n, std::string_view what) {
    std::string digits = std::to_string(n);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
    return fmt::format("{} {}{}", digits, what, n == 1 ? "" : "s");
}

std::string label(const Graph& graph, const GraphNode& node, DType usual) {
    std::string type = node.shape.rank() == 0 && !node.value.empty() ? node.value : to_string(node.shape);
    if (node.dtype != usual) type += fmt::format(" {}", to_string(node.dtype));
    if (node.kind == GraphKind::constant) {
        if (node.shape.rank() != 0) type = node.value + " " + type;
        return small(type);
    }
    std::string rows = row(heading(graph, node));
    if (!node.is_bundle) rows += row(small(type));
    if (node.is_freed) rows += row(small("inputs freed by backward()"));
    if (!node.location.empty()) rows += row(file_and_line(node.location));
    return std::string(table) + rows + "</TABLE>";
}

std::string cluster_label(const GraphScope& scope, const std::string& line) {
    const std::string name = fmt::format("<B>{}</B>", scope.label.empty() ? "module" : escape(scope.label, 40));
    constexpr std::string_view end = R"(<BR ALIGN="RIGHT"/>)";
    return line.empty() ? name : fmt::format("{}{}{}{}", name, end, file_and_line(line), end);
}

std::string tooltip(const Graph& graph, const GraphNode& node) {
    std::string text(kind_name(node));
    if (!node.details.empty()) text += " [" + node.details + "]";
    if (!node.name.empty()) text += " " + node.name;
    text += fmt::format(": {} {}, {}", to_string(node.shape), to_string(node.dtype), human_bytes(node.bytes));
    if (!node.value.empty()) text += ", value " + node.value;
    if (node.scope) text += ", in " + graph.scopes[*node.scope].path;
    if (!node.location.empty()) text += ", at " + node.location;
    return escape(text);
}

std::string caption(const Graph& graph, DType usual, std::string_view title) {
    std::size_t operators = 0, arrays = 0, numbers = 0, inputs = 0;
    for (const GraphNode& node : graph.nodes) {
        operators += node.kind == GraphKind::op;
        inputs += node.kind == GraphKind::input;
        arrays += node.kind == GraphKind::parameter;
        if (node.kind == GraphKind::parameter) numbers += node.shape.elements();
    }
    std::string keys;
    if (inputs != 0) keys += key(input_look, "input") + " &#160; ";
    if (arrays != 0) keys += key(parameter_look, "parameter") + " &#160; ";
    keys += key(result_look, "result");
    std::string sizes = counted(operators, "operator");
    if (arrays != 0) sizes += " · " + counted(numbers, "parameter") + " in " + counted(arrays, "array");
    sizes += fmt::format(" · {} of values · {}", human_bytes(graph.bytes), to_string(usual));
    const std::string heading = title.empty() ? "" : row(fmt::format("<B>{}</B>", escape(title, 80)));
    return std::string(table) + R"(<TR><TD HEIGHT="12"></TD></TR>)" + heading + row(small(sizes)) + row(small(keys)) +
           "</TABLE>";
}

const Look& look_of(const GraphNode& node) {
    if (node.is_result) return result_look;
    switch (node.kind) {
        case GraphKind::parameter:
            return parameter_look;
        case GraphKind::input:
            return input_look;
        default:
            return operator_look;
    }
}

}  // namespace xgrad::detail
