#include <xgrad/autograd/ops/linear.hpp>

#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/map_rule.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <utility>

namespace xgrad {

namespace {

/// No activation, in the manner of functions.hpp.
struct Identity {
    static constexpr auto name = "";
    template <class V>
    V value(const V& x) const {
        return x;
    }
};

template <class F>
struct Linear {
    static constexpr auto name = "linear";
    static constexpr bool adds_gradients = true, is_plain = std::is_same_v<F, Identity>;
    static constexpr Reads reads = is_plain ? Reads::inputs : Reads::all;

    static std::size_t rows(const Variable& x) { return Shape(x.shape().begin(), x.shape().end() - 1).elements(); }

    Shape shape(const Variable& x, const Variable& w, const Variable& b) const {
        if (x.rank() == 0 || w.rank() != 2 || b.rank() != 1 || x.shape().back() != w.shape()[0] ||
            b.shape()[0] != w.shape()[1]) {
            const bool images = x.rank() > 2 && w.rank() == 2 && x.size() / x.shape()[0] == w.shape()[0];
            const bool inner = x.rank() != 0 && w.rank() == 2 && x.shape().back() != w.shape()[0];
            throw ShapeError(
                fmt::format("{}: x {}, kernel {}, bias {}{}",
                            inner ? fmt::format("inner sizes differ, {} and {}", x.shape().back(), w.shape()[0])
                                  : "expected x (..., in), a kernel (in, out) and a bias (out)",
                            detail::describe(x), detail::describe(w), detail::describe(b),
                            images ? "; did you forget flatten()?" : ""));
        }
        Shape result = x.shape();
        result.set(result.rank() - 1, w.shape()[1]);
        return result;
    }
    void forward(Variable& y, const Variable& x, const Variable& w, const Variable& b) const {
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            kernels::matmul(false, false, rows(x), w.shape()[1], w.shape()[0], x.data<T>(), w.data<T>(),
                            y.mutable_data<T>());
        });
        detail::evaluate_into(
            y, [](auto z, auto bias) { return F{}.value(z + bias); }, y, b);
    }
    std::array<Variable, 3> backward(const Variable& x, const Variable& w, const Variable& b, const Variable& y,
                                     const Variable& dy, Needs needs, Sums so_far) const {
        const Variable dz = as_matrix(slope_times(y, dy));
        std::array<Variable, 3> gradients;
        if (needs[0]) {
            Variable sum = so_far.take(0);
            if (sum) sum = as_matrix(std::move(sum));
            gradients[0] = reshape(detail::plus_product(std::move(sum), dz, w, {.transpose_b = true}), x.shape());
        }
        if (needs[1]) gradients[1] = detail::plus_product(so_far.take(1), as_matrix(x), dz, {.transpose_a = true});
        if (needs[2]) gradients[2] = sum_to(dz, b.shape());
        return gradients;
    }
    std::string details() const { return F::name; }

private:
    static Variable as_matrix(Variable v) {
        return v.rank() == 2 ? std::move(v) : reshape(v, Shape{rows(v), v.shape().back()});
    }
    static Variable slope_times(const Variable& y, const Variable& dy) {
        if constexpr (is_plain) {
            return dy;
        } else {
            static const std::string label = std::string(F::name) + "'";
            return detail::differentiate_by(
                label, [](auto d, auto v) { return d * F{}.slope(v, v); }, dy, y);
        }
    }
};

}  // namespace

Variable linear(const Operand& x, const Variable& w, const Variable& b, Epilogue f) {
    switch (f) {
        case Epilogue::relu:
            return apply(Linear<functions::Relu>{}, x, w, b);
        case Epilogue::sigmoid:
            return apply(Linear<functions::Sigmoid>{}, x, w, b);
        case Epilogue::tanh:
            return apply(Linear<functions::Tanh>{}, x, w, b);
        case Epilogue::none:
            break;
    }
    return apply(Linear<Identity>{}, x, w, b);
}

}  // namespace xgrad
