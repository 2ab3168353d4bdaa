#include <xgrad/autograd/backward.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/kernels/arithmetic.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/tape.hpp>

namespace xgrad {

namespace {

template <class T>
using Pooled = std::vector<T, memory::Allocator<T>>;

/// Adds `more` to what has come so far: in place when nobody can see it, else (or when recording) as an operator.
void accumulate(Variable& so_far, Variable more) {
    if (!so_far) {
        so_far = std::move(more);
        return;
    }
    if (so_far.node().is_bundle) {
        so_far = detail::add_bundles(so_far, more);
        return;
    }
    if (!is_recording() && so_far.shape() == more.shape()) {
        if (!is_unshared(so_far.node())) std::swap(so_far, more);
        if (is_unshared(so_far.node())) return kernels::add_to(so_far, more);
    }
    so_far = so_far + more;
}

/// One walk from some results back to what gradients are wanted for: the only one there is.
class Sweep {
public:
    Sweep(std::span<const Variable> results, std::span<const Variable> wanted, bool keep_graph)
        : keep_graph_(keep_graph), walk_(results, oldest(wanted)), captured_(wanted.size()) {
        for (std::size_t i = 0; i < wanted.size(); ++i) wanted_.push_back({wanted[i].get(), i});
        std::sort(wanted_.begin(), wanted_.end());
    }

    void seed(const Variable& result, Variable gradient) { deliver(result, std::move(gradient)); }

    void run() {
        if (wanted_.empty())
            for (std::size_t place = walk_.next(); place != Walk::none; place = walk_.next()) visit(place);
        else
            run_towards_wanted();
        for (auto& [leaf, gradient] : hooked_)
            arrive(leaf.node(), detail::run_hooks(leaf.node(), fit(std::move(gradient), leaf.shape())));
    }

    /// A wanted Variable got no gradient: because what leads to it was freed?
    void explain_unreached() const {
        if (freed_ != nullptr) throw_freed(*freed_);
    }

    /// For each wanted Variable its gradient, empty where none came.
    Pooled<Variable>& captured() { return captured_; }

private:
    using Wanted = std::pair<Node*, std::size_t>;

    // Every node of the walk is met first, so that only those between the results and what is wanted are
    // differentiated.
    void run_towards_wanted() {
        Pooled<std::size_t> order;
        for (std::size_t place = walk_.next(); place != Walk::none; place = walk_.next()) order.push_back(place);
        needed_.assign(order.size(), 0);
        for (auto place = order.rbegin(); place != order.rend(); ++place) {
            const Node& node = walk_.node(*place);
            if (node.was_released) freed_ = &node;
            for (std::uint32_t i = 0; i < node.input_count && !needed_[*place]; ++i)
                needed_[*place] = leads_to_wanted(node.inputs[i]);
        }
        for (const std::size_t place : order) visit(place);
    }

    // Nodes older than everything wanted cannot depend on it.
    static std::uint64_t oldest(std::span<const Variable> wanted) {
        std::uint64_t sequence = wanted.empty() ? 0 : ~std::uint64_t{0};
        for (const Variable& v : wanted) sequence = std::min(sequence, v.node().sequence);
        return sequence;
    }

    const Wanted* find_wanted(Node* node) const {
        const auto at = std::lower_bound(wanted_.begin(), wanted_.end(), Wanted{node, 0});
        return at != wanted_.end() && at->first == node ? &*at : nullptr;
    }

    bool leads_to_wanted(const Variable& v) const {
        const std::size_t place = walk_.place_of(v.node());
        return find_wanted(v.get()) != nullptr || (place != Walk::none && needed_[place]);
    }

    void visit(std::size_t place) {
        Variable dy = std::move(walk_.gradient(place));
        if (dy) step(place, walk_.node(place), std::move(dy));
        walk_.drop(place);
    }

    void step(std::size_t place, Node& node, Variable dy) {
        if (node.has_hooks) dy = detail::run_hooks(node, fit(std::move(dy), node.shape));
        if (!wanted_.empty()) capture(node, dy);
        if (!needed_.empty() && !needed_[place]) return;
        check(node);
        Needs needs;
        for (std::uint32_t i = 0; i < node.input_count; ++i) {
            const Node& input = node.inputs[i].node();
            if (!input.requires_grad || !(needed_.empty() || leads_to_wanted(node.inputs[i]))) continue;
            if (input.was_released && find_wanted(node.inputs[i].get()) == nullptr) throw_freed(input);
            needs.set(i);
        }
        if (node.retains_grad) accumulate_leaf(node, dy);

        std::array<Variable, 4> few;
        Pooled<Variable> many(node.input_count > few.size() ? node.input_count : 0);
        Variable* const gradients = many.empty() ? few.data() : many.data();
        // What a rule computes belongs where the operator stood: to its line and its scope.
        const Ascribed there(node);
        try {
            const bool small = !(dy.shape() == node.shape);
            // A recorded rule gets dy whole: it may undo the broadcasting of an input by itself.
            if (small && (is_recording() || !node.accepts_broadcast_dy())) dy = broadcast_to(dy, node.shape);
            node.backward(Borrowed(node).variable, dy, needs, gradients);
            const bool was_broadcast = !(dy.shape() == node.shape);
            dy = Variable();
            for (std::uint32_t i = 0; i < node.input_count; ++i) {
                if (!gradients[i] || !needs[i]) continue;
                if (was_broadcast) gradients[i] = counted(std::move(gradients[i]), node.inputs[i].shape(), node.shape);
                deliver(node.inputs[i], std::move(gradients[i]));
            }
        } catch (Error& error) {
            detail::explain(error, fmt::format("backward of {}", node.operator_name()), node.location);
            throw;
        }
        if (keep_graph_) return;
        for (std::uint32_t i = 0; i < node.input_count; ++i) node.inputs[i] = Variable();
        node.input_count = 0;
        node.was_released = true;
    }

