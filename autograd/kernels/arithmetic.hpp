#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad::kernels {

/// to += from, element by element, in place; shapes and floating types are the same.
void add_to(Variable& to, const Variable& from);
/// Sets every element.
void fill(Variable& y, double value);

}  // namespace xgrad::kernels
