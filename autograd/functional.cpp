#include <xgrad/autograd/functional.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/detail/constant.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/tape.hpp>
#include <xgrad/autograd/thread_state.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad {

namespace {

using List = std::vector<Variable>;

/// A function evaluated at a point of its own: whatever is differentiated there, the inputs' own graph and grad() stay
/// untouched.
class Evaluation {
public:
    Evaluation(const detail::ListFunction& f, const List& inputs, const char* caller, const Location& at)
        : caller_(caller), at_(at), connected_(is_recording() && any_requires_grad(inputs)), recording_(true) {
        for (const Variable& v : inputs) {
            point_.push_back(own(v));
            if (is_floating(v.dtype())) real_.push_back(point_.back());
        }
        const std::uint64_t start = thread_state.clock + 1;
        outputs_ = f(point_);
        connected_ = connected_ || (before_ && uses_others_since(start));
    }

    /// From now on what is computed is to be differentiable with respect to these too.
    void connect(const List& more) { connected_ = connected_ || (before_ && any_requires_grad(more)); }
    bool is_connected() const { return connected_; }
    const List& outputs() const { return outputs_; }
    /// The real inputs, as f saw them.
    const List& real() const { return real_; }

    /// The only output. @throws ValueError when there are several
    const Variable& output() const {
        if (outputs_.size() != 1)
            throw located(ValueError(fmt::format("f gives {} outputs, not one", outputs_.size())));
        if (!is_floating(outputs_[0].dtype())) throw located(DTypeError("f gives integers, which have no gradient"));
        return outputs_[0];
    }
    /// The same, which must be one number. @throws GraphError otherwise
    const Variable& scalar_output() const {
        const Variable& y = output();
        if (y.size() != 1)
            throw located(
                GraphError(fmt::format("the gradient of a non-scalar, shape {}; sum it", to_string(y.shape()))));
        return y;
    }
    /// @throws ShapeError when y, a result, and an input have more axes together than an array
    void check_axes(const Variable& y) const {
        for (const Variable& x : real_)
            if (y.rank() + x.rank() > Shape::max_rank)
                throw located(ShapeError(
                    fmt::format("a result of shape {} and an input of shape {} have more than {} axes together",
                                to_string(y.shape()), to_string(x.shape()), Shape::max_rank)));
    }
    /// The gradients of `results` with respect to the real inputs, 0 for those that they do not depend on.
    List differentiate(const List& results, const List& v, bool create_graph, bool retain_graph = false) const {
        GradOptions options{.create_graph = create_graph, .retain_graph = retain_graph, .allow_unused = true};
        List reached;
        for (std::size_t j = 0; j < results.size(); ++j) {
            if (!results[j].requires_grad()) continue;
            reached.push_back(results[j]);
            if (!v.empty()) options.gradients.push_back(v[j]);
        }
        List gradients = gradients_of(reached, real_, options);
        for (std::size_t k = 0; k < real_.size(); ++k)
            if (!gradients[k]) gradients[k] = zeros_like(real_[k]);
        return gradients;
    }
    /// As grad(), of no outputs too; its errors are the caller's.
    List gradients_of(const List& outputs, const List& inputs, const GradOptions& options) const {
        List result(inputs.size());
        if (!outputs.empty())
            detail::located(caller_, at_,
                            [&] { detail::grad_into(result, outputs, inputs, options.gradients, options); });
        return result;
    }
    /// A list for the real inputs as one for all of them.
    List for_all(const List& of_real) const {
        List all;
        std::size_t k = 0;
        for (const Variable& v : point_) all.push_back(is_floating(v.dtype()) ? of_real[k++] : Variable());
        return all;
    }
    /// What goes out: without history, unless it is to be differentiated further.
    List released(List values) const {
        if (!connected_)
            for (Variable& v : values)
                if (v) v = v.detach();
        return values;
    }
    /// @throws ValueError, ShapeError, DTypeError unless there is a vector for each value, of its shape and type
    void check_vectors(const List& v, const List& values, const char* what) const {
        if (v.size() != values.size())
            throw located(ValueError(fmt::format("{} vectors for {} {}s", v.size(), values.size(), what)));
        for (std::size_t i = 0; i < v.size(); ++i) {
            if (!is_floating(values[i].dtype())) continue;
            if (!v[i]) throw located(ValueError(fmt::format("vector {} is an empty Variable", i)));
            if (v[i].shape() != values[i].shape())
                throw located(ShapeError(fmt::format("vector {} is {}, the {} is {}", i, to_string(v[i].shape()), what,
                                                     to_string(values[i].shape()))));
            if (v[i].dtype() != values[i].dtype())
                throw located(DTypeError(fmt::format("vector {} is {}, the {} is {}", i, to_string(v[i].dtype()), what,
                                                     to_string(values[i].dtype()))));
        }
    }
    const List& point() const { return point_; }

private:
    /// Whether f used something that requires a gradient without being given it: a weight.
    bool uses_others_since(std::uint64_t start) const {
        const auto is_own = [this](const Variable& v) {
            return std::any_of(point_.begin(), point_.end(), [&](const Variable& own) { return own.is_same(v); });
        };
        const auto is_other = [&](const Variable& v) {
            return v.requires_grad() && !is_own(v) && (v.is_leaf() || v.node().sequence < start);
        };
        if (std::any_of(outputs_.begin(), outputs_.end(), is_other)) return true;
        Walk walk(outputs_, start);
        for (std::size_t place = walk.next(); place != Walk::none; place = walk.next()) {
            const Node& node = walk.node(place);
            for (std::uint32_t i = 0; i < node.input_count; ++i)
                if (is_other(node.inputs[i])) return true;
        }
        return false;
    }
    static bool any_requires_grad(const List& list) {
        return std::any_of(list.begin(), list.end(), [](const Variable& v) { return v.requires_grad(); });
    }
    Variable own(const Variable& v) const {
        if (!is_floating(v.dtype())) return v;
        return connected_ && v.requires_grad() ? identity(v) : v.detach().set_requires_grad();
    }
    template <class E>
    E located(E error) const {
        error.locate(caller_, at_);
        return error;
    }

