#include <xgrad/autograd/gradcheck_diagnosis.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace xgrad::detail {

namespace {

using Numbers = std::vector<double>;

bool are_close(const Numbers& a, const Numbers& b, double factor = 1) {
    double scale = 0, difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        scale = std::max(scale, std::abs(factor * b[i]));
        difference = std::max(difference, std::abs(a[i] - factor * b[i]));
    }
    return difference <= 1e-5 * scale;
}

/// The c for which analytic = c numeric, when there is one.
std::optional<double> common_factor(const LeafFinding& f) {
    const double along = std::inner_product(f.analytic.begin(), f.analytic.end(), f.numeric.begin(), 0.0);
    const double square = std::inner_product(f.numeric.begin(), f.numeric.end(), f.numeric.begin(), 0.0);
    const double c = along / square;
    if (!std::isfinite(c) || c == 0 || !are_close(f.analytic, f.numeric, c)) return {};
    return c;
}

/// "axis 1 of the result (2, 3)", when a size, or the number of elements, of a shape is n.
std::string size_that_is(double n, const OrderFinding& finding, const LeafFinding& f) {
    const auto search = [&](const Shape& shape, const std::string& whose) -> std::string {
        if (std::abs(static_cast<double>(shape.elements()) - n) < 1e-4) return "the number of elements of " + whose;
        for (std::size_t i = 0; i < shape.rank(); ++i)
            if (std::abs(static_cast<double>(shape[i]) - n) < 1e-4)
                return fmt::format("the size of axis {} of {}", i, whose);
        return {};
    };
    std::string text = search(f.leaf.value.shape(), f.leaf.name);
    for (std::size_t k = 0; k < finding.results.size() && text.empty(); ++k)
        text = search(finding.results[k], "the result " + to_string(finding.results[k]));
    for (std::size_t k = 0; k < finding.leaves.size() && text.empty(); ++k)
        text = search(finding.leaves[k].leaf.value.shape(), finding.leaves[k].leaf.name);
    return text;
}

std::string explain_factor(double c, const OrderFinding& finding, const LeafFinding& f) {
    if (std::abs(c + 1) < 1e-4) return "has the wrong sign";
    if (std::abs(c - 2) < 1e-4) return "is exactly 2 times too large: added twice, or a factor 1/2 is missing";
    if (std::abs(c - 0.5) < 1e-4)
        return "is exactly half the right one: a factor 2 is missing, one of two uses is lost, or a mean stands for a "
               "sum";
    if (const std::string size = size_that_is(c, finding, f); c > 2 && !size.empty())
        return fmt::format("is exactly {:g} times too large, {}: a sum's gradient for a mean", c, size);
    if (const std::string size = size_that_is(1 / c, finding, f); c > 0 && c < 1 && !size.empty())
        return fmt::format("is exactly 1/{:g} of the right one, {}: a mean's gradient for a sum", 1 / c, size);
    return fmt::format("is {:.6g} times the right one everywhere: a constant factor", c);
}

/// The numbers of `values` (in `shape`) with axes p and q exchanged.
Numbers exchanged(const Numbers& values, const Shape& shape, std::size_t p, std::size_t q) {
    auto strides = strides_of(shape);
    const auto own = strides;
    std::swap(strides[p], strides[q]);
    Numbers result(values.size());
    for (std::size_t at = 0; at < values.size(); ++at) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < shape.rank(); ++i) from += at / own[i] % shape[i] * strides[i];
        result[at] = values[from];
    }
    return result;
}

std::string find_transposed(const LeafFinding& f) {
    const Shape& shape = f.leaf.value.shape();
    for (std::size_t q = shape.rank(); f.is_complete() && q-- > 1;)
        for (std::size_t p = q; p-- > 0;)
            if (shape[p] == shape[q] && shape[p] > 1 && are_close(f.analytic, exchanged(f.numeric, shape, p, q)))
                return fmt::format("is the right one transposed: axes {} and {} are exchanged", p, q);
    return {};
}

