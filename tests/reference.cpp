#include "reference.hpp"

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/datasets/npz.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

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

std::vector<Case> read_cases() {
    const std::string folder = XGRAD_FIXTURES "/reference/";
    const auto index = nlohmann::json::parse(std::ifstream(folder + "index.json"));
    std::vector<Case> cases;
    for (const auto& entry : index.at("cases")) {
        Case c{entry.at("name"), entry.at("kind"), entry.at("op"), entry.at("args"), {}, {}, {}};
        if (entry.contains("inputs")) c.inputs = entry["inputs"];
        if (entry.contains("outputs")) c.outputs = entry["outputs"];
        c.arrays = xgrad::datasets::read_npz(folder + c.name + ".npz");
        cases.push_back(std::move(c));
    }
    return cases;
}

std::vector<Case> read_cases(const std::string& kind) {
    std::vector<Case> cases = read_cases();
    std::erase_if(cases, [&](const Case& c) { return c.kind != kind; });
    BOOST_REQUIRE(!cases.empty());
    return cases;
}

void check_close(const std::string& what, const xgrad::Variable& found, const xgrad::Variable& expected) {
    BOOST_TEST_CONTEXT(what) {
        BOOST_REQUIRE(found);
        BOOST_TEST(to_string(found.dtype()) == to_string(expected.dtype()));
        BOOST_REQUIRE(to_string(found.shape()) == to_string(expected.shape()));
        const std::vector<double> a = found.to_vector(), b = expected.to_vector();
        for (std::size_t i = 0; i < a.size(); ++i)
            BOOST_TEST(std::abs(a[i] - b[i]) <= 1e-10 * std::max(1.0, std::abs(b[i])),
                       "element " << i << " is " << a[i] << ", not " << b[i]);
    }
}

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
