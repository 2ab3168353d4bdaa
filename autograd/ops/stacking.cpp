#include <xgrad/autograd/ops/stacking.hpp>

#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

using detail::explained;

namespace {

/// The parts, each made of the rank that they are joined with.
template <class F>
std::vector<Variable> prepared(const char* name, const std::vector<Variable>& parts, const Location& at, F&& prepare) {
    return explained(name, at, [&] {
        detail::check_input_list(parts);
        std::vector<Variable> results;
        results.reserve(parts.size());
        for (const Variable& part : parts) results.push_back(prepare(part));
        return results;
    });
}

/// @throws ShapeError, in the name of the function, unless all sizes but those of the axis agree
Variable joined(const char* name, const std::vector<Variable>& parts, std::size_t axis, const Location& at) {
    explained(name, at, [&] {
        const Shape& first = parts[0].shape();
        for (std::size_t k = 1; k < parts.size(); ++k) {
            const Shape& s = parts[k].shape();
            bool fits = s.rank() == first.rank();
            for (std::size_t i = 0; fits && i < s.rank(); ++i) fits = i == axis || s[i] == first[i];
            if (!fits)
                throw ShapeError(fmt::format("part 0 is {}, part {} is {}; all sizes but that of axis {} must agree",
                                             to_string(first), k, to_string(s), axis));
        }
    });
    return concatenate(parts, static_cast<int>(axis), at);
}

}  // namespace

Variable hstack(const std::vector<Variable>& parts, const Location& at) {
    const CallSite here(at, "hstack");
    const auto lines = prepared("hstack", parts, at, [](const Variable& v) { return atleast_1d(v); });
    return joined("hstack", lines, lines[0].rank() == 1 ? 0 : 1, at);
}

Variable vstack(const std::vector<Variable>& parts, const Location& at) {
    const CallSite here(at, "vstack");
    return joined("vstack", prepared("vstack", parts, at, [](const Variable& v) { return atleast_2d(v); }), 0, at);
}

Variable dstack(const std::vector<Variable>& parts, const Location& at) {
    const CallSite here(at, "dstack");
    return joined("dstack", prepared("dstack", parts, at, [](const Variable& v) { return atleast_3d(v); }), 2, at);
}

Variable column_stack(const std::vector<Variable>& parts, const Location& at) {
    const CallSite here(at, "column_stack");
    const auto columns = prepared("column_stack", parts, at,
                                  [](const Variable& v) { return v.rank() < 2 ? expand_dims(atleast_1d(v), 1) : v; });
    return joined("column_stack", columns, 1, at);
}

Variable block_diag(const std::vector<Variable>& blocks, const Location& at) {
    const CallSite here(at, "block_diag");
    std::size_t width = 0, left = 0;
    const auto matrices = prepared("block_diag", blocks, at, [&](const Variable& v) {
        if (v.rank() > 2) throw ShapeError(fmt::format("takes matrices, not {}", to_string(v.shape())));
        Variable block = atleast_2d(v);
        width += block.shape()[1];
        return block;
    });
    std::vector<Variable> rows;
    for (const Variable& block : matrices) {
        const std::size_t own = block.shape()[1];
        rows.push_back(pad(block, {{0, 0}, {left, width - left - own}}));
        left += own;
    }
    return concatenate(rows, 0, at);
}

}  // namespace xgrad
