#include <xgrad/autograd/ops/sort.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/histogram.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <vector>

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
        bool fits = sorted.rank() == 1 || (sorted.rank() == values.rank() && sorted.rank() != 0);
        for (std::size_t i = 0; fits && i + 1 < sorted.rank(); ++i) fits = sorted.shape()[i] == values.shape()[i];
        if (!fits)
            throw ShapeError(fmt::format("the sorted values {} are neither a vector nor one for each row of {}",
                                         to_string(sorted.shape()), to_string(values.shape())));
        if (sorted.dtype() != values.dtype())
            throw DTypeError(fmt::format("the sorted values are {}, the values sought {}", to_string(sorted.dtype()),
                                         to_string(values.dtype())));
        return values.shape();
    }
    void forward(Variable& y, const Variable& sorted, const Variable& values) const {
        auto* to = y.mutable_data<std::int64_t>();
        visit(sorted.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto list = sorted.span<T>(), sought = values.span<T>();
            const std::size_t n = sorted.shape().back(), m = sorted.rank() == 1 ? sought.size() : values.shape().back();
            for (std::size_t i = 0; i < sought.size(); ++i) {
                const auto own = list.subspan(i / m * n, n);
                *to++ = (right ? std::upper_bound(own.begin(), own.end(), sought[i], less<T>)
                               : std::lower_bound(own.begin(), own.end(), sought[i], less<T>)) -
                        own.begin();
            }
        });
    }
};

/// Where the most frequent element of each row stands first.
struct ArgMode {
    static constexpr auto name = "mode";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;
    std::size_t axis;

    DType dtype(const Variable&) const { return DType::int64; }
    Shape shape(const Variable& x) const {
        Shape result = x.shape();
        if (x.shape()[axis] == 0)
            throw ShapeError(fmt::format("of nothing: axis {} of {} is empty", axis, to_string(x.shape())));
        result.set(axis, 1);
        return result;
    }
    void forward(Variable& y, const Variable& x) const {
        const std::size_t n = x.shape()[axis], inner = strides_of(x.shape())[axis];
        auto* const to = y.mutable_data<std::int64_t>();
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const T* const from = x.data<T>();
            std::vector<Element<T>> row(n);
            for (std::size_t r = 0; r < y.size(); ++r) {
                const T* const own = from + r / inner * n * inner + r % inner;
                for (std::size_t i = 0; i < n; ++i) row[i] = {own[i * inner], static_cast<std::int64_t>(i)};
                put_in_order(row, n, less<T>);
                to[r] = longest_run(row);
            }
        });
    }

private:
    /// The place of its first element, the first in x, since elements that tie keep their order.
    template <class T>
    static std::int64_t longest_run(const std::vector<Element<T>>& row) {
        std::size_t best = 0, longest = 0;
        for (std::size_t begin = 0, end = 0; begin < row.size(); begin = end) {
            while (end < row.size() && !less(row[begin].value, row[end].value)) ++end;
            if (end - begin > longest) {
                longest = end - begin;
                best = begin;
            }
        }
        return row[best].place;
    }
};

/// For each row of x (its entries along the first axis) its place among the different ones, in lexicographic order.
struct UniqueInverse {
    static constexpr auto name = "unique";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;

    DType dtype(const Variable&) const { return DType::int64; }
    Shape shape(const Variable& x) const { return {x.shape()[0]}; }
    void forward(Variable& y, const Variable& x) const {
        const std::size_t n = y.size(), length = n == 0 ? 0 : x.size() / n;
        auto* const to = y.mutable_data<std::int64_t>();
        visit(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto all = x.span<T>();
            const auto before = [&](std::size_t a, std::size_t b) {
                const auto left = all.subspan(a * length, length), right = all.subspan(b * length, length);
                return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(), less<T>);
            };
            std::vector<std::size_t> order(n);
            std::iota(order.begin(), order.end(), std::size_t{0});
            std::sort(order.begin(), order.end(), before);
            std::int64_t rank = 0;
            for (std::size_t i = 0; i < n; ++i) {
                if (i != 0 && before(order[i - 1], order[i])) ++rank;
                to[order[i]] = rank;
            }
        });
    }
};

/// The first place of each of the numbers 0, 1, ... in x, which holds all up to the largest.
struct FirstPlaces {
    static constexpr auto name = "unique";
    static constexpr bool differentiable = false;
    static constexpr bool mixed_dtypes = true;

