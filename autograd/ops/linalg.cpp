#include <xgrad/autograd/ops/linalg.hpp>

#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/map_rule.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/matrices.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/einsum.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace xgrad {

namespace {

using detail::leading;
using detail::plus_product;

struct Matmul {
    static constexpr auto name = "matmul";
    static constexpr Reads reads = Reads::others;
    static constexpr bool integers = true, adds_gradients = true;
    bool ta, tb;

    std::size_t rows(const Variable& a) const { return a.shape()[a.rank() - (ta ? 1 : 2)]; }
    std::size_t inner(const Variable& a) const { return a.shape()[a.rank() - (ta ? 2 : 1)]; }
    std::size_t columns(const Variable& b) const { return b.shape()[b.rank() - (tb ? 2 : 1)]; }

    Shape shape(const Variable& a, const Variable& b) const { return shape(a, b, 0, 2); }
    /// For factors that are inputs from `first` on, of `count`.
    Shape shape(const Variable& a, const Variable& b, std::size_t first, std::size_t count) const {
        const std::size_t k = inner(a), other = b.shape()[b.rank() - (tb ? 1 : 2)];
        if (k != other) {
            const bool images = a.rank() > 2 && a.size() / a.shape()[0] == other;
            throw ShapeError(fmt::format("inner sizes differ, {} and {}: {}{}, {}{}{}", k, other,
                                         detail::describe(a, first, count), ta ? " transposed" : "",
                                         detail::describe(b, first + 1, count), tb ? " transposed" : "",
                                         images ? "; did you forget flatten()?" : ""));
        }
        if (a.rank() == 2 && b.rank() == 2) return {rows(a), columns(b)};
        Shape result = broadcast(leading(a), leading(b));
        result.push_back(rows(a));
        result.push_back(columns(b));
        return result;
    }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        visit(y.dtype(), [&](auto number) {
            using T = decltype(number);
            for_each_product<T>(y, a, b, [](auto... product) { kernels::matmul(product...); });
        });
    }
    /// Calls one(ta, tb, m, n, k, a, b, y), with pointers, for each pair of matrices.
    template <class T, class F>
    void for_each_product(Variable& y, const Variable& a, const Variable& b, const F& one) const {
        const std::size_t m = rows(a), n = columns(b), k = inner(a);
        T* const c = y.mutable_data<T>();
        if (y.size() == m * n) return one(ta, tb, m, n, k, a.data<T>(), b.data<T>(), c);
        // Many small products share the threads; a large one takes them all itself.
        detail::for_each_pair(
            leading(y), leading(a), leading(b), m * n * k, [&](std::size_t i, std::size_t ia, std::size_t ib) {
                one(ta, tb, m, n, k, a.data<T>() + ia * m * k, b.data<T>() + ib * k * n, c + i * m * n);
            });
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs, Sums so_far) const {
        std::array<Variable, 2> gradients;
        if (needs[0])
            gradients[0] = ta ? plus_product(so_far.take(0), b, dy, {tb, true})
                              : plus_product(so_far.take(0), dy, b, {false, !tb});
        if (needs[1])
            gradients[1] = tb ? plus_product(so_far.take(1), dy, a, {true, ta})
                              : plus_product(so_far.take(1), a, dy, {!ta, false});
        return gradients;
    }
    std::string details() const { return std::string(ta ? "a^T" : "") + (ta && tb ? " " : "") + (tb ? "b^T" : ""); }
};

struct Addmm {
    static constexpr auto name = "addmm";
    static constexpr Reads reads = Reads::factors;
    static constexpr bool in_place = true, adds_gradients = true;
    bool ta, tb;

