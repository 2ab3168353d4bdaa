#include "operator_table.hpp"

namespace table {

namespace {

using List = const std::vector<Variable>&;

Line padding(PadMode mode) {
    const auto with = [mode](const Variable& x, long before, long after) {
        return pad(x, {{2, 1}, {before, after}}, {.mode = mode});
    };
    Line line{"pad", [with](List in) { return with(in[0], 0, 7); }, {{{2, 3}}, {{1, 1}}, {{3, 2}}}};
    line.wrong = {{[with] {
                       return with(zeros({2, 0}), 1, 0);
                   },
                   {"axis 1", "(2, 0)", "nothing is left"}},
                  {[mode] {
                       return pad(zeros({4}), {{-4, 1}}, {.mode = mode});
                   },
                   {"axis 0", "(4,)", "nothing is left"}},
                  {[mode] {
                       return pad(zeros({2}), {{(1L << 32) - 1, 0}}, {.mode = mode});
                   },
                   {"4294967297", "too large"}}};
    return line;
}

// clang-format off
const Lines gradients{
    {"slice", [](List in) { return slice(in[0], 1, 1, 4); }, {{{2, 5}}, {{3, 2, 2}}, {{2, 1}}, {{0, 5}}}, {}, true,
        {{[] { return slice(zeros({2, 3}), 2, 0, 1); }, {"axis 2", "2 axes"}}, {[] { return slice(zeros({2, 3}), 1, {.step = 0}); }, {"step is 0"}}}},
    {"slice", [](List in) { return slice(in[0], -1, {.step = -2}); }, {{{2, 5}}, {{4}}, {{1}}, {{3, 0}}}},
    {"index", [](List in) { return index(in[0], {1, ellipsis, new_axis, Slice{.step = -2}}); }, {{{2, 3, 5}}, {{2, 2}}, {{3, 2, 1, 4}}, {{2, 0, 3}}}, {}, true,
        {{[] { return index(zeros({3, 2}), {-4}); }, {"index -4", "axis 0", "(3, 2)"}}, {[] { return index(zeros({3, 2}), {0, 2}); }, {"index 2", "axis 1"}},
         {[] { return index(zeros({3}), {0, Slice{}}); }, {"2 entries", "1 axes", "(3,)"}}, {[] { return index(zeros({3}), {ellipsis, 0, ellipsis}); }, {"second ellipsis"}},
         {[] { return index(zeros({3}), {Slice{.step = 0}}); }, {"step is 0"}}}},
    {"index", [](List in) { return index(in[0], {Slice{1, -1}, Slice{.start = -1, .step = -2}}); }, {{{4, 5}}, {{3, 2, 2}}, {{2, 1}}, {{0, 3}}}},
    {"index", [](List in) { return square(index(in[0], {})); }, {{{2, 3}}, {{}}}},
    {"index_put", [](List in) { return index_put(in[0], {Slice{.step = -2}, 1}, in[1]); }, {{{4, 3}, {2}}, {{3, 2}, {}}, {{2, 2, 3}, {1, 3}}, {{0, 2}, {0}}}, {}, true,
        {{[] { return index_put(zeros({3}), {3}, 1); }, {"index 3", "axis 0", "(3,)"}}, {[] { return index_put(zeros({3}), {Slice{}}, zeros({2})); }, {"(2,)", "(3,)"}},
         {[] { return index_put(zeros({3}), {0}, zeros({}, DType::float64)); }, {"mixed element types"}}}},
    {"index_put", [](List in) { return index_put(in[0], {ellipsis, new_axis, Slice{1, 3}}, in[1], {.accumulate = true}); }, {{{2, 4}, {1, 2}}, {{2, 3}, {2, 1, 2}}}},
    {"flip", [](List in) { return flip(in[0]); }, {{{2, 3}}, {{3, 1, 2}}, {{}}, {{0, 3}}}},
    {"flip", [](List in) { return flip(in[0], {-1, 0}); }, {{{2, 3}}, {{2, 3, 2}}}, {}, true,
        {{[] { return flip(zeros({2, 3}), 2); }, {"axis 2", "2 axes"}}, {[] { return flip(zeros({2, 3}), {1, -1}); }, {"axis -1", "twice"}}}},
    {"roll", [](List in) { return roll(in[0], 2, 1); }, {{{2, 3}}, {{2, 5, 2}}, {{2, 2}}, {{1, 1}}, {{2, 0}}}, {}, true,
        {{[] { return roll(zeros({2, 3}), 1, 2); }, {"axis 2", "2 axes"}}, {[] { return roll(zeros({2, 3}), 1, {1, -1}); }, {"axis -1", "twice"}}}},
    {"roll", [](List in) { return roll(in[0], -1, {0, -1}); }, {{{2, 3}}, {{2, 1, 3}}}},
    {"roll", [](List in) { return roll(in[0], -2); }, {{{2, 3}}, {{}}, {{0}}}},
    {"roll", [](List in) { return roll(in[0], {1, -7, 1}, {0, -1, 0}); }, {{{4, 3}}, {{2, 1, 3}}}, {}, true,
        {{[] { return roll(zeros({2, 3}), {1, 2}, {0}); }, {"2 shifts", "1 axes"}}}},
    {"pad", [](List in) { return pad(in[0], {{0, 2}, {1, 0}}, {.value = 3}); }, {{{2, 3}}, {{1, 1}}, {{0, 3}}, {{0, 0}}}, {}, true,
        {{[] { return pad(zeros({2, 3}), {{1, 1}}); }, {"1 pairs", "(2, 3)"}}, {[] { return pad(zeros({2}), {{1L << 33, 0}}); }, {"8589934592", "too large"}},
         {[] { return pad(zeros({2, 3}), {{0, 0}, {-2, -2}}); }, {"widths -2 and -2", "axis 1", "(2, 3)"}}, {[] { return pad(zeros({2}), {{std::numeric_limits<long>::min(), 1}}); }, {"axis 0", "(2,)"}},
         {[] { return pad(zeros({2, 3}), {{1, 1}, {0, 0}}, {.values = {{1, 2}}}); }, {"1 pairs of values", "2 axes"}},
         {[] { return pad(zeros({2}), {{1, 1}}, {.mode = PadMode::edge, .value = 1}); }, {"value 1", "PadMode::constant"}}, {[] { return pad(zeros({2}), {{1, 1}}, {.mode = PadMode::wrap, .values = {{1, 2}}}); }, {"PadMode::constant"}}}},
    {"pad", [](List in) { return pad(in[0], {{-1, 2}, {1, -1}}); }, {{{2, 3}}, {{1, 1}}, {{4, 2}}}},
    {"pad", [](List in) { return pad(in[0], {{0, 2}, {-1, 3}}, {.mode = PadMode::reflect}); }, {{{2, 3}}, {{1, 2}}}},
    {"pad", [](List in) { return pad(in[0], {{1, 2}, {0, 1}}, {.values = {{1, 2}, {3, 4}}}); }, {{{2, 3}}, {{0, 1}}}},
    padding(PadMode::edge), padding(PadMode::reflect), padding(PadMode::symmetric), padding(PadMode::wrap),
    {"rot90", [](List in) { return square(rot90(in[0])) + square(rot90(in[0], -3)); }, {{{2, 3}}, {{3, 2, 2}}, {{0, 3}}}, {}, true,
        {{[] { return rot90(zeros({2})); }, {"axis 1", "1 axes"}}, {[] { return rot90(zeros({2, 2}), 1, 0, -2); }, {"axis 0", "twice"}}}},
    {"unfold", [](List in) { return square(unfold(in[0], 3)); }, {{{5}}, {{2, 3}}, {{0, 4}}}, {}, true,
        {{[] { return unfold(zeros({2, 3}), 4); }, {"window of 4", "axis -1", "(2, 3)"}}, {[] { return unfold(zeros({3}), 0); }, {"windows of 0"}},
         {[] { return unfold(zeros({3}), 1, 0); }, {"steps of 0"}}, {[] { return unfold(zeros({3}), 1, 1, 1); }, {"axis 1", "1 axes"}}}},
    {"unfold", [](List in) { return square(unfold(in[0], 2, 3, 0)); }, {{{8, 2}}, {{2, 3}}}},
};
// clang-format on

}  // namespace

}  // namespace table
