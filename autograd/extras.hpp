#pragma once

#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/node.hpp>

#include <string>
#include <vector>

namespace xgrad {

/// What few nodes have.
struct Node::Extras {
    std::string name;
    struct Hook {
        std::uint64_t number;
        GradientHook function;
        Location at;  ///< where it was registered
    };
    std::vector<Hook> hooks;  // in the order of registration
    std::uint64_t hooks_registered = 0;
};

/// The node's extras, made when it has none.
inline Node::Extras& extras_of(Node& node) {
    if (node.extras == nullptr) node.extras = new Node::Extras;
    return *node.extras;
}

}  // namespace xgrad
