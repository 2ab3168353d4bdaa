#include <xgrad/autograd/hooks.hpp>

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/extras.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

HookHandle register_hook(const Variable& v, GradientHook hook, const Location& at) {
    detail::located("register_hook", at, [&] {
        if (!v.requires_grad())
            throw GraphError(fmt::format("{} does not require a gradient, so none will come", detail::describe(v)));
        if (!hook) throw ValueError("an empty function");
    });
    Node::Extras& extras = extras_of(v.node());
    extras.hooks.push_back({++extras.hooks_registered, std::move(hook), at});
    v.node().has_hooks = true;
    return {v, extras.hooks_registered};
}

void HookHandle::remove() {
    if (!variable_) return;
    Node& node = variable_.node();
    auto& hooks = extras_of(node).hooks;
    std::erase_if(hooks, [this](const auto& hook) { return hook.number == id_; });
    node.has_hooks = !hooks.empty();
    variable_ = Variable();
}

namespace detail {

namespace {

/// "tanh", or the name of a leaf.
std::string words_for(const Node& node) {
    if (node.is_recorded()) return fmt::format("\"{}\"", node.operator_name());
    return node.extras->name.empty() ? "a leaf" : fmt::format("\"{}\"", node.extras->name);
}

}  // namespace

Variable run_hooks(const Node& node, Variable dy) {
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->refuse("a gradient hook runs in it");
    const auto& registered = node.extras->hooks;
    const auto is_registered = [&](std::uint64_t number) {
        return std::any_of(registered.begin(), registered.end(),
                           [number](const auto& hook) { return hook.number == number; });
    };
    const auto hooks = registered;  // a hook may register others, or take itself off while it runs
    for (const auto& [number, hook, at] : hooks) {
        if (!is_registered(number)) continue;  // taken off by one before it: what it captured may be gone
        Variable changed = hook(dy);
        if (!changed) continue;
        located(fmt::format("a gradient hook of {}", words_for(node)).c_str(), at, [&] {
            if (changed.shape() != dy.shape())
                throw ShapeError(fmt::format("it returned shape {} for a gradient of shape {}",
                                             to_string(changed.shape()), to_string(dy.shape())));
            if (changed.dtype() != dy.dtype())
                throw DTypeError(
                    fmt::format("it returned {} for a {} gradient", to_string(changed.dtype()), to_string(dy.dtype())));
        });
        dy = std::move(changed);
    }
    return dy;
}

}  // namespace detail
}  // namespace xgrad
