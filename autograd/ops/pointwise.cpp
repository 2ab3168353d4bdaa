#include <xgrad/autograd/ops/pointwise.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/pointwise_operator.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace xgrad {

using detail::pointwise;

Variable square(Operand x) { return pointwise<functions::Square>(std::move(x)); }
Variable reciprocal(Operand x) { return pointwise<functions::Reciprocal>(std::move(x)); }
Variable sqrt(Operand x) { return pointwise<functions::Sqrt>(std::move(x)); }
Variable rsqrt(Operand x) { return pointwise<functions::Rsqrt>(std::move(x)); }
Variable cbrt(Operand x) { return pointwise<functions::Cbrt>(std::move(x)); }
Variable power(Operand x, double exponent) { return pointwise(std::move(x), functions::Power{exponent}); }
Variable exp(Operand x) { return pointwise<functions::Exp>(std::move(x)); }
Variable expm1(Operand x) { return pointwise<functions::Expm1>(std::move(x)); }
Variable exp2(Operand x) { return pointwise<functions::Exp2>(std::move(x)); }
Variable log(Operand x) { return pointwise<functions::Log>(std::move(x)); }
Variable log1p(Operand x) { return pointwise<functions::Log1p>(std::move(x)); }
Variable log2(Operand x) { return pointwise<functions::Log2>(std::move(x)); }
Variable log10(Operand x) { return pointwise<functions::Log10>(std::move(x)); }

namespace {

enum class Rounding { floor, ceil, round, trunc };

/// Piecewise constant: no gradient.
template <Rounding how>
struct Round {
    static constexpr auto name = how == Rounding::floor   ? "floor"
                                 : how == Rounding::ceil  ? "ceil"
                                 : how == Rounding::round ? "round"
                                                          : "trunc";
    static constexpr bool differentiable = false;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        detail::evaluate_into(
            y,
            [](auto v) {
                if constexpr (how == Rounding::floor)
                    return floor(v);
                else if constexpr (how == Rounding::ceil)
                    return ceil(v);
                else if constexpr (how == Rounding::round)
                    return round(v);
                else
                    return trunc(v);
            },
            x);
    }
};

bool is_int64(const Operand& x) { return !x.is_number() && x.get() && x.get().dtype() == DType::int64; }

/// No int64 is infinite: bounds that are there to be none are left out.
Variable clip_integers(const Operand& x, const Operand& low, const Operand& high) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const CallSite here(x.at(), functions::Clip::name);
    const auto is = [](const Operand& bound, double number) { return bound.is_number() && bound.number() == number; };
    const Variable raised = is(low, -infinity) ? copy(x) : maximum(x, low);
    return is(high, infinity) ? raised : minimum(raised, high);
}

}  // namespace

Variable abs(Operand x) { return pointwise<functions::Abs>(std::move(x)); }
Variable sign(Operand x) { return pointwise<functions::Sign>(std::move(x)); }
Variable floor(const Operand& x) { return apply(Round<Rounding::floor>{}, x); }
Variable ceil(const Operand& x) { return apply(Round<Rounding::ceil>{}, x); }
Variable round(const Operand& x) { return apply(Round<Rounding::round>{}, x); }
Variable round(const Operand& x, int decimals) {
    const CallSite here(x.at(), "round");
    const NoGrad off;
    const double scale = std::pow(10.0, std::abs(decimals));  // a whole number, as 0.001 is not
    double largest = 0;
    visit_floating(dtype_beside(x), [&](auto number) { largest = std::numeric_limits<decltype(number)>::max(); });
    if (decimals <= 0) return scale > largest ? where(isfinite(x), 0, x) : round(x / scale) * scale;
    const Variable scaled = round(x * scale);
    return where(isfinite(scaled), scaled / scale, x);  // one so large has no decimals
}
Variable trunc(const Operand& x) { return apply(Round<Rounding::trunc>{}, x); }

Variable frac(const Operand& x) {
    return detail::map_named(
        "frac", [](auto v) { return v - trunc(v); }, x);
}

Variable nan_to_num(const Operand& x, const NanToNumOptions& o) {
    double largest = 0;
    visit_floating(dtype_beside(x), [&](auto number) { largest = std::numeric_limits<decltype(number)>::max(); });
    return detail::map_named(
        "nan_to_num",
        [nan = o.nan, above = o.posinf.value_or(largest), below = o.neginf.value_or(-largest)](auto v) {
            constexpr double infinity = std::numeric_limits<double>::infinity();
            return where(v != v, nan, where(v == infinity, above, where(v == -infinity, below, v)));
        },
        x);
}

Variable clip(const Operand& x, double low, double high) {
    detail::explained(functions::Clip::name, x.at(), [&] {
        if (!(low <= high)) throw ValueError(fmt::format("low {} is above high {}", low, high));
    });
    if (!is_int64(x)) return pointwise(x, functions::Clip{low, high});
    return clip_integers(x, low, high);
}

Variable clip(const Operand& x, const Operand& low, const Operand& high) {
    if (is_int64(x)) return clip_integers(x, low, high);
    return detail::map_named(
        functions::Clip::name,
        [](auto v, auto from, auto to) {
            const auto raised = where(v < from || from != from, from, v);  // NaN if a bound is
            return where(raised > to || to != to, to, raised);
        },
        x, low, high);
}

}  // namespace xgrad
