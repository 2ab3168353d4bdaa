#pragma once

#include <xgrad/autograd/variable.hpp>
#include <xgrad/datasets/npz.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// The reference vectors of fixtures/reference: index.json lists the cases, and each has its arrays in a .npz file.
///
///     in.NAME    an input
///     out.NAME   an output
///     ct.NAME    what the output is multiplied with, and summed, to make a number of it
///     grad.NAME  that number's gradient with respect to the input
///     v.NAME     a direction; hv.NAME the Hessian, over all inputs that have one, times the direction
namespace reference {

using Arrays = std::map<std::string, xgrad::Variable>;
using Options = nlohmann::json;

struct Case {
    std::string name, kind, op;
    Options args;
    std::vector<std::string> inputs, outputs;
    Arrays arrays;

    const xgrad::Variable& array(const std::string& array_name) const {
        BOOST_REQUIRE_MESSAGE(arrays.contains(array_name), name << " has no array " << array_name);
        return arrays.at(array_name);
    }
};

inline std::vector<Case> read_cases() {
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

/// The cases of a kind: "op", "loss" or "optimizer".
inline std::vector<Case> read_cases(const std::string& kind) {
    std::vector<Case> cases = read_cases();
    std::erase_if(cases, [&](const Case& c) { return c.kind != kind; });
    BOOST_REQUIRE(!cases.empty());
    return cases;
}

/// Equal in shape and type, and to 1e-10 of the largest of 1 and the number.
inline void check_close(const std::string& what, const xgrad::Variable& found, const xgrad::Variable& expected) {
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

/// What a case of kind "op" or "loss" is computed with: its inputs, in order, and its options give its outputs.
using Function = std::function<std::vector<xgrad::Variable>(const std::vector<xgrad::Variable>&, const Options&)>;

/// Compares the outputs of `f`, their gradients and their Hessian-vector products with those of the case.
void check(const Case& c, const Function& f);

}  // namespace reference
