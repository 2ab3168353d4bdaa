#pragma once

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/recorded.hpp>

#include <array>
#include <tuple>
#include <utility>
#include <vector>

/// Operators as instructions of replay().
namespace xgrad::detail {

/// The result of an operator whose forward() works on arrays. Defined in <xgrad/autograd/array.hpp>.
template <class N, class Op, class... In>
Variable forward_on_arrays(Op& op, const In&... in);

/// Whether forward() leaves nothing on the operator, so that a copy of it does all it did.
template <class Op, class Y, class... In>
constexpr bool keeps_nothing = is_view<Op> || !requires(Op & op, Y& y, const In&... in) {
    op.forward(y, in...);
}
|| requires(const Op& op, Y& y, const In&... in) { op.forward(y, in...); };

/// A use of an operator with one output.
template <class Op, std::size_t N>
class Recompute final : public Instruction {
public:
    template <class... In>
    Recompute(Op op, const Location& at, bool checks, Variable y, const In&... in)
        : Instruction(at), op_(std::move(op)), y_(std::move(y)), in_{in...}, checks_(checks) {}

    std::string_view name() const override { return op_.name; }
    void run() override {
        std::apply([this](const auto&... in) { this->compute_again(in...); }, in_);
    }

private:
    template <class... In>
    void compute_again(const Variable& first, const In&... more) {
        if constexpr (requires { op_.shape(first, more...); }) {
            if (checks_) check_unchanged(y_.shape(), op_.shape(first, more...));
            if constexpr (is_view<Op>)
                copy_elements(y_, first);
            else
                std::as_const(op_).forward(y_, first, more...);
        } else {
            const Variable y = forward_on_arrays<Node>(op_, first, more...);
            check_unchanged(y_.shape(), y.shape());
            copy_elements(y_, y);
        }
    }

    Op op_;
    Variable y_;
    std::array<Variable, N> in_;
    bool checks_;  // shape() reads elements: it may give another shape, or refuse them
};

/// A use of an operator with several.
template <class Op, std::size_t N>
class RecomputeMany final : public Instruction {
public:
    using Outputs = std::array<Variable, Op::outputs>;

    /// @param plain what forward() fills
    /// @param y what the caller got: the same elements, or copies of them
    template <class... In>
    RecomputeMany(Op op, const Location& at, bool checks, Outputs plain, Outputs y, const In&... in)
        : Instruction(at),
          op_(std::move(op)),
          plain_(std::move(plain)),
          y_(std::move(y)),
          in_{in...},
          checks_(checks) {}

    std::string_view name() const override { return op_.name; }
    void run() override {
        std::apply(
            [this](const auto&... in) {
                if (this->checks_) this->check_shapes(this->op_.shapes(in...));
                this->op_.forward(this->plain_, in...);
            },
            in_);
        for (std::size_t j = 0; j < y_.size(); ++j) copy_elements(y_[j], plain_[j]);
    }

private:
    void check_shapes(const std::array<Shape, Op::outputs>& shapes) {
        for (std::size_t j = 0; j < shapes.size(); ++j) check_unchanged(y_[j].shape(), shapes[j]);
    }

    Op op_;
    Outputs plain_, y_;
    std::array<Variable, N> in_;
    bool checks_;
};

/// A use of an operator over a list of inputs.
template <class Op>
class RecomputeList final : public Instruction {
public:
    RecomputeList(Op op, const Location& at, Variable y, std::span<const Variable> in)
        : Instruction(at), op_(std::move(op)), y_(std::move(y)), in_(in.begin(), in.end()) {}

    std::string_view name() const override { return op_.name; }
    void run() override { op_.forward(y_, std::span<const Variable>(in_)); }

private:
    Op op_;
    Variable y_;
    std::vector<Variable> in_;
};

}  // namespace xgrad::detail
