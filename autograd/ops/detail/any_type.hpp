#pragma once

#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/map_rule.hpp>

/// For the forward() of operators that take int64 too.
namespace xgrad::detail {

/// y = f(in...) with broadcasting: on Packets for real numbers, on Integers for int64.
template <class F, class... In>
[[gnu::always_inline]] inline void evaluate_any_into(Variable& y, const F& f, const In&... in) {
    if (y.get()->dtype == DType::int64) [[unlikely]]
        return kernels::on_integers(y, f, in...);
    evaluate_into(y, f, in...);
}

/// @throws ValueError when there is a 0 among int64 divisors
inline void check_divisors(const Variable& b) {
    for (const std::int64_t v : b.span<std::int64_t>())
        if (v == 0) throw ValueError("an int64 divided by 0");
}

}  // namespace xgrad::detail
