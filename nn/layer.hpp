#pragma once

#include <xgrad/nn/module.hpp>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace xgrad::nn {

/// What backward() calls when it has been through a layer: with the gradient of the layer's input and of its result.
/// What it returns takes the place of the input's gradient; an empty Variable leaves it as it is.
using LayerHook = std::function<Variable(const Variable& dx, const Variable& dy)>;

/// A hook registered with a layer. It stays registered when its handle dies.
class LayerHookHandle {
public:
    LayerHookHandle() = default;
    /// Takes the hook off: for what the layer computes from now on. A second time does nothing.
    void remove();

private:
    friend class Layer;
    std::weak_ptr<LayerHook> hook_;
};

/// A Module from one value to one value. A layer of your own overrides forward() (and members(), when it has any).
class Layer : public Module {
public:
    Layer() = default;

    /// forward(x), recorded as this layer's and ascribed to the caller's line.
    Variable operator()(const Operand& x);

    /// An independent copy: the same options and modes, equal weights of its own.
    /// @throws ValueError from a layer that does not override it
    virtual std::unique_ptr<Layer> clone() const;

    /// Calls `hook` each time a gradient has passed through this layer, for whatever it computes from now on. dx is
    /// empty when the layer's input requires no gradient. To change the gradient of the result, register_hook() on it.
    /// (PyTorch's register_full_backward_hook.)
    LayerHookHandle register_backward_hook(LayerHook hook);

protected:
    Layer(const Layer& other, Clone tag) : Module(other, tag) {}

private:
    virtual Variable forward(const Variable& x) = 0;
    Variable hooked(const Variable& x);

    std::vector<std::shared_ptr<LayerHook>> hooks_;  // an emptied one was taken off
};

/// While it lives, notes the shape of what each Layer returns on this thread: how summary() learns the shapes of a
/// model's inside.
class [[nodiscard]] OutputShapes {
public:
    OutputShapes();
    ~OutputShapes();
    OutputShapes(const OutputShapes&) = delete;
    OutputShapes& operator=(const OutputShapes&) = delete;

    /// The shape of the layer's latest result; null when it did not run.
    const Shape* find(const Module& layer) const;

private:
    friend class Layer;
    std::map<const Module*, Shape> shapes_;
    OutputShapes* outer_;
};

}  // namespace xgrad::nn
