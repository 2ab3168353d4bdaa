#pragma once

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <vector>

namespace xgrad::detail {

/// What a function makes out of its options alone: fill(elements) writes it. replay() keeps it as it is.
template <class F>
Variable constant(const Shape& shape, DType dtype, F&& fill) {
    Variable v = Variable::empty(shape, dtype);
    visit(dtype, [&](auto number) { fill(v.mutable_data<decltype(number)>()); });
    note_constant(v);
    return v;
}

/// The same of indices.
inline Variable constant(const std::vector<std::int64_t>& indices) {
    Variable v = Variable::from(indices, {indices.size()});
    note_constant(v);
    return v;
}

}  // namespace xgrad::detail
