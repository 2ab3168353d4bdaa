#pragma once

#include <map>
#include <memory>

#include <xgrad/nn/module.hpp>

namespace xgrad::nn {

/// A Module from one value to one value. A layer of your own overrides forward() (and members(), when it has any).
class Layer : public Module {
public:
    Layer() = default;

    /// forward(x), recorded as this layer's and ascribed to the caller's line.
    Variable operator()(const Operand& x);

    /// An independent copy: the same options and modes, equal weights of its own.
    /// @throws ValueError from a layer that does not override it
    virtual std::unique_ptr<Layer> clone() const;

protected:
    Layer(const Layer& other, Clone tag) : Module(other, tag) {}

private:
    virtual Variable forward(const Variable& x) = 0;
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
