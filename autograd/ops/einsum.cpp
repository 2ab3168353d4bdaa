#include <xgrad/autograd/ops/einsum.hpp>

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/detail/contraction.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xgrad {

namespace {

using detail::Labelled;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "ij,jk->ik" taken apart: one string of labels per operand, and the output's. The axes under `...` are labelled with
/// digits, the last axis with the largest.
class Subscripts {
public:
    Subscripts(std::string_view text, const std::vector<Variable>& operands) {
        for (const char c : text)
            if (c != ' ') text_ += c;
        const std::size_t arrow = text_.find("->");
        split(text_.substr(0, arrow));
        if (inputs.size() != operands.size())
            fail(fmt::format("subscripts for {} operands, but {} given", inputs.size(), operands.size()));
        for (std::size_t i = 0; i < inputs.size(); ++i) measure(i, operands[i]);
        for (std::size_t i = 0; i < inputs.size(); ++i) replace_dots(inputs[i], hidden_[i]);
        if (arrow == std::string::npos)
            imply_output();
        else
            read_output(text_.substr(arrow + 2));
    }

    std::vector<std::string> inputs;
    std::string output;

    [[noreturn]] void fail(const std::string& why) const { throw ValueError(fmt::format("\"{}\": {}", text_, why)); }

private:
    void split(const std::string& left) {
        for (std::size_t from = 0;;) {
            const std::size_t comma = left.find(',', from);
            inputs.push_back(left.substr(from, comma - from));
            check_letters(inputs.back());
            if (comma == std::string::npos) return;
            from = comma + 1;
        }
    }
    /// Letters, and `...` at most once.
    void check_letters(const std::string& part) const {
        const std::size_t dots = part.find("...");
        for (std::size_t i = 0; i < part.size(); ++i) {
            const bool in_dots = dots != std::string::npos && i >= dots && i < dots + 3;
            if (!in_dots && !is_letter(part[i]))
                fail(fmt::format("'{}' is neither a letter nor part of one \"...\"", part[i]));
        }
    }
    /// How many axes of an operand have no letter.
    void measure(std::size_t i, const Variable& operand) {
        const bool dots = inputs[i].find('.') != std::string::npos;
        const std::size_t letters = inputs[i].size() - (dots ? 3 : 0);
        if (dots ? letters > operand.rank() : letters != operand.rank())
            fail(fmt::format("\"{}\" names {} axes of {}", inputs[i], letters,
                             detail::describe(operand, i, inputs.size())));
        hidden_.push_back(operand.rank() - letters);
        most_hidden_ = std::max(most_hidden_, hidden_.back());
    }
    void replace_dots(std::string& part, std::size_t count) const {
        const std::size_t dots = part.find("...");
        if (dots == std::string::npos) return;
        std::string digits;
        for (std::size_t k = most_hidden_ - count; k < most_hidden_; ++k) digits += static_cast<char>('0' + k);
        part.replace(dots, 3, digits);
    }
    void imply_output() {
        std::string all;
        for (const std::string& part : inputs) all += part;
        std::sort(all.begin(), all.end());  // digits, capitals, small letters
        for (const char c : all)
            if (is_letter(c) ? std::count(all.begin(), all.end(), c) == 1 : output.find(c) == std::string::npos)
                output += c;
    }
    void read_output(std::string part) {
        check_letters(part);
        if (part.find('.') == std::string::npos && most_hidden_ != 0) fail("the output needs the operands' \"...\"");
        replace_dots(part, most_hidden_);
        for (const char c : part) {
            if (std::count(part.begin(), part.end(), c) != 1) fail(fmt::format("'{}' is in the output twice", c));
            if (std::none_of(inputs.begin(), inputs.end(),
                             [&](const std::string& in) { return in.find(c) != std::string::npos; }))
                fail(fmt::format("'{}' is in the output but in no operand", c));
        }
        output = part;
    }

    std::string text_;
    std::vector<std::size_t> hidden_;  ///< of each operand, the axes under `...`
    std::size_t most_hidden_ = 0;
};

/// The operands with their labels: diagonals taken, and no axes of size 1 where the label's size is another.
std::vector<Labelled> terms_of(const Subscripts& subscripts, const std::vector<Variable>& operands) {
    std::array<std::size_t, 128> sizes;
    sizes.fill(1);
    std::vector<Labelled> terms;
    const auto size = [&](char label) -> std::size_t& { return sizes[static_cast<unsigned char>(label)]; };
    for (std::size_t k = 0; k < operands.size(); ++k) {
        const std::string& labels = subscripts.inputs[k];
        const Shape& shape = operands[k].shape();
        for (std::size_t i = 0; i < labels.size(); ++i) {
            const std::size_t before = shape[labels.find(labels[i])];
            std::size_t& whole = size(labels[i]);
            if (shape[i] != before || (shape[i] != 1 && whole != 1 && shape[i] != whole))
                throw ShapeError(fmt::format(
                    "axis {} of {} is {}, but {} is {} before", i, detail::describe(operands[k], k, operands.size()),
                    shape[i], is_letter(labels[i]) ? fmt::format("'{}'", labels[i]) : "that under \"...\"",
                    shape[i] != before ? before : whole));
            if (shape[i] != 1) whole = shape[i];
        }
        terms.push_back(detail::merge_repeated({operands[k], labels}));
    }
    for (Labelled& term : terms) {
        std::string labels;
        Shape shape;
        for (std::size_t i = 0; i < term.labels.size(); ++i)
            if (term.value.shape()[i] == size(term.labels[i])) {
                labels += term.labels[i];
                shape.push_back(size(term.labels[i]));
            }
        term = {reshape(term.value, shape), labels};
    }
    return terms;
}

std::vector<std::size_t> settle(const std::vector<int>& axes, std::size_t rank) {
    std::vector<std::size_t> settled;
    Axes all;
    for (const int axis : axes) {
        all.push_back(axis);
        settled.push_back(normalize_axis(axis, rank));
    }
    static_cast<void>(all.flags(rank));  // which throws on an axis named twice
    return settled;
}

Variable tensordot_over(const Variable& a, const Variable& b, const std::vector<int>& a_axes,
                        const std::vector<int>& b_axes) {
    detail::check_inputs(std::array{&a, &b}, detail::InputTypes::one_type);
    if (a_axes.size() != b_axes.size())
        throw ValueError(fmt::format("{} axes of {}, but {} of {}", a_axes.size(), detail::describe(a, 0),
                                     b_axes.size(), detail::describe(b, 1)));
    const auto of_a = settle(a_axes, a.rank()), of_b = settle(b_axes, b.rank());
    Labelled left{a, std::string("abcdefgh").substr(0, a.rank())},
        right{b, std::string("ABCDEFGH").substr(0, b.rank())};
    for (std::size_t k = 0; k < of_a.size(); ++k) {
        if (a.shape()[of_a[k]] != b.shape()[of_b[k]])
            throw ShapeError(fmt::format("axis {} of {} and axis {} of {} differ in size", of_a[k],
                                         detail::describe(a, 0), of_b[k], detail::describe(b, 1)));
        right.labels[of_b[k]] = left.labels[of_a[k]];
    }
    std::string output;
    for (const char c : left.labels + right.labels)
        if (left.labels.find(c) == std::string::npos || right.labels.find(c) == std::string::npos) output += c;
    return detail::contract({left, right}, output);
}

}  // namespace

Variable einsum(std::string_view subscripts, const std::vector<Variable>& operands, const Location& at) {
    return detail::as_function("einsum", at, [&] {
        detail::check_input_list(operands);
        const Subscripts parsed(subscripts, operands);
        return detail::contract(terms_of(parsed, operands), parsed.output);
    });
}

Variable tensordot(const Operand& a, const Operand& b, int axes) {
    return detail::as_function("tensordot", a.at(), [&] {
        const auto count = static_cast<std::size_t>(axes);
        if (axes < 0 || count > a->rank() || count > b->rank())
            throw ShapeError(fmt::format("{} axes of {}, {}", axes, detail::describe(a, 0), detail::describe(b, 1)));
        std::vector<int> last, first;
        for (int i = 0; i < axes; ++i) {
            last.push_back(i - axes);
            first.push_back(i);
        }
        const DType dtype = dtype_beside(a, b);
        return tensordot_over(a.as(dtype), b.as(dtype), last, first);
    });
}

Variable tensordot(const Operand& a, const Operand& b, const std::vector<int>& a_axes, const std::vector<int>& b_axes) {
    const DType dtype = dtype_beside(a, b);
    return detail::as_function("tensordot", a.at(),
                               [&] { return tensordot_over(a.as(dtype), b.as(dtype), a_axes, b_axes); });
}

}  // namespace xgrad
