#include "operator_table.hpp"

namespace table {

namespace {

// clang-format off
const Lines gradients{
    unary("lgamma", lgamma, {0.4, 3}),
    unary("lgamma", lgamma, {-2.8, -2.2}),
    unary("digamma", digamma, {0.4, 3}),
    unary("digamma", digamma, {-1.7, -1.3}),
    unary("polygamma", [](const Operand& x) { return polygamma(0, x); }, {0.8, 3}),
    unary("polygamma", [](const Operand& x) { return polygamma(1, x); }, {0.8, 3}),
    unary("polygamma", [](const Operand& x) { return polygamma(2, x); }, {0.8, 3}),
    {"polygamma", [](const std::vector<Variable>& in) { return polygamma(3, in[0]); }, {{{2, 3}}}, {{1, 3}}, true,
        {{[] { return polygamma(-1, zeros({2})); }, {"order -1"}}}},
    unary("sinc", sinc),
    unary("sinc", sinc, {-1e-4, 1e-4}),
    unary("sinc_derivative", [](const Operand& x) { return sinc_derivative(1, x); }),
    {"sinc_derivative", [](const std::vector<Variable>& in) { return sinc_derivative(2, in[0]); }, {{{2, 3}}}, {}, true,
        {{[] { return sinc_derivative(-1, zeros({2})); }, {"order -1"}}}},
    unary("iv", i0),
    unary("iv", i1),
    unary("iv", [](const Operand& x) { return i0(x); }, {20.1, 22}),
    {"iv", [](const std::vector<Variable>& in) { return iv(2, in[0]); }, {{{2, 3}}}, {}, true,
        {{[] { return iv(-1, zeros({2})); }, {"order -1"}}}},
    unary("ive", i0e, {0.2, 3}),
    unary("ive", i1e, {-3, -0.2}),
    unary("ive", [](const Operand& x) { return i0e(x); }, {20.1, 22}),
    {"ive", [](const std::vector<Variable>& in) { return ive(2, in[0]); }, {{{2, 3}}}, {{0.2, 2}}, true,
        {{[] { return ive(-1, zeros({2})); }, {"order -1"}}}},
    unary("erfcx", erfcx),
    unary("erfcx_derivative", [](const Operand& x) { return erfcx_derivative(1, x); }),
    {"erfcx_derivative", [](const std::vector<Variable>& in) { return erfcx_derivative(2, in[0]); }, {{{2, 3}}}, {{0.5, 6}}, true,
        {{[] { return erfcx_derivative(-1, zeros({2})); }, {"order -1"}}}},
    unary("ndtr", ndtr),
    unary("log_ndtr", log_ndtr, {-5, 2}),
    unary("ndtri", ndtri, {0.2, 0.8}),
    unary("entr", entr, {0.3, 2}),
    {"multigammaln", [](const std::vector<Variable>& in) { return multigammaln(in[0], 3); }, {{{2, 3}}, {{}}, {{0, 2}}}, {{1.5, 3}}, true,
        {{[] { return multigammaln(zeros({2}), 0); }, {"p 0"}}, {[] { return multigammaln(zeros({2}, DType::int64), 2); }, {"real", "int64"}}}},
    unary("erfinv", erfinv, {-0.8, 0.8}),
    unary("erfcinv", erfcinv, {0.2, 1.8}),
    unary("logit", [](const Operand& x) { return logit(x); }, {0.2, 0.8}),
    {"logit", [](const std::vector<Variable>& in) { return logit(in[0], 0.1); }, {{{2, 3}}}, {{-1, 2}}, true,
        {{[] { return logit(zeros({2}), 0.6); }, {"eps 0.6"}}}},
    binary("logaddexp", logaddexp),
    binary("logaddexp2", logaddexp2),
    binary("xlogy", xlogy, {-2, 2}, {0.4, 2}),
    binary("xlog1py", xlog1py, {-2, 2}, {-0.6, 2}),
};
// clang-format on

}  // namespace

}  // namespace table
