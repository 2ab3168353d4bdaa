#include <xgrad/autograd/ops/linalg.hpp>

#include <cstring>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad {

namespace {

struct Matmul {
    static constexpr auto name = "matmul";
    static constexpr Reads reads = Reads::others;
    bool ta, tb;

    std::size_t rows(const Variable& a) const { return a.shape()[a.rank() - (ta ? 1 : 2)]; }
    std::size_t inner(const Variable& a) const { return a.shape()[a.rank() - (ta ? 2 : 1)]; }
    std::size_t columns(const Variable& b) const { return b.shape()[b.rank() - (tb ? 2 : 1)]; }
    static Shape leading(const Variable& v) { return Shape(v.shape().begin(), v.shape().end() - 2); }

    Shape shape(const Variable& a, const Variable& b) const {
        const std::size_t k = inner(a), other = b.shape()[b.rank() - (tb ? 1 : 2)];
        if (k != other) {
            const bool images = a.rank() > 2 && a.size() / a.shape()[0] == other;
            throw ShapeError(fmt::format("inner sizes differ, {} and {}: {}{}, {}{}{}", k, other,
                                         detail::describe(a, 0), ta ? " transposed" : "", detail::describe(b, 1),
                                         tb ? " transposed" : "", images ? "; did you forget flatten()?" : ""));
        }
        Shape result = broadcast(leading(a), leading(b));
        result.push_back(rows(a));
        result.push_back(columns(b));
        return result;
    }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        const std::size_t m = rows(a), n = columns(b), k = inner(a), batch = y.size() / std::max<std::size_t>(m * n, 1);
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const c = y.mutable_data<T>();
            if (batch == 1) return kernels::matmul(ta, tb, m, n, k, a.data<T>(), b.data<T>(), c);
            const Shape la = leading(a), lb = leading(b), ly = leading(y);
            const kernels::Broadcast<2> walk(ly, {&la, &lb});
            const auto one = [&](std::size_t i, std::size_t ia, std::size_t ib) {
                kernels::matmul(ta, tb, m, n, k, a.data<T>() + ia * m * k, b.data<T>() + ib * k * n, c + i * m * n);
            };
            // Many small products share the threads; a large one takes them all itself.
            const std::size_t grain = std::max<std::size_t>(400000 / std::max<std::size_t>(m * n * k, 1), 1);
            if (walk.flat) {
                kernels::parallel_for(batch, grain, [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) one(i, i * walk.steps[0], i * walk.steps[1]);
                });
            } else {
                kernels::for_each_row(walk, 0, batch / walk.inner(),
                                      [&](std::size_t out, const std::array<std::size_t, 2>& from) {
                                          for (std::size_t i = 0; i < walk.inner(); ++i)
                                              one(out + i, from[0] + i * walk.steps[0], from[1] + i * walk.steps[1]);
                                      });
            }
        });
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs) const {
        std::array<Variable, 2> gradients;
        if (needs[0]) gradients[0] = ta ? matmul(b, dy, {tb, true}) : matmul(dy, b, {false, !tb});
        if (needs[1]) gradients[1] = tb ? matmul(dy, a, {true, ta}) : matmul(a, dy, {!ta, false});
        return gradients;
    }
    std::string details() const { return std::string(ta ? "a^T" : "") + (ta && tb ? " " : "") + (tb ? "b^T" : ""); }
};

/// One set of weights for every row of a batch: the leading axes of `a` are rows of one large product.
Variable fold_rows(const Variable& a, const Variable& b, bool tb) {
    Shape shape = a.shape();
    shape.set(shape.rank() - 1, b.shape()[tb ? 0 : 1]);
    const std::size_t k = a.shape().back();
    return reshape(apply(Matmul{false, tb}, reshape(a, Shape{k == 0 ? 0 : a.size() / k, k}), b), shape);
}

}  // namespace

Variable matmul(const Operand& a, const Operand& b, const MatmulOptions& options) {
    const CallSite here(a.at());
    if (!a.get() || !b.get()) return apply(Matmul{false, false}, a, b);  // which says that it is empty
    if (a->rank() == 0 || b->rank() == 0) {
        ShapeError error(fmt::format("a single number as {}; use *", a->rank() == 0 ? "lhs" : "rhs"));
        detail::explain(error, Matmul::name, a.at());
        throw error;
    }
    if (a->rank() == 1 && b->rank() == 1)
        return reshape(apply(Matmul{false, false}, expand_dims(a, 0), expand_dims(b, 1)), Shape{});
    if (a->rank() == 1) return squeeze(apply(Matmul{false, options.transpose_b}, expand_dims(a, 0), b), -2);
    if (b->rank() == 1) return squeeze(apply(Matmul{options.transpose_a, false}, a, expand_dims(b, 1)), -1);
    const bool fits = a->shape().back() == b->shape()[options.transpose_b ? 1 : 0];
    if (a->rank() > 2 && b->rank() == 2 && !options.transpose_a && fits && a->size() != 0)
        return fold_rows(a, b, options.transpose_b);
    return apply(Matmul{options.transpose_a, options.transpose_b}, a, b);
}

}  // namespace xgrad
