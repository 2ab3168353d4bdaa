#pragma once

#include <xgrad/autograd/node.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad {

template <class E>
concept XtensorExpression = requires(const E& e) {
    typename E::value_type;
    typename E::expression_tag;
    e.dimension();
};

struct BackwardOptions;
class Variable;

namespace detail {
/// Tell the capture under way that the program itself reads elements, or changes them in place.
[[gnu::cold]] void note_read(const Variable& v);
[[gnu::cold]] void note_change(const Variable& v);
}  // namespace detail

/// Numbers in nested braces: what Variable({{0, 1}, {1, 0}}) takes.
class NestedList {
public:
    template <class S>
        requires std::is_arithmetic_v<S> NestedList(S number)
            : number_(static_cast<double>(number)), is_number_(true) {}
        NestedList(std::initializer_list<NestedList> items) : items_(items) {}

    private:
        friend class Variable;
        static void flatten(std::span<const NestedList> items, std::size_t depth, Shape& shape,
                            std::vector<double>& values);

        std::vector<NestedList> items_;
        double number_ = 0;
        bool is_number_ = false;
};

/// An array that remembers how it was computed: a cheap handle (8 bytes; copies share the value). The elements are
/// float32, float64 or int64, chosen at run time. A default-constructed Variable is empty and converts to false.
class Variable {
public:
    Variable() = default;
    Variable(const Variable& other) noexcept : node_(other.node_) {
        if (node_ != nullptr) node_->retain();
    }
    Variable(Variable&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Variable& operator=(Variable other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~Variable() { release(node_); }

    /// A single number, shape (). (A template, so that Variable({5}) is a vector of one.)
    /// @throws ValueError on a number that is no integer, for int64
    template <class S>
        requires std::is_arithmetic_v<S>
    explicit Variable(S value, DType dtype = DType::float32, const Location& at = Location::current())
        : Variable(std::is_integral_v<S> && dtype == DType::int64 ? whole(static_cast<std::int64_t>(value))
                                                                  : scalar(static_cast<double>(value), dtype, at)) {}
    /// A vector, a matrix, an array of any rank, from nested braces: Variable({{0, 1}, {1, 0}}).
    /// @throws ShapeError on rows of unequal length; ValueError on a number that is no integer, for int64
    Variable(std::initializer_list<NestedList> values, DType dtype = DType::float32,
             const Location& at = Location::current());
    /// Any xtensor expression, evaluated; double gives float64, float float32, an integer type int64.
    /// Defined in <xgrad/autograd/array.hpp>.
    template <XtensorExpression E>
    Variable(const E& expression);

    /// Elements not yet set: for code that fills them through mutable_data().
    static Variable empty(const Shape& shape, DType dtype = DType::float32);
    /// `values` in row-major order.
    /// @throws ShapeError unless there are as many as the shape asks for; ValueError, for int64, on what is no integer
    template <class T>
    static Variable from(std::span<const T> values, const Shape& shape, DType dtype = dtype_of<T>,
                         const Location& at = Location::current());
    template <class T>
    static Variable from(const std::vector<T>& values, const Shape& shape, DType dtype = dtype_of<T>,
                         const Location& at = Location::current()) {
        return from(std::span<const T>(values), shape, dtype, at);
    }

    explicit operator bool() const { return node_ != nullptr; }
    const Shape& shape() const { return node().shape; }
    std::size_t rank() const { return node().shape.rank(); }
    std::size_t size() const { return node().size; }
    DType dtype() const { return node().dtype; }

    /// The elements as an xtensor view, without a copy; valid while this Variable lives. In <xgrad/autograd/array.hpp>.
    /// @throws DTypeError unless T is the element type
    template <class T>
    auto value() const;
    /// The elements in row-major order.
    /// @throws DTypeError unless T is the element type
    template <class T>
    const T* data() const {
        if (thread_state.capture != nullptr) [[unlikely]]
            detail::note_read(*this);
        return static_cast<const T*>(checked_data(dtype_of<T>));
    }
    template <class T>
    std::span<const T> span() const {
        return {data<T>(), size()};
    }
    /// The elements, to be changed in place; counts as a change for the graphs that still need the old ones.
    template <class T>
    T* mutable_data() {
        if (thread_state.capture != nullptr) [[unlikely]]
            detail::note_change(*this);
        T* const elements = static_cast<T*>(checked_data(dtype_of<T>));
        node_->bump_version();
        return elements;
    }
    /// The only element, as a double.
    /// @throws ShapeError unless there is exactly one
    double item(const Location& at = Location::current()) const;
    /// All elements as doubles, row-major.
    std::vector<double> to_vector() const;

    bool requires_grad() const { return node_ != nullptr && node_->requires_grad; }
    /// Marks a leaf as something gradients are wanted for.
    /// @throws GraphError on the result of a recorded operator; DTypeError on int64
    Variable& set_requires_grad(bool on = true, const Location& at = Location::current());
    /// The accumulated gradient; empty before the first backward().
    Variable grad() const;
    void set_grad(Variable gradient, const Location& at = Location::current());
    void zero_grad();
    /// Keeps the gradient of a value in the middle of the graph too. @throws GraphError when it requires none
    Variable& retain_grad(const Location& at = Location::current());
    /// Adds d(this)/d(leaf) to the grad() of every leaf that requires it. See <xgrad/autograd/backward.hpp>.
    void backward(const Location& at = Location::current()) const;
    void backward(const BackwardOptions& options, const Location& at = Location::current()) const;

    /// The same elements, without history. Larger values share them with this one: a change in place shows on both.
    Variable detach() const;
    /// In another type; differentiable; itself when that is the same. @throws ValueError on what int64 cannot hold
    Variable to(DType dtype, const Location& at = Location::current()) const;
    /// Copies `value` over the elements, in place.
    /// @throws ShapeError, DTypeError unless shape and type are the same; GraphError on the result of an operator
    void assign(const Variable& value, const Location& at = Location::current());
    /// Changes the element type in place: every handle sees it (Module::to() needs that). Drops the gradient.
    /// @throws GraphError on the result of an operator; DTypeError for int64 beside a gradient; ValueError as to()
    void convert(DType dtype);

    /// A name for messages and drawings.
    Variable& named(std::string name) &;
    Variable&& named(std::string name) && { return std::move(named(std::move(name))); }
    const std::string& name() const;
    bool is_leaf() const { return !node().is_recorded(); }
    bool is_same(const Variable& other) const { return node_ == other.node_; }

    /// The engine's object.
    /// @throws ValueError when empty
    Node& node() const {
        if (node_ == nullptr) throw_empty();
        return *node_;
    }
    /// Takes over one reference.
    static Variable adopt(Node* node) {
        Variable v;
        v.node_ = node;
        return v;
    }
    static Variable share(Node* node) {
        if (node != nullptr) node->retain();
        return adopt(node);
    }
    Node* get() const { return node_; }
    Node* detach_node() && { return std::exchange(node_, nullptr); }

private:
    static Variable scalar(double value, DType dtype, const Location& at);
    static Variable whole(std::int64_t value);
    [[noreturn]] static void throw_empty();
    [[noreturn]] void throw_dtype(DType asked) const;
    void* checked_data(DType asked) const {
        if (node().dtype != asked) throw_dtype(asked);
        return node_->data;
    }

    Node* node_ = nullptr;
};

inline std::span<Variable> Node::input_list() const { return {inputs, input_count}; }

/// A leaf that requires a gradient.
Variable parameter(Variable value, const Location& at = Location::current());

/// What an operator function takes: a Variable or a number, with the line of the call. A number becomes a constant of
/// the other operand's type.
///
/// A function that takes an `Operand` by value may let its result have the memory of a temporary that nobody else
/// holds: tanh(x * w + b) computes in one place. One that takes a `const Operand&` leaves it alone.
class Operand {
public:
    Operand(const Variable& variable, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE())
        : variable_(&variable), at_{file, line} {}
    /// A temporary, or what the caller has moved: it may be empty afterwards.
    Operand(Variable&& variable, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE())
        : variable_(&variable), given_(&variable), at_{file, line} {}
    /// The copy gives nothing away: the original may be read again.
    Operand(const Operand& other)
        : variable_(other.variable_), number_(other.number_), at_(other.at_), constant_(other.constant_) {}
    Operand(Operand&& other) noexcept
        : variable_(other.variable_),
          given_(std::exchange(other.given_, nullptr)),
          number_(other.number_),
          at_(other.at_),
          constant_(std::move(other.constant_)) {}
    Operand& operator=(const Operand&) = delete;
    ~Operand() = default;
    template <class S>
        requires std::is_arithmetic_v<S> Operand(S number, const char* file = __builtin_FILE(),
                                                 unsigned line = __builtin_LINE())
            : number_(static_cast<double>(number)), at_{file, line} {}

        bool is_number() const { return variable_ == nullptr; }
        double number() const { return number_; }
        const Location& at() const { return at_; }
        /// The Variable, when the result may take its memory; else null.
        Variable* given() const { return given_; }
        /// The Variable; a number becomes one of type `dtype`.
        const Variable& as(DType dtype) const {
            if (variable_ != nullptr) return *variable_;
            if (!constant_ || constant_.dtype() != dtype) constant_ = Variable(number_, dtype, at_);
            return constant_;
        }
        /// The Variable; a number becomes float32, unless it has become something else.
        const Variable& get() const { return variable_ != nullptr || !constant_ ? as(DType::float32) : constant_; }
        operator const Variable&() const { return get(); }
        const Variable* operator->() const { return &get(); }

    private:
        const Variable* variable_ = nullptr;
        Variable* given_ = nullptr;
        double number_ = 0;
        Location at_;
        mutable Variable constant_;
};

/// The element type that numbers take beside these operands.
template <class... More>
DType dtype_beside(const Operand& first, const More&... more) {
    if constexpr (sizeof...(More) > 0) {
        if (first.is_number()) return dtype_beside(more...);
    }
    return first.is_number() || !first.get() ? DType::float32 : first.get().dtype();
}

}  // namespace xgrad
