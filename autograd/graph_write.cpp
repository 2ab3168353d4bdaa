#include <xgrad/autograd/graph.hpp>

#include <xgrad/autograd/atomic_file.hpp>
#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace xgrad {

namespace fs = std::filesystem;

namespace {

/// Graphviz is there, but gave up on a drawing.
struct GraphvizFailed : FileError {
    using FileError::FileError;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when closed: a pipe could fill up while the other side waits.
File nameless_file() {
    File file(std::tmpfile(), &std::fclose);
    if (!file) throw FileError(std::string("cannot create a temporary file: ") + std::strerror(errno));
    return file;
}

std::string read_all(std::FILE* file) {
    std::string text;
    std::rewind(file);
    char block[65536];
    for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, file)) > 0;) text.append(block, n);
    return text;
}

/// Runs a program from the PATH, never a shell, between two files; returns what waitpid() reports.
int run(char* const arguments[], std::FILE* in, std::FILE* out, std::FILE* errors) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ::fileno(in), 0);
    posix_spawn_file_actions_adddup2(&actions, ::fileno(out), 1);
    posix_spawn_file_actions_adddup2(&actions, ::fileno(errors), 2);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT) throw FileError("Graphviz is not installed: apt-get install graphviz");
    if (error != 0) throw FileError(fmt::format("cannot run {}: {}", arguments[0], std::strerror(error)));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) throw FileError(fmt::format("lost sight of {}: {}", arguments[0], std::strerror(errno)));
    return status;
}

/// What Graphviz makes of a drawing. @param format "svg", "png"
std::string render(const std::string& dot, const std::string& format) {
    const File in = nameless_file(), out = nameless_file(), errors = nameless_file();
    if (std::fwrite(dot.data(), 1, dot.size(), in.get()) != dot.size() || std::fflush(in.get()) != 0)
        throw FileError(std::string("cannot write a temporary file: ") + std::strerror(errno));
    std::rewind(in.get());
    std::string program = "dot", to = "-T" + format, resolution = "-Gdpi=144";  // twice the screen's: sharp when zoomed
    char* const arguments[] = {program.data(), to.data(), format == "png" ? resolution.data() : nullptr, nullptr};
    const int status = run(arguments, in.get(), out.get(), errors.get());
    std::string drawing = read_all(out.get());
    if (status != 0 || drawing.empty()) throw GraphvizFailed("Graphviz failed: " + read_all(errors.get()));
    return drawing;
}

/// The same, in a plainer form where Graphviz cannot draw the usual one: version 2.43 fails an assertion on about one
/// in 200 graphs with edges inside a row.
std::string render(const Graph& graph, const DrawingOptions& options, const std::string& format) {
    try {
        return render(graph.to_dot(options), format);
    } catch (const GraphvizFailed&) {
        DrawingOptions plain = options;
        plain.beside = false;
        return render(graph.to_dot(plain), format);
    }
}

enum class Format { dot, svg, png, txt };

Format format_of(const fs::path& path) {
    const std::string extension = path.extension().string();
    if (extension == ".dot") return Format::dot;
    if (extension == ".svg") return Format::svg;
    if (extension == ".png") return Format::png;
    if (extension == ".txt") return Format::txt;
    throw ValueError(fmt::format(
        R"(graph: cannot tell the format of "{}": expected a name that ends in .svg, .png, .dot or .txt, got "{}")",
        path.string(), extension));
}

}  // namespace

void check_drawing_name(const fs::path& path) {
    format_of(path);
    const fs::path folder = fs::absolute(path).parent_path();
    if (!fs::is_directory(folder))
        throw FileError(fmt::format("{}: there is no folder {}", path.string(), folder.string()));
    if (fs::is_directory(path)) throw FileError(path.string() + ": is a folder");
}

void Graph::write(const fs::path& path, const DrawingOptions& options) const {
    check_drawing_name(path);
    const Format format = format_of(path);
    if (format == Format::txt) return write_file_atomically(path, to_text());
    if (format == Format::dot) return write_file_atomically(path, to_dot(options));
    try {
        write_file_atomically(path, render(*this, options, format == Format::svg ? "svg" : "png"));
    } catch (const FileError& error) {
        // The drawing is kept whatever failed, so that it can be rendered later or elsewhere.
        const fs::path beside = fs::path(path).replace_extension(".dot");
        write_file_atomically(beside, to_dot(options));
        throw FileError(
            fmt::format("{}: not written, but the drawing is in {}: {}", path.string(), beside.string(), error.what()));
    }
}

}  // namespace xgrad