    // A gradient that a rule has left to be broadcast stands for one as large as the output. Undoing the input's own
    // broadcasting would sum that one over axes which are not there yet: their sizes are factors.
    static Variable counted(Variable gradient, const Shape& input, const Shape& output) {
        double factor = 1;
        const auto is_one = [](const Shape& s, std::size_t i) { return i > s.rank() || s[s.rank() - i] == 1; };
        for (std::size_t i = 1; i <= output.rank(); ++i)
            if (is_one(input, i) && is_one(gradient.shape(), i))
                factor *= static_cast<double>(output[output.rank() - i]);
        return factor == 1 ? std::move(gradient) : gradient * factor;
    }

    struct Ascribed {
        CallSite site;
        std::uint32_t scope_before;
        explicit Ascribed(const Node& node)
            : site(node.location), scope_before(std::exchange(thread_state.scope, node.scope)) {}
        ~Ascribed() { thread_state.scope = scope_before; }
        Ascribed(const Ascribed&) = delete;
        Ascribed& operator=(const Ascribed&) = delete;
    };

    /// A handle for the length of a call, without counting.
    struct Borrowed {
        Variable variable;
        explicit Borrowed(const Node& node) : variable(Variable::adopt(const_cast<Node*>(&node))) {}
        ~Borrowed() { static_cast<void>(std::move(variable).detach_node()); }
        Borrowed(const Borrowed&) = delete;
        Borrowed& operator=(const Borrowed&) = delete;
    };

    void capture(Node& node, const Variable& dy) {
        if (const Wanted* const found = find_wanted(&node)) captured_[found->second] = fit(dy, node.shape);
    }

    /// Takes a gradient to where it is collected: a place on the walk, a capture, or the leaf itself.
    void deliver(const Variable& target, Variable gradient) {
        Node& node = target.node();
        if (!node.requires_grad) return;
        if (gradient.dtype() != node.dtype)
            throw DTypeError(
                fmt::format("a {} gradient for a {} input", to_string(gradient.dtype()), to_string(node.dtype)));
        if (!(gradient.shape() == node.shape)) {
            if (!can_broadcast(gradient.shape(), node.shape))
                throw ShapeError(fmt::format("the rule returned a gradient of shape {} for an input of shape {}",
                                             to_string(gradient.shape()), to_string(node.shape)));
            gradient = sum_to(gradient, node.shape);
        }
        const std::size_t place = walk_.place_of(node);
        if (place != Walk::none)
            accumulate(walk_.gradient(place), std::move(gradient));
        else if (node.has_hooks)
            wait_for_rest(target, std::move(gradient));
        else
            arrive(node, std::move(gradient));
    }

    /// At a leaf: its own gradient, or what grad() returns for it.
    void arrive(Node& node, Variable gradient) {
        if (wanted_.empty()) {
            if (!node.is_recorded()) accumulate_leaf(node, std::move(gradient));
        } else if (const Wanted* const found = find_wanted(&node)) {
            accumulate(captured_[found->second], fit(std::move(gradient), node.shape));
        }
    }

    /// A leaf's hooks see its whole gradient, so it is gathered until the walk ends.
    void wait_for_rest(const Variable& leaf, Variable gradient) {
        const auto known =
            std::find_if(hooked_.begin(), hooked_.end(), [&](const auto& h) { return h.first.is_same(leaf); });
        if (known == hooked_.end())
            hooked_.emplace_back(leaf, std::move(gradient));
        else
            accumulate(known->second, std::move(gradient));
    }

    static Variable fit(Variable gradient, const Shape& shape) {
        return gradient.shape() == shape ? std::move(gradient) : broadcast_to(gradient, shape);
    }

public:
    // A leaf's gradient is its own: one that others still see (the dy of an addition goes to both sides) is copied, so
    // that changing one gradient in place changes no other.
    static void accumulate_leaf(Node& node, Variable gradient) {
        gradient = fit(std::move(gradient), node.shape);
        Variable so_far = Variable::adopt(std::exchange(node.grad, nullptr));
        if (!so_far && !is_unshared(gradient.node())) gradient = copy(gradient);
        accumulate(so_far, std::move(gradient));
        node.grad = std::move(so_far).detach_node();
    }

private:
    [[noreturn]] static void throw_freed(const Node& node) {
        throw GraphError(
            fmt::format("backward through a graph that an earlier backward freed, at \"{}\" {}; keep it with "
                        "{{.retain_graph = true}}",
                        node.operator_name(), to_string(node.location)));
    }

