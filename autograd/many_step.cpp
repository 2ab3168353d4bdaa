#include <xgrad/autograd/many_step.hpp>

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>

#include <fmt/format.h>

namespace xgrad::detail {

namespace {

using Parts = std::vector<Variable, memory::Allocator<Variable>>;

/// The gradients that have come to a step's outputs; empty where none has.
struct Bundle : Node {
    Parts parts;

    explicit Bundle(std::size_t count) : parts(count) { is_bundle = true; }
};

Variable make_bundle(std::size_t count, DType dtype) {
    return Variable::adopt(make_node<Bundle>(Shape{0}, dtype, false, count));
}

Parts& parts_of(const Variable& bundle) { return static_cast<Bundle&>(bundle.node()).parts; }

/// One result of a step.
class Output final : public Node {
public:
    Output(Variable step, std::size_t index, std::size_t count) : step_(std::move(step)), index_(index), count_(count) {
        inputs = &step_;
        input_versions = versions_.data();
        input_count = 1;
    }
    std::string_view operator_name() const override { return "output"; }
    std::string details() const override { return std::to_string(index_); }
    void backward(const Variable&, const Variable& dy, Needs, Variable* gradients) const override {
        *gradients = make_bundle(count_, step_.dtype());
        parts_of(*gradients)[index_] = dy;
    }

private:
    Variable step_;
    std::size_t index_, count_;
    std::array<std::uint32_t, 2> versions_{};  // never compared: the rule reads no elements
};

}  // namespace

Variable ManyStep::output(std::size_t i) const {
    const Variable& plain = outputs_[i];
    if (!has_gradient(i)) return plain;
    const Variable step = Variable::share(const_cast<ManyStep*>(this));
    Node* const node =
        make_node<Output>(plain.shape(), plain.dtype(), plain.node().buffer == nullptr, step, i, outputs_.size());
    Variable result = Variable::adopt(node);
    share_data(*node, plain.node());
    note_copy(result, plain);
    stamp(*node, location);
    return result;
}

void ManyStep::attach(std::span<Variable> outputs, const std::vector<bool>* flags) {
    outputs_.assign(outputs.begin(), outputs.end());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        output_is_result_.push_back(
            outputs[i] && is_floating(outputs[i].dtype()) && (flags == nullptr || (*flags)[i]) ? 1 : 0);
        output_versions_.push_back(outputs[i] ? outputs[i].node().version() : 0);
        outputs[i] = output(i);
    }
}

void ManyStep::check_outputs() const {
    if (!reads(input_count)) return;
    for (std::size_t i = 0; i < outputs_.size(); ++i)
        if (outputs_[i] && outputs_[i].node().version() != output_versions_[i])
            throw GraphError(
                fmt::format("the gradient of \"{}\" {} needs its output {}, which was changed in place since",
                            operator_name(), to_string(location), i));
}

void ManyStep::backward(const Variable&, const Variable& dy, Needs needs, Variable* gradients) const {
    check_outputs();
    Parts y = outputs_, slopes = parts_of(dy);
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!slopes[i] && y[i]) slopes[i] = zeros(y[i].shape(), y[i].dtype());
        if (is_recording()) y[i] = output(i);
    }
    rule(y, slopes, needs, gradients);
}

Variable add_bundles(const Variable& so_far, const Variable& more) {
    const Parts &a = parts_of(so_far), &b = parts_of(more);
    Variable sum = make_bundle(a.size(), so_far.dtype());
    for (std::size_t i = 0; i < a.size(); ++i) parts_of(sum)[i] = !a[i] ? b[i] : !b[i] ? a[i] : a[i] + b[i];
    return sum;
}

}  // namespace xgrad::detail
