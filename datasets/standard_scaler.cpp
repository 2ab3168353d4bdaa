#include <xgrad/datasets/standard_scaler.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/map.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace xgrad::datasets {

namespace {

/// The mean over samples of f(number, feature), for each feature; or that of all, once.
template <class F>
std::vector<double> mean_over_samples(const Variable& x, bool per_feature, F&& f) {
    const std::size_t n = x.shape()[0], features = x.size() / n;
    std::vector<double> means(features);
    visit(x.dtype(), [&](auto number) {
        const auto* row = x.data<decltype(number)>();
        for (std::size_t i = 0; i < n; ++i, row += features)
            for (std::size_t k = 0; k < features; ++k) means[k] += f(static_cast<double>(row[k]), k);
    });
    for (double& mean : means) mean /= static_cast<double>(n);
    if (!per_feature) means = {std::reduce(means.begin(), means.end()) / static_cast<double>(features)};
    return means;
}

/// The deviation, or 1 where the variance is no more than what rounding makes of a constant (as scikit-learn 1.0 on).
double scale_of(double variance, double mean, double count) {
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double rounding = count * epsilon * variance + std::pow(count * mean * epsilon, 2);
    return variance <= rounding ? 1 : std::sqrt(variance);
}

}  // namespace

StandardScaler& StandardScaler::fit(const Operand& x) {
    const Variable& data = x.get();
    detail::located("StandardScaler::fit", x.at(), [&] {
        if (!is_floating(data.dtype())) throw DTypeError("x is int64; use .to(DType::float32)");
        if (data.rank() == 0 || data.size() == 0)
            throw ShapeError(fmt::format("x {} has no samples or no features", to_string(data.shape())));
    });
    const bool each = options_.per_feature;
    const std::vector<double> mean = mean_over_samples(data, each, [](double v, std::size_t) { return v; });
    std::vector<double> scale = mean_over_samples(data, each, [&](double v, std::size_t k) {
        const double d = v - mean[each ? k : 0];
        return d * d;
    });
    const auto count = static_cast<double>(each ? data.shape()[0] : data.size());
    for (std::size_t k = 0; k < scale.size(); ++k) scale[k] = scale_of(scale[k], mean[k], count);
    features_ = Shape(data.shape().begin() + 1, data.shape().end());
    mean_ = Variable::from(mean, each ? features_ : Shape());
    scale_ = Variable::from(scale, each ? features_ : Shape());
    return *this;
}

void StandardScaler::check(const char* function, const Operand& x) const {
    detail::located(function, x.at(), [&] {
        if (!mean_) throw ValueError("call fit() first");
        const Shape& shape = x->shape();
        if (!is_floating(x->dtype())) throw DTypeError("x is int64; use .to(DType::float32)");
        if (options_.per_feature && (shape.rank() == 0 || !(Shape(shape.begin() + 1, shape.end()) == features_)))
            throw ShapeError(
                fmt::format("x {} has other features than the {} of fit()", to_string(shape), to_string(features_)));
    });
}

Variable StandardScaler::transform(const Operand& x) const {
    check("StandardScaler::transform", x);
    const CallSite here(x.at());
    return map([](auto v, auto mean, auto scale) { return (v - mean) / scale; }, x, mean_.to(x->dtype()),
               scale_.to(x->dtype()));
}

Variable StandardScaler::inverse_transform(const Operand& z) const {
    check("StandardScaler::inverse_transform", z);
    const CallSite here(z.at());
    return map([](auto v, auto mean, auto scale) { return v * scale + mean; }, z, mean_.to(z->dtype()),
               scale_.to(z->dtype()));
}

}  // namespace xgrad::datasets
