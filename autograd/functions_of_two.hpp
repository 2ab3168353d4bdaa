#pragma once

#include <xgrad/autograd/functions.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

/// The functions of two operands, in the manner of functions.hpp: `value` from a and b, and the partial derivatives
/// `slope_a` and `slope_b` from a, b and y = value(a, b). A slope that is 0 everywhere is left out. Slopes that do not
/// look at y say `reads_value = false`.
namespace xgrad::functions {

template <class V>
auto is_nan(const V& x) {
    return x != x;  // NOLINT(misc-redundant-expression)
}

// clang-format off
struct Atan2 {
    static constexpr auto name = "atan2"; static constexpr bool reads_value = false;
    template <class V> V value(const V& a, const V& b) const { return atan2(a, b); }
    template <class V> V slope_a(const V& a, const V& b, const V&) const { return b / (a * a + b * b); }
    template <class V> V slope_b(const V& a, const V& b, const V&) const { return -a / (a * a + b * b); }
};
struct Hypot {
    static constexpr auto name = "hypot"; static constexpr bool reads_value = true;
    template <class V> V value(const V& a, const V& b) const {
        const V u = maximum(abs(a), abs(b)), v = minimum(abs(a), abs(b));
        const V ratio = where(u == v, 1, v / u);  // 0 / 0 and infinity / infinity are none
        const auto is_infinite = abs(a) == INFINITY || abs(b) == INFINITY;  // then also beside a NaN
        return where(is_infinite, INFINITY, u * sqrt(1 + ratio * ratio));
    }
    template <class V> V slope_a(const V& a, const V&, const V& y) const { return a / y; }
    template <class V> V slope_b(const V&, const V& b, const V& y) const { return b / y; }
};
/// What is left of a when multiples of b are taken off, with the sign of b or of a.
template <bool sign_of_b>
struct Modulo {
    static constexpr auto name = sign_of_b ? "remainder" : "fmod"; static constexpr bool reads_value = true; static constexpr bool integers = true;
    static std::int64_t of_integers(std::int64_t a, std::int64_t b) {
        const std::int64_t r = b == -1 ? 0 : a % b;  // the smallest number divided by -1 overflows
        return sign_of_b && r != 0 && (r < 0) != (b < 0) ? r + b : r;
    }
    // fmod is exact, a - b floor(a / b) is not; its sign is that of a.
    template <class V> V value(const V& a, const V& b) const {
        const V r = fmod(a, b);
        return sign_of_b ? where((r < 0 && b > 0) || (r > 0 && b < 0), r + b, r) : r;
    }
    template <class V> double slope_a(const V&, const V&, const V&) const { return 1; }
    template <class V> V slope_b(const V& a, const V& b, const V& y) const { return -round((a - y) / b); }
};
using Remainder = Modulo<true>;
using Fmod = Modulo<false>;
struct Copysign {
    static constexpr auto name = "copysign"; static constexpr bool reads_value = true;
    template <class V> V value(const V& a, const V& b) const { return copysign(a, b); }
    template <class V> V slope_a(const V& a, const V&, const V& y) const { return sign(a) * sign(y); }
};
struct Heaviside {
    static constexpr auto name = "heaviside"; static constexpr bool reads_value = false;
    template <class V> V value(const V& a, const V& b) const { return where(a == 0, b, where(a > 0, 1, where(a < 0, 0, a))); }
    template <class V> V slope_b(const V& a, const V&, const V&) const { return where(a == 0, 1, 0); }
};
/// The larger or smaller, where a NaN counts as missing.
template <bool larger>
struct NumberExtremum {
    static constexpr auto name = larger ? "fmax" : "fmin"; static constexpr bool reads_value = false;
    template <class V> V value(const V& a, const V& b) const {
        return where(is_nan(a), b, where(is_nan(b), a, larger ? maximum(a, b) : minimum(a, b)));
    }
    template <class V> V slope_a(const V& a, const V& b, const V&) const { return share(a, b); }
    template <class V> V slope_b(const V& a, const V& b, const V&) const { return share(b, a); }
private:
    // A tie gives each side half.
    template <class V> V share(const V& own, const V& other) const {
        return where(own == other, 0.5, where((larger ? own > other : own < other) || (is_nan(other) && !is_nan(own)), 1, 0));
    }
};
using Fmax = NumberExtremum<true>;
using Fmin = NumberExtremum<false>;
/// log(e^a + e^b), or the same with 2 in the place of e.
template <bool base_2>
struct LogAddPower {
    static constexpr auto name = base_2 ? "logaddexp2" : "logaddexp"; static constexpr bool reads_value = false;
    static constexpr double unit = base_2 ? std::numbers::ln2 : 1;
    // Equal infinities have no difference.
    template <class V> V value(const V& a, const V& b) const {
        return where(a == b, a + std::numbers::ln2 / unit, maximum(a, b) + log1p(exp(-unit * abs(a - b))) / unit);
    }
    template <class V> V slope_a(const V& a, const V& b, const V&) const { return share(a, b); }
    template <class V> V slope_b(const V& a, const V& b, const V&) const { return share(b, a); }
private:
    template <class V> V share(const V& own, const V& other) const {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        return sigmoid(where(own == other && abs(own) == infinity, 0, unit * (own - other)));
    }
};
using LogAddExp = LogAddPower<false>;
using LogAddExp2 = LogAddPower<true>;
/// a log(b), or a log(1 + b); 0 where a is.
template <bool plus_one>
struct XLogOf {
    static constexpr auto name = plus_one ? "xlog1py" : "xlogy"; static constexpr bool reads_value = false;
    template <class V> V value(const V& a, const V& b) const { return where(a == 0 && !is_nan(b), 0, a * log_of(b)); }
    template <class V> V slope_a(const V& a, const V& b, const V&) const { return log_of(positive(a, b)); }
    template <class V> V slope_b(const V& a, const V& b, const V&) const { return a / (positive(a, b) + (plus_one ? 1 : 0)); }
private:
    template <class V> static V log_of(const V& b) {
        if constexpr (plus_one) return log1p(b);
        else return log(b);
    }
    // Where both vanish the slopes are 0, which the second argument of log and / being 1 makes them.
    template <class V> static V positive(const V& a, const V& b) {
        constexpr double zero = plus_one ? -1 : 0;
        return where(a == 0 && b == zero, zero + 1, b);
    }
};
using XLogY = XLogOf<false>;
using XLog1pY = XLogOf<true>;
// clang-format on

template <class F, class V>
concept HasSlopeA = requires(const F& f, const V& v) {
    f.slope_a(v, v, v);
};
template <class F, class V>
concept HasSlopeB = requires(const F& f, const V& v) {
    f.slope_b(v, v, v);
};

}  // namespace xgrad::functions

