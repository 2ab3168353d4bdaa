#pragma once

#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/ops.hpp>

#include <concepts>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

/// What a line of the operator table is, and the two short ways of writing one. See operators_test.cpp.
namespace table {

using namespace xgrad;

using Function = std::function<Variable(const std::vector<Variable>&)>;
using Shapes = std::vector<Shape>;

/// Where an input's elements lie.
struct Range {
    double low = -2, high = 2;
};

/// A call that must fail, and what its message must hold beside the operator's name and this table's line.
struct Wrong {
    std::function<Variable()> call;
    std::vector<std::string> says;
};

struct Line {
    std::string name;  ///< of the operator, as errors call it
    Function f;
    std::vector<Shapes> shapes;      ///< one list of inputs' shapes for each time it is checked
    std::vector<Range> ranges = {};  ///< of each input; the last one serves for the rest
    bool smooth = true;              ///< whether the second order is checked too
    std::vector<Wrong> wrong = {};
    Location at = {};
};

/// The inputs for one check: fixed random numbers of float32 precision.
inline std::vector<Variable> inputs_of(const Line& line, const Shapes& shapes, DType dtype) {
    Rng rng(7);
    std::vector<Variable> inputs;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const Range r = line.ranges.empty() ? Range{} : line.ranges[std::min(i, line.ranges.size() - 1)];
        inputs.push_back(random_uniform(shapes[i], rng, r.low, r.high).to(dtype));
    }
    return inputs;
}

/// What binary() and unary() expect of integers, unless the operator takes them.
inline const std::vector<std::string> refuses_integers{"needs real numbers", "int64"};

/// A function of one operand, by value (those that may compute in place) or by reference.
struct Unary {
    std::function<Variable(const Operand&)> call;

    Unary(Variable (*f)(Operand)) : call(f) {}
    Unary(Variable (*f)(const Operand&)) : call(f) {}
    template <std::invocable<const Operand&> F>
    Unary(F f) : call(std::move(f)) {}
};
using Binary = Variable (*)(const Operand&, const Operand&);

/// An operator on each element of one input: any shape will do, empty and single ones too.
inline Line unary(std::string name, Unary f, Range range = {}, bool smooth = true,
                  const Location& at = Location::current()) {
    const auto call = [f, at](const Variable& x) { return f.call(Operand(x, at.file, at.line)); };
    Line line;
    line.name = std::move(name);
    line.f = [call](const std::vector<Variable>& in) { return call(in[0]); };
    line.shapes = {{{3, 5}}, {{2, 3, 7}}, {{1}}, {{}}, {{0, 3}}};
    line.ranges = {range};
    line.smooth = smooth;
    line.wrong = {{[call] {
                       return call(zeros({2, 3}, DType::int64));
                   },
                   refuses_integers},
                  {[call] { return call(Variable()); }, {"empty Variable"}}};
    line.at = at;
    return line;
}

/// An operator on two inputs that broadcast.
inline Line binary(std::string name, Binary f, Range left = {}, Range right = {}, bool smooth = true,
                   const Location& at = Location::current()) {
    const auto call = [f, at](const Variable& a, const Variable& b) {
        return f(Operand(a, at.file, at.line), Operand(b, at.file, at.line));
    };
    Line line;
    line.name = std::move(name);
    line.f = [call](const std::vector<Variable>& in) { return call(in[0], in[1]); };
    line.shapes = {{{2, 3}, {2, 3}}, {{3, 1}, {1, 4}}, {{2, 3, 4}, {4}}, {{5}, {3, 1, 5}}, {{}, {2, 3}},
                   {{2, 3}, {}},     {{}, {}},         {{1}, {1, 1}},    {{0, 3}, {3}},    {{3, 1}, {0}}};
    line.ranges = {left, right};
    line.smooth = smooth;
    line.wrong = {{[call] {
                       return call(zeros({2, 3}), zeros({4}));
                   },
                   {"(2, 3)", "(4,)"}},
                  {[call] {
                       return call(zeros({2, 3}), zeros({3}, DType::float64));
                   },
                   {"mixed element types", "(2, 3)", "float32", "(3,)", "float64"}},
                  {[call] { return call(zeros({3}, DType::int64), zeros({3}, DType::int64)); }, refuses_integers},
                  {[call] { return call(Variable(), zeros({3})); }, {"empty Variable"}}};
    line.at = at;
    return line;
}

/// Every line of the table: those of all the families' files.
std::vector<Line>& lines();

/// Puts a family's lines into the table. A new operator gets one in its family's file.
struct Lines {
    Lines(std::initializer_list<Line> more) { lines().insert(lines().end(), more); }
};

/// An operator without a gradient: its value on one example.
struct ValueLine {
    std::string name;
    std::function<Variable()> call;
    std::vector<double> expected;
};
std::vector<ValueLine>& value_lines();

struct ValueLines {
    ValueLines(std::initializer_list<ValueLine> more) { value_lines().insert(value_lines().end(), more); }
};

}  // namespace table
