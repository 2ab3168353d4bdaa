#include <xgrad/autograd/kernels/arithmetic.hpp>

#include <algorithm>

#include <xgrad/autograd/kernels/elementwise.hpp>

namespace xgrad::kernels {

void add_to(Variable& to, const Variable& from) {
    visit_floating(to.dtype(), [&](auto number) {
        using T = decltype(number);
        using P = simd::Packet<T>;
        const std::array<T*, 1> y{to.mutable_data<T>()};
        const std::array<Source<T>, 2> sources{Source<T>{y[0], &to.shape(), to.size()},
                                               {from.data<T>(), &from.shape(), from.size()}};
        elementwise(to.shape(), to.size(), y, sources,
                    [](const std::array<P, 2>& x) -> std::array<P, 1> { return {x[0] + x[1]}; });
    });
}

void fill(Variable& y, double value) {
    visit(y.dtype(), [&](auto number) {
        using T = decltype(number);
        std::fill_n(y.mutable_data<T>(), y.size(), static_cast<T>(value));
    });
}

}  // namespace xgrad::kernels
