#include <xgrad/autograd/ops/sort.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops/explained.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/indices.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad {

using detail::explained;

namespace {

template <class T>
bool is_nan(T a) {
    if constexpr (std::is_floating_point_v<T>) return std::isnan(a);
    return false;
}

/// a < b with NaN behind every number (and no NaN before another).
template <class T>
bool less(const T& a, const T& b) {
    return a < b || (is_nan(b) && !is_nan(a));
}
template <class T>
bool greater(const T& a, const T& b) {
    return a > b || (is_nan(b) && !is_nan(a));
}

template <class T>
struct Element {
    T value;
    std::int64_t place;
};

/// Puts the first `count` in order; at a tie the earlier place comes first.
template <class T, class Before>
void put_in_order(std::vector<Element<T>>& row, std::size_t count, Before before) {
    const auto first = [&](const Element<T>& a, const Element<T>& b) {
        return before(a.value, b.value) || (!before(b.value, a.value) && a.place < b.place);
    };
    if (count == row.size())
        std::sort(row.begin(), row.end(), first);
    else
        std::partial_sort(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count), row.end(), first);
}

struct ArgSort {
    static constexpr auto name = "argsort";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    int axis;
    bool descending;
    std::optional<std::size_t> count = {};  ///< only so many, for topk

    DType dtype(const Variable&) const { return DType::int64; }
    Shape shape(const Variable& x) const {
        Shape result = x.shape();
        const std::size_t along = normalize_axis(axis, x.rank());
        if (count) result.set(along, *count);
        return result;
    }
    void forward(Variable& y, const Variable& x) const {
        const std::size_t along = normalize_axis(axis, x.rank()), n = x.shape()[along], kept = y.shape()[along];
        const std::size_t inner = strides_of(x.shape())[along];
        if (y.size() == 0) return;
        auto* const to = y.mutable_data<std::int64_t>();
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const T* const from = x.data<T>();
            const std::size_t grain = std::max<std::size_t>(kernels::elementwise_grain / (8 * n), 1);
            kernels::parallel_for(x.size() / n, grain, [&](std::size_t begin, std::size_t end) {
                std::vector<Element<T>> row(n);
                for (std::size_t r = begin; r < end; ++r) {
                    const T* const own = from + r / inner * n * inner + r % inner;
                    for (std::size_t i = 0; i < n; ++i) row[i] = {own[i * inner], static_cast<std::int64_t>(i)};
                    if (descending)
                        put_in_order(row, kept, greater<T>);
                    else
                        put_in_order(row, kept, less<T>);
                    for (std::size_t i = 0; i < kept; ++i)
                        to[r / inner * kept * inner + i * inner + r % inner] = row[i].place;
                }
            });
        });
    }
};

struct SearchSorted {
    static constexpr auto name = "searchsorted";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    bool right;

    DType dtype(const Variable&, const Variable&) const { return DType::int64; }
    Shape shape(const Variable& sorted, const Variable& values) const {
        if (sorted.rank() != 1)
            throw ShapeError(fmt::format("the sorted values are {}, not a vector", to_string(sorted.shape())));
        if (sorted.dtype() != values.dtype())
            throw DTypeError(fmt::format("the sorted values are {}, the values sought {}", to_string(sorted.dtype()),
                                         to_string(values.dtype())));
        return values.shape();
    }
    void forward(Variable& y, const Variable& sorted, const Variable& values) const {
        auto* to = y.mutable_data<std::int64_t>();
        visit(sorted.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto list = sorted.span<T>();
            for (const T value : values.span<T>())
                *to++ = (right ? std::upper_bound(list.begin(), list.end(), value, less<T>)
                               : std::lower_bound(list.begin(), list.end(), value, less<T>)) -
                        list.begin();
        });
    }
};

struct BinCount {
    static constexpr auto name = "bincount";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    std::size_t minimum_length;

    Shape shape(const Variable& x) const {
        detail::check_indices(x, "the elements");
        std::size_t length = minimum_length;
        for (const std::int64_t i : x.span<std::int64_t>()) {
            if (i < 0) throw ValueError(fmt::format("element {} is negative", i));
            length = std::max(length, static_cast<std::size_t>(i) + 1);
        }
        return {length};
    }
    void forward(Variable& y, const Variable& x) const {
        kernels::fill(y, 0);
        auto* const count = y.mutable_data<std::int64_t>();
        for (const std::int64_t i : x.span<std::int64_t>()) ++count[i];
    }
};

}  // namespace

Variable argsort(const Operand& x, int axis, const SortOptions& options) {
    return apply(ArgSort{axis, options.descending}, x);
}

Sorted sort(const Operand& x, int axis, const SortOptions& options) {
    const CallSite here(x.at());
    explained("sort", x.at(), [&] { return normalize_axis(axis, x->rank()); });
    const Variable indices = argsort(x, axis, options);
    return {gather(x, axis, indices), indices};
}

Sorted topk(const Operand& x, std::size_t k, int axis, const TopkOptions& options) {
    const CallSite here(x.at());
    explained("topk", x.at(), [&] {
        if (const std::size_t n = x->shape()[normalize_axis(axis, x->rank())]; k > n)
            throw ValueError(fmt::format("{} elements of axis {} of {}", k, axis, to_string(x->shape())));
    });
    const Variable indices = apply(ArgSort{axis, options.largest, k}, x);
    return {gather(x, axis, indices), indices};
}

Variable searchsorted(const Operand& sorted, const Variable& values, const SearchOptions& options) {
    return apply(SearchSorted{options.right}, sorted, values);
}

Unique unique(const Operand& x) {
    const CallSite here(x.at());
    const Variable flat = flatten(x), order = argsort(flat);
    std::vector<std::int64_t> first, counts, inverse(x->size());
    visit(x->dtype(), [&](auto number) {
        using T = decltype(number);
        const T* const values = flat.data<T>();
        for (const std::int64_t place : order.span<std::int64_t>()) {
            if (first.empty() || less(values[first.back()], values[place])) {
                first.push_back(place);
                counts.push_back(0);
            }
            ++counts.back();
            inverse[static_cast<std::size_t>(place)] = static_cast<std::int64_t>(first.size()) - 1;
        }
    });
    const Variable indices = Variable::from(first, {first.size()});
    return {take(flat, indices), indices, Variable::from(inverse, x->shape()), Variable::from(counts, {counts.size()})};
}

Variable bincount(const Operand& x, std::size_t minimum_length) { return apply(BinCount{minimum_length}, x); }

}  // namespace xgrad
