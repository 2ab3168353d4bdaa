#include <xgrad/autograd/ops/creation.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace xgrad {

namespace {

template <class F>
Variable generate(std::size_t n, DType dtype, F&& f) {
    return detail::constant({n}, dtype, [&]<class T>(T* y) {
        for (std::size_t i = 0; i < n; ++i) y[i] = detail::converted<T>(f(static_cast<double>(i)));
    });
}

/// The i-th of n numbers from start to stop.
double between(double start, double stop, double i, std::size_t n) {
    return n == 1 ? start : start + (stop - start) * (i / static_cast<double>(n - 1));
}

struct Copy {
    static constexpr auto name = "copy";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    static constexpr bool accepts_broadcast_dy = true;
    Shape shape(const Variable& a) const { return a.shape(); }
    void forward(Variable& y, const Variable& a) const {
        std::memcpy(y.node().data, a.node().data, a.size() * size_of(a.dtype()));
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return dy; }
};

struct Identity {
    static constexpr auto name = "identity";
    static constexpr bool is_view = true;
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    static constexpr bool accepts_broadcast_dy = true;
    Shape shape(const Variable& a) const { return a.shape(); }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return dy; }
};

}  // namespace

Variable full(const Shape& shape, double value, DType dtype, const Location& at) {
    detail::located("full", at, [&] { detail::check_number(value, dtype); });
    Variable v = Variable::empty(shape, dtype);
    kernels::fill(v, value);
    detail::note_constant(v);
    return v;
}
Variable zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }
Variable ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Variable zeros_like(const Variable& v) { return zeros(v.shape(), v.dtype()); }
Variable ones_like(const Variable& v) { return ones(v.shape(), v.dtype()); }
Variable full_like(const Variable& v, double value, const Location& at) {
    return full(v.shape(), value, v.dtype(), at);
}

Variable arange(double start, double stop, double step, DType dtype) {
    if (step == 0) throw ValueError("arange: step is 0");
    if (!std::isfinite(start) || !std::isfinite(stop) || !std::isfinite(step))
        throw ValueError(fmt::format("arange: from {} to {} by {}: not finite", start, stop, step));
    detail::check_number(start, dtype);
    detail::check_number(step, dtype);
    const double count = std::ceil((stop - start) / step);
    if (count >= 0x1p32)
        throw ShapeError(fmt::format("arange: from {} to {} by {} are {} numbers: too many", start, stop, step, count));
    return generate(count > 0 ? static_cast<std::size_t>(count) : 0, dtype, [&](double i) { return start + i * step; });
}

Variable linspace(double start, double stop, std::size_t n, DType dtype) {
    if (n == 0) throw ValueError("linspace: n is 0");
    return generate(n, dtype, [&](double i) { return between(start, stop, i, n); });
}

Variable logspace(double start, double stop, std::size_t n, double base, DType dtype) {
    if (n == 0) throw ValueError("logspace: n is 0");
    return generate(n, dtype, [&](double i) { return std::pow(base, between(start, stop, i, n)); });
}

Variable geomspace(double start, double stop, std::size_t n, DType dtype) {
    if (n == 0) throw ValueError("geomspace: n is 0");
    const double ratio = stop / start;
    if (!(ratio > 0) || !std::isfinite(start) || !std::isfinite(stop))
        throw ValueError(fmt::format("geomspace: no such numbers lead from {} to {}", start, stop));
    // Both ends exactly, as in NumPy.
    const auto last = static_cast<double>(n - 1);
    return generate(n, dtype, [&](double i) {
        return i == 0 ? start : i == last ? stop : start * std::pow(ratio, i / last);
    });
}

Variable eye(std::size_t n, DType dtype) { return eye(n, n, 0, dtype); }

Variable eye(std::size_t rows, std::size_t columns, long k, DType dtype) {
    return detail::constant({rows, columns}, dtype, [&]<class T>(T* y) {
        std::fill_n(y, rows * columns, T(0));
        for (long i = 0, n = static_cast<long>(rows), m = static_cast<long>(columns); i < n; ++i)
            if (k >= -i && k < m - i) y[i * m + i + k] = T(1);
    });
}

Variable copy(const Operand& a) { return apply(Copy{}, a); }
Variable identity(const Operand& a) { return apply(Identity{}, a); }

}  // namespace xgrad
