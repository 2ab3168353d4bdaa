#include "reference.hpp"

#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/losses.hpp>

using namespace xgrad;

namespace {

using Inputs = std::vector<Variable>;
using Outputs = std::vector<Variable>;
using reference::Options;

nn::Reduction reduction(const Options& o) {
    return o.at("reduction") == "mean"  ? nn::Reduction::mean
           : o.at("reduction") == "sum" ? nn::Reduction::sum
                                        : nn::Reduction::none;
}

/// Ours take the mean over the last axis before they sum over samples; the reference sums all elements.
Variable over_elements(const Variable& loss, const Variable& prediction, const Options& o) {
    return o.at("reduction") == "sum" ? loss * prediction.shape().back() : loss;
}

// clang-format off
const std::map<std::string, reference::Function> functions{
    {"mse", [](const Inputs& x, const Options& o) -> Outputs { return {nn::mse(x[0], x[1], {.reduction = reduction(o)})}; }},
    {"l1", [](const Inputs& x, const Options& o) -> Outputs { return {nn::mae(x[0], x[1], {.reduction = reduction(o)})}; }},
    {"huber", [](const Inputs& x, const Options& o) -> Outputs {
        return {over_elements(nn::huber(x[0], x[1], {.delta = o.at("delta"), .reduction = reduction(o)}), x[0], o)};
    }},
    {"hinge", [](const Inputs& x, const Options& o) -> Outputs { return {nn::hinge(x[0], x[1], {.reduction = reduction(o)})}; }},
    {"bce", [](const Inputs& x, const Options& o) -> Outputs {
        return {over_elements(nn::binary_crossentropy(x[0], x[1], {.reduction = reduction(o)}), x[0], o)};
    }},
    {"bce_with_logits", [](const Inputs& x, const Options& o) -> Outputs {  // every element is a sample
        return {nn::binary_crossentropy(expand_dims(x[0], -1), expand_dims(x[1], -1), {.from_logits = true, .reduction = reduction(o)})};
    }},
    {"cross_entropy", [](const Inputs& x, const Options& o) -> Outputs {
        const nn::CrossentropyOptions options{.from_logits = true, .reduction = reduction(o)};
        return {x[1].dtype() == DType::int64 ? nn::sparse_categorical_crossentropy(x[0], x[1], options)
                                             : nn::categorical_crossentropy(x[0], x[1], options)};
    }},
    {"categorical_crossentropy", [](const Inputs& x, const Options& o) -> Outputs {
        return {nn::categorical_crossentropy(x[0], x[1], {.from_logits = o.at("from_logits"), .reduction = reduction(o)})};
    }},
};
// clang-format on

}  // namespace

BOOST_AUTO_TEST_CASE(losses_agree_with_the_reference_vectors) {
    for (const reference::Case& c : reference::read_cases("loss")) BOOST_TEST_CONTEXT(c.name) {
            const auto function = functions.find(c.op);
            BOOST_TEST(bool(function != functions.end()), "no entry for " << c.op);
            if (function != functions.end()) reference::check(c, function->second);
        }
}
