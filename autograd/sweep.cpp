#include <xgrad/autograd/sweep.hpp>

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>

// All that most nodes need is one function: the calls in it would be a tenth of a small operator's time.
#define XGRAD_INLINE [[gnu::always_inline]] inline

namespace xgrad::detail {

namespace {

/// Whether nobody will see that the elements change. (A value with a history keeps them: a second order may read them.)
XGRAD_INLINE bool is_free(const Variable& v) { return is_unshared(*v.get()) && !v.get()->is_recorded(); }

/// so_far + more, of one shape: in place when nobody can see it, else (or when recording) as an operator.
XGRAD_INLINE void add_alike(Variable& so_far, Variable&& more) {
    if (!is_recording()) {
        if (is_free(so_far)) return kernels::add_to(so_far, more);
        if (is_free(more)) {
            std::swap(so_far, more);
            return kernels::add_to(so_far, more);
        }
    }
    so_far = so_far + more;
}

/// Adds `more` to what has come so far, if anything.
XGRAD_INLINE void accumulate(Variable& so_far, Variable&& more) {
    if (!so_far)
        so_far = std::move(more);
    else if (so_far.get()->is_bundle)
        so_far = add_bundles(so_far, more);
    else if (so_far.get()->shape == more.get()->shape)
        add_alike(so_far, std::move(more));
    else
        so_far = so_far + more;
}

/// What has come to a leaf so far, taken out: a thread that comes meanwhile finds nothing and leaves its own.
XGRAD_INLINE Variable take_gradient(Node& leaf) {
    Node* const there = leaf.grad.load(std::memory_order_relaxed);
    if (there == nullptr) return Variable();
    if (!is_only_thread()) return Variable::adopt(leaf.grad.exchange(nullptr, std::memory_order_acquire));
    leaf.grad.store(nullptr, std::memory_order_relaxed);
    return Variable::adopt(there);
}

/// Makes it the leaf's gradient, with what other threads have left there meanwhile.
XGRAD_INLINE void put_gradient(Node& leaf, Variable&& so_far) {
    const auto is_put = [&] {
        Node* none = nullptr;
        if (!is_only_thread())
            return leaf.grad.compare_exchange_strong(none, so_far.get(), std::memory_order_release,
                                                     std::memory_order_relaxed);
        leaf.grad.store(so_far.get(), std::memory_order_relaxed);
        return true;
    };
    while (!is_put())
        if (Variable others = take_gradient(leaf)) add_alike(so_far, std::move(others));
    static_cast<void>(std::move(so_far).detach_node());
}

/// The gradient that a rule gave, summed over the axes along which the input was broadcast.
Variable adapted(const Variable& gradient, const Node& input) {
    if (gradient.dtype() != input.dtype)
        throw DTypeError(
            fmt::format("a {} gradient for a {} input", to_string(gradient.dtype()), to_string(input.dtype)));
    if (!can_broadcast(gradient.shape(), input.shape))
        throw ShapeError(fmt::format("the rule returned a gradient of shape {} for an input of shape {}",
                                     to_string(gradient.shape()), to_string(input.shape)));
    return sum_to(gradient, input.shape);
}

Variable fit(Variable gradient, const Shape& shape) {
    return gradient.shape() == shape ? std::move(gradient) : broadcast_to(gradient, shape);
}

/// A gradient that a rule has left to be broadcast stands for one as large as the output. Undoing the input's own
/// broadcasting would sum that one over axes which are not there yet: their sizes are factors.
Variable counted(Variable gradient, const Shape& input, const Shape& output) {
    double factor = 1;
    const auto is_one = [](const Shape& s, std::size_t i) { return i > s.rank() || s[s.rank() - i] == 1; };
    for (std::size_t i = 1; i <= output.rank(); ++i)
        if (is_one(input, i) && is_one(gradient.shape(), i)) factor *= static_cast<double>(output[output.rank() - i]);
    if (factor == 0) return zeros(gradient.shape(), gradient.dtype());  // not NaN, though dy be infinite
    return factor == 1 ? std::move(gradient) : gradient * factor;
}

/// A handle for the length of a call, without counting.
struct Borrowed {
    Variable variable;
    explicit Borrowed(const Node& node) : variable(Variable::adopt(const_cast<Node*>(&node))) {}
    ~Borrowed() { static_cast<void>(std::move(variable).detach_node()); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
};

[[noreturn]] void throw_freed(const Node& node) {
    throw GraphError(
        fmt::format("backward through a graph that an earlier backward freed, at \"{}\" {}; keep it with "
                    "{{.retain_graph = true}}, or cut it off with detach()",
                    node.operator_name(), to_string(node.location)));
}

/// Some value was changed since: that the rule does not read it. @throws GraphError
void check_reads(const Node& node) {
    for (std::uint32_t i = 0; i <= node.input_count; ++i) {
        const Node& value = i < node.input_count ? node.inputs[i].node() : node;
        if (value.version() == node.input_versions[i] || !node.reads(i)) continue;
        const std::string name = i < node.input_count ? describe(node.inputs[i], i, node.input_count)
                                                      : "its result " + to_string(node.shape);
        throw GraphError(
            fmt::format("the gradient of \"{}\" {} needs {}, which was changed in place since (version {}, "
                        "recorded at version {}); change a copy, or change it after backward",
                        node.operator_name(), to_string(node.location), name, value.version(), node.input_versions[i]));
    }
}

// Nodes older than everything wanted cannot depend on it.
std::uint64_t oldest(std::span<const Variable> wanted) {
    std::uint64_t sequence = wanted.empty() ? 0 : ~std::uint64_t{0};
    for (const Variable& v : wanted) sequence = std::min(sequence, v.node().sequence);
    return sequence;
}

}  // namespace

Sweep::Sweep(std::span<const Variable> results, std::span<const Variable> wanted, const Options& options)
    : options_(options), walk_(results, options.since != 0 ? options.since : oldest(wanted)), captured_(wanted.size()) {
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted_.push_back({wanted[i].get(), i});
    std::sort(wanted_.begin(), wanted_.end());
}

void Sweep::seed(const Variable& result, Variable gradient) {
    if (result.requires_grad()) deliver(result, std::move(gradient));
}

void Sweep::run() {
    if (wanted_.empty())
        for (std::size_t place = walk_.next(); place != Walk::none; place = walk_.next()) visit(place);
    else
        run_towards_wanted();
    ascription_.end();
    for (auto& [leaf, gradient] : hooked_)
        arrive(leaf.node(), run_hooks(leaf.node(), fit(std::move(gradient), leaf.shape())));
}

// Every node of the walk is met first, so that only those between the results and what is wanted are
// differentiated.
void Sweep::run_towards_wanted() {
    Pooled<std::size_t> order;
    for (std::size_t place = walk_.next(); place != Walk::none; place = walk_.next()) order.push_back(place);
    needed_.assign(order.size(), 0);
    for (std::size_t i = order.size(); i-- > 0;) {
        const std::size_t place = order[i];
        Node& node = walk_.node(place);
        // What it was computed from is gone, so whether that leads to what is wanted cannot be told.
        if (node.was_released && find_wanted(&node) == nullptr) throw_freed(node);
        for (std::uint32_t k = 0; k < node.input_count && !needed_[place]; ++k)
            needed_[place] = leads_to_wanted(node.inputs[k]) ? 1 : 0;
    }
    for (const std::size_t place : order) visit(place);
}

const Sweep::Wanted* Sweep::find_wanted(Node* node) const {
    const auto at = std::lower_bound(wanted_.begin(), wanted_.end(), Wanted{node, 0});
    return at != wanted_.end() && at->first == node ? &*at : nullptr;
}

bool Sweep::leads_to_wanted(const Variable& v) const {
    const std::size_t place = walk_.place_of(v.node());
    return find_wanted(v.get()) != nullptr || (place != Walk::none && needed_[place]);
}

XGRAD_INLINE void Sweep::visit(std::size_t place) {
    // Taken off the walk: its entries move when the rule, or a hook, adds to them.
    if (Variable dy = std::move(walk_.gradient(place))) step(place, walk_.node(place), dy);
    walk_.drop(place);
}

XGRAD_INLINE void Sweep::step(std::size_t place, Node& node, Variable& dy) {
    ascription_.begin(node);
    if (node.has_hooks) [[unlikely]] {
        dy = fit(std::move(dy), node.shape);
        ascription_.end();
        dy = run_hooks(node, std::move(dy));
        ascription_.begin(node);
    }
    const Wanted* const found = wanted_.empty() ? nullptr : find_wanted(&node);
    if (found != nullptr) captured_[found->second] = fit(dy, node.shape);
    if (node.retains_grad && options_.fills_retained && found == nullptr) accumulate_leaf(node, Variable(dy));
    if (!needed_.empty() && !needed_[place]) return;
    const Needs needs = inspect(node);
    try {
        differentiate(node, dy, needs);
    } catch (Error& error) {
        error.came_through(in_scope(fmt::format("backward of {}", node.operator_name()), node.scope), node.location);
        throw;
    }
    if (options_.keep_graph) return;
    for (Variable& input : node.input_list()) walk_.take_over(std::move(input));
    node.input_count = 0;
    node.was_released = true;
    node.drop_saved();
}

/// The inputs that a gradient is to go to. @throws GraphError when what the rule reads was freed or changed since
XGRAD_INLINE Needs Sweep::inspect(const Node& node) const {
    if (node.was_released) throw_freed(node);
    Needs needs;
    const bool everything = needed_.empty();
    const std::span<const Variable> inputs = node.input_list();
    bool changed = node.version() != node.input_versions[inputs.size()];
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Node& input = *inputs[i].get();
        changed |= input.version() != node.input_versions[i];
        if (!input.requires_grad || !(everything || leads_to_wanted(inputs[i]))) continue;
        if (input.was_released && find_wanted(inputs[i].get()) == nullptr) throw_freed(input);
        needs.set(i);
    }
    if (changed) [[unlikely]]
        check_reads(node);
    return needs;
}

/// Runs the rule and takes its gradients where they belong.
XGRAD_INLINE void Sweep::differentiate(Node& node, Variable& dy, Needs needs) {
    if (node.input_count <= few_.size()) return differentiate(node, dy, needs, few_.data());
    Pooled<Variable> many(node.input_count);
    differentiate(node, dy, needs, many.data());
}

XGRAD_INLINE void Sweep::differentiate(Node& node, Variable& dy, Needs needs, Variable* gradients) {
    bool small = dy.get()->shape != node.shape;
    // A recorded rule gets dy whole: it may undo the broadcasting of an input by itself.
    if (small && (is_recording() || !node.accepts_broadcast_dy())) {
        dy = broadcast_to(dy, node.shape);
        small = false;
    }
    if (node.adds_gradients && !small && !is_recording() && thread_state.capture == nullptr)
        return differentiate_adding(node, dy, needs, gradients);
    node.backward(Borrowed(node).variable, dy, needs, gradients);
    dy = Variable();
    if (small) [[unlikely]] {
        const std::span<const Variable> inputs = node.input_list();
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (gradients[i] && needs[i])
                gradients[i] = counted(std::move(gradients[i]), inputs[i].shape(), node.shape);
    }
    deliver(node, needs, gradients);
}

/// Takes each of a rule's gradients where it belongs.
XGRAD_INLINE void Sweep::deliver(const Node& node, Needs needs, Variable* gradients) {
    const std::span<const Variable> inputs = node.input_list();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Variable gradient = std::move(gradients[i]);
        bool asked = needs[i] && inputs[i].get()->requires_grad;
        if (inputs.size() > Needs::count && !needed_.empty()) asked = asked && leads_to_wanted(inputs[i]);
        if (gradient && asked) deliver(inputs[i], std::move(gradient));
    }
}