    static void check(const Node& node) {
        if (node.was_released) throw_freed(node);
        for (std::uint32_t i = 0; i <= node.input_count; ++i) {
            const Node& value = i < node.input_count ? node.inputs[i].node() : node;
            if (value.version() == node.input_versions[i] || !node.reads(i)) continue;
            const std::string name =
                i < node.input_count ? detail::describe(node.inputs[i], i) : "its result " + to_string(node.shape);
            throw GraphError(fmt::format(
                "the gradient of \"{}\" {} needs {}, which was changed in place since (version {}, "
                "recorded at version {}); change a copy, or change it after backward",
                node.operator_name(), to_string(node.location), name, value.version(), node.input_versions[i]));
        }
    }

    bool keep_graph_;
    const Node* freed_ = nullptr;  // a node met whose inputs an earlier backward has freed
    Walk walk_;
    Pooled<Wanted> wanted_;
    Pooled<Variable> captured_;
    Pooled<std::pair<Variable, Variable>> hooked_;  // leaves with hooks, and what has come to them
    Pooled<char> needed_;                           // by place; empty when everything is
};

/// ", the result of "tanh" main.cpp:12", or nothing for a leaf.
std::string origin(const Variable& v) {
    const Node& node = v.node();
    return node.is_recorded() ? fmt::format(", the result of \"{}\" {}", node.operator_name(), to_string(node.location))
                              : std::string();
}

/// What a result's gradient starts with: the one given, or 1 for a single number.
Variable seed_for(const Variable& result, const Variable& given, const char* function) {
    if (!result.requires_grad())
        throw GraphError(fmt::format(
            "{}: nothing to differentiate: no leaf of this {} value requires a gradient, or it was computed "
            "under NoGrad; see set_requires_grad() and parameter()",
            function, to_string(result.shape())));
    if (given) {
        if (!(given.shape() == result.shape()) || given.dtype() != result.dtype())
            throw ShapeError(fmt::format("{}: the gradient given is {} {}, the value {} {}", function,
                                         to_string(given.shape()), to_string(given.dtype()), to_string(result.shape()),
                                         to_string(result.dtype())));
        return given;
    }
    if (result.size() != 1)
        throw GraphError(
            fmt::format("{}: the gradient of a non-scalar, shape {}{}; sum it, or give the gradient to start from",
                        function, to_string(result.shape()), origin(result)));
    return ones(result.shape(), result.dtype());
}

}  // namespace

void Variable::backward() const { backward(BackwardOptions{}); }

void Variable::backward(const BackwardOptions& options) const {
    Variable gradient = seed_for(*this, options.gradient, "backward");
    detail::draw_first_backward(*this);
    const Recording recording(options.create_graph);
    Sweep sweep(std::span(this, 1), options.inputs, options.retain_graph || options.create_graph);
    sweep.seed(*this, std::move(gradient));
    sweep.run();
    for (std::size_t i = 0; i < options.inputs.size(); ++i) {
        if (sweep.captured()[i]) Sweep::accumulate_leaf(options.inputs[i].node(), std::move(sweep.captured()[i]));
    }
}

std::vector<Variable> grad(const std::vector<Variable>& outputs, const std::vector<Variable>& inputs,
                           const GradOptions& options) {
    if (!options.gradients.empty() && options.gradients.size() != outputs.size())
        throw ValueError(fmt::format("grad: {} gradients for {} outputs", options.gradients.size(), outputs.size()));
    if (inputs.empty()) return {};
    for (const Variable& input : inputs)
        if (!input.requires_grad())
            throw GraphError(fmt::format("grad: the input {} does not require a gradient; see set_requires_grad()",
                                         detail::describe(input)));
    const Recording recording(options.create_graph);
    Sweep sweep(outputs, inputs, options.retain_graph || options.create_graph);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        sweep.seed(outputs[i],
                   seed_for(outputs[i], options.gradients.empty() ? Variable() : options.gradients[i], "grad"));
    sweep.run();
    // As a leaf's gradient, each result is its own.
    std::vector<Variable> result;
    for (Variable& gradient : sweep.captured())
        result.push_back(!gradient || is_unshared(gradient.node()) ? std::move(gradient) : copy(gradient));
    for (std::size_t i = 0; i < result.size(); ++i) {
        for (std::size_t j = 0; j < i && !result[i]; ++j)
            if (inputs[i].is_same(inputs[j])) result[i] = result[j];
        if (!result[i]) sweep.explain_unreached();
        if (!result[i] && !options.allow_unused)
            throw GraphError(fmt::format(
                "grad: the outputs do not depend on {}; with {{.allow_unused = true}} its gradient is empty",
                detail::describe(inputs[i])));
    }
    return result;
}

Variable grad(const Variable& output, const Variable& input, const GradOptions& options) {
    return grad(std::vector{output}, std::vector{input}, options)[0];
}

}  // namespace xgrad
