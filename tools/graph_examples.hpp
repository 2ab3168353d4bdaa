#pragma once

#include <xgrad/autograd/graph.hpp>

#include <string_view>
#include <vector>

/// A net that xgrad-graph draws by name.
struct Example {
    std::string_view name, description;
    xgrad::Graph (*build)();
};

const std::vector<Example>& examples();
