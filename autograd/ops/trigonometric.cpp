#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/pointwise_operator.hpp>

namespace xgrad {

using detail::pointwise;

Variable sin(const Operand& x) { return pointwise<functions::Sin>(x); }
Variable cos(const Operand& x) { return pointwise<functions::Cos>(x); }
Variable tan(const Operand& x) { return pointwise<functions::Tan>(x); }
Variable asin(const Operand& x) { return pointwise<functions::Asin>(x); }
Variable acos(const Operand& x) { return pointwise<functions::Acos>(x); }
Variable atan(const Operand& x) { return pointwise<functions::Atan>(x); }
Variable sinh(const Operand& x) { return pointwise<functions::Sinh>(x); }
Variable cosh(const Operand& x) { return pointwise<functions::Cosh>(x); }
Variable tanh(const Operand& x) { return pointwise<functions::Tanh>(x); }
Variable asinh(const Operand& x) { return pointwise<functions::Asinh>(x); }
Variable acosh(const Operand& x) { return pointwise<functions::Acosh>(x); }
Variable atanh(const Operand& x) { return pointwise<functions::Atanh>(x); }
Variable erf(const Operand& x) { return pointwise<functions::Erf>(x); }
Variable erfc(const Operand& x) { return pointwise<functions::Erfc>(x); }

Variable deg2rad(const Operand& x) {
    return detail::map_named(
        "deg2rad", [](auto v) { return v * (std::numbers::pi / 180); }, x);
}
Variable rad2deg(const Operand& x) {
    return detail::map_named(
        "rad2deg", [](auto v) { return v * (180 / std::numbers::pi); }, x);
}

}  // namespace xgrad
