#pragma once

#include <xgrad/autograd/variable.hpp>

#include <string>
#include <vector>

/// Sums of products with labelled axes: what einsum() and tensordot() come down to.
namespace xgrad::detail {

/// An operand with a label for each of its axes.
struct Labelled {
    Variable value;
    std::string labels;
};

/// With repeated labels merged: of those axes, which must be of one size, the diagonal.
Labelled merge_repeated(Labelled x);

/// The sum over all labels that are not in `output`, of the product of all the terms. A label stands for one size
/// throughout, does not repeat within a term or the output, and the output has none that is in no term.
Variable contract(std::vector<Labelled> terms, const std::string& output);

}  // namespace xgrad::detail
