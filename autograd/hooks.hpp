#pragma once

#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <functional>

namespace xgrad {

/// What backward() and grad() call with the gradient of a value. What it returns takes the gradient's place; an empty
/// Variable leaves it as it is.
using GradientHook = std::function<Variable(const Variable& dy)>;

/// A registered hook. It stays registered when its handle dies.
class HookHandle {
public:
    HookHandle() = default;
    HookHandle(Variable variable, std::uint64_t id) : variable_(std::move(variable)), id_(id) {}
    /// Takes the hook off at once: it is not called any more, even when it is the turn of another hook of the same
    /// gradient that takes it off (as in libtorch; in Python, PyTorch calls it that once). A hook may take itself off.
    /// A second time does nothing.
    void remove();

private:
    Variable variable_;
    std::uint64_t id_ = 0;
};

/// Calls `hook` each time the whole gradient of `v` is known, before it goes on to what `v` was computed from, or is
/// added to a leaf's grad(), or is returned by grad(). Several hooks of one value run in the order of registration,
/// each on what the one before left; one that a hook registers on the same value waits for the next gradient. Under
/// create_graph what a hook computes is recorded too.
///
///     register_hook(h, [](const Variable& dy) { return clip(dy, -1, 1); });
///
/// @throws GraphError unless `v` requires a gradient; ValueError on an empty function
HookHandle register_hook(const Variable& v, GradientHook hook, const Location& at = Location::current());

namespace detail {

/// The gradient as the node's hooks leave it.
/// @throws ShapeError, DTypeError when a hook returns another shape or type
Variable run_hooks(const Node& node, Variable dy);

}  // namespace detail
}  // namespace xgrad
