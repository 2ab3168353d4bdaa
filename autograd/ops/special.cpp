#include <xgrad/autograd/ops/special.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/pointwise_operator.hpp>

namespace xgrad {

using detail::pointwise;

namespace {

struct LogAddExp {
    static constexpr auto name = "logaddexp";
    static constexpr Reads reads = Reads::inputs;
    static constexpr bool accepts_broadcast_dy = true;
    Shape shape(const Variable& a, const Variable& b) const { return detail::broadcast_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_into(
            y,
            [](auto s, auto t) {
                // Equal infinities have no difference.
                return where(s == t, s + std::numbers::ln2, maximum(s, t) + log1p(exp(-abs(s - t))));
            },
            a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs) const {
        const auto share = [&](const Variable& own, const Variable& other) {
            return map(
                [](auto d, auto s, auto t) {
                    constexpr double infinity = std::numeric_limits<double>::infinity();
                    return d * sigmoid(where(s == t && abs(s) == infinity, 0, s - t));
                },
                dy, own, other);
        };
        return {needs[0] ? share(a, b) : Variable(), needs[1] ? share(b, a) : Variable()};
    }
};

/// a log(b), or a log(1 + b).
template <bool plus_one>
struct XLogY {
    static constexpr auto name = plus_one ? "xlog1py" : "xlogy";
    static constexpr Reads reads = Reads::inputs;
    static constexpr bool accepts_broadcast_dy = true;

    template <class V>
    static V log_of(const V& t) {
        if constexpr (plus_one)
            return log1p(t);
        else
            return log(t);
    }
    // Where both vanish the gradients are 0, which the second argument of log and / being 1 makes them.
    template <class V>
    static V positive(const V& s, const V& t) {
        constexpr double zero = plus_one ? -1 : 0;
        return where(s == 0 && t == zero, zero + 1, t);
    }

    Shape shape(const Variable& a, const Variable& b) const { return detail::broadcast_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_into(
            y, [](auto s, auto t) { return where(s == 0 && t == t, 0, s * log_of(t)); }, a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs) const {
        return {
            needs[0] ? map([](auto d, auto s, auto t) { return d * log_of(positive(s, t)); }, dy, a, b) : Variable(),
            needs[1]
                ? map([](auto d, auto s, auto t) { return d * s / (positive(s, t) + (plus_one ? 1 : 0)); }, dy, a, b)
                : Variable()};
    }
};

void check(bool good, const char* name, const Operand& x, const std::string& message) {
    if (good) return;
    ValueError error(message);
    detail::explain(error, name, x.at());
    throw error;
}

}  // namespace

Variable lgamma(const Operand& x) { return pointwise<functions::Lgamma>(x); }
Variable digamma(const Operand& x) { return pointwise<functions::Digamma>(x); }
Variable polygamma(int order, const Operand& x) {
    check(order >= 0, functions::Polygamma::name, x, fmt::format("order {} is negative", order));
    return pointwise(x, functions::Polygamma{order});
}
Variable erfinv(const Operand& x) { return pointwise<functions::Erfinv>(x); }
Variable erfcinv(const Operand& x) { return pointwise<functions::Erfcinv>(x); }
Variable logit(const Operand& x) { return pointwise<functions::Logit>(x); }
Variable logit(const Operand& x, double eps) {
    check(eps >= 0 && eps <= 0.5, functions::Logit::name, x, fmt::format("eps {} is outside [0, 1/2]", eps));
    const CallSite here(x.at());
    return logit(clip(x, eps, 1 - eps));
}

Variable logaddexp(const Operand& a, const Operand& b) { return apply(LogAddExp{}, a, b); }
Variable xlogy(const Operand& a, const Operand& b) { return apply(XLogY<false>{}, a, b); }
Variable xlog1py(const Operand& a, const Operand& b) { return apply(XLogY<true>{}, a, b); }

}  // namespace xgrad
