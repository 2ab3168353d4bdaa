#pragma once

#include <xgrad/autograd/variable.hpp>

#include <cstddef>
#include <optional>
#include <utility>

/// Counting: how often numbers occur, or how many fall into each of several bins.
namespace xgrad {

/// How often each of 0, 1, 2, ... occurs, up to the largest or to at least `minimum_length` entries: int64.
/// @throws DTypeError unless x is int64; ValueError on a negative element
Variable bincount(const Operand& x, std::size_t minimum_length = 0);
/// The weight of each of 0, 1, 2, ...: y_i = the sum of the weights where x is i;  dweights = take(dy, x).
/// @throws ShapeError unless the weights are of x's shape; DTypeError on integer weights; as bincount()
Variable bincount(const Operand& x, const Variable& weights, std::size_t minimum_length = 0);

struct HistogramOptions {
    std::optional<std::pair<double, double>> range = {};  ///< by default from the smallest to the largest element
    Variable weights = {};                                ///< of x's shape: each element counts as so many
    bool density = false;  ///< divided by all that is counted and by the bins' widths, so that the integral is 1
};
struct Histogram {
    Variable counts;  ///< int64 (bins); of the weights' type when there are weights, of x's for densities
    Variable edges;   ///< (bins + 1), of x's type
};
/// How many elements of x fall into each of `bins` equal bins, as NumPy's. A bin holds its lower edge, and the last one
/// its upper edge too. What lies outside, and NaN, is not counted. There is no gradient but that of the weights.
/// When all elements are the same the bins reach 1/2 beyond them; for none they are those of [0, 1].
/// @throws ValueError without bins, on a range that is not finite or descends, or when x is not finite and there is no
///         range; ShapeError unless the weights are of x's shape; DTypeError on integers
Histogram histogram(const Operand& x, std::size_t bins = 10, const HistogramOptions& options = {});
/// The same with the bins' edges, ascending; options.range is not used.
/// @throws ShapeError unless the edges are a vector of two at least; ValueError when they descend; as above
Histogram histogram(const Operand& x, const Variable& edges, const HistogramOptions& options = {});

}  // namespace xgrad
