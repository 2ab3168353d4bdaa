#pragma once

#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <vector>

namespace xgrad::detail {

/// While it lives, what this thread records is of a region of its own: so what a function computes is told from what
/// was before. A region inside another one's must leave nothing behind that is still differentiated: its nodes are not
/// of the outer one.
class Region {
public:
    Region();
    ~Region();
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;

    /// What the region's results were computed from: the Variables from outside that require a gradient, those among
    /// the results too. In the order in which they are met.
    std::vector<Variable> sources(const std::vector<Variable>& results) const;

private:
    std::uint32_t id_, before_;
};

}  // namespace xgrad::detail
