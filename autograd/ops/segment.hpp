#pragma once

#include <xgrad/autograd/variable.hpp>

/// Reductions over the segments of an array: those entries along its first axis that have the same id, as JAX's
/// jax.ops.segment_sum() and its like. The ids need not be in order.
///
///     y[s, ...] = reduce(x[i, ...] for all i with ids[i] = s)
///
/// x is (n, ...), the ids int64 (n), each in [0, segments), the result (segments, ...). Integers pass too, but for
/// means. All throw ShapeError unless there is one id for each entry; IndexError on an id outside [0, segments);
/// DTypeError unless ids are int64.
namespace xgrad {

/// The sums;  dx_i = dy at i's segment. 0 for a segment without entries.
Variable segment_sum(const Operand& x, const Variable& ids, std::size_t segments);
/// The means of n entries each;  dx_i = dy / n. NaN without entries. @throws DTypeError unless x is real
Variable segment_mean(const Operand& x, const Variable& ids, std::size_t segments);
/// The products;  dx_i = dy times the product of the others, right also where some are 0. 1 without entries.
Variable segment_prod(const Operand& x, const Variable& ids, std::size_t segments);
/// The largest (smallest); a NaN stays. Entries that tie share the gradient equally. Without entries -infinity
/// (infinity), for integers the smallest (largest) of all.
Variable segment_max(const Operand& x, const Variable& ids, std::size_t segments);
Variable segment_min(const Operand& x, const Variable& ids, std::size_t segments);

}  // namespace xgrad