/// Runs a rule that adds to what has come to its inputs so far. When it throws, or gives what does not fit,
/// that is put back, unless it has been taken.
void Sweep::differentiate_adding(Node& node, Variable& dy, Needs needs, Variable* gradients) {
    hand_over(node, needs, gradients);
    try {
        node.backward(Borrowed(node).variable, dy, needs, gradients);
        dy = Variable();
        deliver(node, needs, gradients);
    } catch (...) {
        const std::span<const Variable> inputs = node.input_list();
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (Variable left = std::move(gradients[i]); left && left.shape() == inputs[i].shape())
                deliver(inputs[i], std::move(left));
        throw;
    }
}

/// Gives a rule what has come to its inputs so far, where it may be added to in place.
void Sweep::hand_over(const Node& node, Needs needs, Variable* gradients) {
    const std::span<const Variable> inputs = node.input_list();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Node& input = *inputs[i].get();
        if (!needs[i]) continue;
        const auto take = [&](Variable& so_far) {
            if (so_far && so_far.get()->shape == input.shape && is_free(so_far)) gradients[i] = std::move(so_far);
        };
        const std::size_t place = walk_.place_of(input);
        if (place != Walk::none) {
            take(walk_.gradient(place));
        } else if (!wanted_.empty()) {
            if (const Wanted* const found = find_wanted(&input)) take(captured_[found->second]);
        } else if (!input.is_recorded() && !input.has_hooks) {
            Variable own = take_gradient(input);
            take(own);
            if (own) put_gradient(input, std::move(own));
        }
    }
}

