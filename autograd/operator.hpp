#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/tape.hpp>
#include <xgrad/autograd/thread_state.hpp>
#include <xgrad/autograd/variable.hpp>

/// How an operator is written, and what records it. An operator is a struct with
///
///     static constexpr auto name = "softplus";
///     forward    one of
///       template <class T> Array<T> forward(const ArrayView<T>& a, ...) const;    xtensor; see
///       <xgrad/autograd/array.hpp> Shape shape(a, ...) const;  void forward(Variable& y, a, ...) const;      fills y,
///       already allocated Shape shape(a) const;  static constexpr bool is_view = true;              the same elements
///       in another shape
///     backward   Variable or std::array<Variable, N>  backward(a, ..., y, dy) const;  or with a trailing Needs
///
/// where a, ... are `const Variable&`. backward() returns one gradient per input, an empty Variable for none; it is
/// written in differentiable operators, so gradients of any order need nothing more. Optional members:
///
///     DType dtype(a, ...) const           the element type of the result; else that of the first input
///     static constexpr bool differentiable = false        the result carries no gradient; no backward()
///     static constexpr bool mixed_dtypes = true           inputs may differ in type, or be integers
///     static constexpr Reads reads = Reads::none          what backward() reads; all when not said
///     static constexpr bool accepts_broadcast_dy = true   backward() copes with a dy that is not yet broadcast
///     std::string details() const                         options for drawings: "axis=1"
namespace xgrad {

/// What an operator's backward() reads. A change in place of what it reads is reported; of the rest it is harmless.
enum class Reads {
    none,
    inputs,
    others,  ///< for each input's gradient the other inputs: a product
    output,
    all
};

/// What is known of a linked-in operator.
struct OperatorInfo {
    std::string_view name;
    bool differentiable;
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
template <class Op>
constexpr bool has_mixed_dtypes = [] {
    if constexpr (requires { Op::mixed_dtypes; })
        return static_cast<bool>(Op::mixed_dtypes);
    else
        return false;
}();
template <class Op>
constexpr bool is_view = [] {
    if constexpr (requires { Op::is_view; })
        return static_cast<bool>(Op::is_view);
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
concept HasFixedName = requires {
    typename std::bool_constant<std::string_view(Op::name).empty()>;
};

/// Enters the operator in the list when the program starts. Operators whose name is chosen at run time stay out.
template <class Op>
struct Listed {
    static bool enter() {
        if constexpr (HasFixedName<Op>) operators().push_back({Op::name, is_differentiable<Op>});
        return true;
    }
    static inline const bool once = enter();
};

/// The part of a recorded step that does not depend on how many inputs there are.
template <class Op>
class RecordedBase : public Node {
public:
    explicit RecordedBase(Op op) : op_(std::move(op)) {}
    std::string_view operator_name() const override { return op_.name; }
    std::string details() const override {
        if constexpr (requires { op_.details(); })
            return op_.details();
        else
            return {};
    }
    bool accepts_broadcast_dy() const override {
        if constexpr (requires { Op::accepts_broadcast_dy; })
            return Op::accepts_broadcast_dy;
        else
            return false;
    }
    bool reads(std::size_t i) const override {
        constexpr Reads what = reads_of<Op>;
        if constexpr (what == Reads::others) {
            for (std::uint32_t k = 0; k < input_count; ++k)
                if (k != i && i != input_count && inputs[k].requires_grad()) return true;
            return false;
        }
        return what == Reads::all || (i == input_count ? what == Reads::output : what == Reads::inputs);
    }

    Op& op() { return op_; }

protected:
    Op op_;
};

/// A recorded use of an operator with N inputs.
template <class Op, std::size_t N>
class Recorded final : public RecordedBase<Op> {
public:
    explicit Recorded(Op op) : RecordedBase<Op>(std::move(op)) {}

    void keep(const std::array<const Variable*, N>& in) {
        for (std::size_t i = 0; i < N; ++i) {
            slots_[i] = *in[i];
            versions_[i] = in[i]->node().version();
        }
        versions_[N] = this->version();
        this->inputs = slots_.data();
        this->input_versions = versions_.data();
        this->input_count = N;
    }

    void backward(const Variable& y, const Variable& dy, Needs needs, Variable* gradients) const override {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            const Op& op = this->op_;
            if constexpr (requires { op.backward(slots_[I]..., y, dy, needs); })
                store(op.backward(slots_[I]..., y, dy, needs), gradients);
            else
                store(op.backward(slots_[I]..., y, dy), gradients);
        }
        (std::make_index_sequence<N>{});
    }

private:
    static void store(Variable gradient, Variable* to) {
        static_assert(N == 1, "backward() returns std::array<Variable, N>, one gradient per input");
        *to = std::move(gradient);
    }
    static void store(std::array<Variable, N> gradients, Variable* to) {
        for (std::size_t i = 0; i < N; ++i) to[i] = std::move(gradients[i]);
    }

    std::array<Variable, N> slots_;
    std::array<std::uint32_t, N + 1> versions_;
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
        std::vector<Variable> result = this->op_.backward(std::span<const Variable>(slots_), y, dy);
        std::move(result.begin(), result.end(), gradients);
    }

private:
    InputList slots_;
    std::vector<std::uint32_t, memory::Allocator<std::uint32_t>> versions_;
};

/// Says which input is no real number, or which two differ. @throws DTypeError
[[noreturn]] void throw_dtypes(std::span<const Variable* const> in);
/// Checks that the inputs are there and of one floating type. @throws ValueError, DTypeError
inline void check_inputs(std::span<const Variable* const> in, bool mixed_dtypes) {
    const DType first = in[0]->node().dtype;
    bool same = is_floating(first);
    for (const Variable* v : in) same &= v->node().dtype == first;
    if (!same && !mixed_dtypes) throw_dtypes(in);
}
/// The same for a list, which must not be empty.
void check_input_list(std::span<const Variable> in);
/// How a message calls an input: its name if it has one, else by position; then its shape.
std::string describe(const Variable& v, std::size_t position);
/// The same where there is only one: its name, if any, and its shape.
std::string describe(const Variable& v);
/// Gives a recorded node its place in time, its line and its scope.
void stamp(Node& node, const Location& at);
/// Completes an error's message with the operator's name, the scope and the user's line.
void explain(Error& error, std::string_view operator_name, const Location& at);

template <class Op, class... In>
DType result_dtype(const Op& op, const Variable& first, const In&... more) {
    if constexpr (requires { op.dtype(first, more...); })
        return op.dtype(first, more...);
    else
        return first.dtype();
}

/// A node of type N (a plain Node when nothing is recorded) that carries `op`.
template <class N, class Op>
N* make_step(Op& op, const Shape& shape, DType dtype, bool with_data) {
    if constexpr (std::same_as<N, Node>)
        return make_node<N>(shape, dtype, with_data);
    else
        return make_node<N>(shape, dtype, with_data, std::move(op));
}

/// The result of an operator whose forward() works on arrays. Defined in <xgrad/autograd/array.hpp>.
template <class N, class Op, class... In>
Variable forward_on_arrays(Op& op, const In&... in);

/// The result of an operator, on a node of type N. forward() runs on the operator that backward() will meet, so it may
/// leave values there.
template <class N, class Op, class... In>
Variable compute(Op& op, const Variable& first, const In&... more) {
    if constexpr (is_view<Op>) {
        const Shape shape = op.shape(first, more...);
        N* const node = make_step<N>(op, shape, first.dtype(), first.node().buffer == nullptr);
        share_data(*node, first.node());
        return Variable::adopt(node);
    } else if constexpr (requires { op.shape(first, more...); }) {
        const Shape shape = op.shape(first, more...);
        const DType dtype = result_dtype(op, first, more...);
        N* const node = make_step<N>(op, shape, dtype, true);
        Variable y = Variable::adopt(node);
        if constexpr (std::same_as<N, Node>)
            op.forward(y, first, more...);
        else
            node->op().forward(y, first, more...);
        return y;
    } else {
        return forward_on_arrays<N>(op, first, more...);
    }
}

/// Runs `op` on its inputs and records it when a gradient may be asked for.
template <class Op, class... In>
Variable record(Op op, const Location& at, const In&... in) {
    static_cast<void>(Listed<Op>::once);
    const std::array<const Variable*, sizeof...(In)> inputs{&in...};
    const auto name = op.name;  // op itself moves into the node
    try {
        check_inputs(inputs, has_mixed_dtypes<Op>);
        if constexpr (is_differentiable<Op>) {
            if (thread_state.recording && (in.requires_grad() || ...)) {
                using Step = Recorded<Op, sizeof...(In)>;
                Variable y = compute<Step>(op, in...);
                static_cast<Step&>(y.node()).keep(inputs);
                stamp(y.node(), at);
                return y;
            }
        }
        return compute<Node>(op, in...);
    } catch (Error& error) {
        explain(error, name, at);
        throw;
    }
}

}  // namespace detail