    Shape shape(const Variable& c, const Variable& a, const Variable& b) const {
        for (const auto& [v, i] : {std::pair(&a, 1U), std::pair(&b, 2U)})
            if (v->rank() < 2) throw ShapeError(fmt::format("needs matrices: {}", detail::describe(*v, i, 3)));
        Shape result = product().shape(a, b, 1, 3);
        if (c.rank() > result.rank() || !can_broadcast(c.shape(), result) || broadcast(c.shape(), result) != result)
            throw ShapeError(fmt::format("{} does not broadcast to the product's shape {}", detail::describe(c, 0, 3),
                                         to_string(result)));
        return result;
    }
    void forward(Variable& y, const Variable& c, const Variable& a, const Variable& b) const {
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            if (std::as_const(y).data<T>() != c.data<T>())
                detail::evaluate_into(
                    y, [](auto v) { return v; }, c);
            product().for_each_product<T>(y, a, b, [](auto... product) { kernels::add_matmul(product...); });
        });
    }
    std::array<Variable, 3> backward(const Variable&, const Variable& a, const Variable& b, const Variable& y,
                                     const Variable& dy, Needs needs, Sums so_far) const {
        Needs of_product;
        for (std::size_t i = 0; i < 2; ++i)
            if (needs[i + 1]) of_product.set(i);
        auto [da, db] = product().backward(a, b, y, dy, of_product, so_far.from(1));
        return {needs[0] ? dy : Variable(), std::move(da), std::move(db)};
    }
    std::string details() const { return product().details(); }

private:
    Matmul product() const { return {ta, tb}; }
};

/// Whether there is one set of weights for every row of a batch: the leading axes of `a` are rows of one large product.
bool can_fold(const Variable& a, const Variable& b, bool ta) {
    return a.rank() > 2 && b.rank() == 2 && !ta && a.size() != 0;
}
Variable fold_rows(const Variable& a, const Variable& b, bool tb) {
    Shape shape = a.shape();
    shape.set(shape.rank() - 1, b.shape()[tb ? 0 : 1]);
    const std::size_t k = a.shape().back();
    return reshape(apply(Matmul{false, tb}, reshape(a, Shape{a.size() / k, k}), b), shape);
}

}  // namespace

Variable matmul(const Operand& a, const Operand& b, const MatmulOptions& options) {
    if (!a.get() || !b.get()) return apply(Matmul{false, false}, a, b);  // which says that it is empty
    // The usual case, which needs none of what follows.
    if (a->rank() == 2 && b->rank() == 2) return apply(Matmul{options.transpose_a, options.transpose_b}, a, b);
    const CallSite here(a.at(), "matmul");
    detail::explained(Matmul::name, a.at(), [&] {
        if (a->rank() == 0 || b->rank() == 0)
            throw ShapeError(fmt::format("a single number as {}; use *", a->rank() == 0 ? "lhs" : "rhs"));
        if (a->rank() > 1 && b->rank() > 1) return;
        // Here, so that the error is about the vector and not about the matrix that stands for it below.
        const auto inner = [](const Variable& v, bool is_last) {
            return v.rank() == 1 ? v.size() : v.shape()[v.rank() - (is_last ? 1 : 2)];
        };
        const std::size_t k = inner(a, !options.transpose_a), other = inner(b, options.transpose_b);
        if (k != other)
            throw ShapeError(fmt::format("inner sizes differ, {} and {}: {}, {}", k, other, detail::describe(a, 0),
                                         detail::describe(b, 1)));
    });
    if (a->rank() == 1 && b->rank() == 1)
        return reshape(apply(Matmul{false, false}, expand_dims(a, 0), expand_dims(b, 1)), Shape{});
    if (a->rank() == 1) return squeeze(apply(Matmul{false, options.transpose_b}, expand_dims(a, 0), b), -2);
    if (b->rank() == 1) return squeeze(apply(Matmul{options.transpose_a, false}, a, expand_dims(b, 1)), -1);
    const bool fits = a->shape().back() == b->shape()[options.transpose_b ? 1 : 0];
    if (fits && can_fold(a, b, options.transpose_a)) return fold_rows(a, b, options.transpose_b);
    return apply(Matmul{options.transpose_a, options.transpose_b}, a, b);
}

