#pragma once

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

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

/// @throws ShapeError, for a reduction that gives nothing for nothing
[[noreturn]] inline void throw_of_nothing(const Variable& x) {
    throw ShapeError(fmt::format("of nothing: input {} has no elements along the axes", to_string(x.shape())));
}

/// The axes to be reduced last, so that each result is one row.
struct Rows {
    Variable x;
    std::vector<int> order;

    Rows(const Variable& v, const Flags& axes) {
        for (const bool reduced : {false, true})
            for (std::size_t i = 0; i < v.rank(); ++i)
                if (axes[i] == reduced) order.push_back(static_cast<int>(i));
        x = moved() ? transpose(v, order) : v;
    }
    /// Something of x's shape with the axes where they were.
    Variable back(const Variable& v) const {
        if (!moved()) return v;
        std::vector<int> inverse(order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            inverse[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
        return transpose(v, inverse);
    }

private:
    bool moved() const { return !std::is_sorted(order.begin(), order.end()); }
};

/// @throws IndexError, in the name of the operator
inline Reducing reducing(const Operand& x, const Axes& axes, const ReduceOptions& options, const char* name) {
    return explained(name, x.at(), [&] {
        Reducing r{axes.flags(x->rank()), options.keepdims};
        for (std::size_t i = x->rank(); i < r.axes.size(); ++i) r.axes[i] = false;
        return r;
    });
}

}  // namespace xgrad::detail
