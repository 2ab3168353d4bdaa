#include <xgrad/autograd/ops/detail/contraction.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <limits>
#include <utility>

namespace xgrad::detail {

namespace {

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

std::size_t size_of_label(const Labelled& x, char label) { return x.value.shape()[x.labels.find(label)]; }

/// The sizes of `labels`, each of which one of the two has.
Shape sizes_of(const std::string& labels, const Labelled& a, const Labelled& b) {
    Shape shape;
    for (const char c : labels) shape.push_back(size_of_label(has(a.labels, c) ? a : b, c));
    return shape;
}

/// The axes in the order of `labels`, which are the same in another order.
Variable in_order(const Labelled& x, const std::string& labels) {
    if (x.labels == labels) return x.value;
    std::vector<int> order;
    for (const char c : labels) order.push_back(static_cast<int>(x.labels.find(c)));
    return transpose(x.value, order);
}

/// Summed over the labels that are not in `keep`.
Labelled sum_out(const Labelled& x, const std::string& keep) {
    Axes axes;
    Labelled y;
    for (std::size_t i = 0; i < x.labels.size(); ++i)
        if (has(keep, x.labels[i]))
            y.labels += x.labels[i];
        else
            axes.push_back(static_cast<int>(i));
    y.value = axes.empty() ? x.value : sum(x.value, axes);
    return y;
}

/// The axes in the order of `labels`, with an axis of size 1 for each that x lacks.
Variable spread(const Labelled& x, const std::string& labels) {
    std::string own;
    Shape shape;
    for (const char c : labels) {
        if (has(x.labels, c)) own += c;
        shape.push_back(has(x.labels, c) ? size_of_label(x, c) : 1);
    }
    return reshape(in_order(x, own), shape);
}

/// How the labels of a product divide: in both operands and in the result; in both and summed over; in one.
struct Division {
    std::string batch, inner, own_a, own_b;

    Division(const Labelled& a, const Labelled& b, const std::string& keep) {
        // The larger operand's order, so that it is the smaller one that may have to be transposed.
        for (const char c : (a.value.size() >= b.value.size() ? a : b).labels)
            if (has(a.labels, c) && has(b.labels, c)) (has(keep, c) ? batch : inner) += c;
        for (const char c : a.labels)
            if (!has(b.labels, c)) own_a += c;
        for (const char c : b.labels)
            if (!has(a.labels, c)) own_b += c;
    }
    /// Whether a matrix product would have nothing to do: numbers, or one row times one column, many times over.
    bool is_elementwise() const {
        if (inner.empty()) return !batch.empty() || own_a.empty() || own_b.empty();
        return !batch.empty() && own_a.empty() && own_b.empty();
    }
};

/// x as matrices, (batch, outer, inner) or `turned` (batch, inner, outer), without the batch where there is none.
struct Matrices {
    Variable value;
    bool turned;

    Matrices(const Labelled& x, const std::string& batch, const std::string& outer, const std::string& inner)
        : turned(x.labels == batch + inner + outer) {
        const auto count = [&](const std::string& labels) { return sizes_of(labels, x, x).elements(); };
        Shape shape;
        if (!batch.empty()) shape.push_back(count(batch));
        shape.push_back(count(turned ? inner : outer));
        shape.push_back(count(turned ? outer : inner));
        value = reshape(turned ? x.value : in_order(x, batch + outer + inner), shape);
    }
};

Labelled multiply(Labelled a, Labelled b, const std::string& keep) {
    a = sum_out(a, keep + b.labels);
    b = sum_out(b, keep + a.labels);
    // What is in front in the result is better in front here.
    for (const char c : keep)
        if (has(a.labels, c) != has(b.labels, c)) {
            if (has(b.labels, c)) std::swap(a, b);
            break;
        }
    const Division part(a, b, keep);
    if (part.is_elementwise()) {
        const std::string all = a.labels + part.own_b;
        return sum_out({spread(a, all) * spread(b, all), all}, keep);
    }
    const Matrices left(a, part.batch, part.own_a, part.inner), right(b, part.batch, part.own_b, part.inner);
    const Variable y = matmul(left.value, right.value, {.transpose_a = left.turned, .transpose_b = !right.turned});
    const std::string labels = part.batch + part.own_a + part.own_b;
    return {reshape(y, sizes_of(labels, a, b)), labels};
}

/// The pair whose product takes the fewest multiplications, the first of several.
std::pair<std::size_t, std::size_t> cheapest_pair(const std::vector<Labelled>& terms) {
    std::pair<std::size_t, std::size_t> best{0, 1};
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 1; j < terms.size(); ++j)
        for (std::size_t i = 0; i < j; ++i) {
            auto cost = static_cast<double>(terms[i].value.size());
            for (const char c : terms[j].labels)
                if (!has(terms[i].labels, c)) cost *= static_cast<double>(size_of_label(terms[j], c));
            if (cost < least) {
                least = cost;
                best = {i, j};
            }
        }
    return best;
}

}  // namespace

Labelled merge_repeated(Labelled x) {
    for (std::size_t i = 0; i < x.labels.size(); ++i) {
        const std::size_t j = x.labels.find(x.labels[i], i + 1);
        if (j == std::string::npos) continue;
        std::string others;
        for (std::size_t k = 0; k < x.labels.size(); ++k)
            if (k != i && k != j) others += x.labels[k];
        return merge_repeated({diagonal(x.value, 0, static_cast<int>(i), static_cast<int>(j)), others + x.labels[i]});
    }
    return x;
}

Variable contract(std::vector<Labelled> terms, const std::string& output) {
    while (terms.size() > 1) {
        const auto [i, j] = cheapest_pair(terms);
        const Labelled a = terms[i], b = terms[j];
        terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(j));
        terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
        std::string keep = output;
        for (const Labelled& other : terms) keep += other.labels;
        terms.push_back(multiply(a, b, keep));
    }
    return in_order(sum_out(terms[0], output), output);
}

}  // namespace xgrad::detail