Variable addmm(Operand c, const Operand& a, const Operand& b, const MatmulOptions& options) {
    const Addmm sum{options.transpose_a, options.transpose_b};
    // A factor is read while the sum grows, so it keeps its memory.
    const bool is_factor = c.given() != nullptr && (c.get().get() == a.get().get() || c.get().get() == b.get().get());
    if (is_factor) return apply(sum, std::as_const(c), a, b);
    const bool is_empty = !a.get() || !b.get() || (!c.is_number() && !c.get());
    if (is_empty || !can_fold(a, b, sum.ta)) return apply(sum, std::move(c), a, b);
    const CallSite here(c.at(), Addmm::name);
    const DType dtype = dtype_beside(c, a, b);
    const Shape whole =
        detail::explained(Addmm::name, c.at(), [&] { return sum.shape(c.as(dtype), a.as(dtype), b.as(dtype)); });
    const std::size_t k = a->shape().back(), n = whole.back();
    Variable rest = c.as(dtype);
    if (c.given() != nullptr) *c.given() = Variable();  // so that `rest` alone holds what c gives
    const bool is_whole = rest.shape() == whole, is_row = rest.size() == (rest.rank() == 0 ? 1 : rest.shape().back());
    if (n == 0 || !(is_whole || is_row)) return std::move(rest) + matmul(a, b, options);
    rest = reshape(rest, is_whole ? Shape{whole.elements() / n, n} : Shape{rest.size()});
    return reshape(apply(sum, std::move(rest), reshape(a, Shape{a->size() / k, k}), b), whole);
}

Variable detail::add_product(Variable&& so_far, const Variable& a, const Variable& b, const MatmulOptions& options) {
    if (a.rank() == 2 && b.rank() == 2) return addmm(std::move(so_far), a, b, options);
    const Shape shape = so_far.shape();
    return std::move(so_far) + sum_to(matmul(a, b, options), shape);
}

namespace {

/// Runs f(a, b) as the operator `name`: a number takes the other's type, and errors and drawings show the caller's
/// line.
template <class F>
Variable product(const char* name, const Operand& a, const Operand& b, F&& f) {
    return detail::as_function(name, a.at(), [&] {
        const DType dtype = dtype_beside(a, b);
        detail::check_inputs(std::array{&a.as(dtype), &b.as(dtype)}, detail::InputTypes::one_type);
        return f(a.as(dtype), b.as(dtype));
    });
}

/// Sums over axis -1 of a and `axis` of b, counted from the end.
Variable over_last(const Variable& a, const Variable& b, int axis) {
    if (a.rank() == 0 || b.rank() == 0) return a * b;
    const std::size_t k = a.shape().back(), other = b.shape()[normalize_axis(axis, b.rank())];
    if (k != other)
        throw ShapeError(fmt::format("inner sizes differ, {} and {}: {}, {}", k, other, detail::describe(a, 0),
                                     detail::describe(b, 1)));
    return tensordot(a, b, {-1}, {axis});
}

}  // namespace

Variable dot(const Operand& a, const Operand& b) {
    return product("dot", a, b,
                   [](const Variable& x, const Variable& y) { return over_last(x, y, y.rank() < 2 ? -1 : -2); });
}

Variable inner(const Operand& a, const Operand& b) {
    return product("inner", a, b, [](const Variable& x, const Variable& y) { return over_last(x, y, -1); });
}

Variable vdot(const Operand& a, const Operand& b) {
    return product("vdot", a, b, [](const Variable& x, const Variable& y) {
        if (x.size() != y.size())
            throw ShapeError(fmt::format("{} and {} elements: {}, {}", x.size(), y.size(), detail::describe(x, 0),
                                         detail::describe(y, 1)));
        return over_last(flatten(x), flatten(y), -1);
    });
}

Variable outer(const Operand& a, const Operand& b) {
    return product("outer", a, b, [](const Variable& x, const Variable& y) {
        return matmul(reshape(x, Shape{x.size(), 1}), reshape(y, Shape{1, y.size()}));
    });
}

