#include <xgrad/autograd/ops/histogram.hpp>

#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/calculus.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/indices.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace xgrad {

using detail::explained;

namespace {

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

/// The edges of equal bins over the range, or over what x holds.
struct HistogramEdges {
    static constexpr auto name = "histogram";
    static constexpr bool differentiable = false;
    std::size_t bins;
    std::optional<std::pair<double, double>> range;

    Shape shape(const Variable&) const {
        if (bins == 0) throw ValueError("0 bins");
        return {bins + 1};
    }
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            auto [low, high] = range ? *range : range_of(x.span<T>());
            if (!std::isfinite(low) || !std::isfinite(high) || low > high)
                throw ValueError(fmt::format("no bins from {} to {}", low, high));
            if (low == high) {
                low -= 0.5;
                high += 0.5;
            }
            T* const edges = y.mutable_data<T>();
            const auto n = static_cast<double>(bins);
            for (std::size_t i = 0; i <= bins; ++i) {
                const double share = static_cast<double>(i) / n;
                edges[i] = static_cast<T>(i == bins ? high : low + share * (high - low));
            }
        });
    }

private:
    template <class T>
    static std::pair<double, double> range_of(std::span<const T> x) {
        if (x.empty()) return {0, 1};
        double low = static_cast<double>(x[0]), high = low;
        for (const T v : x) {
            if (std::isnan(v)) return {v, v};
            low = std::min(low, static_cast<double>(v));
            high = std::max(high, static_cast<double>(v));
        }
        return {low, high};
    }
};

/// The bin of each element, the number of bins for what is in none.
struct BinOf {
    static constexpr auto name = "histogram";
    static constexpr bool differentiable = false;
    DType dtype(const Variable&, const Variable&) const { return DType::int64; }
    Shape shape(const Variable& x, const Variable& edges) const {
        if (edges.rank() != 1 || edges.size() < 2)
            throw ShapeError(fmt::format("the edges {} are not a vector of two at least", to_string(edges.shape())));
        visit_floating(edges.dtype(), [&](auto number) {
            const auto list = edges.span<decltype(number)>();
            if (!std::is_sorted(list.begin(), list.end())) throw ValueError("the edges descend");
        });
        return x.shape();
    }
    void forward(Variable& y, const Variable& x, const Variable& edges) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            const auto list = edges.span<T>();
            const auto bins = static_cast<std::int64_t>(list.size()) - 1;
            auto* to = y.mutable_data<std::int64_t>();
            for (const T v : x.span<T>()) {
                const bool inside = v >= list.front() && v <= list.back();
                const std::int64_t above = std::upper_bound(list.begin(), list.end(), v) - list.begin();
                *to++ = inside ? std::min(above - 1, bins - 1) : bins;
            }
        });
    }
};

/// @throws ShapeError, DTypeError
void check_weights(const Variable& x, const Variable& weights) {
    if (weights.shape() != x.shape())
        throw ShapeError(fmt::format("weights {} for elements {}", to_string(weights.shape()), to_string(x.shape())));
    detail::check_inputs(std::array{&weights});
}

/// The sums of the weights in each of `length` places.
Variable sums_in_places(const Variable& places, const Variable& weights, std::size_t length) {
    return scatter_add(zeros({length}, weights.dtype()), 0, flatten(places), flatten(weights));
}

Histogram counted(const Operand& x, const Variable& edges, const HistogramOptions& options) {
    const Variable places = apply(BinOf{}, x, edges);
    const std::size_t bins = edges.size() - 1;
    if (options.weights) explained("histogram", x.at(), [&] { check_weights(x, options.weights); });
    const Variable all =
        options.weights ? sums_in_places(places, options.weights, bins + 1) : bincount(places, bins + 1);
    const Variable counts = slice(all, 0, 0, static_cast<long>(bins));
    if (!options.density) return {counts, edges};
    const Variable share = counts.to(x->dtype());
    return {share / sum(share) / diff(edges), edges};
}

}  // namespace

Variable bincount(const Operand& x, std::size_t minimum_length) { return apply(BinCount{minimum_length}, x); }

Variable bincount(const Operand& x, const Variable& weights, std::size_t minimum_length) {
    const CallSite here(x.at(), "bincount");
    const std::size_t length = apply(BinCount{minimum_length}, x).size();
    explained("bincount", x.at(), [&] { check_weights(x, weights); });
    return sums_in_places(x, weights, length);
}

Histogram histogram(const Operand& x, std::size_t bins, const HistogramOptions& options) {
    const CallSite here(x.at(), "histogram");
    return counted(x, apply(HistogramEdges{bins, options.range}, x), options);
}

Histogram histogram(const Operand& x, const Variable& edges, const HistogramOptions& options) {
    const CallSite here(x.at(), "histogram");
    return counted(x, edges.detach(), options);
}

}  // namespace xgrad
