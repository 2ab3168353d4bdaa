#pragma once

#include <string>

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

/// What the sources of reductions share.
namespace xgrad::detail {

using Flags = std::array<bool, Shape::max_rank>;

/// What every reduction knows: which axes go, and whether they leave a 1 behind.
struct Reducing {
    Flags axes;
    bool keepdims;

    Shape reduced(const Shape& shape, bool keep) const {
        Shape result;
        for (std::size_t i = 0; i < shape.rank(); ++i)
            if (!axes[i])
                result.push_back(shape[i]);
            else if (keep)
                result.push_back(1);
        return result;
    }
    Shape shape(const Variable& x) const { return reduced(x.shape(), keepdims); }
    /// How many elements of x go into one of the result.
    std::size_t length(const Variable& x) const {
        std::size_t n = 1;
        for (std::size_t i = 0; i < x.rank(); ++i)
            if (axes[i]) n *= x.shape()[i];
        return n;
    }
    /// The axes, for another reduction of the same input.
    Axes list() const {
        Axes named;
        for (std::size_t i = 0; i < axes.size(); ++i)
            if (axes[i]) named.push_back(static_cast<int>(i));
        return named;
    }
    /// y or dy with the reduced axes back as 1, so that it broadcasts against x.
    Variable beside(const Variable& x, const Variable& y) const {
        // A dy that is still to be broadcast may be smaller than y: its own sizes are kept.
        Shape full;
        for (std::size_t i = 0, j = 0; i < x.rank(); ++i) full.push_back(axes[i] ? 1 : y.shape()[keepdims ? i : j++]);
        return reshape(y, full);
    }
    std::string details() const {
        std::string text;
        for (std::size_t i = 0; i < axes.size(); ++i)
            if (axes[i]) text += (text.empty() ? "axes " : ",") + std::to_string(i);
        return text;
    }
};

/// @throws IndexError, in the name of the operator
inline Reducing reducing(const Operand& x, const Axes& axes, const ReduceOptions& options, const char* name) {
    try {
        Reducing r{axes.flags(x->rank()), options.keepdims};
        for (std::size_t i = x->rank(); i < r.axes.size(); ++i) r.axes[i] = false;
        return r;
    } catch (Error& error) {
        explain(error, name, x.at());
        throw;
    }
}

}  // namespace xgrad::detail
