#include <xgrad/autograd/gradcheck_compare.hpp>

#include <xgrad/autograd/gradcheck_diagnosis.hpp>
#include <xgrad/autograd/gradcheck_numeric.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace xgrad::detail {

namespace {

using Numbers = std::vector<double>;

/// A straight line through the point: one element of a leaf, or a direction over a range of them.
struct Line {
    std::size_t first;
    Numbers direction;
};

/// A leaf moved along a line, for a while.
class Moved {
public:
    Moved(Variable leaf, const Line& line, double t) : leaf_(std::move(leaf)), line_(line) {
        double* const at = leaf_.mutable_data<double>() + line.first;
        before_.assign(at, at + line.direction.size());
        for (std::size_t i = 0; i < before_.size(); ++i) at[i] += t * line.direction[i];
    }
    ~Moved() { std::copy(before_.begin(), before_.end(), leaf_.mutable_data<double>() + line_.first); }
    Moved(const Moved&) = delete;
    Moved& operator=(const Moved&) = delete;

private:
    Variable leaf_;
    const Line& line_;
    Numbers before_;
};

enum class Verdict { right, wrong, kink };

struct Outcome {
    Line line;
    double analytic = 0;
    Slope numeric = {};
    Verdict verdict = Verdict::right;
    double left = 0, right = 0;

    bool is_direction() const { return line.direction.size() > 1; }
};

/// Compares the gradients of one leaf.
class LeafCheck {
public:
    LeafCheck(const GradcheckOrder& order, std::size_t k, const GradcheckOptions& options, double roundoff)
        : order_(order), leaf_(order.leaves[k]), options_(options), roundoff_(roundoff), weights_(order.weights) {
        if (order.analytic[k])
            analytic_ = order.analytic[k].to_vector();
        else
            analytic_.resize(leaf_.value.size());
    }

    std::vector<Outcome> run() {
        std::vector<Outcome> outcomes;
        for (Line& line : lines()) outcomes.push_back(measure(std::move(line)));
        for (const Outcome& o : outcomes)
            if (std::isfinite(o.numeric.value)) scale_ = std::max(scale_, std::abs(o.numeric.value));
        for (Outcome& o : outcomes) settle(o);
        for (std::size_t i = outcomes.size(); i-- > 0;)
            if (outcomes[i].verdict == Verdict::wrong && outcomes[i].is_direction())
                outcomes[i] = narrowed(outcomes[i]);
        return outcomes;
    }
    double scale() const { return scale_; }

    double numeric_with(const Numbers& weights, std::size_t element) {
        weights_ = weights;
        const double value = measure({element, {1}}).numeric.value;
        weights_ = order_.weights;
        return value;
    }

private:
    std::vector<Line> lines() const {
        std::vector<Line> result;
        const std::size_t n = leaf_.value.size(), count = std::min(n, options_.max_elements);
        for (std::size_t i = 0; i < count; ++i) result.push_back({i * n / count, {1}});
        for (std::size_t d = 0; count < n && d < options_.directions; ++d) {
            Numbers direction = uneven(n, std::sqrt(static_cast<double>(d + 2)) + 0.1);
            for (double& v : direction) v = (v - 1) / std::sqrt(static_cast<double>(n));
            result.push_back({0, std::move(direction)});
        }
        return result;
    }

    Ray ray(const Line& line) const {
        return {[this, &line](double t) {
                    const Moved moved(leaf_.value, line, t);
                    return order_.values();
                },
                weights_, roundoff_, 0.01 * options_.rtol};
    }

    Outcome measure(Line line) const {
        Outcome o{std::move(line)};
        double largest = 16;
        for (std::size_t i = 0; i < o.line.direction.size(); ++i) {
            o.analytic += o.line.direction[i] * analytic_[o.line.first + i];
            largest = std::max(largest, std::abs(leaf_.value.data<double>()[o.line.first + i]));
        }
        o.numeric = central_slope(ray(o.line), largest / 256);
        return o;
    }

    bool agrees(double analytic, const Slope& s) const {
        const double accepted = options_.atol + options_.rtol * std::max(std::abs(analytic), std::abs(s.value)) +
                                std::min(4 * s.error, 1e-3 * scale_);
        return std::abs(analytic - s.value) <= accepted;
    }

    // Large steps are the more exact ones, but see what is only near the point: a difference gets a closer look.
    void settle(Outcome& o) const {
        if (agrees(o.analytic, o.numeric)) return;
        const Ray r = ray(o.line);
        const double step = small_step(r);
        const Slope near = central_slope(r, step);
        if (near.error < o.numeric.error || agrees(o.analytic, near)) o.numeric = near;
        if (agrees(o.analytic, near)) return;
        const Slope right = one_sided_slope(r, step), left = one_sided_slope(r, -step);
        o.left = left.value;
        o.right = right.value;
        o.verdict = judge(o, left, right, has_jump(r));
    }

