#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/ops.hpp>

#include "reference.hpp"

namespace reference {

using xgrad::Variable;

namespace {

/// The inputs that the case has a gradient for, and their names.
struct Wanted {
    std::vector<std::string> names;
    std::vector<Variable> inputs;
};

/// Compares; no gradient means zero.
void check_gradients(const Case& c, const std::string& prefix, const Wanted& wanted,
                     const std::vector<Variable>& found) {
    for (std::size_t k = 0; k < wanted.names.size(); ++k)
        check_close(prefix + wanted.names[k], found[k] ? found[k] : zeros_like(wanted.inputs[k]),
                    c.array(prefix + wanted.names[k]));
}

}  // namespace

void check(const Case& c, const Function& f) {
    std::vector<Variable> inputs;
    Wanted wanted;
    for (const std::string& name : c.inputs) {
        const bool has_gradient = c.arrays.contains("grad." + name);
        inputs.push_back(has_gradient ? xgrad::parameter(xgrad::copy(c.array("in." + name))) : c.array("in." + name));
        if (!has_gradient) continue;
        wanted.names.push_back(name);
        wanted.inputs.push_back(inputs.back());
    }
    const std::vector<Variable> outputs = f(inputs, c.args);
    BOOST_REQUIRE(outputs.size() == c.outputs.size());
    for (std::size_t k = 0; k < outputs.size(); ++k)
        check_close("out." + c.outputs[k], outputs[k], c.array("out." + c.outputs[k]));
    if (wanted.names.empty()) return;

    std::vector<Variable> factors;
    for (const std::string& name : c.outputs) factors.push_back(c.array("ct." + name));
    const bool second_order = c.arrays.contains("hv." + wanted.names[0]);
    const std::vector<Variable> gradients =
        grad(outputs, wanted.inputs, {.create_graph = second_order, .allow_unused = true, .gradients = factors});
    check_gradients(c, "grad.", wanted, gradients);
    if (!second_order) return;

    Variable slope(0.0, xgrad::DType::float64);  // along the direction
    for (std::size_t k = 0; k < gradients.size(); ++k)
        if (gradients[k]) slope += sum(gradients[k] * c.array("v." + wanted.names[k]));
    const std::vector<Variable> none(wanted.inputs.size());
    check_gradients(c, "hv.", wanted,
                    slope.requires_grad() ? grad({slope}, wanted.inputs, {.allow_unused = true}) : none);
}

}  // namespace reference