std::string find_swapped(const OrderFinding& finding, std::size_t k) {
    const LeafFinding& f = finding.leaves[k];
    for (std::size_t other = 0; other < finding.leaves.size(); ++other) {
        const LeafFinding& g = finding.leaves[other];
        if (other != k && f.elements == g.elements && !are_close(f.numeric, g.numeric) &&
            are_close(f.analytic, g.numeric))
            return fmt::format("is that of {}: gradients returned in the wrong order", g.leaf.name);
    }
    return {};
}

/// Whether only the first (last) position along an axis of the result has contributed.
std::string find_unsummed(const OrderFinding& finding, std::size_t k) {
    if (finding.order != 1 || finding.results.size() != 1) return {};
    const Shape& shape = finding.results[0];
    const auto strides = strides_of(shape);
    const Numbers weights = uneven(shape.elements(), result_weight_step);
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] < 2) continue;
        for (const std::size_t kept : {std::size_t{0}, shape[axis] - 1}) {
            Numbers masked = weights;
            for (std::size_t j = 0; j < masked.size(); ++j)
                if (j / strides[axis] % shape[axis] != kept) masked[j] = 0;
            if (are_close(finding.leaves[k].analytic, finding.reweighed(k, masked)))
                return fmt::format(
                    "holds only what comes from position {} along axis {} of the result {}: not summed over a "
                    "broadcast axis",
                    kept, axis, to_string(shape));
        }
    }
    return {};
}

std::string find_lost_term(const LeafFinding& f) {
    Numbers difference(f.analytic.size());
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = f.analytic[i] - f.numeric[i];
    if (difference.size() < 2 || !are_close(difference, Numbers(difference.size(), difference[0]))) return {};
    return fmt::format("is off by the same number, {:.6g}, everywhere: a term is missing or too many", difference[0]);
}

bool is_zero(const Numbers& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](double v) { return v == 0; });
}

std::string explain_missing(int order) {
    if (order == 2)
        return "is zero: backward() computes with values that it does not differentiate (plain arrays, detach(), "
               "NoGrad, "
               "or something saved by forward())";
    return "is zero: it does not get through (detach(), NoGrad, value(), or an empty Variable returned by a "
           "backward())";
}

std::string explain_leaf(const OrderFinding& finding, std::size_t k) {
    const LeafFinding& f = finding.leaves[k];
    const auto finite = [](double v) { return std::isfinite(v); };
    if (!std::all_of(f.analytic.begin(), f.analytic.end(), finite)) return "is not finite";
    if (!std::all_of(f.numeric.begin(), f.numeric.end(), finite))
        return "cannot be compared: f is not finite around this point";
    if (is_zero(f.analytic)) return explain_missing(finding.order);
    if (is_zero(f.numeric)) return "is not zero, but f does not depend on it";
    if (f.largest_error > 1e-3 * f.scale) return "cannot be compared well: f is rough or noisy around this point";
    if (const auto c = common_factor(f)) return explain_factor(*c, finding, f);
    for (const std::string& text :
         {find_transposed(f), find_swapped(finding, k), find_unsummed(finding, k), find_lost_term(f)})
        if (!text.empty()) return text;
    return {};
}

}  // namespace

std::vector<std::string> diagnose(const OrderFinding& finding) {
    std::vector<std::string> sentences;
    for (std::size_t k = 0; k < finding.leaves.size(); ++k) {
        const LeafFinding& f = finding.leaves[k];
        if (!f.is_wrong || f.elements.empty()) continue;
        const std::string text = explain_leaf(finding, k);
        if (text.empty()) continue;
        sentences.push_back(
            fmt::format("the {}gradient of {} {}", finding.order == 2 ? "second-order " : "", f.leaf.name, text));
    }
    return sentences;
}

}  // namespace xgrad::detail