    Verdict judge(const Outcome& o, const Slope& left, const Slope& right, bool jumps) const {
        if (!std::isfinite(o.analytic)) return Verdict::wrong;
        if (jumps) return Verdict::kink;
        if (std::isfinite(left.value) != std::isfinite(right.value))  // at the edge of f's domain
            return agrees(o.analytic, std::isfinite(left.value) ? left : right) ? Verdict::kink : Verdict::wrong;
        const double low = std::min(left.value, right.value), high = std::max(left.value, right.value),
                     gap = high - low;
        const bool differs =
            gap > std::max(10 * (left.error + right.error), 1e-3 * std::max(std::abs(low), std::abs(high)));
        return differs && o.analytic >= low - gap && o.analytic <= high + gap ? Verdict::kink : Verdict::wrong;
    }

    // A wrong direction is halved down to a wrong element.
    Outcome narrowed(Outcome o) const {
        while (o.is_direction()) {
            const auto middle = o.line.direction.begin() + static_cast<std::ptrdiff_t>(o.line.direction.size() / 2);
            const std::size_t split = o.line.first + o.line.direction.size() / 2;
            std::array<Line, 2> halves{Line{o.line.first, {o.line.direction.begin(), middle}},
                                       Line{split, {middle, o.line.direction.end()}}};
            bool found = false;
            for (std::size_t i = 0; i < 2 && !found; ++i) {
                if (halves[i].direction.size() == 1) halves[i].direction[0] = 1;
                Outcome half = measure(std::move(halves[i]));
                settle(half);
                found = half.verdict == Verdict::wrong;
                if (found) o = std::move(half);
            }
            if (!found) break;
        }
        return o;
    }

    const GradcheckOrder& order_;
    const GradcheckLeaf& leaf_;
    const GradcheckOptions& options_;
    double roundoff_;
    Numbers weights_;
    Numbers analytic_;
    double scale_ = 0;
};

GradcheckElement element_of(const GradcheckOrder& order, const GradcheckLeaf& leaf, const Outcome& o) {
    GradcheckElement e;
    e.order = order.number;
    e.input = leaf.name;
    e.is_direction = o.is_direction();
    const Shape& shape = leaf.value.shape();
    const auto strides = strides_of(shape);
    for (std::size_t i = 0; i < shape.rank() && !e.is_direction; ++i)
        e.index.push_back(o.line.first / strides[i] % shape[i]);
    e.analytic = o.analytic;
    e.numeric = o.numeric.value;
    e.error = o.numeric.error;
    e.left = o.left;
    e.right = o.right;
    return e;
}

/// How bad a fault is, for sorting: NaN and infinity first.
double badness(const GradcheckElement& e) {
    const double difference = std::abs(e.analytic - e.numeric);
    return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

void add_to_report(GradcheckReport& report, const GradcheckOrder& order, const GradcheckLeaf& leaf,
                   const std::vector<Outcome>& outcomes) {
    report.compared += outcomes.size();
    for (const Outcome& o : outcomes) {
        if (o.verdict == Verdict::right)
            report.largest_error = std::max(report.largest_error, std::abs(o.analytic - o.numeric.value));
        if (o.verdict == Verdict::kink) report.kinks.push_back(element_of(order, leaf, o));
        if (o.verdict == Verdict::wrong) report.worst.push_back(element_of(order, leaf, o));
    }
}

LeafFinding finding_of(const GradcheckOrder& order, std::size_t k, const std::vector<Outcome>& outcomes, double scale) {
    LeafFinding f{.leaf = order.leaves[k], .elements = {}, .analytic = {}, .numeric = {}, .scale = scale};
    for (const Outcome& o : outcomes) {
        f.is_wrong = f.is_wrong || o.verdict == Verdict::wrong;
        if (o.is_direction() || o.verdict == Verdict::kink) continue;
        f.elements.push_back(o.line.first);
        f.analytic.push_back(o.analytic);
        f.numeric.push_back(o.numeric.value);
        f.largest_error = std::max(f.largest_error, o.numeric.error);
    }
    return f;
}

}  // namespace

void compare(GradcheckReport& report, const GradcheckOrder& order, const GradcheckProblem& problem,
             const GradcheckOptions& options) {
    OrderFinding finding{order.number, {}, {}, {}};
    for (std::size_t k = 0; k < order.leaves.size(); ++k) {
        LeafCheck check(order, k, options, problem.roundoff());
        const std::vector<Outcome> outcomes = check.run();
        add_to_report(report, order, order.leaves[k], outcomes);
        finding.leaves.push_back(finding_of(order, k, outcomes, check.scale()));
    }
    if (report.worst.empty()) return;
    report.passed = false;
    report.failed_order = order.number;
    report.faults = report.worst.size();
    std::stable_sort(report.worst.begin(), report.worst.end(),
                     [](const auto& a, const auto& b) { return badness(a) > badness(b); });
    report.worst.resize(std::min(report.worst.size(), options.show));
    for (const GradcheckLeaf& w : problem.weights()) finding.results.push_back(w.value.shape());
    finding.reweighed = [&](std::size_t k, const Numbers& weights) {
        LeafCheck check(order, k, options, problem.roundoff());
        Numbers numbers;
        for (const std::size_t element : finding.leaves[k].elements)
            numbers.push_back(check.numeric_with(weights, element));
        return numbers;
    };
    report.diagnosis = diagnose(finding);
    report.diagnosis.push_back("f records " + problem.operators());
}

}  // namespace xgrad::detail
