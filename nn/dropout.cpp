#include <xgrad/nn/dropout.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/map.hpp>

#include <fmt/format.h>

namespace xgrad::nn {

Dropout::Dropout(double rate, Rng& rng, const Location& at) : rate_(rate), rng_(rng()) {
    if (rate >= 0 && rate < 1) return;
    ValueError error(fmt::format("rate is the part dropped, in [0, 1); got {}", rate));
    error.locate("Dropout", at);
    throw error;
}

Variable Dropout::forward(const Variable& x) {
    if (!training() || rate_ == 0) return x;
    const Variable kept = random_bernoulli(x.shape(), rng_, 1 - rate_, x.dtype());
    // where() and not a product: a dropped infinity is 0, not NaN
    return map([scale = 1 / (1 - rate_)](auto v, auto k) { return where(k == 0, 0, v * scale); }, x, kept);
}

}  // namespace xgrad::nn
