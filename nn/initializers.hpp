#pragma once

#include <xgrad/autograd/ops/random.hpp>
#include <xgrad/autograd/variable.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <utility>

namespace xgrad::nn {

/// How a parameter starts: one of Keras's names, an object from namespace initializers, or a function.
///
///     Initializer("he_normal")   initializers::constant(0.1)   [](const Shape& s, Rng& r, DType t) { return ...; }
///
/// Names, with Keras's defaults: zeros, ones, constant (0), random_uniform (-0.05 to 0.05), random_normal and
/// truncated_normal (standard deviation 0.05), glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform,
/// lecun_normal, orthogonal, identity, variance_scaling.
class Initializer {
public:
    using Function = std::function<Variable(const Shape& shape, Rng& rng, DType dtype)>;

    /// @throws ValueError on an unknown name; it lists the known ones
    Initializer(const std::string& name, const Location& at = Location::current());
    Initializer(const char* name, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE())
        : Initializer(std::string(name), Location{file, line}) {}
    template <std::invocable<const Shape&, Rng&, DType> F>
    Initializer(F function) : function_(std::move(function)) {}

    Variable operator()(const Shape& shape, Rng& rng, DType dtype = DType::float32) const {
        return function_(shape, rng, dtype);
    }

private:
    Function function_;
};

/// Keras's initialisers (keras/initializers/random_initializers.py). A kernel's last two axes are (in, out), and what
/// stands before them is its window:
///
///     fan_in = window * in        fan_out = window * out        for a vector, both are its size
namespace initializers {

Initializer zeros();
Initializer ones();
Initializer constant(double value);
/// Uniform in [low, high).
Initializer random_uniform(double low = -0.05, double high = 0.05);
Initializer random_normal(double mean = 0, double stddev = 0.05);
/// Normal, drawn again beyond two standard deviations.
Initializer truncated_normal(double mean = 0, double stddev = 0.05);

enum class FanMode { fan_in, fan_out, fan_avg };
enum class Distribution { truncated_normal, untruncated_normal, uniform };
struct VarianceScalingOptions {
    double scale = 1;
    FanMode mode = FanMode::fan_in;
    Distribution distribution = Distribution::truncated_normal;
};
/// Mean 0 and variance scale / n, with n the fan (or the mean of both). A truncated normal is widened by
/// 1 / 0.8796..., so that its variance after truncation is right.
/// @throws ValueError unless scale is positive
Initializer variance_scaling(const VarianceScalingOptions& options = {});

Initializer glorot_uniform();  ///< variance 2 / (fan_in + fan_out): Glorot & Bengio 2010
Initializer glorot_normal();   ///< the same, a truncated normal
Initializer he_uniform();      ///< variance 2 / fan_in: He et al. 2015
Initializer he_normal();
Initializer lecun_uniform();  ///< variance 1 / fan_in: LeCun et al. 1998
Initializer lecun_normal();

/// Random with orthonormal columns, or rows where there are fewer (Saxe et al. 2014), times gain: the Q of a normal
/// matrix's QR decomposition with positive diagonal. Axes before the last count as rows.
/// Makes ShapeError on fewer than two axes.
Initializer orthogonal(double gain = 1);
/// gain on the diagonal and 0 elsewhere; makes ShapeError unless there are two axes.
Initializer identity(double gain = 1);

}  // namespace initializers
}  // namespace xgrad::nn