/// Takes a gradient to where it is collected: a place on the walk, a capture, or the leaf itself.
XGRAD_INLINE void Sweep::deliver(const Variable& target, Variable&& gradient) {
    Node& node = *target.get();
    if (gradient.get()->dtype != node.dtype || gradient.get()->shape != node.shape) [[unlikely]]
        gradient = adapted(gradient, node);
    const std::size_t place = walk_.place_of(node);
    if (place != Walk::none)
        accumulate(walk_.gradient(place), std::move(gradient));
    else if (node.has_hooks && options_.since == 0 && !node.is_recorded())
        wait_for_rest(target, std::move(gradient));
    else
        arrive(node, std::move(gradient));
}

/// At a leaf: its own gradient, or what grad() returns for it.
XGRAD_INLINE void Sweep::arrive(Node& node, Variable&& gradient) {
    if (wanted_.empty()) {
        if (!node.is_recorded()) accumulate_leaf(node, std::move(gradient));
    } else if (const Wanted* const found = find_wanted(&node)) {
        accumulate(captured_[found->second], fit(std::move(gradient), node.shape));
    }
}

/// A leaf's hooks see its whole gradient, so it is gathered until the walk ends.
void Sweep::wait_for_rest(const Variable& leaf, Variable&& gradient) {
    const auto known =
        std::find_if(hooked_.begin(), hooked_.end(), [&](const auto& h) { return h.first.is_same(leaf); });
    if (known == hooked_.end())
        hooked_.emplace_back(leaf, std::move(gradient));
    else
        accumulate(known->second, std::move(gradient));
}

void accumulate_leaf(Node& leaf, Variable&& gradient) {
    if (gradient.get()->shape != leaf.shape) gradient = broadcast_to(gradient, leaf.shape);
    Capture* const capture = thread_state.capture;
    if (capture != nullptr) [[unlikely]]
        capture->on_gradient_use(Borrowed(leaf).variable);
    Variable so_far = take_gradient(leaf);
    if (so_far)
        add_alike(so_far, std::move(gradient));
    else
        so_far = is_unshared(*gradient.get()) ? std::move(gradient) : copy(gradient);
    if (capture != nullptr) [[unlikely]]
        capture->on_set_gradient(Borrowed(leaf).variable, so_far);
    put_gradient(leaf, std::move(so_far));
}

}  // namespace xgrad::detail
