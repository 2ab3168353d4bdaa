#include <xgrad/autograd/dtype.hpp>

#include <cmath>

#include <fmt/format.h>
#include <xgrad/autograd/error.hpp>

namespace xgrad::detail {

void check_number(double value, DType dtype) {
    if (dtype == DType::int64 && !(std::trunc(value) == value && std::abs(value) <= 0x1p53))
        throw ValueError(
            fmt::format("{} among int64 values is no integer up to 2^53; use .to(DType::float32) on them", value));
}

}  // namespace xgrad::detail
