#include <xgrad/nn/layer.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/replay.hpp>

#include <fmt/format.h>

namespace xgrad::nn {

namespace {

constinit thread_local OutputShapes* observer = nullptr;

/// Calls a hook unless it was taken off. A copy of it: it may take itself off while it runs.
Variable call(const LayerHook& hook, const Variable& dx, const Variable& dy) {
    const LayerHook running = hook;
    return running ? running(dx, dy) : Variable();
}

}  // namespace

Variable Layer::operator()(const Operand& x) {
    const CallSite here(x.at());
    const Running running(*this);
    Variable y = hooks_.empty() ? forward(x.get()) : hooked(x.get());
    if (observer != nullptr) observer->shapes_[this] = y.shape();
    return y;
}

Variable Layer::hooked(const Variable& x) {
    std::erase_if(hooks_, [](const auto& hook) { return !*hook; });
    const Variable own = x.requires_grad() ? identity(x) : x;  // its gradient is what comes from this layer alone
    Variable y = forward(own);
    if (!y.requires_grad()) return y;
    const Location called = thread_state.call_site;
    for (const auto& hook : hooks_) {
        if (!own.requires_grad()) {
            register_hook(
                y,
                [hook](const Variable& dy) {
                    call(*hook, Variable(), dy);
                    return Variable();
                },
                called);
            continue;
        }
        const auto slope = std::make_shared<Variable>();
        register_hook(
            y,
            [slope](const Variable& dy) {
                *slope = dy;
                return Variable();
            },
            called);
        register_hook(
            own, [hook, slope](const Variable& dx) { return call(*hook, dx, std::exchange(*slope, Variable())); },
            called);
    }
    return y;
}

LayerHookHandle Layer::register_backward_hook(LayerHook hook) {
    detail::forget_recordings();
    hooks_.push_back(std::make_shared<LayerHook>(std::move(hook)));
    LayerHookHandle handle;
    handle.hook_ = hooks_.back();
    return handle;
}

void LayerHookHandle::remove() {
    if (const auto hook = hook_.lock()) *hook = nullptr;
    hook_.reset();
}

std::unique_ptr<Layer> Layer::clone() const {
    throw ValueError(fmt::format("clone: {} does not override Layer::clone()", type_name()));
}

OutputShapes::OutputShapes() : outer_(std::exchange(observer, this)) {}
OutputShapes::~OutputShapes() { observer = outer_; }

const Shape* OutputShapes::find(const Module& layer) const {
    const auto found = shapes_.find(&layer);
    return found == shapes_.end() ? nullptr : &found->second;
}

}  // namespace xgrad::nn
