#pragma once

#include <string_view>
#include <vector>

#include <xgrad/autograd/graph.hpp>

/// A net that xgrad-graph draws by name.
struct Example {
    std::string_view name, description;
    xgrad::Graph (*build)();
};

const std::vector<Example>& examples();
