#pragma once

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/recompute.hpp>
#include <xgrad/autograd/recorded.hpp>
#include <xgrad/autograd/thread_state.hpp>
#include <xgrad/autograd/variable.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

/// How an operator is written, and what records it. An operator is a struct with
///
///     static constexpr auto name = "softplus";
///
///     forward, one of:
///         template <class T> Array<T> forward(const ArrayView<T>& a, ...) const;      // <xgrad/autograd/array.hpp>
///     or  Shape shape(a, ...) const;
///         void forward(Variable& y, a, ...) const;                                   // fills y, already allocated
///     or  Shape shape(a) const;
///         static constexpr bool is_view = true;                       // the same elements in another shape
///
///     backward, one of (with a last argument `Needs needs`, if it wants one):
///         Variable backward(a, y, dy) const;
///         std::array<Variable, N> backward(a, ..., y, dy) const;
///
/// where a, ..., y, dy are `const Variable&`. backward() returns one gradient per input, an empty Variable for none; it
/// is written in differentiable operators, so gradients of any order need nothing more. Optional members:
///
///     DType dtype(a, ...) const;                          // the element type of the result; else the first input's
///     static constexpr bool differentiable = false;       // the result carries no gradient; no backward()
///     static constexpr bool once_differentiable = true;   // backward() is not made of differentiable operators: a
///                                                         // second backward through it is an error that says so
///     static constexpr bool mixed_dtypes = true;          // inputs may differ in type, or be integers
///     static constexpr bool integers = true;              // forward() takes int64 too, if all inputs are; no gradient
///     static constexpr Reads reads = Reads::none;         // what backward() reads; all when not said
///     static constexpr bool in_place = true;              // forward() may fill a y that is one of the inputs
///     static constexpr bool accepts_broadcast_dy = true;  // backward() copes with a dy that is not yet broadcast
///     static constexpr bool adds_gradients = true;        // backward() returns an array, and takes after `needs` a
///                                                         // `Sums so_far`: what has come to inputs from other uses
///                                                         // of them. It includes what it takes of that; the rest
///                                                         // the engine adds.
///     std::string details() const;                        // options for drawings: "axis=1"
///     void drop_saved();                                  // lets go of what forward() left on the operator, when
///                                                         // a backward() frees the graph
///
/// An operator with several outputs says so, and has in the place of shape(), forward(), dtype() and backward():
///
///     static constexpr std::size_t outputs = 2;
///     std::array<Shape, 2> shapes(a, ...) const;
///     std::array<DType, 2> dtypes(a, ...) const;                                     // optional
///     void forward(std::array<Variable, 2>& y, a, ...) const;
///     backward(a, ..., const std::array<Variable, 2>& y, const std::array<Variable, 2>& dy) const;
///
/// where dy holds zeros for an output that nothing depends on.
namespace xgrad {

namespace detail {

/// Says which input is no real number, or which two differ. @throws DTypeError
[[noreturn]] void throw_dtypes(std::span<const Variable* const> in, InputTypes types);
/// Checks that the inputs are there, and of types that go together. @throws ValueError, DTypeError
inline void check_inputs(std::span<const Variable* const> in, InputTypes types = InputTypes::real) {
    const DType first = in[0]->node().dtype;
    bool same = is_floating(first) || types == InputTypes::one_type;
    for (const Variable* v : in) same &= v->node().dtype == first;
    if (!same && types != InputTypes::any) throw_dtypes(in, types);
}
/// The same for a list, which must not be empty.
void check_input_list(std::span<const Variable> in);
/// How a message calls one of `count` inputs: its name if it has one, else by position; then its shape.
std::string describe(const Variable& v, std::size_t position, std::size_t count = 2);
/// The same where there is only one: its name, if any, and its shape.
std::string describe(const Variable& v);
/// Gives a recorded node its place in time, its line and its scope.
[[gnu::always_inline]] inline void stamp(Node& node, const Location& at) {
    std::uint64_t latest = thread_state.clock;
    for (std::uint32_t i = 0; i < node.input_count; ++i) latest = std::max(latest, node.inputs[i].get()->sequence);
    node.sequence = thread_state.clock = latest + 1;
    node.location = thread_state.call_site ? thread_state.call_site : at;
    node.scope = thread_state.scope;
    node.region = thread_state.region;
    node.requires_grad = true;
}
/// Completes an error's message with the operator's name, the scope and the user's line.
void explain(Error& error, std::string_view operator_name, const Location& at);
/// "matmul in model.dense_1": how messages call an operator that was used in a scope.
std::string in_scope(std::string_view name, std::uint32_t scope);
/// Checks the numbers among the operands of an operator on int64. @throws ValueError
void check_numbers(std::string_view operator_name, std::initializer_list<const Operand*> operands);

template <class Op, class... In>
DType result_dtype(const Op& op, const Variable& first, const In&... more) {
    if constexpr (requires { op.dtype(first, more...); })
        return op.dtype(first, more...);
    else
        return first.get()->dtype;
}

/// A node of type N (a plain Node when nothing is recorded) that carries `op`.
template <class N, class Op>
N* make_step(Op& op, const Shape& shape, DType dtype, bool with_data) {
    if constexpr (std::same_as<N, Node>)
        return make_node<N>(shape, dtype, with_data);
    else
        return make_node<N>(shape, dtype, with_data, std::move(op));
}

/// Whose memory a result may take: a Node*, or nullptr.
template <class T>
concept Giver = std::same_as<T, Node*> || std::same_as<T, std::nullptr_t>;

/// The result of an operator, on a node of type N; in the memory of `giver`, if any, when that fits. forward() runs on
/// the operator that backward() will meet, so it may leave values there.
template <class N, class Op, class... In>
Variable compute(Op& op, Giver auto giver, const Variable& first, const In&... more) {
    if constexpr (is_view<Op>) {
        const Shape shape = op.shape(first, more...);
        N* const node = make_step<N>(op, shape, first.dtype(), first.node().buffer == nullptr);
        share_data(*node, first.node());
        return Variable::adopt(node);
    } else if constexpr (requires { op.shape(first, more...); }) {
        const Shape shape = op.shape(first, more...);
        const DType dtype = result_dtype(op, first, more...);
        constexpr bool is_given = std::same_as<decltype(giver), Node*>;
        bool takes = false;
        if constexpr (is_given) takes = giver->shape == shape && giver->dtype == dtype;
        N* const node = make_step<N>(op, shape, dtype, !takes);
        Variable y = Variable::adopt(node);
        if constexpr (is_given)
            if (takes) share_data(*node, *giver);
        if constexpr (std::same_as<N, Node>)
            op.forward(y, first, more...);
        else
            node->op().forward(y, first, more...);
        if constexpr (is_given)
            if (takes) giver->give_elements_up();
        return y;
    } else {
        return forward_on_arrays<N>(op, first, more...);
    }
}

template <class Op, class... In>
bool is_to_be_recorded(const In&... in) {
    if constexpr (is_differentiable<Op>)
        return thread_state.recording && (in.requires_grad() || ...);
    else
        return false;
}

/// The outputs of an operator that has several, not yet filled.
template <class Op, class... In>
std::array<Variable, Op::outputs> make_outputs(const Op& op, const Variable& first, const In&... more) {
    const std::array<Shape, Op::outputs> shapes = op.shapes(first, more...);
    std::array<DType, Op::outputs> dtypes;
    if constexpr (requires { op.dtypes(first, more...); })
        dtypes = op.dtypes(first, more...);
    else
        dtypes.fill(first.dtype());
    std::array<Variable, Op::outputs> y;
    for (std::size_t j = 0; j < y.size(); ++j) y[j] = Variable::empty(shapes[j], dtypes[j]);
    return y;
}

/// The outputs of an operator that has several, as forward() filled them.
template <class Op>
std::array<Variable, Op::outputs> plain_outputs(const std::array<Variable, Op::outputs>& y) {
    for (const Variable& output : y)
        if (output.node().is_recorded()) {
            const auto& step = static_cast<const ManyStep&>(output.node().inputs[0].node());
            std::array<Variable, Op::outputs> plain;
            std::copy(step.plain_outputs().begin(), step.plain_outputs().end(), plain.begin());
            return plain;
        }
    return y;
}

template <class Op, class... In>
auto record_any(Op op, const Location& at, const In&... in);

/// Takes a use of an operator down as an instruction of replay().
template <class Op, class Y, class... In>
void capture_use(Capture& capture, const Op& op, const Location& at, const Y& y, const In&... in) {
    const std::array<const Variable*, sizeof...(In)> inputs{&in...};
    if constexpr (HasOutputs<Op>) {
        const bool checks = capture.reads_elements([&] { static_cast<void>(op.shapes(in...)); });
        const Y plain = plain_outputs<Op>(y);
        capture.add(std::make_unique<RecomputeMany<Op, sizeof...(In)>>(op, at, checks, plain, y, in...), inputs, plain);
        for (const Variable& output : y) capture.add_result(output);
    } else {
        const bool checks = capture.reads_elements([&] {
            if constexpr (requires { op.shape(in...); }) static_cast<void>(op.shape(in...));
        });
        capture.add(std::make_unique<Recompute<Op, sizeof...(In)>>(op, at, checks, y, in...), inputs, std::span(&y, 1));
    }
}

/// Runs `op` as record() does, and takes it down as an instruction of replay().
template <class Op, class... In>
[[gnu::noinline, gnu::cold]] auto record_captured(Op& op, const Location& at, const In&... in) {
    Capture& capture = *thread_state.capture;
    const auto run = [&](Op own) {
        const Capture::Pause pause;
        return record_any(std::move(own), at, in...);
    };
    using Y = decltype(run(std::move(op)));
    if constexpr (std::copy_constructible<Op> && keeps_nothing<Op, Y, In...>) {
        Y y = run(op);
        capture_use(capture, op, at, y, in...);
        return y;
    } else {
        const std::array<const Variable*, sizeof...(In)> inputs{&in...};
        capture.use(inputs);
        refuse_replay(op.name);
        return run(std::move(op));
    }
}

/// The same as record() for an operator with several outputs.
template <class Op, class... In>
std::array<Variable, Op::outputs> record_many(Op op, const Location& at, const In&... in) {
    if (thread_state.capture != nullptr) [[unlikely]]
        return record_captured(op, at, in...);
    static_cast<void>(Listed<Op>::once);
    const std::array<const Variable*, sizeof...(In)> inputs{&in...};
    const auto name = op.name;
    try {
        check_inputs(inputs, input_types<Op>);
        std::array<Variable, Op::outputs> y = make_outputs(op, in...);
        op.forward(y, in...);
        if (is_to_be_recorded<Op>(in...)) {
            using Step = RecordedMany<Op, sizeof...(In)>;
            auto* const step = make_node<Step>(Shape{0}, y[0].dtype(), false, std::move(op));
            const Variable holder = Variable::adopt(step);
            step->keep(inputs);
            stamp(*step, at);
            step->attach(y);
        }
        return y;
    } catch (Error& error) {
        explain(error, name, at);
        throw;
    }
}

/// The same as record(); `giver`, unless null, is the node of an input whose memory the result may take.
template <class Op, class... In>
Variable record_over(Giver auto giver, Op op, const Location& at, const In&... in) {
    if (thread_state.capture != nullptr) [[unlikely]]
        return record_captured(op, at, in...);
    static_cast<void>(Listed<Op>::once);
    const std::array<const Variable*, sizeof...(In)> inputs{&in...};
    const auto name = op.name;  // op itself moves into the node
    try {
        check_inputs(inputs, input_types<Op>);
        if constexpr (is_differentiable<Op>) {
            if (is_to_be_recorded<Op>(in...)) {
                using Step = Recorded<Op, sizeof...(In)>;
                Variable y = compute<Step>(op, giver, in...);
                auto& step = static_cast<Step&>(*y.get());
                step.keep(inputs);
                stamp(step, at);
                return y;
            }
        }
        return compute<Node>(op, giver, in...);
    } catch (Error& error) {
        explain(error, name, at);
        throw;
    }
}

/// Runs `op` on its inputs and records it when a gradient may be asked for.
template <class Op, class... In>
Variable record(Op op, const Location& at, const In&... in) {
    return record_over(nullptr, std::move(op), at, in...);
}

template <class Op, class... In>
auto record_any(Op op, const Location& at, const In&... in) {
    if constexpr (HasOutputs<Op>)
        return record_many(std::move(op), at, in...);
    else
        return record(std::move(op), at, in...);
}

}  // namespace detail

namespace detail {

/// The same for a value that has a buffer: those that stand on the node are not worth it.
template <class Op, class... In>
[[gnu::noinline]] bool buffer_is_free(const Node& node, const In&... in) {
    if (!is_unshared(node) || thread_state.creations != nullptr) return false;  // replay() needs every value
    // Of two operands the larger, if any, has the result's shape. (With more it is left to compute() to compare them.)
    const auto fits = [&](const Variable& v) {
        return v && (sizeof...(In) > 2 || (v.get()->size <= node.size && v.get()->shape.rank() <= node.shape.rank()));
    };
    if (!(fits(in) && ...)) return false;
    if (node.is_recorded() ? node.reads(node.input_count) : node.requires_grad) return false;
    constexpr Reads what = reads_of<Op>;
    if (what == Reads::none || what == Reads::output || !is_to_be_recorded<Op>(in...)) return true;
    if constexpr (what == Reads::factors) return true;  // the first input, which is the only one to give
    // In h * h "the other" of each is the same one.
    return what == Reads::others && ((in.get() == &node ? 1 : 0) + ...) == 1 &&
           ((in.get() == &node || !in.requires_grad()) && ...);
}

/// Whether nothing will read this temporary's elements once `Op` has computed its result from the inputs: nobody holds
/// them, neither its own backward() nor that of the operator reads them.
template <class Op, class... In>
[[gnu::always_inline]] inline bool gives(const Variable* given, const In&... in) {
    if (given == nullptr || given->get() == nullptr || given->get()->buffer == nullptr) [[likely]]
        return false;
    return buffer_is_free<Op>(*given->get(), in...);
}

/// Runs `op`; its result takes the memory of `giver`, which is one of the inputs, where the shapes allow it.
template <class Op, class... In>
[[gnu::noinline]] Variable record_over(Variable& giver, Op op, const Location& at, const In&... in) {
    Variable y = record_over(giver.get(), std::move(op), at, in...);
    if (giver.get()->data == nullptr) giver = Variable();
    return y;
}

}  // namespace detail

/// Runs an operator on its inputs and records it: how every operator function ends. A number among the inputs becomes
/// a constant of the others' type. Returns a Variable, or a std::array of them when the operator has several outputs.
/// Operands that are moved here may give the result their memory, if the operator is `in_place`.
template <class Op>
[[gnu::always_inline]] inline auto apply(Op op, Operand&& a) {
    if constexpr (detail::works_in_place<Op>) {
        if (detail::gives<Op>(a.given(), a.get()))
            return detail::record_over(*a.given(), std::move(op), a.at(), a.get());
    }
    return detail::record_any(std::move(op), a.at(), a.get());
}
template <class Op>
[[gnu::always_inline]] inline auto apply(Op op, Operand&& a, Operand&& b) {
    const DType dtype = dtype_beside(a, b);
    if (dtype == DType::int64) [[unlikely]]
        detail::check_numbers(op.name, {&a, &b});
    const Variable &s = a.as(dtype), &t = b.as(dtype);
    if constexpr (detail::works_in_place<Op>) {
        if (detail::gives<Op>(a.given(), s, t)) return detail::record_over(*a.given(), std::move(op), a.at(), s, t);
        if (detail::gives<Op>(b.given(), s, t)) return detail::record_over(*b.given(), std::move(op), a.at(), s, t);
    }
    return detail::record_any(std::move(op), a.at(), s, t);
}
template <class Op>
auto apply(Op op, Operand&& a, const Operand& b, const Operand& c) {
    const DType dtype = dtype_beside(a, b, c);
    const Variable &s = a.as(dtype), &t = b.as(dtype), &u = c.as(dtype);
    if constexpr (detail::works_in_place<Op>) {
        if (detail::gives<Op>(a.given(), s, t, u))
            return detail::record_over(*a.given(), std::move(op), a.at(), s, t, u);
    }
    return detail::record_any(std::move(op), a.at(), s, t, u);
}
template <class Op>
auto apply(Op op, const Operand& a) {
    return detail::record_any(std::move(op), a.at(), a.get());
}
template <class Op>
auto apply(Op op, const Operand& a, const Operand& b) {
    const DType dtype = dtype_beside(a, b);
    if (dtype == DType::int64) [[unlikely]]
        detail::check_numbers(op.name, {&a, &b});
    return detail::record_any(std::move(op), a.at(), a.as(dtype), b.as(dtype));
}
template <class Op>
auto apply(Op op, const Operand& a, const Operand& b, const Operand& c) {
    const DType dtype = dtype_beside(a, b, c);
    return detail::record_any(std::move(op), a.at(), a.as(dtype), b.as(dtype), c.as(dtype));
}

namespace detail {
template <class Op>
Variable apply_list_captured(const Op& op, std::span<const Variable> inputs, const Location& at);
}

/// An operator over a list of inputs (concatenate): shape(), forward() and backward() take the list as a
/// std::span<const Variable>, and backward() returns a std::vector<Variable>.
/// @throws ValueError on an empty list
template <class Op>
Variable apply_list(Op op, std::span<const Variable> inputs, const Location& at = Location::current()) {
    if (thread_state.capture != nullptr) [[unlikely]]
        return detail::apply_list_captured(op, inputs, at);
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

namespace detail {

template <class Op>
[[gnu::noinline, gnu::cold]] Variable apply_list_captured(const Op& op, std::span<const Variable> inputs,
                                                          const Location& at) {
    Capture& capture = *thread_state.capture;
    Variable y = [&] {
        const Capture::Pause pause;
        return apply_list(op, inputs, at);
    }();
    std::vector<const Variable*> sources;
    for (const Variable& v : inputs) sources.push_back(&v);
    capture.add(std::make_unique<RecomputeList<Op>>(op, at, y, inputs), sources, std::span(&y, 1));
    return y;
}

}  // namespace detail
}  // namespace xgrad
