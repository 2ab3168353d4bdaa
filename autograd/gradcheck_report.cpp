#include <xgrad/autograd/gradcheck.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace xgrad {

namespace {

std::string place_of(const GradcheckElement& e) {
    return e.is_direction ? "a direction" : fmt::format("[{}]", fmt::join(e.index, ", "));
}

std::string table(const std::vector<GradcheckElement>& elements) {
    std::size_t width = 5, index_width = 7;
    for (const GradcheckElement& e : elements) {
        width = std::max(width, e.input.size());
        index_width = std::max(index_width, place_of(e).size());
    }
    std::string text = fmt::format("  {:<{}}  {:<{}}  {:>15}  {:>15}  {:>10}  {:>10}\n", "input", width, "element",
                                   index_width, "analytic", "numeric", "difference", "estimated");
    for (const GradcheckElement& e : elements)
        text += fmt::format("  {:<{}}  {:<{}}  {:>15.9g}  {:>15.9g}  {:>10.1e}  {:>10.1e}\n", e.input, width,
                            place_of(e), index_width, e.analytic, e.numeric, std::abs(e.analytic - e.numeric), e.error);
    return text;
}

std::string kinks(const std::vector<GradcheckElement>& elements) {
    if (elements.empty()) return {};
    const GradcheckElement& e = elements.front();
    return fmt::format(
        "  {} at a kink or jump, not counted as faults: {} {}, slope {:.6g} on the left, {:.6g} on the right, gradient "
        "{:.6g}\n",
        elements.size() == 1 ? "1 element is" : fmt::format("{} elements are", elements.size()), e.input, place_of(e),
        e.left, e.right, e.analytic);
}

}  // namespace

std::string to_string(const GradcheckReport& r) {
    std::string text;
    if (r.passed) {
        text =
            fmt::format("gradcheck passed: {} numbers compared, largest error {:.1e}\n", r.compared, r.largest_error);
    } else {
        const std::string where = r.at ? " at " + to_string(r.at) : "";
        if (r.faults > 0)
            text = fmt::format(
                       "\ngradcheck{}: {} {} wrong in order {}{}\n", where, r.faults,
                       r.faults == 1 ? "number is" : "numbers are", r.failed_order,
                       r.failed_order == 2 ? " (the gradient of the gradient; the gradient itself is right)" : "") +
                   table(r.worst);
        else
            text = fmt::format("\ngradcheck{} failed\n", where);
        if (r.faults > r.worst.size()) text += fmt::format("  and {} more\n", r.faults - r.worst.size());
        for (const std::string& sentence : r.diagnosis) text += "  " + sentence + "\n";
    }
    return text + kinks(r.kinks);
}

std::ostream& operator<<(std::ostream& out, const GradcheckReport& report) { return out << to_string(report); }

}  // namespace xgrad
