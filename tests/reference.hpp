#pragma once

#include <xgrad/autograd/variable.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

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

/// All cases, or those of a kind: "op", "loss" or "optimizer".
std::vector<Case> read_cases();
std::vector<Case> read_cases(const std::string& kind);

/// Equal in shape and type, and to 1e-10 of the larger of 1 and the number.
void check_close(const std::string& what, const xgrad::Variable& found, const xgrad::Variable& expected);

/// What a case of kind "op" or "loss" is computed with: its inputs, in order, and its options give its outputs.
using Function = std::function<std::vector<xgrad::Variable>(const std::vector<xgrad::Variable>&, const Options&)>;

/// Compares the outputs of `f`, their gradients and their Hessian-vector products with those of the case.
void check(const Case& c, const Function& f);

}  // namespace reference