/// Runs an operator on its inputs and records it: how every operator function ends. A number among the inputs becomes
/// a constant of the others' type.
template <class Op>
Variable apply(Op op, const Operand& a) {
    return detail::record(std::move(op), a.at(), a.get());
}
template <class Op>
Variable apply(Op op, const Operand& a, const Operand& b) {
    const DType dtype = dtype_beside(a, b);
    return detail::record(std::move(op), a.at(), a.as(dtype), b.as(dtype));
}
template <class Op>
Variable apply(Op op, const Operand& a, const Operand& b, const Operand& c) {
    const DType dtype = dtype_beside(a, b, c);
    return detail::record(std::move(op), a.at(), a.as(dtype), b.as(dtype), c.as(dtype));
}

/// An operator over a list of inputs (concatenate): shape(), forward() and backward() take the list as a
/// std::span<const Variable>, and backward() returns a std::vector<Variable>.
/// @throws ValueError on an empty list
template <class Op>
Variable apply_list(Op op, std::span<const Variable> inputs, const Location& at = Location::current()) {
    static_cast<void>(detail::Listed<Op>::once);
    try {
        detail::check_input_list(inputs);
        const bool recorded =
            thread_state.recording &&
            std::any_of(inputs.begin(), inputs.end(), [](const Variable& v) { return v.requires_grad(); });
        const auto run = [&]<class N>(N* node) {
            Variable y = Variable::adopt(node);
            op.forward(y, inputs);
            return y;
        };
        const Shape shape = op.shape(inputs);
        if (!recorded) return run(detail::make_node<Node>(shape, inputs[0].dtype(), true));
        auto* const step = detail::make_node<detail::RecordedList<Op>>(shape, inputs[0].dtype(), true, op);
        Variable y = run(step);
        step->keep(inputs);
        detail::stamp(*step, at);
        return y;
    } catch (Error& error) {
        detail::explain(error, op.name, at);
        throw;
    }
}

}  // namespace xgrad
