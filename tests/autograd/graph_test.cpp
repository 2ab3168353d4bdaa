#include <xgrad/autograd/graph.hpp>

#include "datasets/files.hpp"

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/scope.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>

using namespace xgrad;

namespace {

Variable ones_parameter(const Shape& shape, const std::string& name) { return parameter(ones(shape)).named(name); }

/// x W + b through two nested scopes, and half its square.
struct SmallNet {
    Variable w = ones_parameter({2, 3}, "dense.kernel"), b = ones_parameter({3}, "dense.bias");
    std::uint32_t outer = new_scope("encoder"), inner = new_scope("dense");

    Variable loss(const Variable& x) const {
        const Scope around(outer);
        const Variable h = [&] {
            const Scope inside(inner);
            return matmul(x, w) + b;
        }();
        return (sum(h * h) * 0.5).named("loss");
    }
};
Variable two_rows() { return Variable({{1, 2}, {3, 4}}); }

const GraphNode& find(const Graph& g, std::string_view op_or_name) {
    const auto at = std::find_if(g.nodes.begin(), g.nodes.end(),
                                 [&](const GraphNode& n) { return n.op == op_or_name || n.name == op_or_name; });
    BOOST_REQUIRE_MESSAGE(at != g.nodes.end(), op_or_name << " is not in\n" << g.to_text());
    return *at;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Sets an environment variable for the length of a test.
class Environment {
public:
    Environment(const char* name, const std::string& value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        ::setenv(name, value.c_str(), 1);
    }
    ~Environment() { ::setenv(name_, before_.c_str(), 1); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

private:
    const char* name_;
    std::string before_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_graph_lists_operators_and_leaves_with_what_is_known_of_them) {
    const SmallNet net;
    const Graph g = graph(net.loss(two_rows().named("x")));
    BOOST_TEST(find(g, "x").requires_grad == false);
    BOOST_TEST((find(g, "x").kind == GraphKind::input));
    BOOST_TEST((find(g, "dense.kernel").kind == GraphKind::parameter));
    BOOST_TEST(find(g, "dense.kernel").bytes == 24U);
    const GraphNode& product = find(g, "matmul");
    BOOST_TEST((product.kind == GraphKind::op));
    BOOST_TEST((product.shape == Shape{2, 3}));
    BOOST_TEST((product.dtype == DType::float32));
    BOOST_TEST(product.requires_grad);
    BOOST_TEST(holds(product.location, "autograd/graph_test.cpp:"));
    BOOST_TEST(find(g, "sum").details == "axes 0,1");
    const GraphNode& loss = find(g, "loss");
    BOOST_TEST(loss.is_result);
    BOOST_TEST(loss.value == "120");  // 3 (4^2 + 8^2) / 2, with every weight 1
    BOOST_TEST(std::count_if(g.nodes.begin(), g.nodes.end(), [](const GraphNode& n) { return n.is_result; }) == 1);
}

BOOST_AUTO_TEST_CASE(edges_keep_the_order_of_inputs_and_go_forward_in_time) {
    const Variable a = ones_parameter({2}, "a"), b = ones_parameter({2}, "b");
    const Graph g = graph(b - a);
    BOOST_REQUIRE(g.edges.size() == 2U);
    BOOST_TEST(g.nodes[g.edges[0].from].name == "b");
    BOOST_TEST(g.edges[0].position == 0U);
    BOOST_TEST(g.nodes[g.edges[1].from].name == "a");
    BOOST_TEST(g.edges[1].position == 1U);
    for (const GraphEdge& edge : graph(SmallNet().loss(two_rows())).edges) BOOST_TEST(edge.from < edge.to);
}

BOOST_AUTO_TEST_CASE(a_shared_value_is_one_node_with_an_edge_for_each_use) {
    const Variable x = ones_parameter({2}, "x");
    const Graph g = graph(sum(x * x + x));
    BOOST_TEST(g.nodes.size() == 4U);
    BOOST_TEST(std::count_if(g.edges.begin(), g.edges.end(),
                             [&](const GraphEdge& e) { return g.nodes[e.from].name == "x"; }) == 3);
}

BOOST_AUTO_TEST_CASE(several_results_share_their_trunk) {
    const Variable x = ones_parameter({2}, "x"), trunk = tanh(x);
    const Graph g = graph({sum(trunk), exp(trunk), trunk});
    BOOST_TEST(g.nodes.size() == 4U);
    BOOST_TEST(find(g, "sum").is_result);
    BOOST_TEST(find(g, "exp").is_result);
    BOOST_TEST(find(g, "tanh").is_result);
}

BOOST_AUTO_TEST_CASE(a_lone_leaf_is_a_graph) {
    const Graph g = graph(ones_parameter({2, 2}, "w"));
    BOOST_TEST(g.to_text() == "%0 = parameter \"w\"  (2, 2) float32  result\n");
    BOOST_TEST(g.edges.empty());
}

BOOST_AUTO_TEST_CASE(numbers_are_constants_and_say_their_value) {
    const Variable x = ones_parameter({3}, "x");
    const Graph g = graph(x * 0.1 + zeros({3}) + Variable({1, 2, 3}));
    BOOST_TEST(count(g.to_text(), "= constant 0.1 ") == 1U);
    BOOST_TEST(count(g.to_text(), "= constant 0 ") == 1U);
    BOOST_TEST(count(g.to_text(), "= input ") == 1U);
}

BOOST_AUTO_TEST_CASE(scopes_become_nested_parts_and_parameters_join_their_users) {
    const SmallNet net;
    const Graph g = graph(net.loss(two_rows()));
    BOOST_REQUIRE(g.scopes.size() == 2U);
    BOOST_TEST(g.scopes[0].path == "encoder");
    BOOST_TEST(g.scopes[1].path == "encoder.dense");
    BOOST_TEST(*g.scopes[1].parent == 0U);
    BOOST_TEST(*find(g, "matmul").scope == 1U);
    BOOST_TEST(*find(g, "multiply").scope == 0U);
    BOOST_TEST(*find(g, "dense.kernel").scope == 1U);
    const std::string dot = g.to_dot();
    BOOST_TEST(count(dot, "subgraph cluster_") == 2U);
    BOOST_TEST(holds(dot, "<B>encoder</B>"));
    BOOST_TEST(holds(dot, "<B>kernel</B>"));  // the box says "dense" already
    BOOST_TEST(count(graph(net.loss(two_rows()), {.scopes = false}).to_dot(), "subgraph") == 0U);
}

BOOST_AUTO_TEST_CASE(a_parameter_of_two_parts_stands_in_what_is_around_both) {
    const Variable w = ones_parameter({2}, "shared");
    const Scope outer(new_scope("model"));
    const auto used_in = [&](const char* label) {
        const Scope inner(new_scope(label));
        return w * 2;
    };
    const Graph g = graph(used_in("first") + used_in("second"));
    BOOST_TEST(g.scopes[*find(g, "shared").scope].path == "model");
}

BOOST_AUTO_TEST_CASE(a_model_names_its_parameters) {
    struct Model {
        Variable w = parameter(ones({2})), frozen = ones({2});
        std::vector<std::pair<std::string, Variable>> named_parameters() const {
            return {{"layer.w", w}, {"layer.frozen", frozen}};
        }
    };
    const Model model;
    const Variable x = parameter(ones({2}));
    const Graph g = graph(sum(model.w * x + model.frozen), model, {.locations = false});
    BOOST_TEST((find(g, "layer.w").kind == GraphKind::parameter));
    BOOST_TEST((find(g, "layer.frozen").kind == GraphKind::parameter));
    BOOST_TEST(count(g.to_text(), "= input ") == 1U);  // x requires a gradient, but is no part of the model
    BOOST_TEST(find(g, "sum").location == "");
}

BOOST_AUTO_TEST_CASE(a_gradient_has_a_graph_of_its_own) {
    const Variable x = parameter(Variable(0.5)).named("x");
    const Graph g = graph(grad(tanh(x), x, {.create_graph = true}));
    BOOST_TEST(find(g, "tanh").is_result == false);
    BOOST_TEST(find(g, "tanh'").is_result);
}

BOOST_AUTO_TEST_CASE(the_text_form_is_the_same_for_two_builds_of_a_net) {
    const auto text = [] {
        const SmallNet net;
        return graph(net.loss(two_rows()), {.locations = false}).to_text();
    };
    const std::string expected = R"(%0 = input                     (2, 2) float32
%1 = parameter "dense.kernel"  (2, 3) float32  in encoder.dense
%2 = matmul %0 %1              (2, 3) float32  in encoder.dense
%3 = parameter "dense.bias"    (3,) float32  in encoder.dense
%4 = add %2 %3                 (2, 3) float32  in encoder.dense
%5 = multiply %4 %4            (2, 3) float32  in encoder
%6 = sum[axes 0,1] %5          () float32  in encoder
%7 = constant 0.5              () float32  in encoder
%8 = multiply %6 %7 "loss"     () float32  in encoder  result
)";
    BOOST_TEST(text() == expected);
    BOOST_TEST(text() == expected);
}

BOOST_AUTO_TEST_CASE(shared_elements_count_once) {
    const Variable x = ones_parameter({100}, "x");
    BOOST_TEST(graph(reshape(x, {10, 10})).bytes == 400U);
    BOOST_TEST(graph(x + 1).bytes == 804U);
}

BOOST_AUTO_TEST_CASE(odd_names_are_escaped) {
    const std::string odd = "a<b>&\"c\"\\n{|}\n\xff</TABLE>";
    const Graph g = graph(tanh(ones_parameter({2}, odd)).named(std::string(100, 'y')));
    const files::Folder folder;
    g.write(folder / "odd.svg");
    const std::string svg = files::read(folder / "odd.svg");
    BOOST_TEST(holds(svg, "a&lt;b&gt;&amp;&quot;c&quot;\\n{|} "));
    BOOST_TEST(holds(svg, std::string(40, 'y') + "…"));
    BOOST_TEST(holds(g.to_text(), R"("a<b>&\"c\"\\n{|}\x0a)"));
    BOOST_TEST(count(g.to_text(), "\n") == 2U);
}

BOOST_AUTO_TEST_CASE(every_format_is_written_by_its_extension) {
    const files::Folder folder;
    const SmallNet net;
    const Graph g = graph(net.loss(two_rows()));
    for (const char* name : {"g.dot", "g.svg", "g.png", "g.txt"}) g.write(folder / name, {.title = "A net"});
    BOOST_TEST(files::read(folder / "g.dot") == g.to_dot({.title = "A net"}));
    BOOST_TEST(files::read(folder / "g.txt") == g.to_text());
    BOOST_TEST(holds(files::read(folder / "g.svg"), ">A net</text>"));
    BOOST_TEST(holds(files::read(folder / "g.svg"), "</svg>"));
    BOOST_TEST(files::read(folder / "g.png").starts_with("\x89PNG"));
    BOOST_TEST(folder.count() == 4);
    BOOST_TEST(files::throws<ValueError>([&] { g.write(folder / "g.jpeg"); }, "g.jpeg", ".svg, .png, .dot or .txt"));
    BOOST_TEST(files::throws<FileError>([&] { g.write(folder / "no/such/g.svg"); }, "no/such"));
    BOOST_TEST(folder.count() == 4);
}

BOOST_AUTO_TEST_CASE(without_graphviz_the_dot_file_is_kept_and_the_package_named) {
    const files::Folder folder;
    const Graph g = graph(SmallNet().loss(two_rows()));
    const Environment path("PATH", (folder / "empty").string());
    BOOST_TEST(files::throws<FileError>([&] { g.write(folder / "g.svg"); }, "apt-get install graphviz", "g.dot"));
    BOOST_TEST(files::read(folder / "g.dot") == g.to_dot());
    BOOST_TEST(folder.count() == 1);
}

BOOST_AUTO_TEST_CASE(when_graphviz_fails_its_words_are_passed_on) {
    const files::Folder folder;
    std::filesystem::create_directory(folder / "bin");
    files::write(folder / "bin/dot", "#!/bin/sh\necho out of ink >&2\nexit 3\n");
    std::filesystem::permissions(folder / "bin/dot", std::filesystem::perms::owner_all);
    const Environment path("PATH", (folder / "bin").string());
    BOOST_TEST(files::throws<FileError>([&] { graph(SmallNet().loss(two_rows())).write(folder / "g.png"); },
                                        "out of ink", "g.dot"));
}

BOOST_AUTO_TEST_CASE(what_graphviz_cannot_draw_is_drawn_in_a_plainer_form) {
    const files::Folder folder;
    std::filesystem::create_directory(folder / "bin");
    files::write(folder / "bin/dot", R"(#!/bin/sh
while read -r line; do
    case "$line" in *minlen=0*) exit 1 ;; esac
    echo "$line"
done
)");
    std::filesystem::permissions(folder / "bin/dot", std::filesystem::perms::owner_all);
    const Environment path("PATH", (folder / "bin").string());
    const Graph g = graph(SmallNet().loss(two_rows()));
    BOOST_TEST(holds(g.to_dot(), "minlen=0"));
    g.write(folder / "g.svg");
    BOOST_TEST(count(files::read(folder / "g.svg"), "->") == g.edges.size());
}

BOOST_AUTO_TEST_CASE(a_leaf_used_all_over_is_drawn_beside_each_use) {
    const Variable w = ones_parameter({2}, "w");
    Variable y = two_rows();
    for (int i = 0; i < 5; ++i) y = y * w;
    BOOST_TEST(count(graph(y).to_dot(), "<B>w</B>") == 5U);
    BOOST_TEST(count(graph(y).to_dot({.repeat = 5}), "<B>w</B>") == 1U);
}

BOOST_AUTO_TEST_CASE(of_a_long_graph_the_middle_is_left_out_of_the_drawing) {
    const files::Folder folder;
    Variable y = ones_parameter({2}, "x");
    for (int i = 0; i < 3000; ++i) y = sin(y * 0.5);
    const Graph g = graph(y);
    BOOST_TEST(g.nodes.size() == 9001U);
    const std::string dot = g.to_dot();
    BOOST_TEST(count(dot, "sin<") == 500U);
    BOOST_TEST(holds(dot, "5,000 operators not drawn"));
    g.write(folder / "long.svg", {.most = 10});
    BOOST_TEST(count(files::read(folder / "long.svg"), ">sin</text>") == 5U);
}

BOOST_AUTO_TEST_CASE(a_freed_graph_is_an_error_and_a_freed_part_is_marked) {
    const Variable x = ones_parameter({2}, "x"), trunk = tanh(x), first = sum(trunk), second = sum(exp(trunk));
    first.backward();
    BOOST_TEST(files::throws<GraphError>([&] { graph(first); }, "sum", "freed by backward()", "retain_graph"));
    const Graph g = graph(second);
    BOOST_TEST(find(g, "tanh").is_freed);
    BOOST_TEST(holds(g.to_dot(), "inputs freed by backward()"));
}

BOOST_AUTO_TEST_CASE(no_result_is_an_error) {
    BOOST_TEST(files::throws<ValueError>([] { graph(std::vector<Variable>{}); }, "graph"));
    BOOST_TEST(files::throws<ValueError>([] { graph(Variable()); }, "empty Variable"));
}

BOOST_AUTO_TEST_CASE(the_slope_inside_linear_is_drawn_as_one) {
    const Variable x = parameter(ones({2, 3})), w = ones({3, 4}), b = ones({4});
    const Variable slope = grad(sum(linear(x, w, b, Epilogue::relu)), x, {.create_graph = true});
    const std::string text = graph(slope).to_text();
    BOOST_TEST(text.find("relu'") != std::string::npos, text);
}
