#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/pointwise_operator.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>

namespace xgrad {

using detail::pointwise;

Variable sin(Operand x) { return pointwise<functions::Sin>(std::move(x)); }
Variable cos(Operand x) { return pointwise<functions::Cos>(std::move(x)); }
Variable tan(Operand x) { return pointwise<functions::Tan>(std::move(x)); }
Variable asin(Operand x) { return pointwise<functions::Asin>(std::move(x)); }
Variable acos(Operand x) { return pointwise<functions::Acos>(std::move(x)); }
Variable atan(Operand x) { return pointwise<functions::Atan>(std::move(x)); }
Variable sinh(Operand x) { return pointwise<functions::Sinh>(std::move(x)); }
Variable cosh(Operand x) { return pointwise<functions::Cosh>(std::move(x)); }
Variable tanh(Operand x) { return pointwise<functions::Tanh>(std::move(x)); }
Variable asinh(Operand x) { return pointwise<functions::Asinh>(std::move(x)); }
Variable acosh(Operand x) { return pointwise<functions::Acosh>(std::move(x)); }
Variable atanh(Operand x) { return pointwise<functions::Atanh>(std::move(x)); }
Variable erf(Operand x) { return pointwise<functions::Erf>(std::move(x)); }
Variable erfc(Operand x) { return pointwise<functions::Erfc>(std::move(x)); }

Variable deg2rad(const Operand& x) {
    return detail::map_named(
        "deg2rad", [](auto v) { return v * (std::numbers::pi / 180); }, x);
}
Variable rad2deg(const Operand& x) {
    return detail::map_named(
        "rad2deg", [](auto v) { return v * (180 / std::numbers::pi); }, x);
}

}  // namespace xgrad
