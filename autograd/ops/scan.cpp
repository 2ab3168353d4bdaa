#include <xgrad/autograd/ops/scan.hpp>

#include <xgrad/autograd/kernels/scan.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/recording.hpp>

#include <fmt/format.h>

namespace xgrad {

namespace {

/// What every scan knows.
struct Along {
    std::size_t axis;
    bool reverse = false;

    Shape shape(const Variable& x) const { return x.shape(); }
    kernels::Lines lines(const Variable& x) const { return {x.shape(), axis, reverse}; }
    Along opposite() const { return {axis, !reverse}; }
    std::string details() const { return fmt::format("axis {}{}", axis, reverse ? ", reverse" : ""); }
};

/// y_k = x_(k-1), from 0.
struct Shift : Along {
    static constexpr auto name = "shift";
    static constexpr Reads reads = Reads::none;
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::shift(y.mutable_data<T>(), x.data<T>(), lines(x));
        });
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const {
        return apply(Shift{opposite()}, dy);
    }
};
Variable shift(const Variable& x, const Along& along) { return apply(Shift{along}, x); }

/// y_k = c y_(k-1) + b_k, where c is a_k or, when late, a_(k-1). The gradients run over the same links the other way,
/// so that the coefficient now belongs to the other end.
struct LinearScan : Along {
    static constexpr auto name = "linear_scan";
    bool late = false;

    Shape shape(const Variable& a, const Variable& b) const {
        if (a.shape() != b.shape())
            throw ShapeError(
                fmt::format("a and b differ in shape: {} and {}", to_string(a.shape()), to_string(b.shape())));
        return a.shape();
    }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        visit_floating(a.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::linear_scan(y.mutable_data<T>(), a.data<T>(), b.data<T>(), lines(a), late);
        });
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable&, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        const Variable db = apply(LinearScan{opposite(), !late}, a, dy);
        if (!needs[0]) return {Variable(), db};
        return {late ? shift(db, opposite()) * y : db * shift(y, *this), db};
    }
};

struct CumSum : Along {
    static constexpr auto name = "cumsum";
    static constexpr Reads reads = Reads::none;
    static constexpr bool integers = true;
    bool exclusive;
    void forward(Variable& y, const Variable& x) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::scan(kernels::Scan::sum, y.mutable_data<T>(), x.data<T>(), lines(x), exclusive);
        });
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const {
        return apply(CumSum{opposite(), exclusive}, dy);
    }
};

struct CumProd : Along {
    static constexpr auto name = "cumprod";
    static constexpr bool integers = true;
    bool exclusive;
    void forward(Variable& y, const Variable& x) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::scan(kernels::Scan::product, y.mutable_data<T>(), x.data<T>(), lines(x), exclusive);
        });
    }
    // The factors before x_k, times the sum of dy_i times the factors between x_k and i: a linear recurrence.
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable before = exclusive ? y : apply(CumProd{*this, true}, x);
        const Variable after = apply(LinearScan{opposite(), !exclusive}, x, dy);
        return before * (exclusive ? shift(after, opposite()) : after);
    }
};

template <bool largest>
struct CumExtreme : Along {
    static constexpr auto name = largest ? "cummax" : "cummin";
    static constexpr bool integers = true;
    void forward(Variable& y, const Variable& x) const {
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::scan(largest ? kernels::Scan::maximum : kernels::Scan::minimum, y.mutable_data<T>(), x.data<T>(),
                          lines(x), false);
        });
    }
    // Each run of equal results ends up in the element that began it; results are NaN from the first NaN on.
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable lost = isnan(y), begins = (x == y) + lost * (1 - shift(lost, *this));
        return begins * apply(LinearScan{opposite(), true}, 1 - begins, dy);
    }
};

struct LogCumSumExp : Along {
    static constexpr auto name = "logcumsumexp";
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::scan(kernels::Scan::logaddexp, y.mutable_data<T>(), x.data<T>(), lines(x), false);
        });
    }
    // e^(x_k - y_i) = share_k (1 - share_(k+1)) ... (1 - share_i): what is left of x_k's share, with no overflow.
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        const Variable share = map(
            [](auto v, auto total) { return exp(where(v == -std::numeric_limits<double>::infinity(), v, v - total)); },
            x, y);
        return share * apply(LinearScan{opposite(), true}, 1 - share, dy);
    }
};

/// @throws IndexError
Along along(const Operand& x, int axis, bool reverse, const char* name) {
    return {detail::explained(name, x.at(), [&] { return normalize_axis(axis, x->rank()); }), reverse};
}

/// The places of the running extremes: of those met so far, the last at which one was reached.
Variable places_of(const char* name, Variable (*running)(const Operand&, int), const Operand& x, int axis) {
    const CallSite here(x.at(), name);
    const NoGrad off;
    const std::size_t at = along(x, axis, false, name).axis;
    detail::explained(name, x.at(), [&] { detail::check_inputs(std::array{&x.get()}); });
    Shape column;
    for (std::size_t i = 0; i < x->rank(); ++i) column.push_back(i == at ? x->shape()[i] : 1);
    const Variable place = reshape(arange(0, static_cast<double>(column[at]), 1, DType::float64), column);
    const Variable reached = logical_or(x == running(x, axis), isnan(x)).to(DType::float64);
    return cummax(reached * place, axis).to(DType::int64);
}

}  // namespace

Variable cumsum(const Operand& x, int axis, const ScanOptions& options) {
    return apply(CumSum{along(x, axis, options.reverse, CumSum::name), options.exclusive}, x);
}
Variable cumprod(const Operand& x, int axis, const ScanOptions& options) {
    return apply(CumProd{along(x, axis, options.reverse, CumProd::name), options.exclusive}, x);
}
Variable cummax(const Operand& x, int axis) { return apply(CumExtreme<true>{along(x, axis, false, "cummax")}, x); }
Variable cummin(const Operand& x, int axis) { return apply(CumExtreme<false>{along(x, axis, false, "cummin")}, x); }
Variable argcummax(const Operand& x, int axis) { return places_of("argcummax", cummax, x, axis); }
Variable argcummin(const Operand& x, int axis) { return places_of("argcummin", cummin, x, axis); }
Variable logcumsumexp(const Operand& x, int axis) {
    return apply(LogCumSumExp{along(x, axis, false, LogCumSumExp::name)}, x);
}
Variable linear_scan(const Operand& a, const Operand& b, int axis, const LinearScanOptions& options) {
    return apply(LinearScan{along(a, axis, options.reverse, LinearScan::name)}, a, b);
}

}  // namespace xgrad
