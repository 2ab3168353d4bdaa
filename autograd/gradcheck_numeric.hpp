#pragma once

#include <functional>
#include <limits>
#include <span>
#include <vector>

/// Numerical differentiation for gradcheck().
namespace xgrad::detail {

/// A derivative found numerically. `error` is an estimate of how far off it may be, `noise` the part of it that comes
/// from rounding.
struct Slope {
    double value = std::numeric_limits<double>::quiet_NaN();
    double error = std::numeric_limits<double>::infinity();
    double noise = 0;
};

/// Values along a straight line through the point that is checked, their weights, and how exact they are.
struct Ray {
    std::function<std::vector<double>(double t)> values;
    std::span<const double> weights;
    double roundoff;  ///< relative error of a value: 2^-53, more where float32 is computed with
    double wanted;    ///< stop when the error is below this part of the slope
};

/// d/dt of the weighed sum at t = 0, from both sides: halved steps and Richardson's extrapolation, of which the entry
/// with the smallest error estimate is taken (Ridders 1982). Steps that leave f's domain (NaN, infinity) are skipped.
Slope central_slope(const Ray& ray, double first_step);
/// The same from one side: the right for a positive step, the left for a negative one.
Slope one_sided_slope(const Ray& ray, double first_step);
/// Whether f jumps at t = 0, or within a millionth of it: the change does not shrink with the step.
bool has_jump(const Ray& ray);
/// A step small enough to stay clear of what is only near the point, large enough to stand out of the rounding.
double small_step(const Ray& ray);

}  // namespace xgrad::detail
