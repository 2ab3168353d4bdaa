#include <xgrad/autograd/ops/scatter_reduce.hpp>

#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/sort.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace xgrad {

namespace {

/// y_k = link_k y_(k-1) + b_k, or link_(k+1) y_(k+1) + b_k in reverse, inside each of several runs of neighbours. An
/// element begins a run where `begins` is not 0; its link is not used. Unlike a linear_scan() with links of 0 it keeps
/// infinities inside their runs.
struct RunScan {
    static constexpr auto name = "run_scan";
    static constexpr bool mixed_dtypes = true;
    bool reverse;

    DType dtype(const Variable& links, const Variable&, const Variable&) const { return links.dtype(); }
    Shape shape(const Variable& links, const Variable&, const Variable&) const { return links.shape(); }
    void forward(Variable& y, const Variable& links, const Variable& begins, const Variable& b) const {
        const auto first = begins.span<std::int64_t>();
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto link = links.span<T>(), term = b.span<T>();
            T* const to = y.mutable_data<T>();
            const std::size_t n = first.size();
            for (std::size_t step = 0; step < n; ++step) {
                const std::size_t k = reverse ? n - 1 - step : step;
                if (reverse)
                    to[k] = term[k] + (k + 1 == n || first[k + 1] != 0 ? T(0) : link[k + 1] * to[k + 1]);
                else
                    to[k] = term[k] + (first[k] != 0 ? T(0) : link[k] * to[k - 1]);
            }
        });
    }
    std::array<Variable, 3> backward(const Variable& links, const Variable& begins, const Variable&, const Variable& y,
                                     const Variable& dy, Needs needs) const {
        const Variable db = apply(RunScan{!reverse}, links, begins, dy);
        if (!needs[0]) return {Variable(), Variable(), db};
        const Variable products = reverse ? roll(db, 1) * y : db * roll(y, 1);
        return {where(begins.to(dy.dtype()), 0, products), Variable(), db};
    }
};

/// For each of the factors the product of the others of the same group, without division.
Variable products_of_others(const Variable& factors, const Variable& groups) {
    if (factors.size() == 0) return factors;
    const Variable order = argsort(groups), f = take(factors, order), group = take(groups, order);
    const Variable changes = slice(group, 0, {.start = 1}) != slice(group, 0, 0, -1);
    const Variable begins = concatenate({ones({1}, DType::int64), changes.to(DType::int64)});
    const Variable before = apply(RunScan{false}, roll(f, 1), begins, begins.to(f.dtype()));
    const Variable after = apply(RunScan{true}, f, begins, roll(begins, -1).to(f.dtype()));
    return index_copy(zeros_like(f), 0, order, before * after);
}

struct ScatterReduce {
    static constexpr auto name = "scatter_reduce";
    static constexpr bool mixed_dtypes = true;
    int axis;
    Reduce how;
    bool include_self;

    Shape shape(const Variable& x, const Variable& indices, const Variable& updates) const {
        detail::check_scatter(x, indices, updates, normalize_axis(axis, x.rank()));
        if (how == Reduce::mean && !is_floating(x.dtype()))
            throw DTypeError(fmt::format("a mean needs real numbers, x is {}", to_string(x.dtype())));
        return x.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& indices, const Variable& updates) const {
        const std::size_t along = normalize_axis(axis, x.rank());
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T* const to = y.mutable_data<T>();
            const T* const from = updates.data<T>();
            std::copy_n(x.data<T>(), x.size(), to);
            std::vector<std::size_t> terms(x.size(), include_self ? 1 : 0);
            detail::for_each_place(indices, x.shape(), along, [&](std::size_t k, std::size_t place) {
                to[place] = terms[place]++ == 0 ? from[k] : joined(to[place], from[k]);
            });
            if (how != Reduce::mean) return;
            for (std::size_t i = 0; i < x.size(); ++i)
                if (terms[i] > 1) to[i] /= static_cast<T>(terms[i]);
        });
    }
    std::array<Variable, 3> backward(const Variable& x, const Variable& indices, const Variable& updates,
                                     const Variable& y, const Variable& dy, Needs needs) const {
        const auto at_places = [&](const Variable& v) { return gather(v, axis, indices); };
        if (how == Reduce::prod) {
            const auto [self, others] = factors_beside(x, indices, updates);
            return {self * dy, Variable(), others * at_places(dy)};
        }
        if (how == Reduce::sum)
            return {include_self ? dy : scatter(dy, axis, indices, 0), Variable(),
                    needs[2] ? at_places(dy) : Variable()};
        const bool is_mean = how == Reduce::mean;
        const Variable self = terms_of_self(x, indices, y),
                       hits = is_mean ? ones_like(updates) : updates == at_places(y);
        const Variable share = dy / scatter_add(self, axis, indices, hits);
        return {self * share, Variable(), needs[2] ? hits * at_places(share) : Variable()};
    }
    std::string details() const {
        static constexpr std::array<const char*, 5> words{"sum", "mean", "prod", "max", "min"};
        return fmt::format("{}, axis {}{}", words[static_cast<std::size_t>(how)], axis,
                           include_self ? "" : ", without self");
    }

private:
    template <class T>
    T joined(T a, T b) const {
        switch (how) {
            case Reduce::prod:
                return kernels::times(a, b);
            case Reduce::max:
                return b > a || std::isnan(static_cast<double>(b)) ? b : a;
            case Reduce::min:
                return b < a || std::isnan(static_cast<double>(b)) ? b : a;
            default:
                return kernels::plus(a, b);
        }
    }
    /// 1 where x's own element is one of the terms of a mean, or one of the extremes.
    Variable terms_of_self(const Variable& x, const Variable& indices, const Variable& y) const {
        if (include_self && how == Reduce::mean) return ones_like(x);
        const Variable alone = scatter(ones_like(x), axis, indices, 0);
        return include_self ? logical_or(alone, x == y) : alone;
    }
    /// For each element of x and for each of the updates the product of the other factors of its result.
    std::array<Variable, 2> factors_beside(const Variable& x, const Variable& indices, const Variable& updates) const {
        const Variable own = arange(0, static_cast<double>(x.size()), 1, DType::int64);
        const Variable places = flatten(gather(reshape(own, x.shape()), axis, indices));
        if (!include_self)
            return {scatter(ones_like(x), axis, indices, 0),
                    reshape(products_of_others(flatten(updates), places), updates.shape())};
        const Variable others =
            products_of_others(concatenate({flatten(x), flatten(updates)}), concatenate({own, places}));
        const auto n = static_cast<long>(x.size());
        return {reshape(slice(others, 0, 0, n), x.shape()), reshape(slice(others, 0, {.start = n}), updates.shape())};
    }
};

}  // namespace

Variable scatter_reduce(const Operand& x, int axis, const Variable& indices, const Variable& updates, Reduce how,
                        const ScatterReduceOptions& options) {
    const CallSite here(x.at(), "scatter_reduce");
    return apply(ScatterReduce{axis, how, options.include_self}, x, indices, detail::reached(updates, indices));
}

}  // namespace xgrad
