#include <xgrad/autograd/variable.hpp>

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/extras.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

namespace xgrad {

namespace {

void convert_elements(DType to_type, void* to, DType from_type, const void* from, std::size_t n) {
    visit(to_type, [&](auto to_number) {
        visit(from_type, [&](auto from_number) {
            using To = decltype(to_number);
            using From = decltype(from_number);
            std::transform(static_cast<const From*>(from), static_cast<const From*>(from) + n, static_cast<To*>(to),
                           [](From v) { return detail::converted<To>(v); });
        });
    });
}

struct Cast {
    static constexpr auto name = "cast";
    static constexpr bool mixed_dtypes = true;
    static constexpr Reads reads = Reads::none;
    DType to;

    Shape shape(const Variable& x) const { return x.shape(); }
    DType dtype(const Variable&) const { return to; }
    std::string details() const { return std::string(to_string(to)); }
    void forward(Variable& y, const Variable& x) const {
        convert_elements(to, y.node().data, x.dtype(), x.node().data, x.size());
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return dy.to(x.dtype()); }
};

}  // namespace

Variable Variable::scalar(double value, DType dtype, const Location& at) {
    try {
        detail::check_number(value, dtype);
    } catch (Error& error) {
        detail::explain(error, "Variable", at);  // or the function whose operand it is
        throw;
    }
    Variable v = empty({}, dtype);
    convert_elements(dtype, v.node_->data, DType::float64, &value, 1);
    detail::note_constant(v);
    return v;
}

Variable Variable::whole(std::int64_t value) {
    Variable v = empty({}, DType::int64);
    *static_cast<std::int64_t*>(v.node_->data) = value;
    detail::note_constant(v);
    return v;
}

void NestedList::flatten(std::span<const NestedList> items, std::size_t depth, Shape& shape,
                         std::vector<double>& values) {
    const auto unequal = [](std::size_t a, std::size_t b) {
        return ShapeError(fmt::format("nested braces of unequal length, {} and {}", a, b));
    };
    if (shape.rank() == depth) shape.push_back(items.size());
    if (shape[depth] != items.size()) throw unequal(shape[depth], items.size());
    for (const NestedList& item : items) {
        if (item.is_number_ != items[0].is_number_ || (item.is_number_ && shape.rank() != depth + 1))
            throw ShapeError("nested braces of unequal depth: a number beside a list");
        if (item.is_number_)
            values.push_back(item.number_);
        else
            flatten(item.items_, depth + 1, shape, values);
    }
}

Variable::Variable(std::initializer_list<NestedList> values, DType dtype, const Location& at) {
    detail::located("Variable", at, [&] {
        Shape shape;
        std::vector<double> numbers;
        NestedList::flatten(std::span(values.begin(), values.size()), 0, shape, numbers);
        for (const double v : numbers) detail::check_number(v, dtype);
        *this = from(numbers, shape, dtype);
    });
}

Variable Variable::empty(const Shape& shape, DType dtype) {
    Variable v = adopt(detail::make_node<Node>(shape, dtype, true));
    detail::note_creation(v);
    return v;
}

template <class T>
Variable Variable::from(std::span<const T> values, const Shape& shape, DType dtype, const Location& at) {
    detail::located("Variable::from", at, [&] {
        if (values.size() != shape.elements())
            throw ShapeError(
                fmt::format("{} values for shape {}, which has {}", values.size(), to_string(shape), shape.elements()));
        if constexpr (std::is_floating_point_v<T>)
            if (dtype == DType::int64)
                for (const T v : values) detail::check_number(static_cast<double>(v), dtype);
    });
    Variable v = empty(shape, dtype);
    visit(dtype, [&](auto number) {
        using To = decltype(number);
        std::transform(values.begin(), values.end(), static_cast<To*>(v.node_->data),
                       [](T e) { return static_cast<To>(e); });
    });
    return v;
}
template Variable Variable::from(std::span<const float>, const Shape&, DType, const Location&);
template Variable Variable::from(std::span<const double>, const Shape&, DType, const Location&);
template Variable Variable::from(std::span<const std::int64_t>, const Shape&, DType, const Location&);
template Variable Variable::from(std::span<const int>, const Shape&, DType, const Location&);
template Variable Variable::from(std::span<const unsigned char>, const Shape&, DType, const Location&);

double Variable::item(const Location& at) const {
    detail::located("item", at, [&] {
        if (size() != 1) throw ShapeError(fmt::format("expected one element, got shape {}", to_string(shape())));
    });
    return visit(dtype(), [this](auto number) { return static_cast<double>(*data<decltype(number)>()); });
}

std::vector<double> Variable::to_vector() const {
    if (thread_state.capture != nullptr) [[unlikely]]
        detail::note_read(*this);
    std::vector<double> values(size());
    convert_elements(DType::float64, values.data(), dtype(), node_->data, size());
    return values;
}

Variable& Variable::set_requires_grad(bool on, const Location& at) {
    detail::located("set_requires_grad", at, [&] {
        if (node().is_recorded())
            throw GraphError(
                fmt::format("not a leaf but the result of \"{}\"; use detach() first", node_->operator_name()));
        if (on && !is_floating(dtype())) throw DTypeError("an int64 value has no gradient");
    });
    // What is older than the leaf cannot depend on it: grad() looks no further.
    if (on && node_->sequence == 0) node_->sequence = ++thread_state.clock;
    node_->requires_grad = on;
    return *this;
}

Variable Variable::grad() const {
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->on_gradient_use(*this);
    return share(node().grad.load(std::memory_order_acquire));
}

void Variable::set_grad(Variable gradient, const Location& at) {
    if (gradient && (gradient.shape() != shape() || gradient.dtype() != dtype()))
        detail::located("set_grad", at, [&] {
            const std::string what =
                fmt::format("a gradient of {} {} for a value of {} {}", to_string(gradient.shape()),
                            to_string(gradient.dtype()), to_string(shape()), to_string(dtype()));
            if (gradient.dtype() != dtype()) throw DTypeError(what);
            throw ShapeError(what);
        });
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->on_set_gradient(*this, gradient);
    std::atomic<Node*>& own = node().grad;
    Node* const before = own.load(std::memory_order_acquire);  // not exchanged: that would cost a locked instruction
    own.store(std::move(gradient).detach_node(), std::memory_order_release);
    release(before);
}

void Variable::zero_grad() { set_grad(Variable()); }

Variable& Variable::retain_grad(const Location& at) {
    detail::located("retain_grad", at, [&] {
        if (!requires_grad())
            throw GraphError(fmt::format("{} does not require a gradient, so none will come", detail::describe(*this)));
    });
    node().retains_grad = true;
    return *this;
}

Variable Variable::detach() const {
    const Node& source = node();
    Node* const twin = detail::make_node<Node>(source.shape, source.dtype, source.buffer == nullptr);
    detail::share_data(*twin, source);
    Variable result = adopt(twin);
    detail::note_copy(result, *this);
    return result;
}

Variable Variable::to(DType dtype, const Location& at) const {
    if (dtype == this->dtype()) return *this;
    const Recording recording(is_recording() && is_floating(dtype));  // no gradient passes through integers
    return apply(Cast{dtype}, Operand(*this, at.file, at.line));
}

void Variable::assign(const Variable& value, const Location& at) {
    detail::located("assign", at, [&] {
        if (node().is_recorded())
            throw GraphError(
                fmt::format("not a leaf but the result of \"{}\"; use detach() first", node_->operator_name()));
        if (value.shape() != shape())
            throw ShapeError(
                fmt::format("a value of another shape: {} to {}", detail::describe(value), detail::describe(*this)));
        if (value.dtype() != dtype())
            throw DTypeError(
                fmt::format("a {} value to a {} one; use .to()", to_string(value.dtype()), to_string(dtype())));
    });
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->on_assign(*this, value);
    detail::copy_elements(*this, value);
    node_->bump_version();
}

void Variable::convert(DType dtype) {
    if (node().is_recorded()) throw GraphError("convert: not a leaf; use to()");
    if (dtype == this->dtype()) return;
    if (node_->requires_grad && !is_floating(dtype))
        throw DTypeError("convert: a value that requires a gradient cannot be int64");
    if (thread_state.capture != nullptr) [[unlikely]]
        detail::note_change(*this);
    const auto give_back = [](Buffer* unused) { unused->release(); };
    std::unique_ptr<Buffer, decltype(give_back)> buffer(Buffer::make(size() * size_of(dtype)), give_back);
    convert_elements(dtype, buffer->data, this->dtype(), node_->data, size());
    const std::uint32_t version = node_->version();
    buffer->version = version + 1;
    if (node_->buffer != nullptr) node_->buffer->release();
    node_->buffer = buffer.release();
    node_->data = node_->buffer->data;
    node_->dtype = dtype;
    zero_grad();
}

Variable& Variable::named(std::string name) & {
    extras_of(node()).name = std::move(name);
    return *this;
}

const std::string& Variable::name() const {
    static const std::string none;
    return node().extras == nullptr ? none : node_->extras->name;
}

void Variable::throw_empty() {
    throw ValueError("an empty Variable (default-constructed, or a gradient that was never computed)");
}

void Variable::throw_dtype(DType asked) const {
    throw DTypeError(fmt::format("the elements of {} are {}, not {}; convert them with .to()", detail::describe(*this),
                                 to_string(dtype()), to_string(asked)));
}

Variable parameter(Variable value, const Location& at) {
    detail::located("parameter", at, [&] {
        if (!is_floating(value.dtype())) throw DTypeError("an int64 value has no gradient");
    });
    value.set_requires_grad(true, at);
    return value;
}

}  // namespace xgrad
