#pragma once

#include <string>
#include <utility>
#include <vector>

/// One thing that was looked at. A fault comes with what to do about it.
struct Check {
    std::string name, found;
    std::string advice = {};  ///< empty when all is well
    bool fault() const { return !advice.empty(); }
};

/// Versions and settings, which are neither right nor wrong.
std::vector<std::pair<std::string, std::string>> facts();
/// What may be wrong. Takes about a second: matrix products are timed.
std::vector<Check> checks();