    Shape shape(const Variable& x) const {
        const auto list = x.span<std::int64_t>();
        return {list.empty() ? 0 : static_cast<std::size_t>(*std::max_element(list.begin(), list.end())) + 1};
    }
    void forward(Variable& y, const Variable& x) const {
        const auto list = x.span<std::int64_t>();
        auto* const to = y.mutable_data<std::int64_t>();
        for (std::size_t i = list.size(); i-- > 0;) to[list[i]] = static_cast<std::int64_t>(i);
    }
};

/// What sort() gives at one place of each row.
Sorted at_places(const Operand& x, int axis, const Variable& indices, const ReduceOptions& options) {
    const Variable values = gather(x, axis, indices);
    if (options.keepdims) return {values, indices};
    return {squeeze(values, axis), squeeze(indices, axis)};
}

}  // namespace

Variable argsort(const Operand& x, int axis, const SortOptions& options) {
    return apply(ArgSort{axis, options.descending}, x);
}

Sorted sort(const Operand& x, int axis, const SortOptions& options) {
    const CallSite here(x.at(), "sort");
    explained("sort", x.at(), [&] { return normalize_axis(axis, x->rank()); });
    const Variable indices = argsort(x, axis, options);
    return {gather(x, axis, indices), indices};
}

Sorted topk(const Operand& x, std::size_t k, int axis, const TopkOptions& options) {
    const CallSite here(x.at(), "topk");
    explained("topk", x.at(), [&] {
        if (const std::size_t n = x->shape()[normalize_axis(axis, x->rank())]; k > n)
            throw ValueError(
                fmt::format("{} elements of the {} along axis {} of {}", k, n, axis, to_string(x->shape())));
    });
    const Variable indices = apply(ArgSort{axis, options.largest, k}, x);
    return {gather(x, axis, indices), indices};
}

Sorted kthvalue(const Operand& x, std::size_t k, int axis, const ReduceOptions& options) {
    const CallSite here(x.at(), "kthvalue");
    explained("kthvalue", x.at(), [&] {
        if (const std::size_t n = x->shape()[normalize_axis(axis, x->rank())]; k < 1 || k > n)
            throw ValueError(fmt::format("there is no element {} along axis {} of {}", k, axis, to_string(x->shape())));
    });
    const Variable first = apply(ArgSort{axis, false, k}, x);
    return at_places(x, axis, slice(first, axis, static_cast<long>(k) - 1, static_cast<long>(k)), options);
}

Sorted mode(const Operand& x, int axis, const ReduceOptions& options) {
    const CallSite here(x.at(), "mode");
    const std::size_t along = explained("mode", x.at(), [&] { return normalize_axis(axis, x->rank()); });
    return at_places(x, axis, apply(ArgMode{along}, x), options);
}

Variable searchsorted(const Operand& sorted, const Variable& values, const SearchOptions& options) {
    if (!options.sorter) return apply(SearchSorted{options.right}, sorted, values);
    const CallSite here(sorted.at(), SearchSorted::name);
    explained(SearchSorted::name, sorted.at(), [&] {
        detail::check_indices(options.sorter, "the sorter's elements");
        if (sorted->rank() == 0 || options.sorter.shape() != sorted->shape())
            throw ShapeError(fmt::format("the sorter {} does not put a list of values {} in order",
                                         to_string(options.sorter.shape()), to_string(sorted->shape())));
    });
    return apply(SearchSorted{options.right}, gather(sorted, -1, options.sorter), values);
}

Unique unique(const Operand& x, std::optional<int> axis) {
    const CallSite here(x.at(), "unique");
    const std::size_t along = explained("unique", x.at(), [&] { return axis ? normalize_axis(*axis, x->rank()) : 0; });
    const Variable whole = axis ? x.get() : flatten(x);
    const Variable rows = move_axis(whole, static_cast<int>(along), 0), inverse = apply(UniqueInverse{}, rows);
    const Variable indices = apply(FirstPlaces{}, inverse);
    return {take(whole, indices, static_cast<int>(along)), indices, axis ? inverse : reshape(inverse, x->shape()),
            bincount(inverse)};
}

Variable isin(const Operand& x, const Variable& values) {
    const CallSite here(x.at(), "isin");
    const Variable& sought = x.as(values.dtype());
    explained("isin", x.at(), [&] {
        detail::check_inputs(std::array{&sought, &values}, detail::InputTypes::one_type);
    });
    const Variable sorted = sort(flatten(values.detach())).values;
    const Variable found = searchsorted(sorted, sought, {.right = true}) > searchsorted(sorted, sought);
    return logical_and(found.to(is_floating(sought.dtype()) ? sought.dtype() : DType::float32), sought == sought);
}

}  // namespace xgrad