namespace xgrad::simd {

/// Both of a kind, or one of them a plain number, which becomes of the other's kind.
template <class A, class B>
concept LanePair = (Lanes<A> && std::same_as<A, B>) || (Lanes<A> && Number<B>) || (Number<A> && Lanes<B>);
template <class A, class B>
using LanesOf = std::conditional_t<Lanes<A>, A, B>;

template <class F, Lanes V>
V evaluate(const F& f, const V& a, const V& b) {
    if constexpr (is_dual<V>) {
        const auto y = f.value(a.value, b.value);
        if constexpr (!functions::HasSlopeB<F, decltype(y)>)
            return a.chain(y, f.slope_a(a.value, b.value, y));
        else if constexpr (!functions::HasSlopeA<F, decltype(y)>)
            return b.chain(y, f.slope_b(a.value, b.value, y));
        else
            return V::chain(y, a, f.slope_a(a.value, b.value, y), b, f.slope_b(a.value, b.value, y));
    } else {
        return f.value(a, b);
    }
}
template <class F, class A, class B>
LanesOf<A, B> evaluate_pair(const A& a, const B& b) {
    return evaluate<F, LanesOf<A, B>>(F{}, a, b);
}

// What Packets can do by themselves is here for Duals alone.
template <class A, class B>
concept DualPair = LanePair<A, B> && DualLanes<LanesOf<A, B>>;

// clang-format off
template <class A, class B> requires DualPair<A, B> LanesOf<A, B> atan2(const A& a, const B& b) { return evaluate_pair<functions::Atan2>(a, b); }
template <class A, class B> requires DualPair<A, B> LanesOf<A, B> fmod(const A& a, const B& b) { return evaluate_pair<functions::Fmod>(a, b); }
template <class A, class B> requires DualPair<A, B> LanesOf<A, B> copysign(const A& a, const B& b) { return evaluate_pair<functions::Copysign>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> hypot(const A& a, const B& b) { return evaluate_pair<functions::Hypot>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> remainder(const A& a, const B& b) { return evaluate_pair<functions::Remainder>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> heaviside(const A& a, const B& b) { return evaluate_pair<functions::Heaviside>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> fmax(const A& a, const B& b) { return evaluate_pair<functions::Fmax>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> fmin(const A& a, const B& b) { return evaluate_pair<functions::Fmin>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> logaddexp(const A& a, const B& b) { return evaluate_pair<functions::LogAddExp>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> logaddexp2(const A& a, const B& b) { return evaluate_pair<functions::LogAddExp2>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> xlogy(const A& a, const B& b) { return evaluate_pair<functions::XLogY>(a, b); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> prelu(const A& x, const B& slope) { return functions::Prelu{}.operator()<LanesOf<A, B>>(x, slope); }
template <Lanes V> V lerp(const V& a, const V& b, const V& weight) { return functions::Lerp{}(a, b, weight); }
template <Lanes V, Number S> V lerp(const V& a, const V& b, S weight) { return functions::Lerp{}(a, b, V(weight)); }
template <class A, class B> requires LanePair<A, B> LanesOf<A, B> xlog1py(const A& a, const B& b) { return evaluate_pair<functions::XLog1pY>(a, b); }
// clang-format on

}  // namespace xgrad::simd
