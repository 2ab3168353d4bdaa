#pragma once

#include <xgrad/autograd/variable.hpp>

#include <concepts>
#include <initializer_list>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// Parts of an array, and their inverse: padding. Gradients are the inverse rearrangements, to any order; integers pass
/// too.
namespace xgrad {

/// A part of an axis, as Python's start:stop:step; negative positions count from the end, and both may lie outside.
/// Slice{} is all of it.
struct Slice {
    std::optional<long> start = {}, stop = {};
    long step = 1;
};
/// The elements start, start + step, ... before stop, along one axis. @throws ValueError when the step is 0
Variable slice(const Operand& x, int axis, const Slice& slice);
inline Variable slice(const Operand& x, int axis, long start, long stop) { return slice(x, axis, Slice{start, stop}); }

/// In index(): a new axis of size 1.
struct NewAxis {};
inline constexpr NewAxis new_axis;
/// In index(): as many whole axes as the other entries leave.
struct Ellipsis {};
inline constexpr Ellipsis ellipsis;

/// What index() does with an axis: a position takes one entry and drops the axis, a Slice keeps it.
class Index {
public:
    template <std::integral I>
    Index(I position) : entry_(static_cast<long>(position)) {}
    Index(const Slice& slice) : entry_(slice) {}
    Index(NewAxis) : entry_(NewAxis{}) {}
    Index(Ellipsis) : entry_(Ellipsis{}) {}
    const std::variant<long, Slice, NewAxis, Ellipsis>& entry() const { return entry_; }

private:
    std::variant<long, Slice, NewAxis, Ellipsis> entry_;
};

/// NumPy's basic indexing: one entry for each axis from the first on; axes behind the last entry stay whole.
///
///     index(x, {0})                              x[0]
///     index(x, {Slice{}, Slice{1, -1}})          x[:, 1:-1]
///     index(x, {ellipsis, -1, new_axis})         x[..., -1, newaxis]
///     index(x, {Slice{.step = -2}, 3})           x[::-2, 3]
///
/// @throws IndexError on a position out of range, more entries than axes, or a second ellipsis; ValueError on a step
///         of 0
Variable index(const Operand& x, const std::vector<Index>& entries);

struct IndexPutOptions {
    bool accumulate = false;  ///< add to what is there
};
/// x with other values in the places that index() finds, which they broadcast to: NumPy's x[entries] = values, but that
/// x stays and the result is new (JAX's x.at[entries].set(values), and .add(values) with `accumulate`).
///
///     index_put(x, {Slice{}, 0}, 1)              x[:, 0] = 1
///     dx = dy, without `accumulate` 0 in those places; dvalues = index(dy, entries), summed to the shape of the values
///
/// @throws as index(); ShapeError when the values do not broadcast to the places
Variable index_put(const Operand& x, const std::vector<Index>& entries, const Operand& values,
                   const IndexPutOptions& options = {});

/// The elements in reverse along some axes; by default along all. @throws IndexError on an axis out of range or twice
Variable flip(const Operand& x, const Axes& axes = {});

/// Turned by `turns` quarters in the plane of two axes, from the first towards the second, as NumPy's; back for a
/// negative number. @throws IndexError on an axis out of range; ValueError when the two are the same
Variable rot90(const Operand& x, int turns = 1, int axis1 = 0, int axis2 = 1);

/// The elements moved `shift` places on along an axis, or along each of several, those pushed out at the end coming in
/// again at the start; back for a negative shift. For no axes, along the flattened x.
/// @throws IndexError on an axis out of range or named twice
Variable roll(const Operand& x, long shift, const Axes& axes = {});
/// The same with a shift for each axis; those of an axis that is named twice add up.
/// @throws IndexError on an axis out of range; ValueError unless there is one shift for each axis
Variable roll(const Operand& x, const std::vector<long>& shifts, const std::vector<int>& axes);

/// What pad() puts around an array a b c d.
enum class PadMode {
    constant,   ///< a value:           0 0 0 | a b c d | 0 0 0
    edge,       ///< the last element:  a a a | a b c d | d d d
    reflect,    ///< mirrored at it:    d c b | a b c d | c b a
    symmetric,  ///< mirrored behind:   c b a | a b c d | d c b
    wrap        ///< from the far side: b c d | a b c d | a b c
};
struct PadOptions {
    PadMode mode = PadMode::constant;
    double value = 0;  ///< of PadMode::constant; 0 in the other modes
    /// Of PadMode::constant, one before and one after each axis, instead of `value`; corners take the last axis's.
    std::vector<std::pair<double, double>> values = {};
};
/// x with elements before and after it along each axis, as NumPy's pad; any widths in every mode. A negative width
/// takes elements away; what is left is then continued.
///
///     pad(x, {{0, 0}, {1, 2}})        (n, m) -> (n, m + 3)
///     pad(x, {{-1, 0}, {0, 1}})       (n, m) -> (n - 1, m + 1)
///
/// The gradient of an element is the sum of those of its copies.
/// @param widths (before, after) for each axis
/// @throws ShapeError unless there is one pair for each axis, or when an empty axis is to be continued, or more is to
///         be taken away than is there; ValueError for a value in another mode than PadMode::constant
Variable pad(const Operand& x, const std::vector<std::pair<long, long>>& widths, const PadOptions& options = {});

}  // namespace xgrad
