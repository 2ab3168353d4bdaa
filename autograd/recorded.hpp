#pragma once

#include <xgrad/autograd/many_step.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/variable.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

/// How a use of an operator is kept on the tape. Who writes operators needs operator.hpp alone.
namespace xgrad {

/// What an operator's backward() reads. A change in place of what it reads is reported; of the rest it is harmless.
enum class Reads {
    none,
    inputs,
    others,   ///< for each input's gradient the other inputs: a product
    factors,  ///< the same, but of the first input nothing: a product that is added to it
    output,
    all
};

/// What has come to an operator's inputs so far, from other uses of them.
class Sums {
public:
    explicit Sums(Variable* of) : of_(of) {}
    /// That of an input, in its shape; empty if there is none. It is now the rule's, to be included in its gradient.
    Variable take(std::size_t input) const { return std::move(of_[input]); }
    /// Those of the inputs from this one on.
    Sums from(std::size_t input) const { return Sums(of_ + input); }

private:
    Variable* of_;
};

/// What is known of a linked-in operator.
struct OperatorInfo {
    std::string_view name;
    bool differentiable;
    bool integers;  ///< takes int64 too
};
/// Every operator linked into the program, in no particular order: tests check that each has a gradient check.
std::vector<OperatorInfo>& operators();

namespace detail {

template <class Op>
constexpr bool is_differentiable = [] {
    if constexpr (requires { Op::differentiable; })
        return static_cast<bool>(Op::differentiable);
    else
        return true;
}();
/// Which element types an operator's inputs may have.
enum class InputTypes {
    real,      ///< all float32, or all float64
    one_type,  ///< or all int64
    any        ///< any mixture, which the operator looks at itself
};
template <class Op>
constexpr InputTypes input_types = [] {
    if constexpr (requires { Op::mixed_dtypes; })
        return Op::mixed_dtypes ? InputTypes::any : InputTypes::real;
    else if constexpr (requires { Op::integers; })
        return Op::integers ? InputTypes::one_type : InputTypes::real;
    else
        return InputTypes::real;
}();
template <class Op>
constexpr bool is_view = [] {
    if constexpr (requires { Op::is_view; })
        return static_cast<bool>(Op::is_view);
    else
        return false;
}();
template <class Op>
constexpr bool works_in_place = [] {
    if constexpr (requires { Op::in_place; })
        return static_cast<bool>(Op::in_place);
    else
        return false;
}();
template <class Op>
constexpr Reads reads_of = [] {
    if constexpr (requires { Op::reads; })
        return Op::reads;
    else
        return Reads::all;
}();

template <class Op>
constexpr bool is_once_differentiable = [] {
    if constexpr (requires { Op::once_differentiable; })
        return static_cast<bool>(Op::once_differentiable);
    else
        return false;
}();

template <class Op>
constexpr bool adds_gradients = [] {
    if constexpr (requires { Op::adds_gradients; })
        return static_cast<bool>(Op::adds_gradients);
    else
        return false;
}();

template <class Op>
concept HasOutputs = requires {
    { Op::outputs } -> std::convertible_to<std::size_t>;
};

template <class Op>
concept HasFixedName = requires {
    typename std::bool_constant<std::string_view(Op::name).empty()>;
};

/// Replaces each gradient of a rule that was run once by the same value, recorded so that differentiating it again is
/// an error that names the operator.
void forbid_second_backward(const Node& node, std::span<const Variable> dy, Variable* gradients);

/// so_far += gradient, summed over the axes along which the input was broadcast.
void add_gradient(Variable& so_far, const Variable& gradient);

/// Enters the operator in the list when the program starts. Operators whose name is chosen at run time stay out.
template <class Op>
struct Listed {
    static bool enter() {
        if constexpr (HasFixedName<Op>)
            operators().push_back({Op::name, is_differentiable<Op>, input_types<Op> == InputTypes::one_type});
        return true;
    }
    static inline const bool once = enter();
};

/// The part of a recorded step that does not depend on how many inputs there are.
template <class Op, class Base = Node>
class RecordedBase : public Base {
public:
    explicit RecordedBase(Op op) : op_(std::move(op)) {}
    std::string_view operator_name() const override { return op_.name; }
    std::string details() const override {
        if constexpr (requires { op_.details(); })
            return op_.details();
        else
            return {};
    }
    void drop_saved() override {
        Base::drop_saved();
        if constexpr (requires { op_.drop_saved(); }) op_.drop_saved();
    }
    bool accepts_broadcast_dy() const override {
        if constexpr (requires { Op::accepts_broadcast_dy; })
            return Op::accepts_broadcast_dy;
        else
            return false;
    }
    bool reads(std::size_t i) const override {
        constexpr Reads what = reads_of<Op>;
        if constexpr (what == Reads::others || what == Reads::factors) {
            constexpr std::uint32_t first = what == Reads::factors ? 1 : 0;
            for (std::uint32_t k = first; k < this->input_count; ++k)
                if (k != i && i >= first && i != this->input_count && this->inputs[k].requires_grad()) return true;
            return false;
        }
        return what == Reads::all || (i == this->input_count ? what == Reads::output : what == Reads::inputs);
    }

