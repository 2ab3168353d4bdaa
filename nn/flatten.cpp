#include <xgrad/nn/flatten.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad::nn {

Variable Flatten::forward(const Variable& x) {
    if (x.rank() == 0) throw ShapeError("Flatten: a single number has no batch axis");
    std::size_t features = 1;
    for (std::size_t axis = 1; axis < x.rank(); ++axis) features *= x.shape()[axis];
    return reshape(x, Shape{x.shape()[0], features});
}

}  // namespace xgrad::nn
