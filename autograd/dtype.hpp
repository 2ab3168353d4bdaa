#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace xgrad {

/// The element type of a Variable, chosen at run time. Real values are float32 (the default) or float64; int64
/// holds indices and class labels and is never differentiated.
enum class DType : std::uint8_t { float32, float64, int64 };

constexpr std::size_t size_of(DType dtype) { return dtype == DType::float32 ? 4 : 8; }
constexpr bool is_floating(DType dtype) { return dtype != DType::int64; }
constexpr std::string_view to_string(DType dtype) {
    return dtype == DType::float32 ? "float32" : dtype == DType::float64 ? "float64" : "int64";
}

/// The DType that holds a C++ number: float, double, or int64 for every integer.
template <class T>
inline constexpr DType dtype_of = std::is_same_v<T, float>      ? DType::float32
                                  : std::is_floating_point_v<T> ? DType::float64
                                                                : DType::int64;

namespace detail {
/// Whether it is an integer, and one that float64 tells from its neighbours.
bool is_whole(double value);
/// @throws ValueError for a number that is not, for int64
void check_number(double value, DType dtype);
[[noreturn]] void throw_no_int64(double value);
/// The number as a To; what stands behind the point is cut off for int64.
/// @throws ValueError for a NaN, an infinity and what is too large for int64
template <class To, class From>
To converted(From value) {
    if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>)
        if (!(value >= From(-0x1p63) && value < From(0x1p63))) throw_no_int64(static_cast<double>(value));
    return static_cast<To>(value);
}
}  // namespace detail

/// Calls `f(T{})` with T the C++ type of a floating `dtype`: how a kernel goes from the run-time type to its template.
template <class F>
decltype(auto) visit_floating(DType dtype, F&& f) {
    return dtype == DType::float64 ? f(double{}) : f(float{});
}

/// Calls `f(T{})` with T the C++ type of any `dtype`.
template <class F>
decltype(auto) visit(DType dtype, F&& f) {
    return dtype == DType::int64 ? f(std::int64_t{}) : visit_floating(dtype, f);
}

}  // namespace xgrad
