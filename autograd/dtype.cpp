#include <xgrad/autograd/dtype.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace xgrad::detail {

bool is_whole(double value) { return std::trunc(value) == value && std::abs(value) < 0x1p53; }

void check_number(double value, DType dtype) {
    if (dtype == DType::int64 && !is_whole(value))
        throw ValueError(fmt::format("{} is no integer below 2^53, as int64 values are", value));
}

void throw_no_int64(double value) { throw ValueError(fmt::format("{} does not fit into int64", value)); }

}  // namespace xgrad::detail
