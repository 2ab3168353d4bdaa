#pragma once

#include <xgrad/autograd/variable.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xgrad {

/// What stands at a place of a graph: a recorded operator, or a leaf. A parameter is a leaf that requires a gradient; a
/// constant has no name and the same number everywhere (the 2 of `2 * x`); an input is every other leaf.
enum class GraphKind { op, input, parameter, constant };

/// One value of a graph, and the operator that made it.
struct GraphNode {
    GraphKind kind = GraphKind::op;
    std::string op = {};        ///< the operator's name, "" for a leaf
    std::string details = {};   ///< the operator's options, "axis 1"
    std::string name = {};      ///< the Variable's name, or the parameter's in the model
    std::string value = {};     ///< the number, where there is only one: "0.5"; also of a constant with many elements
    std::string location = {};  ///< the line that recorded it, "labs/xor.cpp:12"
    std::optional<std::size_t> scope = {};  ///< the part of the model it belongs to, a place in Graph::scopes
    Shape shape = {};
    DType dtype = DType::float32;
    std::size_t bytes = 0;  ///< of the elements; views of the same elements count each; 0 for those given to a result
    bool requires_grad = false;
    bool is_result = false;
    bool is_freed = false;   ///< a backward() has freed what led here
    bool is_bundle = false;  ///< has no value of its own: its outputs are nodes of their own
};

/// The value of node `from` is input number `position` of node `to`.
struct GraphEdge {
    std::size_t from = 0, to = 0, position = 0;
};

/// A part of the model, as opened by Scope: a module.
struct GraphScope {
    std::string label;                  ///< "dense_1"
    std::string path;                   ///< "encoder.dense_1"
    std::optional<std::size_t> parent;  ///< a place in Graph::scopes
};

struct GraphOptions {
    bool locations = true;  ///< keep source lines
    bool scopes = true;     ///< keep the model's parts; drawings show them as boxes around their nodes
    /// Names for leaves, usually a model's: then these are the parameters, and other leaves are inputs even when they
    /// require a gradient.
    std::vector<std::pair<std::string, Variable>> parameters = {};
};

struct DrawingOptions {
    std::string title = {};   ///< written below the drawing
    bool beside = true;       ///< leaves with one use stand to the right of their operator, not above it
    std::size_t repeat = 4;   ///< a leaf with more uses than this is drawn at each of them, with a dashed border
    std::size_t most = 1000;  ///< with more operators than this, those in the middle are left out: a drawing of 10,000
                              ///< takes Graphviz minutes, and nobody can follow it
};

/// A recorded graph as plain data, independent of the Variables it was read from.
struct Graph {
    /// Inputs before what uses them, in the order of recording; a leaf stands before its first use. The number of a
    /// node is its place here.
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;    ///< sorted by `to`, then by `position`
    std::vector<GraphScope> scopes;  ///< parents before children
    std::size_t bytes = 0;           ///< of all values that the graph keeps alive; elements that views share count once

    /// The drawing, in Graphviz's language.
    std::string to_dot(const DrawingOptions& options = {}) const;
    /// One line for each node. It holds nothing that changes from run to run (of the values only those of constants),
    /// so that tests can compare it:
    ///
    ///     %0 = input "x"                (4, 2) float32
    ///     %1 = parameter "w"            (2, 1) float32
    ///     %2 = matmul %0 %1             (4, 1) float32  in dense  at labs/xor.cpp:12
    std::string to_text() const;
    /// Writes the drawing, in the format that the extension names: .dot, .svg, .png or .txt (to_text()). The file
    /// appears whole or not at all. .svg and .png are made by Graphviz's program `dot`.
    /// @throws ValueError on another extension; FileError when the file cannot be written, or when Graphviz is missing
    ///         or fails: the drawing then stands beside `path` as .dot
    void write(const std::filesystem::path& path, const DrawingOptions& options = {}) const;
};

/// What leads to a result, or to several: read off the Tape.
///
///     graph(loss).write("step.svg");
///
/// Draw before backward(), which frees the graph, or keep it with {.retain_graph = true}.
/// @throws GraphError when the graph was freed; ValueError on an empty Variable or no result at all
Graph graph(const std::vector<Variable>& results, const GraphOptions& options = {});
Graph graph(const Variable& result, const GraphOptions& options = {});

/// Anything that lists its parameters by name: an nn::Module.
template <class Model>
concept HasNamedParameters = requires(Model& model) {
    { model.named_parameters() } -> std::convertible_to<std::vector<std::pair<std::string, Variable>>>;
};

/// The same, with the parameters under the names they have in the model.
///
///     graph(loss, model).write("step.svg");
template <class Results, HasNamedParameters Model>
Graph graph(const Results& results, Model& model, GraphOptions options = {}) {
    options.parameters = model.named_parameters();
    return graph(results, options);
}

/// Checks that a drawing can have this file name, before it is worth the work.
/// @throws ValueError unless it ends in .svg, .png, .dot or .txt; FileError when there is no such folder
void check_drawing_name(const std::filesystem::path& path);

namespace detail {

/// Set when the program starts with XGRAD_GRAPH in its environment, until the first backward().
extern std::atomic<bool> drawing_is_wanted;
void draw_on_request(const Variable& result) noexcept;

/// The first backward() of a program writes its graph to the file that the environment variable XGRAD_GRAPH names.
/// Otherwise this costs one look at a flag.
inline void draw_first_backward(const Variable& result) {
    if (drawing_is_wanted.load(std::memory_order_relaxed)) [[unlikely]]
        draw_on_request(result);
}

}  // namespace detail
}  // namespace xgrad