namespace {

/// The shape of rank `rank` with a 1 beside each size: behind it (of the left operand) or before it (of the right).
Shape interleaved(const Shape& shape, std::size_t rank, bool left) {
    Shape result;
    for (std::size_t i = 0; i < rank; ++i) {
        const std::size_t missing = rank - shape.rank(), size = i < missing ? 1 : shape[i - missing];
        result.push_back(left ? size : 1);
        result.push_back(left ? 1 : size);
    }
    return result;
}

/// For each part first..last of a chain of matrices, matrix i of sizes[i] x sizes[i + 1]: where to cut it in two.
class CheapestCuts {
public:
    explicit CheapestCuts(const std::vector<double>& sizes) : n_(sizes.size() - 1), cuts_(n_ * n_) {
        std::vector<double> costs(n_ * n_);
        for (std::size_t length = 1; length < n_; ++length)
            for (std::size_t first = 0, last = length; last < n_; ++first, ++last) {
                double& least = costs[first * n_ + last];
                least = std::numeric_limits<double>::infinity();
                for (std::size_t cut = first; cut < last; ++cut) {
                    const double cost = costs[first * n_ + cut] + costs[(cut + 1) * n_ + last] +
                                        sizes[first] * sizes[cut + 1] * sizes[last + 1];
                    if (cost >= least) continue;
                    least = cost;
                    cuts_[first * n_ + last] = cut;
                }
            }
    }
    Variable multiply(const std::vector<Variable>& matrices, std::size_t first, std::size_t last) const {
        if (first == last) return matrices[first];
        const std::size_t cut = cuts_[first * n_ + last];
        return matmul(multiply(matrices, first, cut), multiply(matrices, cut + 1, last));
    }

private:
    std::size_t n_;
    std::vector<std::size_t> cuts_;
};

/// The matrices of a chain, whose ends may be vectors. @throws ShapeError, ValueError
std::vector<Variable> chain(const std::vector<Variable>& list) {
    if (list.size() < 2) throw ValueError(fmt::format("needs two matrices at least, not {}", list.size()));
    detail::check_input_list(list);
    std::vector<Variable> matrices = list;
    if (list.front().rank() == 1) matrices.front() = expand_dims(list.front(), 0);
    if (list.back().rank() == 1) matrices.back() = expand_dims(list.back(), 1);
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        if (matrices[i].rank() != 2)
            throw ShapeError(fmt::format("needs matrices: {}", detail::describe(list[i], i, list.size())));
        if (i > 0 && matrices[i - 1].shape()[1] != matrices[i].shape()[0])
            throw ShapeError(fmt::format("inner sizes differ, {} and {}: {}, {}", matrices[i - 1].shape()[1],
                                         matrices[i].shape()[0], detail::describe(list[i - 1], i - 1, list.size()),
                                         detail::describe(list[i], i, list.size())));
    }
    return matrices;
}

}  // namespace

Variable kron(const Operand& a, const Operand& b) {
    return product("kron", a, b, [](const Variable& x, const Variable& y) {
        const std::size_t rank = std::max(x.rank(), y.rank());
        if (2 * rank > Shape::max_rank)
            throw ShapeError(
                fmt::format("of more than 4 axes: {}, {}", detail::describe(x, 0), detail::describe(y, 1)));
        const Variable blocks =
            reshape(x, interleaved(x.shape(), rank, true)) * reshape(y, interleaved(y.shape(), rank, false));
        Shape result;
        for (std::size_t i = 0; i < rank; ++i) result.push_back(blocks.shape()[2 * i] * blocks.shape()[2 * i + 1]);
        return reshape(blocks, result);
    });
}

Variable multi_dot(const std::vector<Variable>& matrices, const Location& at) {
    const CallSite here(at, "multi_dot");
    const std::vector<Variable> links = detail::explained("multi_dot", at, [&] { return chain(matrices); });
    std::vector<double> sizes{static_cast<double>(links[0].shape()[0])};
    for (const Variable& m : links) sizes.push_back(static_cast<double>(m.shape()[1]));
    Variable y = CheapestCuts(sizes).multiply(links, 0, links.size() - 1);
    if (matrices.front().rank() == 1) y = squeeze(y, 0);
    return matrices.back().rank() == 1 ? squeeze(y, -1) : y;
}

Variable trace(const Operand& x, long k, int axis1, int axis2) {
    const CallSite here(x.at(), "trace");
    detail::explained("trace", x.at(), [&] { detail::check_matrix(x); });
    return sum(diagonal(x, k, axis1, axis2), -1);
}

}  // namespace xgrad
