#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad::datasets {

struct StandardScalerOptions {
    bool per_feature = true;  ///< a mean and a deviation of each feature; else one of all numbers together
};

/// Shifts and scales data to mean 0 and standard deviation 1, as scikit-learn's StandardScaler.
///
///     z = (x - mean) / scale        scale: the population standard deviation, or 1 for a constant feature
///
/// fit() looks at (n, features...); what it finds is kept in float64.
class StandardScaler {
public:
    explicit StandardScaler(const StandardScalerOptions& options = {}) : options_(options) {}

    /// Takes mean and deviation from x. @throws ShapeError without a sample; DTypeError on int64
    StandardScaler& fit(const Operand& x);
    /// z from x; differentiable. @throws ValueError before fit(); ShapeError when the features differ from fit()'s
    Variable transform(const Operand& x) const;
    /// x from z. @throws as transform()
    Variable inverse_transform(const Operand& z) const;
    Variable fit_transform(const Operand& x) { return fit(x).transform(x); }

    /// (features...), or () for one of all; empty before fit().
    const Variable& mean() const { return mean_; }
    const Variable& scale() const { return scale_; }

private:
    void check(const char* function, const Operand& x) const;

    StandardScalerOptions options_;
    Variable mean_, scale_;
    Shape features_;
};

}  // namespace xgrad::datasets
