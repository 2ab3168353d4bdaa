#include <xgrad/autograd/operator.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/array.hpp>
#include <xgrad/autograd/scope.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace xgrad;
using namespace engine;

namespace {

const auto nearly = boost::test_tools::tolerance(1e-10);

// The three forms of forward(): on xtensor arrays, into memory already there, and as a view.

struct ArraySoftplus {
    static constexpr auto name = "array_softplus";
    template <class T>
    Array<T> forward(const ArrayView<T>& x) const {
        return xt::log1p(xt::exp(-xt::abs(x))) + xt::maximum(x, T(0));
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return dy * sigmoid(x); }
};

struct ArrayProduct {
    static constexpr auto name = "array_product";
    template <class T>
    Array<T> forward(const ArrayView<T>& a, const ArrayView<T>& b) const {
        return a * b;
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy) const {
        return {dy * b, dy * a};
    }
};

struct RawCube {
    static constexpr auto name = "raw_cube";
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            std::transform(x.data<T>(), x.data<T>() + x.size(), y.mutable_data<T>(), [](T v) { return v * v * v; });
        });
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return dy * 3 * square(x); }
};

struct Reversed {
    static constexpr auto name = "reversed_shape";
    static constexpr bool is_view = true;
    Shape shape(const Variable& x) const {
        Shape result;
        for (std::size_t i = x.rank(); i-- > 0;) result.push_back(x.shape()[i]);
        return result;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return reshape(dy, x.shape()); }
};

/// a b + c; counts which gradients it was asked for.
struct MultiplyAdd {
    static constexpr auto name = "multiply_add";
    std::array<int, 3>* asked;

    Shape shape(const Variable& a, const Variable&, const Variable&) const { return a.shape(); }
    void forward(Variable& y, const Variable& a, const Variable& b, const Variable& c) const {
        for (std::size_t i = 0; i < a.size(); ++i)
            y.mutable_data<double>()[i] = a.data<double>()[i] * b.data<double>()[i] + c.data<double>()[i];
    }
    std::array<Variable, 3> backward(const Variable& a, const Variable& b, const Variable&, const Variable&,
                                     const Variable& dy, Needs needs) const {
        for (std::size_t i = 0; i < 3; ++i) (*asked)[i] += needs[i] ? 1 : 0;
        return {needs[0] ? dy * b : Variable(), needs[1] ? dy * a : Variable(), needs[2] ? dy : Variable()};
    }
};

struct Threshold {
    static constexpr auto name = "threshold";
    static constexpr bool differentiable = false;
    Shape shape(const Variable& x) const { return x.shape(); }
    DType dtype(const Variable&) const { return DType::int64; }
    void forward(Variable& y, const Variable& x) const {
        for (std::size_t i = 0; i < x.size(); ++i) y.mutable_data<std::int64_t>()[i] = x.data<double>()[i] > 0 ? 1 : 0;
    }
};

/// |x|^2, leaving 2 x for its rule.
struct SavesItsSlope {
    static constexpr auto name = "saves_its_slope";
    Variable slope = {};

    Shape shape(const Variable&) const { return {}; }
    void forward(Variable& y, const Variable& x) {
        slope = 2 * x.detach();
        y.mutable_data<double>()[0] = sum(square(x.detach())).item();
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return dy * slope; }
    void drop_saved() { dropped.push_back(std::move(slope)); }

    static inline std::vector<Variable> dropped;
};

/// Refuses negative numbers. The name is settled when the program runs.
struct Picky {
    std::string name;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        for (const double v : x.to_vector())
            if (v < 0) throw ValueError(fmt::format("{} is negative", v));
        std::copy_n(x.data<double>(), x.size(), y.mutable_data<double>());
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return dy; }
};

/// exp(x), whose rule finds the slope by differentiating another graph.
struct NestedExp {
    static constexpr auto name = "nested_exp";
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        std::transform(x.data<double>(), x.data<double>() + x.size(), y.mutable_data<double>(),
                       [](double v) { return std::exp(v); });
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        const Recording on(true);
        const Variable inner = parameter(x.detach());
        return dy * grad(sum(exp(inner)), inner);
    }
};

