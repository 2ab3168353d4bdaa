#include <xgrad/nn/layer.hpp>

#include <fmt/format.h>
#include <xgrad/autograd/error.hpp>

namespace xgrad::nn {

namespace {

constinit thread_local OutputShapes* observer = nullptr;

}  // namespace

Variable Layer::operator()(const Operand& x) {
    const CallSite here(x.at());
    const Running running(*this);
    Variable y = forward(x.get());
    if (observer != nullptr) observer->shapes_[this] = y.shape();
    return y;
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
