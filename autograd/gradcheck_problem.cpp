#include <xgrad/autograd/gradcheck_problem.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/gradcheck_reads.hpp>
#include <xgrad/autograd/program.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace xgrad::detail {

namespace {

Variable copy_as(const Variable& v, DType dtype) {
    Variable copy = Variable::from(v.to_vector(), v.shape(), dtype);
    if (!v.name().empty()) copy.named(v.name());
    return copy.set_requires_grad();
}

/// The leaves that f computes with beside its arguments, apart from those it makes itself.
std::vector<Variable> captured_leaves(const GradcheckFunction& f, const std::vector<Variable>& arguments) {
    // Not from the results' graph: a gradient that f takes does not depend on every weight that it was computed with.
    Capture capture(arguments);
    const std::vector<Variable> results = f(arguments);
    const Program program = std::move(capture).finish(results);
    std::vector<Variable> found;
    for (const Program::Source& source : program.sources)
        if (source.value.is_leaf() && is_floating(source.dtype)) found.push_back(source.value);
    return found;
}

bool is_same_to_the_bit(const Variable& a, const Variable& b) {
    return a.size() == 0 || std::memcmp(a.node().data, b.node().data, a.size() * size_of(a.dtype())) == 0;
}

std::string called(const Variable& v, const std::string& otherwise) {
    return fmt::format("{} {}", v.name().empty() ? otherwise : fmt::format("\"{}\"", v.name()), to_string(v.shape()));
}

}  // namespace

Promotion::Promotion(const std::vector<Variable>& leaves) {
    for (const Variable& leaf : leaves)
        if (leaf.dtype() == DType::float32) saved_.push_back({leaf, leaf.grad()});
    for (Saved& s : saved_) s.leaf.convert(DType::float64);
}

Promotion::~Promotion() {
    for (Saved& s : saved_) {
        s.leaf.convert(DType::float32);
        s.leaf.set_grad(s.gradient);
    }
}

GradcheckProblem::GradcheckProblem(const GradcheckFunction& f, const std::vector<Variable>& inputs, bool check_captured)
    : f_(f) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Variable& v = inputs[i];
        arguments_.push_back(is_floating(v.dtype()) ? copy_as(v, DType::float64) : v);
        if (is_floating(v.dtype())) leaves_.push_back({arguments_.back(), called(v, fmt::format("input {}", i))});
    }
    const std::vector<Variable> captured = find_captured();
    for (std::size_t i = 0; i < captured.size() && check_captured; ++i)
        if (captured[i].requires_grad())
            leaves_.push_back({captured[i], "captured " + called(captured[i], fmt::format("leaf {}", i))});
    if (leaves_.empty()) throw ValueError("gradcheck: no input of real numbers, so nothing to differentiate");
    set_weights();
}

std::vector<Variable> GradcheckProblem::find_captured() {
    std::vector<Variable> captured;
    try {
        captured = captured_leaves(f_, arguments_);
    } catch (const DTypeError&) {
        // f is written for float32, with weights of its own: run it so once to meet them.
        std::vector<Variable> singles;
        for (const Variable& v : arguments_) singles.push_back(is_floating(v.dtype()) ? copy_as(v, DType::float32) : v);
        captured = captured_leaves(f_, singles);
    }
    promotion_.emplace(captured);
    try {
        return captured_leaves(f_, arguments_);
    } catch (const DTypeError& error) {
        throw DTypeError(
            fmt::format("gradcheck: f does not run in float64: {}; make constants inside f of its input's type "
                        "(zeros_like(x), x.dtype()), or plain numbers",
                        error.what()));
    }
}

void GradcheckProblem::set_weights() {
    const std::vector<Variable> results = f_(arguments_);
    is_constant_ = std::none_of(results.begin(), results.end(), [](const Variable& y) { return y.requires_grad(); });
    const Tape tape(results);
    for (std::size_t place = 0; place < tape.size(); ++place)
        if (tape[place].dtype == DType::float32) roundoff_ = std::numeric_limits<float>::epsilon() / 2;
    for (const Variable& y : outputs()) {
        Variable w = Variable::from(uneven(y.size(), result_weight_step), y.shape(), y.dtype());
        const std::string name = results.size() == 1 ? "dy" : fmt::format("dy of result {}", weights_.size());
        weights_.push_back({w.set_requires_grad(), fmt::format("{} {}", name, to_string(y.shape()))});
    }
}

std::vector<Variable> GradcheckProblem::outputs() const {
    std::vector<Variable> results = f_(arguments_);
    std::erase_if(results,
                  [&](const Variable& y) { return is_constant_ ? !is_floating(y.dtype()) : !y.requires_grad(); });
    return results;
}

std::vector<Variable> GradcheckProblem::gradients(bool create_graph) const {
    return is_constant_ ? std::vector<Variable>(leaves_.size()) : gradients_of(outputs(), create_graph);
}

std::vector<Variable> GradcheckProblem::gradients_of(const std::vector<Variable>& results, bool create_graph) const {
    std::vector<Variable> inputs;
    for (const GradcheckLeaf& leaf : leaves_) inputs.push_back(leaf.value);
    GradOptions options{.create_graph = create_graph, .allow_unused = true};
    for (const GradcheckLeaf& w : weights_) options.gradients.push_back(w.value);
    return grad(results, inputs, options);
}

std::string GradcheckProblem::false_reader() const {
    const std::vector<Variable> results = outputs();
    const Tape tape(results);
    if (is_constant_ || !tells_what_it_reads(tape)) return {};
    std::set<std::string> names;
    for (std::size_t place = 0; place < tape.size(); ++place) names.emplace(tape[place].operator_name());
    const std::vector<Variable> right = gradients(false);
    const auto changes = [&](std::string_view suspect) {
        const std::vector<Variable> again = outputs();
        const UnreadSpoiled spoiled(again, suspect);
        try {
            const std::vector<Variable> found = gradients_of(again, false);
            for (std::size_t k = 0; k < found.size(); ++k)
                if (found[k] && !is_same_to_the_bit(found[k], right[k])) return true;
        } catch (const Error&) {
            return true;  // what it should not read is why it throws
        }
        return false;
    };
    if (!changes({})) return {};
    const auto culprit = std::find_if(names.begin(), names.end(), [&](const auto& name) { return !changes(name); });
    return culprit == names.end() ? "one of " + operators() : "\"" + *culprit + "\"";
}

std::string GradcheckProblem::operators() const {
    const std::vector<Variable> results = f_(arguments_);
    const Tape tape(results);
    constexpr std::size_t most = 8;
    std::string text = tape.size() > most ? "..., " : "";
    for (std::size_t place = std::min(tape.size(), most); place-- > 0;) {
        text += fmt::format("{} ({})", tape[place].operator_name(), to_string(tape[place].location));
        if (place > 0) text += ", ";
    }
    return text;
}

std::vector<double> uneven(std::size_t n, double step) {
    std::vector<double> numbers(n);
    for (std::size_t j = 0; j < n; ++j) numbers[j] = 0.5 + std::fmod(static_cast<double>(j + 1) * step, 1.0);
    return numbers;
}

}  // namespace xgrad::detail