/// A rule that frees part of the very graph that is being walked.
struct Saboteur {
    static constexpr auto name = "saboteur";
    Variable victim;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        std::copy_n(x.data<double>(), x.size(), y.mutable_data<double>());
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const {
        victim.backward();
        return dy;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_operator_on_arrays_works_in_either_element_type) {
    for (const DType dtype : {DType::float32, DType::float64}) {
        const Variable x = parameter(Variable({{-2, 0.5}, {0, 30}}, dtype));
        const Variable y = apply(ArraySoftplus{}, x);
        BOOST_TEST((y.dtype() == dtype));
        BOOST_TEST(all_close(y.to_vector(), softplus(x).to_vector(), 1e-6));
        sum(y).backward();
        BOOST_TEST(all_close(x.grad().to_vector(), sigmoid(x).to_vector(), 1e-6));
    }
}

BOOST_AUTO_TEST_CASE(an_operator_on_arrays_takes_large_empty_and_single_inputs) {
    const Variable large = uneven_leaf({40, 50});
    sum(apply(ArraySoftplus{}, large)).backward();
    BOOST_TEST(all_close(large.grad().to_vector(), sigmoid(large).to_vector()));
    BOOST_TEST(apply(ArraySoftplus{}, leaf({}, {0, 3})).size() == 0U);
    BOOST_TEST(apply(ArraySoftplus{}, leaf(0)).item() == std::log(2.0), nearly);
}

BOOST_AUTO_TEST_CASE(an_operator_on_two_arrays_broadcasts_as_xtensor_does) {
    const Variable a = uneven_leaf({2, 3}), b = uneven_leaf({3});
    sum(apply(ArrayProduct{}, a, b)).backward();
    BOOST_TEST(all_close(a.grad().to_vector(), broadcast_to(b, {2, 3}).to_vector()));
    BOOST_TEST(all_close(b.grad().to_vector(), sum(a, 0).to_vector()));
}

BOOST_AUTO_TEST_CASE(xtensors_own_errors_get_the_operator_and_the_line) {
    const Variable a({1, 2, 3}), b({1, 2});
    BOOST_CHECK_EXCEPTION(apply(ArrayProduct{}, a, b), std::invalid_argument, Says({"array_product", at_line()}));
}

BOOST_AUTO_TEST_CASE(an_operator_into_memory_works_to_the_second_order) {
    const Variable x = leaf({1, 2, -3}, {3});
    const Variable slope = grad(sum(apply(RawCube{}, x)), x, {.create_graph = true});
    BOOST_TEST(slope.to_vector() == numbers({3, 12, 27}), per_element());
    BOOST_TEST(grad(sum(slope), x).to_vector() == numbers({6, 12, -18}), per_element());
}

BOOST_AUTO_TEST_CASE(a_view_shows_the_same_elements_in_another_shape) {
    const Variable x = uneven_leaf({2, 40});
    const Variable y = apply(Reversed{}, x);
    BOOST_TEST(to_string(y.shape()) == "(40, 2)");
    BOOST_TEST(y.data<double>() == x.data<double>());
    sum(y * y).backward();
    BOOST_TEST(all_close(x.grad().to_vector(), (2 * x).to_vector()));
    BOOST_TEST(apply(Reversed{}, uneven_leaf({1, 2})).to_vector() == uneven_leaf({2}).to_vector(), per_element());
}

BOOST_AUTO_TEST_CASE(a_rule_is_asked_only_for_the_gradients_that_are_wanted) {
    std::array<int, 3> asked{};
    const Variable a = uneven_leaf({3}), b = uneven_leaf({3}), constant = ones({3}, DType::float64);
    sum(apply(MultiplyAdd{&asked}, a, b, constant)).backward();
    BOOST_TEST(asked == (std::array{1, 1, 0}), per_element());
    static_cast<void>(grad(sum(apply(MultiplyAdd{&asked}, a, b, a)), b));
    BOOST_TEST(asked == (std::array{1, 2, 0}), per_element());
    BOOST_TEST(all_close(a.grad().to_vector(), b.to_vector()));
}

BOOST_AUTO_TEST_CASE(an_operator_without_derivative_records_nothing) {
    const Variable x = leaf({-1, 2}, {2});
    const Variable y = apply(Threshold{}, x);
    BOOST_TEST(!y.requires_grad());
    BOOST_TEST((y.dtype() == DType::int64));
    BOOST_TEST(y.to_vector() == numbers({0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(what_forward_saves_in_the_operator_is_there_for_the_rule) {
    const Variable x = leaf({1, 2}, {2});
    const Variable y = apply(SavesItsSlope{}, x);
    BOOST_TEST(y.item() == 5);
    y.backward({.retain_graph = true});
    BOOST_TEST(x.grad().to_vector() == numbers({2, 4}), per_element());
    BOOST_TEST(SavesItsSlope::dropped.empty());
    y.backward();
    BOOST_TEST_REQUIRE(SavesItsSlope::dropped.size() == 1);
    BOOST_TEST(SavesItsSlope::dropped[0].to_vector() == numbers({2, 4}), per_element());
    const NoGrad off;
    BOOST_TEST(apply(SavesItsSlope{}, x).item() == 5);
}

BOOST_AUTO_TEST_CASE(a_number_among_the_operands_takes_the_others_type) {
    for (const DType dtype : {DType::float32, DType::float64}) {
        const Variable x = parameter(Variable({1, 2}, dtype));
        for (const Variable& y :
             {apply(ArrayProduct{}, x, 3), apply(ArrayProduct{}, 3, x), x * 3, 3 * x, 3.0f * x, 6L / (2 / x)}) {
            BOOST_TEST((y.dtype() == dtype));
            BOOST_TEST(all_close(y.to_vector(), {3, 6}, 1e-6));
        }
    }
    BOOST_TEST((apply(ArrayProduct{}, 2, 3).dtype() == DType::float32));
}

BOOST_AUTO_TEST_CASE(errors_name_operator_operands_shapes_and_the_users_line) {
    const Variable a = Variable(ones({2, 3})).named("images"), b = ones({4});
    BOOST_CHECK_EXCEPTION(a + b, ShapeError, Says({"add: ", "(2, 3)", "(4,)", at_line()}));
    BOOST_CHECK_EXCEPTION(matmul(a, b), ShapeError, Says({"matmul: ", "\"images\" (2, 3)", "(4", at_line()}));
    BOOST_CHECK_EXCEPTION(a * ones({3}, DType::float64), DTypeError,
                          Says({"multiply: ", "\"images\" (2, 3)", "float32", "rhs (3,)", "float64", at_line()}));
    BOOST_CHECK_EXCEPTION(apply(Picky{"picky_one"}, Variable({1, -2}, DType::float64)), ValueError,
                          Says({"picky_one: -2 is negative", at_line()}));
    BOOST_CHECK_EXCEPTION(apply(Picky{"picky_two"}, leaf(-3)), ValueError,
                          Says({"picky_two: -3 is negative", at_line()}));
}

BOOST_AUTO_TEST_CASE(errors_inside_a_scope_name_its_path) {
    const Scope outer(new_scope("encoder"));
    const Scope inner(new_scope("dense_1"));
    BOOST_CHECK_EXCEPTION(ones({2}) + ones({3}), ShapeError, Says({"add in encoder.dense_1: "}));
}

BOOST_AUTO_TEST_CASE(a_failed_operator_leaves_its_operands_as_they_were) {
    const Variable x = leaf({1, -2}, {2});
    BOOST_CHECK_THROW(apply(Picky{"picky"}, x), ValueError);
    BOOST_TEST(x.node().references.load() == 1U);
    BOOST_TEST(x.is_leaf());
    sum(x).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(operators_lists_every_operator_linked_in) {
    const auto find = [](std::string_view name) {
        const auto& list = operators();
        return std::find_if(list.begin(), list.end(), [&](const OperatorInfo& o) { return o.name == name; });
    };
    for (const auto* name :
         {"array_softplus", "raw_cube", "reversed_shape", "add", "matmul", "concatenate", "softmax"}) {
        BOOST_REQUIRE_MESSAGE(find(name) != operators().end(), name << " is not listed");
        BOOST_TEST(find(name)->differentiable, name);
        BOOST_TEST(std::count_if(operators().begin(), operators().end(),
                                 [&](const OperatorInfo& o) { return o.name == name; }) == 1,
                   name);
    }
    BOOST_REQUIRE(find("threshold") != operators().end());
    BOOST_TEST(!find("threshold")->differentiable);
    BOOST_TEST(!find("less")->differentiable);
}

BOOST_AUTO_TEST_CASE(a_rule_may_differentiate_a_graph_of_its_own) {
    const Variable x = leaf({0.5, -1}, {2});
    const Variable y = apply(NestedExp{}, x * 2);
    sum(y * y).backward();
    BOOST_TEST(x.grad().to_vector()[0] == 4 * std::exp(2.0), nearly);
    BOOST_TEST(x.grad().to_vector()[1] == 4 * std::exp(-4.0), nearly);
}

BOOST_AUTO_TEST_CASE(a_rule_that_frees_the_graph_under_way_is_an_error_and_no_crash) {
    for (const bool keep : {false, true}) {
        const Variable x = leaf({0.5, -1}, {2});
        Variable loss;
        {
            const Variable trunk = exp(sin(x)), victim = sum(trunk);
            loss = sum(apply(Saboteur{victim}, cos(trunk)) * trunk);
        }
        BOOST_CHECK_EXCEPTION(loss.backward({.retain_graph = keep}), GraphError, Says({"freed"}));
    }
}

BOOST_AUTO_TEST_CASE(an_operator_over_a_list_takes_any_number_of_inputs) {
    std::vector<Variable> parts;
    parts.reserve(100);
    for (int i = 0; i < 100; ++i) parts.push_back(leaf({static_cast<double>(i)}, {1}));
    sum(square(concatenate(parts))).backward();
    for (int i = 0; i < 100; ++i) BOOST_TEST(parts[static_cast<std::size_t>(i)].grad().item() == 2 * i);
    BOOST_CHECK_EXCEPTION(concatenate({}), ValueError, Says({"concatenate", at_line()}));
    BOOST_CHECK_EXCEPTION(concatenate({parts[0], Variable()}), ValueError,
                          Says({"concatenate", "empty Variable", at_line()}));
}

namespace {

/// Gives every input a gradient, asked for or not.
struct GenerousSum {
    static constexpr auto name = "generous_sum";
    static constexpr Reads reads = Reads::none;
    Shape shape(std::span<const Variable> in) const { return in[0].shape(); }
    void forward(Variable& y, std::span<const Variable> in) const {
        y.mutable_data<double>()[0] = 0;
        for (const Variable& v : in) y.mutable_data<double>()[0] += v.item();
    }
    std::vector<Variable> backward(std::span<const Variable> in, const Variable&, const Variable& dy) const {
        return std::vector<Variable>(in.size(), dy);
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_leaf_that_asked_for_no_gradient_gets_none_however_many_inputs_there_are) {
    std::vector<Variable> parts;
    for (int i = 0; i < 70; ++i) {
        parts.push_back(leaf({1}, {1}));
        parts.back().set_requires_grad(i % 2 == 0);
    }
    apply_list(GenerousSum{}, parts).backward();
    for (std::size_t i = 0; i < parts.size(); ++i) BOOST_TEST(static_cast<bool>(parts[i].grad()) == (i % 2 == 0));
}

namespace {

/// Its rule computes on plain numbers.
struct PlainSquare {
    static constexpr auto name = "plain_square";
    static constexpr bool once_differentiable = true;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        std::transform(x.data<double>(), x.data<double>() + x.size(), y.mutable_data<double>(),
                       [](double v) { return v * v; });
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        Variable dx = Variable::empty(x.shape(), x.dtype());
        std::transform(x.data<double>(), x.data<double>() + x.size(), dy.data<double>(), dx.mutable_data<double>(),
                       [](double v, double d) { return 2 * v * d; });
        return dx;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_second_backward_through_an_operator_that_is_differentiable_once_names_it) {
    const Variable x = leaf({1, 2}, {2});
    const Variable loss = sum(3 * apply(PlainSquare{}, x));
    BOOST_TEST(grad(loss, x, {.retain_graph = true}).to_vector() == (numbers{6, 12}), per_element());
    const Variable slope = grad(loss, x, {.create_graph = true});
    BOOST_TEST(slope.to_vector() == (numbers{6, 12}), per_element());
    BOOST_CHECK_EXCEPTION(grad(sum(slope), x), GraphError, Says({"plain_square", "differentiable once"}));
}
