#pragma once

#include <xgrad/autograd/graph.hpp>

#include <string>
#include <string_view>

/// The words in a drawing, in Graphviz's HTML-like language.
namespace xgrad::detail {

/// Text as Graphviz's labels and tooltips take it, on one line, cut after `longest` characters.
std::string escape(std::string_view text, std::size_t longest = 1000);

/// "1,234 operators", "1 operator".
std::string counted(std::size_t n, std::string_view what);

/// What stands in a node's box. @param usual the element type that needs no mention
std::string label(const Graph& graph, const GraphNode& node, DType usual);
/// What stands at the top of the box around a part of the model. @param line where it was called, or ""
std::string cluster_label(const GraphScope& scope, const std::string& line);
/// All that is known of a node, on one line: what a browser shows where the pointer rests.
std::string tooltip(const Graph& graph, const GraphNode& node);
/// What stands below the drawing: the title, the colours, the sizes.
std::string caption(const Graph& graph, DType usual, std::string_view title);

/// Colours for the kinds of nodes: tints of those of Okabe & Ito (2008), which colour-blind readers can tell apart.
struct Look {
    std::string_view fill, border;
};
inline constexpr Look operator_look{"#FFFFFF", "#9AA5B4"}, parameter_look{"#DCEBF7", "#0072B2"},
    input_look{"#DDF3EB", "#009E73"}, result_look{"#FDEBC8", "#D98E00"};
const Look& look_of(const GraphNode& node);

}  // namespace xgrad::detail
