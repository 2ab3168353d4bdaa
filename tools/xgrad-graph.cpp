// Draws a few example nets, or what any program records at its first backward().
#include "graph_examples.hpp"
#include "graph_program.hpp"

#include <xgrad/autograd/graph.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <vector>

namespace {

constexpr int wrong_usage = 2;

int list_examples() {
    for (const Example& example : examples()) fmt::print("{:<12} {}\n", example.name, example.description);
    return 0;
}

int draw_example(const std::string& name, const std::string& file) {
    const auto at =
        std::find_if(examples().begin(), examples().end(), [&](const Example& e) { return e.name == name; });
    if (at == examples().end()) {
        fmt::print(
            stderr,
            "xgrad-graph: no example is called \"{0}\". See: xgrad-graph list. To draw a program: xgrad-graph -- {0}\n",
            name);
        return wrong_usage;
    }
    at->build().write(file, {.title = std::string(at->description)});
    fmt::print("{}\n", file);
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    // What follows -- is the program's own, options and all.
    char** const dashes =
        std::find_if(argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
    const bool has_program = dashes != argv + argc;
    const std::vector<std::string> command(has_program ? dashes + 1 : dashes, argv + argc);

    CLI::App app("Draws a computation graph: that of an example, or of a program's first backward().", "xgrad-graph");
    app.footer(
        "  xgrad-graph list                               the examples\n"
        "  xgrad-graph NAME [-o FILE]                     draws one of them\n"
        "  xgrad-graph [-o FILE] -- PROGRAM [ARGUMENT...] draws what the program records, with no change to it");
    std::string name, file = "graph.svg";
    app.add_option("NAME", name, "an example; \"list\" lists them");
    app.add_option("-o,--output", file, "where to draw: .svg, .png, .dot, or .txt")->capture_default_str();
    try {
        app.parse(static_cast<int>(std::distance(argv, dashes)), argv);
        if (has_program ? command.empty() || !name.empty() : name.empty())
            throw CLI::ValidationError("expected either the NAME of an example or -- PROGRAM");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : wrong_usage;
    }
    xgrad::check_drawing_name(file);
    if (has_program) return draw_program(command, file);
    return name == "list" ? list_examples() : draw_example(name, file);
} catch (const std::exception& error) {
    fmt::print(stderr, "xgrad-graph: {}\n", error.what());
    return 1;
}
