#pragma once

#include "datasets/files.hpp"

#include <sys/wait.h>
#include <cstdlib>
#include <string>
#include <string_view>

/// What a program said and how it ended.
struct Outcome {
    int exit_code;
    std::string out, errors;
};

/// Runs a line of shell in a folder of its own, with xgrad's programs on the PATH.
class Shell {
public:
    Outcome operator()(const std::string& line) const {
        const std::string bin = XGRAD_BIN_DIR;
        const std::string all =
            "cd '" + (folder / "").string() + "' && PATH='" + bin + "':\"$PATH\" && ( " + line + " ) >out 2>errors";
        const int status = std::system(all.c_str());
        return {WEXITSTATUS(status), files::read(folder / "out"), files::read(folder / "errors")};
    }
    files::Folder folder;
};

inline bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
