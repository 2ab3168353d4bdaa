#include <xgrad/autograd/ops/softmax.hpp>

#include <xgrad/autograd/kernels/softmax.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad {

namespace {

struct Softmax {
    static constexpr auto name = "softmax";
    static constexpr Reads reads = Reads::output;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const std::size_t n = x.shape().back();
            if (n != 0) kernels::softmax_rows(y.mutable_data<T>(), x.data<T>(), x.size() / n, n);
        });
    }
    Variable backward(const Variable&, const Variable& y, const Variable& dy) const {
        const Variable inner = sum(dy * y, -1, {.keepdims = true});
        return map([](auto p, auto d, auto s) { return p * (d - s); }, y, dy, inner);
    }
};

struct LogSoftmax {
    static constexpr auto name = "log_softmax";
    static constexpr Reads reads = Reads::output;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const std::size_t n = x.shape().back();
            if (n != 0) kernels::log_softmax_rows(y.mutable_data<T>(), x.data<T>(), x.size() / n, n);
        });
    }
    Variable backward(const Variable&, const Variable& y, const Variable& dy) const {
        const Variable total = sum(dy, -1, {.keepdims = true});
        return map([](auto v, auto d, auto s) { return d - exp(v) * s; }, y, dy, total);
    }
};

/// The kernels work on the last axis; another is moved there and back.
template <class Op>
Variable along(Op op, const Operand& x, int axis) {
    const CallSite here(x.at(), Op::name);
    const std::size_t at = detail::explained(Op::name, x.at(), [&] { return normalize_axis(axis, x->rank()); });
    if (at + 1 == x->rank()) return apply(op, x);
    std::vector<int> swapped(x->rank());
    for (std::size_t i = 0; i < swapped.size(); ++i) swapped[i] = static_cast<int>(i);
    std::swap(swapped[at], swapped.back());
    return transpose(apply(op, transpose(x, swapped)), swapped);
}

}  // namespace

Variable softmax(const Operand& x, int axis) { return along(Softmax{}, x, axis); }
Variable log_softmax(const Operand& x, int axis) { return along(LogSoftmax{}, x, axis); }

}  // namespace xgrad
