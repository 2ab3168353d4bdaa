#include <xgrad/autograd/ops/compare.hpp>

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/detail/any_type.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

namespace xgrad {

namespace {

enum class Relation { less, less_equal, greater, greater_equal, equal, not_equal, both, either, one };

constexpr const char* relation_name(Relation r) {
    constexpr std::array<const char*, 9> names{"less",      "less_equal",  "greater",    "greater_equal", "equal",
                                               "not_equal", "logical_and", "logical_or", "logical_xor"};
    return names[static_cast<std::size_t>(r)];
}

template <Relation relation, class V>
auto holds(const V& a, const V& b) {
    if constexpr (relation == Relation::less)
        return a < b;
    else if constexpr (relation == Relation::less_equal)
        return a <= b;
    else if constexpr (relation == Relation::greater)
        return a > b;
    else if constexpr (relation == Relation::greater_equal)
        return a >= b;
    else if constexpr (relation == Relation::equal)
        return a == b;
    else if constexpr (relation == Relation::not_equal)
        return a != b;
    else if constexpr (relation == Relation::both)
        return a != 0 && b != 0;
    else if constexpr (relation == Relation::either)
        return a != 0 || b != 0;
    else
        return (a != 0 && b == 0) || (a == 0 && b != 0);
}

template <Relation relation>
struct Compare {
    static constexpr auto name = relation_name(relation);
    static constexpr bool differentiable = false;
    static constexpr bool integers = true;
    DType dtype(const Variable& a, const Variable&) const {
        return is_floating(a.dtype()) ? a.dtype() : DType::float32;
    }
    Shape shape(const Variable& a, const Variable& b) const { return detail::broadcast_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        const auto formula = [](auto s, auto t) {
            return where(holds<relation>(s, t), decltype(s)(1), decltype(s)(0));
        };
        if (a.dtype() == DType::int64)
            kernels::on_integers<float>(y, formula, a, b);
        else
            detail::evaluate_into(y, formula, a, b);
    }
};

template <Relation relation>
MaskVariable compare(const Operand& a, const Operand& b) {
    const CallSite here(a.at(), Compare<relation>::name);
    const DType dtype = dtype_beside(a, b);
    const auto is_fraction = [](const Operand& v) { return v.is_number() && !detail::is_whole(v.number()); };
    if (dtype == DType::int64 && (is_fraction(a) || is_fraction(b))) {
        const auto real = [](const Operand& v) {
            return v.is_number() ? Variable(v.number(), DType::float64) : v.get().to(DType::float64);
        };
        return MaskVariable(apply(Compare<relation>{}, real(a), real(b)).to(DType::float32));
    }
    return MaskVariable(apply(Compare<relation>{}, a, b));
}

enum class Class { nan, infinite, finite };

template <Class which>
struct Classify {
    static constexpr auto name = which == Class::nan ? "isnan" : which == Class::infinite ? "isinf" : "isfinite";
    static constexpr bool differentiable = false;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        detail::evaluate_into(
            y,
            [](auto v) {
                using V = decltype(v);
                const V infinity(std::numeric_limits<double>::infinity());
                if constexpr (which == Class::nan)
                    return where(v != v, V(1), V(0));
                else if constexpr (which == Class::infinite)
                    return where(abs(v) == infinity, V(1), V(0));
                else
                    return where(abs(v) < infinity, V(1), V(0));
            },
            x);
    }
};

struct IsClose {
    static constexpr auto name = "isclose";
    static constexpr bool differentiable = false;
    CloseOptions options;
    Shape shape(const Variable& a, const Variable& b) const { return detail::broadcast_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_into(
            y,
            [o = options](auto s, auto t) {
                using V = decltype(s);
                constexpr double infinity = std::numeric_limits<double>::infinity();
                const auto close = s == t || (abs(s - t) <= o.atol + o.rtol * abs(t) && abs(t) < V(infinity));
                return where(o.equal_nan ? close || (s != s && t != t) : close, V(1), V(0));
            },
            a, b);
    }
};

struct Where {
    static constexpr auto name = "where";
    static constexpr Reads reads = Reads::inputs;
    static constexpr bool accepts_broadcast_dy = true;
    Shape shape(const Variable& mask, const Variable& a, const Variable& b) const {
        return detail::broadcast_shape(mask, a, b);
    }
    void forward(Variable& y, const Variable& mask, const Variable& a, const Variable& b) const {
        detail::evaluate_into(
            y, [](auto m, auto s, auto t) { return where(m != 0, s, t); }, mask, a, b);
    }
    std::array<Variable, 3> backward(const Variable& mask, const Variable&, const Variable&, const Variable&,
                                     const Variable& dy, Needs needs) const {
        return {Variable(), needs[1] ? where(mask, dy, 0) : Variable(), needs[2] ? where(mask, 0, dy) : Variable()};
    }
};

/// The same for integers, which carry no gradient.
struct WhereInteger {
    static constexpr auto name = "where";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    DType dtype(const Variable&, const Variable&, const Variable&) const { return DType::int64; }
    Shape shape(const Variable& mask, const Variable& a, const Variable& b) const {
        if (a.dtype() != b.dtype())
            throw DTypeError(fmt::format("between {} and {}", to_string(a.dtype()), to_string(b.dtype())));
        return detail::broadcast_shape(mask, a, b);
    }
    void forward(Variable& y, const Variable& mask, const Variable& a, const Variable& b) const {
        const Variable from = broadcast_to(a, y.shape()), otherwise = broadcast_to(b, y.shape());
        const Variable chosen = broadcast_to(mask, y.shape());
        auto* const to = y.mutable_data<std::int64_t>();
        const auto first = from.span<std::int64_t>(), second = otherwise.span<std::int64_t>();
        visit(mask.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto truth = chosen.span<T>();
            for (std::size_t i = 0; i < truth.size(); ++i) to[i] = truth[i] != T(0) ? first[i] : second[i];
        });
    }
};

}  // namespace

