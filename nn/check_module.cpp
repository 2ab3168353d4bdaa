#include <xgrad/nn/check_module.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/tape.hpp>

#include <fmt/format.h>

#include <ostream>
#include <sstream>
#include <unordered_set>

namespace xgrad::nn {

namespace {

using NodeSet = std::unordered_set<const Node*>;

std::string described(const Variable& leaf, const Node& user) {
    std::string text = leaf.name().empty() ? "a leaf " : "\"" + leaf.name() + "\" ";
    text += fmt::format("{}, used by {}", to_string(leaf.shape()), user.operator_name());
    if (user.scope != 0) text += " in " + scope_path(user.scope);
    if (user.location) text += " at " + to_string(user.location);
    return text;
}

/// The trainable leaves behind a result; those not in `known` are described in the report.
NodeSet leaves_behind(const Variable& result, const NodeSet& known, ModuleReport& report) {
    NodeSet leaves;
    const Tape tape(result);
    for (std::size_t place = 0; place < tape.size(); ++place) {
        const Node& node = tape[place];
        for (std::uint32_t i = 0; i < node.input_count; ++i) {
            const Variable& input = node.inputs[i];
            if (!input.is_leaf() || !input.requires_grad() || !leaves.insert(input.get()).second) continue;
            if (!known.contains(input.get())) report.unlisted.push_back(described(input, node));
        }
    }
    return leaves;
}

}  // namespace

ModuleReport check_module(const Module& module, const Variable& result, const std::vector<Variable>& besides) {
    if (result.is_leaf() || result.node().was_released)
        throw GraphError(
            "check_module: the result has no graph: it was computed under NoGrad, without any trainable parameter, or "
            "freed by backward()");
    const NamedVariables parameters = module.named_parameters();
    NodeSet known;
    for (const auto& [path, v] : parameters) known.insert(v.get());
    for (const Variable& v : besides) known.insert(v.get());

    ModuleReport report;
    const NodeSet used = leaves_behind(result, known, report);
    NodeSet frozen;
    for (const auto& [path, part] : module.named_modules())
        if (!part->trainable())
            for (const Variable& v : part->parameters()) frozen.insert(v.get());
    for (const auto& [path, v] : parameters) {
        if (used.contains(v.get()) || frozen.contains(v.get())) continue;
        report.unused.push_back(fmt::format("\"{}\" {}: {}", path, to_string(v.shape()),
                                            v.requires_grad()
                                                ? "the result does not depend on it"
                                                : "it requires no gradient; make it with parameter(...)"));
    }
    return report;
}

std::ostream& operator<<(std::ostream& out, const ModuleReport& report) {
    if (report) return out << "every trainable leaf is listed, and every listed parameter is used";
    for (const std::string& leaf : report.unlisted)
        out << "not listed by members(), so never trained nor saved: " << leaf << '\n';
    for (const std::string& parameter : report.unused) out << "listed, but without a gradient: " << parameter << '\n';
    return out;
}

std::string to_string(const ModuleReport& report) {
    std::ostringstream text;
    text << report;
    return text.str();
}

}  // namespace xgrad::nn
