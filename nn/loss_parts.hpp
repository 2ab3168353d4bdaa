#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/nn/losses.hpp>

#include <cstdint>
#include <utility>

/// What the losses are made of; not for users.
namespace xgrad::nn::detail {

/// @throws ShapeError unless the shapes are the same
void check_same_shape(const Variable& prediction, const Variable& target);
/// The target in the prediction's type, when it holds integers.
Variable as_real(const Variable& target, DType dtype);
/// Weighs and reduces the samples' losses.
/// @throws ShapeError on an empty batch, or weights not of the samples' shape
Variable reduce_samples(const Variable& samples, Reduction reduction, const Variable& sample_weight);
/// The mean over the last axis, and then reduce_samples().
Variable reduce_elements(const Variable& elements, Reduction reduction, const Variable& sample_weight);

/// A loss by name. Each keeps one in a static: what it records belongs to a scope of that name.
class Loss {
public:
    explicit Loss(const char* name) : name_(name), scope_(new_scope(name)) {}

    /// f(), ascribed to the caller's line; an error says the name and the line.
    template <class F>
    Variable run(const Location& at, F f) const {
        const CallSite here(at);
        const Scope inside(scope_);
        try {
            return f();
        } catch (Error& error) {
            error.locate(name_, at);
            throw;
        }
    }

    /// f(p, t) in one pass, as map() takes it; then the mean over the last axis, and the reduction.
    template <class Options, class F>
    Variable elementwise(const Operand& prediction, const Operand& target, const Options& options, F f) const {
        return run(prediction.at(), [&] {
            const Variable& p = prediction.get();
            const Variable t = as_real(target.get(), p.dtype());
            check_same_shape(p, t);
            return reduce_elements(xgrad::detail::map_named(name_, std::move(f), Operand(p), Operand(t)),
                                   options.reduction, options.sample_weight);
        });
    }

private:
    const char* name_;
    std::uint32_t scope_;
};

}  // namespace xgrad::nn::detail