MaskVariable::operator bool() const {
    if (size() != 1)
        throw ShapeError(fmt::format("the truth of a comparison of shape {}: use any() or all()", to_string(shape())));
    return item() != 0;
}

MaskVariable operator<(const Operand& a, const Operand& b) { return compare<Relation::less>(a, b); }
MaskVariable operator<=(const Operand& a, const Operand& b) { return compare<Relation::less_equal>(a, b); }
MaskVariable operator>(const Operand& a, const Operand& b) { return compare<Relation::greater>(a, b); }
MaskVariable operator>=(const Operand& a, const Operand& b) { return compare<Relation::greater_equal>(a, b); }
MaskVariable operator==(const Operand& a, const Operand& b) { return compare<Relation::equal>(a, b); }
MaskVariable operator!=(const Operand& a, const Operand& b) { return compare<Relation::not_equal>(a, b); }
MaskVariable operator&&(const MaskVariable& a, const MaskVariable& b) { return MaskVariable(logical_and(a, b)); }
MaskVariable operator||(const MaskVariable& a, const MaskVariable& b) { return MaskVariable(logical_or(a, b)); }
MaskVariable operator!(const MaskVariable& a) { return MaskVariable(logical_not(a)); }
Variable logical_and(const Operand& a, const Operand& b) { return apply(Compare<Relation::both>{}, a, b); }
Variable logical_or(const Operand& a, const Operand& b) { return apply(Compare<Relation::either>{}, a, b); }
Variable logical_xor(const Operand& a, const Operand& b) { return apply(Compare<Relation::one>{}, a, b); }
Variable logical_not(const Operand& a) { return a == 0; }
Variable isnan(const Operand& x) { return apply(Classify<Class::nan>{}, x); }
Variable isinf(const Operand& x) { return apply(Classify<Class::infinite>{}, x); }
Variable isfinite(const Operand& x) { return apply(Classify<Class::finite>{}, x); }
Variable isclose(const Operand& a, const Operand& b, const CloseOptions& options) {
    return apply(IsClose{options}, a, b);
}
bool allclose(const Operand& a, const Operand& b, const CloseOptions& options) {
    const CallSite here(a.at(), "allclose");
    return all(isclose(a, b, options)).item() != 0;
}
Variable where(const Operand& mask, const Operand& a, const Operand& b) {
    const CallSite here(mask.at(), "where");
    const DType dtype = dtype_beside(a, b);
    if (!is_floating(dtype)) return apply(WhereInteger{}, mask, a.as(dtype), b.as(dtype));
    const bool fits = mask.is_number() || !mask.get() || mask->dtype() == dtype ||
                      (a.is_number() && b.is_number() && is_floating(mask->dtype()));
    return fits ? apply(Where{}, mask, a, b) : apply(Where{}, (mask != 0).to(dtype), a, b);
}

}  // namespace xgrad
