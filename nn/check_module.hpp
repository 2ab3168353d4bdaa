#pragma once

#include <xgrad/nn/module.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace xgrad::nn {

/// What check_module() found: true when nothing is wrong, and printable, so that BOOST_TEST(check_module(...)) says it.
struct ModuleReport {
    std::vector<std::string> unlisted;  ///< trainable leaves that no member lists, described
    std::vector<std::string> unused;    ///< paths of listed parameters that get no gradient, with the reason

    explicit operator bool() const { return unlisted.empty() && unused.empty(); }
};
std::ostream& operator<<(std::ostream& out, const ModuleReport& report);
std::string to_string(const ModuleReport& report);

/// Whether the module's members() lists exactly what `result` trains: looks for trainable leaves that led to the result
/// and are not listed, and for listed parameters that did not lead to it. Parameters frozen by set_trainable(false) are
/// meant not to.
/// @param result what the model, or a loss behind it, returned; its graph not yet freed by backward()
/// @param besides leaves that require a gradient without being parameters (the x of a gradient penalty)
/// @throws GraphError when result was not recorded
ModuleReport check_module(const Module& module, const Variable& result, const std::vector<Variable>& besides = {});

}  // namespace xgrad::nn
