#include "graph_program.hpp"

#include <fmt/format.h>

#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace fs = std::filesystem;

namespace {

void say(std::string_view text) { fmt::print(stderr, "xgrad-graph: {}\n", text); }

/// Tells one state of a file from another: a drawing replaces the file, so its number changes with it.
class Fingerprint {
public:
    explicit Fingerprint(fs::path path) : path_(std::move(path)), before_(read()) {}
    bool has_changed() const { return read() != before_; }

private:
    using State = std::array<long, 3>;
    State read() const {
        struct stat status {};
        if (::stat(path_.c_str(), &status) != 0) return {};
        return {static_cast<long>(status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    }

    fs::path path_;
    State before_;
};

/// While it lives, the keyboard's interrupt and quit are for the program alone: it decides what they mean.
class LeaveSignals {
public:
    LeaveSignals() {
        sigemptyset(&given_);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            before_[i] = std::signal(signals[i], SIG_IGN);
            if (before_[i] != SIG_IGN) sigaddset(&given_, signals[i]);
        }
    }
    ~LeaveSignals() {
        for (std::size_t i = 0; i < signals.size(); ++i) std::signal(signals[i], before_[i]);
    }
    LeaveSignals(const LeaveSignals&) = delete;
    LeaveSignals& operator=(const LeaveSignals&) = delete;
    /// Those that the program is to have in their usual state.
    const sigset_t& given() const { return given_; }

private:
    static constexpr std::array signals{SIGINT, SIGQUIT};
    std::array<void (*)(int), 2> before_{};
    sigset_t given_{};
};

/// Starts the program and waits for its end. @returns what waitpid() reports, or -errno when it could not be started
int run(std::vector<std::string>& command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    const LeaveSignals leave_signals;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &leave_signals.given());
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, arguments[0], nullptr, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) return -error;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/// Says what a program ended with. @returns it as a shell would
int report_end(const std::string& program, int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        say(fmt::format("{} was ended by signal {} ({})", program, signal, ::strsignal(signal)));
        return 128 + signal;
    }
    const int code = WEXITSTATUS(status);
    if (code != 0) say(fmt::format("{} failed with exit code {}", program, code));
    return code;
}

}  // namespace

int draw_program(std::vector<std::string> command, const fs::path& file) {
    const fs::path target = fs::absolute(file);  // the program may change its folder
    const Fingerprint drawing(target), source(fs::path(target).replace_extension(".dot"));
    ::setenv("XGRAD_GRAPH", target.c_str(), 1);
    const int status = run(command);
    if (status < 0) {
        say(fmt::format("cannot start {}: {}", command[0], std::strerror(-status)));
        return status == -ENOENT ? 127 : 126;
    }
    const int code = report_end(command[0], status);
    if (drawing.has_changed()) {
        say(fmt::format("the graph of the first backward() is in {}", file.string()));
        return code;
    }
    if (source.has_changed())
        say(fmt::format("the graph could not be rendered (see above); it is in {}",
                        fs::path(file).replace_extension(".dot").string()));
    else if (code == 0)
        say(fmt::format("no graph: {} recorded no backward(), was not built with xgrad, or could not write {}",
                        command[0], file.string()));
    return code != 0 ? code : 1;
}
