#include <xgrad/autograd/ops/special.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/pointwise_operator.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>

#include <fmt/format.h>

namespace xgrad {

using detail::pointwise;
using detail::pointwise_of_two;

namespace {

void check(bool good, const char* name, const Operand& x, const std::string& message) {
    detail::explained(name, x.at(), [&] {
        if (!good) throw ValueError(message);
    });
}

void check_order(int order, const char* name, const Operand& x) {
    check(order >= 0, name, x, fmt::format("order {} is negative", order));
}

}  // namespace

Variable lgamma(const Operand& x) { return pointwise<functions::Lgamma>(x); }
Variable digamma(const Operand& x) { return pointwise<functions::Digamma>(x); }
Variable polygamma(int order, const Operand& x) {
    check_order(order, functions::Polygamma::name, x);
    return pointwise(x, functions::Polygamma{order});
}
Variable sinc(const Operand& x) { return pointwise<functions::Sinc>(x); }
Variable sinc_derivative(int order, const Operand& x) {
    check_order(order, functions::SincDerivative::name, x);
    return pointwise(x, functions::SincDerivative{order});
}
Variable iv(int order, const Operand& x) {
    check_order(order, functions::Iv::name, x);
    return pointwise(x, functions::Iv{order});
}
Variable i0(const Operand& x) { return iv(0, x); }
Variable i1(const Operand& x) { return iv(1, x); }
Variable ive(int order, const Operand& x) {
    check_order(order, functions::Ive::name, x);
    return pointwise(x, functions::Ive{order});
}
Variable i0e(const Operand& x) { return ive(0, x); }
Variable i1e(const Operand& x) { return ive(1, x); }
Variable erfcx(const Operand& x) { return pointwise<functions::Erfcx>(x); }
Variable erfcx_derivative(int order, const Operand& x) {
    check_order(order, functions::ErfcxDerivative::name, x);
    return pointwise(x, functions::ErfcxDerivative{order});
}
Variable ndtr(const Operand& x) { return pointwise<functions::Ndtr>(x); }
Variable log_ndtr(const Operand& x) { return pointwise<functions::LogNdtr>(x); }
Variable ndtri(const Operand& p) { return detail::map_named("ndtri", functions::Ndtri{}, p); }
Variable entr(const Operand& x) { return pointwise<functions::Entr>(x); }
Variable multigammaln(const Operand& x, int p) {
    check(p >= 1, "multigammaln", x, fmt::format("p {} is less than 1", p));
    return detail::map_named("multigammaln", functions::Multigammaln{p}, x);
}
Variable erfinv(const Operand& x) { return pointwise<functions::Erfinv>(x); }
Variable erfcinv(const Operand& x) { return pointwise<functions::Erfcinv>(x); }
Variable logit(const Operand& x) { return pointwise<functions::Logit>(x); }
Variable logit(const Operand& x, double eps) {
    check(eps >= 0 && eps <= 0.5, functions::Logit::name, x, fmt::format("eps {} is outside [0, 1/2]", eps));
    const CallSite here(x.at(), "logit");
    return logit(clip(x, eps, 1 - eps));
}

Variable logaddexp(const Operand& a, const Operand& b) { return pointwise_of_two<functions::LogAddExp>(a, b); }
Variable logaddexp2(const Operand& a, const Operand& b) { return pointwise_of_two<functions::LogAddExp2>(a, b); }
Variable xlogy(const Operand& a, const Operand& b) { return pointwise_of_two<functions::XLogY>(a, b); }
Variable xlog1py(const Operand& a, const Operand& b) { return pointwise_of_two<functions::XLog1pY>(a, b); }

}  // namespace xgrad