    const char* caller_;
    Location at_;
    bool before_ = is_recording();
    bool connected_;
    Recording recording_;
    List point_, real_, outputs_;
};

/// The rows d y_i / d x_k for every element of y, as one array of shape (y..., x_k...) for each real input.
List rows_of(const Evaluation& at, const Variable& y) {
    at.check_axes(y);
    const Variable flat = reshape(y, Shape{y.size()});
    std::vector<List> rows(at.real().size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const Variable unit = detail::constant(flat.shape(), y.dtype(), [&]<class T>(T* to) {
            std::fill_n(to, y.size(), T(0));
            to[i] = T(1);
        });
        List row = at.differentiate({flat}, {unit}, at.is_connected(), true);
        for (std::size_t k = 0; k < row.size(); ++k) rows[k].push_back(expand_dims(row[k], 0));
    }
    List result;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const Shape& x = at.real()[k].shape();
        Shape shape = y.shape();
        for (const std::size_t size : x) shape.push_back(size);
        result.push_back(rows[k].empty() ? zeros(shape, y.dtype()) : reshape(concatenate(rows[k]), shape));
    }
    return result;
}

}  // namespace

namespace detail {

std::vector<Variable> gradients_at(const ListFunction& f, const List& inputs, const char* caller, Variable* value,
                                   const Location& at) {
    const Evaluation evaluation(f, inputs, caller, at);
    const List gradients = evaluation.differentiate({evaluation.scalar_output()}, {}, evaluation.is_connected());
    if (value != nullptr) *value = evaluation.released({evaluation.output()})[0];
    return evaluation.for_all(evaluation.released(gradients));
}

VjpResult vjp(const ListFunction& f, const List& inputs, const List& v, const Location& at) {
    Evaluation evaluation(f, inputs, "vjp", at);
    evaluation.check_vectors(v, evaluation.outputs(), "output");
    evaluation.connect(v);
    const List gradients = evaluation.differentiate(evaluation.outputs(), v, evaluation.is_connected());
    return {evaluation.released(evaluation.outputs()), evaluation.for_all(evaluation.released(gradients))};
}

JvpResult jvp(const ListFunction& f, const List& inputs, const List& v, const Location& at) {
    Evaluation evaluation(f, inputs, "jvp", at);
    evaluation.check_vectors(v, evaluation.point(), "input");
    evaluation.connect(v);
    List weights, tangents_in;  // v^T J is linear in v: differentiating by it gives J
    for (const Variable& y : evaluation.outputs())
        weights.push_back(zeros_like(y).set_requires_grad(is_floating(y.dtype())));
    for (std::size_t i = 0; i < v.size(); ++i)
        if (is_floating(inputs[i].dtype())) tangents_in.push_back(v[i]);
    const List products = evaluation.differentiate(evaluation.outputs(), weights, true);
    List reached, seeds, wanted;
    for (std::size_t k = 0; k < products.size(); ++k)
        if (products[k].requires_grad()) {
            reached.push_back(products[k]);
            seeds.push_back(tangents_in[k]);
        }
    for (const Variable& w : weights)
        if (w.requires_grad()) wanted.push_back(w);
    const List found = evaluation.gradients_of(
        reached, wanted, {.create_graph = evaluation.is_connected(), .allow_unused = true, .gradients = seeds});
    JvpResult result{evaluation.released(evaluation.outputs()), {}};
    std::size_t next = 0;
    for (const Variable& w : weights) {
        Variable tangent = w.requires_grad() ? found[next++] : Variable();
        result.tangents.push_back(tangent ? tangent : zeros_like(w));
    }
    result.tangents = evaluation.released(result.tangents);
    return result;
}

HvpResult hvp(const ListFunction& f, const List& inputs, const List& v, const Location& at) {
    Evaluation evaluation(f, inputs, "hvp", at);
    evaluation.check_vectors(v, evaluation.point(), "input");
    evaluation.connect(v);
    List vectors;
    for (std::size_t i = 0; i < v.size(); ++i)
        if (is_floating(inputs[i].dtype())) vectors.push_back(v[i]);
    const List slopes = evaluation.differentiate({evaluation.scalar_output()}, {}, true);
    const List products = evaluation.differentiate(slopes, vectors, evaluation.is_connected());
    return {evaluation.released({evaluation.output()})[0], evaluation.for_all(evaluation.released(products))};
}

std::vector<Variable> jacobian(const ListFunction& f, const List& inputs, const Location& at) {
    const Evaluation evaluation(f, inputs, "jacobian", at);
    return evaluation.for_all(evaluation.released(rows_of(evaluation, evaluation.output())));
}

std::vector<List> hessian(const ListFunction& f, const List& inputs, const Location& at) {
    const Evaluation evaluation(f, inputs, "hessian", at);
    std::vector<List> blocks;
    const List slopes = evaluation.differentiate({evaluation.scalar_output()}, {}, true);
    for (const Variable& slope : evaluation.for_all(slopes))
        blocks.push_back(slope ? evaluation.for_all(evaluation.released(rows_of(evaluation, slope))) : List());
    return blocks;
}

}  // namespace detail
}  // namespace xgrad
