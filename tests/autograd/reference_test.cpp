#include <xgrad/autograd/ops.hpp>

#include "reference.hpp"

#include <filesystem>
#include <set>

using namespace xgrad;

namespace {

using Inputs = std::vector<Variable>;
using Outputs = std::vector<Variable>;
using reference::Options;

Axes axes_of(const Options& o) {
    Axes axes;
    for (const int axis : o.at("axis").get<std::vector<int>>()) axes.push_back(axis);
    return axes;
}
bool keepdims(const Options& o) { return o.at("keepdims"); }

Variable causal_attention(const Variable& q, const Variable& k, const Variable& v) {
    const std::size_t n = q.shape()[1];
    const Variable scores = matmul(q, k, {.transpose_b = true}) / std::sqrt(q.shape()[2]);  // (batch, n, n)
    const Variable place = arange(0, static_cast<double>(n), 1, q.dtype());
    const Variable past = reshape(place, Shape{n, 1}) >= place;
    return matmul(softmax(where(past, scores, -INFINITY)), v);
}

const std::map<std::string, PadMode> pad_modes{{"constant", PadMode::constant},
                                               {"edge", PadMode::edge},
                                               {"reflect", PadMode::reflect},
                                               {"symmetric", PadMode::symmetric},
                                               {"wrap", PadMode::wrap}};

// clang-format off
const std::map<std::string, reference::Function> functions{
    {"expm1", [](const Inputs& x, const Options&) -> Outputs { return {expm1(x[0])}; }},
    {"log2", [](const Inputs& x, const Options&) -> Outputs { return {log2(x[0])}; }},
    {"square", [](const Inputs& x, const Options&) -> Outputs { return {square(x[0])}; }},
    {"cos", [](const Inputs& x, const Options&) -> Outputs { return {cos(x[0])}; }},
    {"atan", [](const Inputs& x, const Options&) -> Outputs { return {atan(x[0])}; }},
    {"asinh", [](const Inputs& x, const Options&) -> Outputs { return {asinh(x[0])}; }},
    {"sigmoid", [](const Inputs& x, const Options&) -> Outputs { return {sigmoid(x[0])}; }},
    {"mish", [](const Inputs& x, const Options&) -> Outputs { return {mish(x[0])}; }},
    {"abs", [](const Inputs& x, const Options&) -> Outputs { return {abs(x[0])}; }},
    {"gelu", [](const Inputs& x, const Options& o) -> Outputs { return {gelu(x[0], o.at("approximate") != "none")}; }},
    {"elu", [](const Inputs& x, const Options& o) -> Outputs { return {elu(x[0], o.at("alpha"))}; }},
    {"hardtanh", [](const Inputs& x, const Options& o) -> Outputs { return {clip(x[0], o.at("min"), o.at("max"))}; }},
    {"pow", [](const Inputs& x, const Options& o) -> Outputs { return {power(x[0], o.at("exponent"))}; }},
    {"scalar_affine", [](const Inputs& x, const Options& o) -> Outputs { return {o.at("scale").get<double>() * x[0] + o.at("shift").get<double>()}; }},
    {"relu", [](const Inputs& x, const Options&) -> Outputs { return {relu(x[0])}; }},
    {"softplus", [](const Inputs& x, const Options&) -> Outputs { return {softplus(x[0])}; }},
    {"add", [](const Inputs& x, const Options&) -> Outputs { return {x[0] + x[1]}; }},
    {"sub", [](const Inputs& x, const Options&) -> Outputs { return {x[0] - x[1]}; }},
    {"mul", [](const Inputs& x, const Options&) -> Outputs { return {x[0] * x[0] + x[0] * sum(x[0])}; }},
    {"div", [](const Inputs& x, const Options&) -> Outputs { return {x[0] / x[1]}; }},
    {"minimum", [](const Inputs& x, const Options&) -> Outputs { return {minimum(x[0], x[1])}; }},
    {"matmul", [](const Inputs& x, const Options& o) -> Outputs { return {matmul(x[0], x[1], {.transpose_b = o.value("transpose_b", false)})}; }},
    {"compose", [](const Inputs& x, const Options&) -> Outputs { return {matmul(matmul(x[0], x[1]), x[0])}; }},  // x^T A x
    {"tensordot", [](const Inputs& x, const Options& o) -> Outputs { return {tensordot(x[0], x[1], o.at("axes").get<int>())}; }},
    {"trace", [](const Inputs& x, const Options&) -> Outputs { return {trace(x[0])}; }},
    {"logdet", [](const Inputs& x, const Options&) -> Outputs { return {logdet(matmul(x[0], x[0], {.transpose_b = true}) + eye(3, DType::float64))}; }},
    {"attention", [](const Inputs& x, const Options&) -> Outputs { return {causal_attention(x[0], x[1], x[2])}; }},
    {"sum", [](const Inputs& x, const Options& o) -> Outputs { return {sum(x[0], axes_of(o), {.keepdims = keepdims(o)})}; }},
    {"min", [](const Inputs& x, const Options& o) -> Outputs { return {min(x[0], axes_of(o), {.keepdims = keepdims(o)})}; }},
    {"prod", [](const Inputs& x, const Options& o) -> Outputs { return {prod(x[0], axes_of(o), {.keepdims = keepdims(o)})}; }},
    {"norm", [](const Inputs& x, const Options& o) -> Outputs {
        return {norm(x[0], o.at("ord") == "inf" ? INFINITY : o.at("ord").get<double>(), axes_of(o), {.keepdims = keepdims(o)})};
    }},
    {"cumsum", [](const Inputs& x, const Options& o) -> Outputs { return {cumsum(x[0], o.at("axis"))}; }},
    {"softmax", [](const Inputs& x, const Options& o) -> Outputs { return {softmax(x[0], o.at("axis"))}; }},
    {"argmax", [](const Inputs& x, const Options& o) -> Outputs { return {argmax(x[0], o.at("axis"))}; }},
    {"take", [](const Inputs& x, const Options&) -> Outputs { return {take(x[0], x[1])}; }},
    {"embedding", [](const Inputs& x, const Options&) -> Outputs { return {take(x[1], x[0], 0)}; }},
    {"one_hot", [](const Inputs& x, const Options& o) -> Outputs { return {one_hot(x[0], o.at("classes"), DType::float64)}; }},
    {"transpose", [](const Inputs& x, const Options& o) -> Outputs { return {transpose(x[0], o.at("axes").get<std::vector<int>>())}; }},
    {"broadcast_to", [](const Inputs& x, const Options& o) -> Outputs {
        const auto sizes = o.at("shape").get<std::vector<std::size_t>>();
        return {broadcast_to(x[0], Shape(sizes.begin(), sizes.end()))};
    }},
    {"concat", [](const Inputs& x, const Options& o) -> Outputs { return {concatenate(x, o.at("axis"))}; }},
    {"split", [](const Inputs& x, const Options& o) -> Outputs {  // twice the second part
        return {2 * split(x[0], o.at("sizes").get<std::vector<std::size_t>>(), o.at("axis"))[1]};
    }},
    {"flip", [](const Inputs& x, const Options& o) -> Outputs { return {flip(x[0], axes_of(o))}; }},
    {"pad", [](const Inputs& x, const Options& o) -> Outputs {
        return {pad(x[0], o.at("pads").get<std::vector<std::pair<long, long>>>(), {.mode = pad_modes.at(o.at("mode"))})};
    }},
};
// clang-format on

}  // namespace

BOOST_AUTO_TEST_CASE(operators_agree_with_the_reference_vectors) {
    for (const reference::Case& c : reference::read_cases("op")) BOOST_TEST_CONTEXT(c.name) {
            const auto function = functions.find(c.op);
            BOOST_TEST(bool(function != functions.end()), "no entry for " << c.op);
            if (function != functions.end()) reference::check(c, function->second);
        }
}

BOOST_AUTO_TEST_CASE(no_reference_vectors_are_left_out) {
    std::set<std::string> names;
    for (const reference::Case& c : reference::read_cases()) {
        names.insert(c.name);
        BOOST_TEST((c.kind == "op" || c.kind == "loss" || c.kind == "optimizer"),
                   c.name << " is of a kind that no test reads");
    }
    for (const auto& file : std::filesystem::directory_iterator(XGRAD_FIXTURES "/reference"))
        if (file.path().extension() == ".npz")
            BOOST_TEST(names.contains(file.path().stem()), file.path() << " is not in index.json");
}
