#include <xgrad/autograd/kernels/arithmetic.hpp>

#include <xgrad/autograd/kernels/elementwise.hpp>

#include <algorithm>

namespace xgrad::kernels {

void add_to(Variable& to, const Variable& from) {
    if (thread_state.capture != nullptr) [[unlikely]] {
        xgrad::detail::note_change(to);
        xgrad::detail::note_read(from);
    }
    Node& sum = *to.get();
    const Node& term = *from.get();
    sum.bump_version();
    visit_floating(sum.dtype, [&](auto number) {
        using T = decltype(number);
        using P = simd::Packet<T>;
        T* const y = static_cast<T*>(sum.data);
        const std::array<Source<T>, 2> sources{Source<T>{y, &sum.shape, sum.size},
                                               {static_cast<const T*>(term.data), &term.shape, term.size}};
        elementwise(sum.shape, sum.size, std::array{y}, sources,
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