    Op& op() { return op_; }

protected:
    [[no_unique_address]] Op op_;
};

/// The inputs of a step, with the versions they were read at.
template <std::size_t N>
struct Slots {
    std::array<Variable, N> inputs;
    std::array<std::uint32_t, N + 1> versions;

    [[gnu::always_inline]] void keep(Node& node, const std::array<const Variable*, N>& in) {
        for (std::size_t i = 0; i < N; ++i) {
            inputs[i] = *in[i];
            versions[i] = in[i]->get()->version();
        }
        versions[N] = node.version();
        node.inputs = inputs.data();
        node.input_versions = versions.data();
        node.input_count = N;
    }

    /// The operator's rule. `y` and `dy` are one Variable each, or one for each of several outputs.
    template <class Op, class Y>
    void differentiate(const Op& op, const Y& y, const Y& dy, Needs needs, Variable* gradients) const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            if constexpr (adds_gradients<Op>)
                add(op.backward(inputs[I]..., y, dy, needs, Sums(gradients)), gradients);
            else if constexpr (requires { op.backward(inputs[I]..., y, dy, needs); })
                store(op.backward(inputs[I]..., y, dy, needs), gradients);
            else
                store(op.backward(inputs[I]..., y, dy), gradients);
        }
        (std::make_index_sequence<N>{});
    }

private:
    /// What the rule has not taken is not in its gradient.
    static void add(std::array<Variable, N> gradients, Variable* to) {
        for (std::size_t i = 0; i < N; ++i)
            if (!to[i])
                to[i] = std::move(gradients[i]);
            else if (gradients[i])
                add_gradient(to[i], gradients[i]);
    }
    static void store(Variable gradient, Variable* to) {
        static_assert(N == 1, "backward() returns std::array<Variable, N>, one gradient per input");
        *to = std::move(gradient);
    }
    static void store(std::array<Variable, N> gradients, Variable* to) {
        for (std::size_t i = 0; i < N; ++i) to[i] = std::move(gradients[i]);
    }
};

/// Runs a rule that is good for one differentiation: under create_graph its gradients are recorded as the results of a
/// step that names the operator when a second backward reaches it.
template <class Op, class F>
void run_rule(const Node& node, std::span<const Variable> dy, Variable* gradients, F&& rule) {
    if constexpr (is_once_differentiable<Op>) {
        if (is_recording()) {
            {
                const NoGrad off;
                rule();
            }
            return forbid_second_backward(node, dy, gradients);
        }
    }
    rule();
}

/// A recorded use of an operator with N inputs.
template <class Op, std::size_t N>
class Recorded final : public RecordedBase<Op> {
public:
    explicit Recorded(Op op) : RecordedBase<Op>(std::move(op)) {}

    void keep(const std::array<const Variable*, N>& in) {
        slots_.keep(*this, in);
        // Few elements are added sooner than looked for.
        if constexpr (adds_gradients<Op>)
            this->adds_gradients =
                std::any_of(in.begin(), in.end(), [](const Variable* v) { return v->get()->buffer != nullptr; });
    }

    void backward(const Variable& y, const Variable& dy, Needs needs, Variable* gradients) const override {
        run_rule<Op>(*this, std::span(&dy, 1), gradients,
                     [&] { slots_.differentiate(this->op_, y, dy, needs, gradients); });
    }

private:
    Slots<N> slots_;
};

/// A recorded use of an operator with N inputs and several outputs.
template <class Op, std::size_t N>
class RecordedMany final : public RecordedBase<Op, ManyStep> {
public:
    explicit RecordedMany(Op op) : RecordedBase<Op, ManyStep>(std::move(op)) {}

    void keep(const std::array<const Variable*, N>& in) { slots_.keep(*this, in); }

private:
    using Several = std::array<Variable, Op::outputs>;

    void rule(std::span<const Variable> y, std::span<const Variable> dy, Needs needs,
              Variable* gradients) const override {
        Several ys, dys;
        std::copy(y.begin(), y.end(), ys.begin());
        std::copy(dy.begin(), dy.end(), dys.begin());
        run_rule<Op>(*this, dy, gradients, [&] { slots_.differentiate(this->op_, ys, dys, needs, gradients); });
    }

    Slots<N> slots_;
};

using InputList = std::vector<Variable, memory::Allocator<Variable>>;

/// A recorded use of an operator over a list of inputs.
template <class Op>
class RecordedList final : public RecordedBase<Op> {
public:
    explicit RecordedList(Op op) : RecordedBase<Op>(std::move(op)) {}

    void keep(std::span<const Variable> in) {
        slots_.assign(in.begin(), in.end());
        for (const Variable& v : in) versions_.push_back(v.node().version());
        versions_.push_back(this->version());
        this->inputs = slots_.data();
        this->input_versions = versions_.data();
        this->input_count = static_cast<std::uint32_t>(slots_.size());
    }

    void backward(const Variable& y, const Variable& dy, Needs, Variable* gradients) const override {
        run_rule<Op>(*this, std::span(&dy, 1), gradients, [&] {
            std::vector<Variable> result = this->op_.backward(std::span<const Variable>(slots_), y, dy);
            std::move(result.begin(), result.end(), gradients);
        });
    }

private:
    InputList slots_;
    std::vector<std::uint32_t, memory::Allocator<std::uint32_t>> versions_;
};

}  // namespace detail
}  // namespace xgrad
