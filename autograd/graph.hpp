#pragma once
#include <xgrad/autograd/variable.hpp>
namespace xgrad::detail { inline void draw_first_backward(const Variable&) {} }
