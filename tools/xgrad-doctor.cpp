// Looks for what makes xgrad slow or incomplete on this machine, and says what to do about it. The exit code is 1 when
// there is a fault.
#include "doctor_checks.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace {

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            result += fmt::format("\\u{:04x}", static_cast<int>(c));
        else
            result += c;
    }
    return result + '"';
}

void print_json(const std::vector<Check>& checks, std::ptrdiff_t faults) {
    fmt::print("{{\"facts\": {{");
    const char* comma = "";
    for (const auto& [name, value] : facts()) {
        fmt::print("{}{}: {}", comma, quoted(name), quoted(value));
        comma = ", ";
    }
    fmt::print("}}, \"checks\": [");
    comma = "";
    for (const Check& check : checks) {
        fmt::print(R"({}{{"name": {}, "fault": {}, "found": {}, "advice": {}}})", comma, quoted(check.name),
                   check.fault(), quoted(check.found), quoted(check.advice));
        comma = ", ";
    }
    fmt::print("], \"faults\": {}}}\n", faults);
}

void print_text(const std::vector<Check>& checks, std::ptrdiff_t faults) {
    for (const auto& [name, value] : facts()) fmt::print("       {:<22}{}\n", name, value);
    for (const Check& check : checks) {
        fmt::print("{:<7}{:<22}{}\n", check.fault() ? "FAULT" : "ok", check.name, check.found);
        if (check.fault()) fmt::print("{:29}{}\n", "", check.advice);
    }
    if (faults == 0) fmt::print("No faults.\n");
    if (faults != 0) fmt::print("{} {}.\n", faults, faults == 1 ? "fault" : "faults");
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app("Looks for what makes xgrad slow or incomplete on this machine");
    bool json = false;
    app.add_flag("--json", json, "one JSON object instead of lines");
    CLI11_PARSE(app, argc, argv);

    const std::vector<Check> found = checks();
    const std::ptrdiff_t faults = std::count_if(found.begin(), found.end(), [](const Check& c) { return c.fault(); });
    json ? print_json(found, faults) : print_text(found, faults);
    return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
    fmt::print(stderr, "xgrad-doctor: {}\n", error.what());
    return 2;
}
