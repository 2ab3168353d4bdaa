#include <xgrad/autograd/functional.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/map.hpp>

#include <algorithm>

using namespace xgrad;
using namespace engine;

namespace {

Variable cube_sum(const Variable& x) { return sum(x * x * x); }
/// x (3), w (2, 3) -> (2)
Variable layer(const Variable& x, const Variable& w) { return tanh(matmul(w, x)); }

Variable layer_sum(const Variable& x, const Variable& w) { return sum(layer(x, w)); }

const Variable x3 = Variable::from(numbers{0.5, -1, 2}, {3});
const Variable w23 = Variable::from(numbers{0.1, 0.2, -0.3, 0.4, 0.5, 0.6}, {2, 3});

/// x^2, which counts how often its rule is asked.
struct CountedSquare {
    static constexpr auto name = "counted_square";
    static inline int rules = 0;
    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        std::ranges::transform(x.span<double>(), y.mutable_data<double>(), [](double v) { return v * v; });
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        ++rules;
        return 2 * x * dy;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(grad_of_a_function_is_a_function) {
    const auto slope = grad(cube_sum);
    BOOST_TEST(slope(x3).to_vector() == (numbers{0.75, 3, 12}), per_element());
    const auto both = grad([](const Variable& x, const Variable& w) { return sum(layer(x, w)); })(x3, w23);
    BOOST_REQUIRE(both.size() == 2U);
    BOOST_TEST((both[1].shape() == Shape{2, 3}));
    BOOST_TEST(!slope(x3).requires_grad());
    BOOST_TEST(!x3.requires_grad());
}

BOOST_AUTO_TEST_CASE(grad_of_a_function_of_a_list_takes_a_list) {
    const auto f = [](const std::vector<Variable>& in) { return sum(in[0] * in[1]) + sum(in[0]); };
    const std::vector<Variable> gradients = grad(f)(std::vector{x3, 2.0 * x3});
    BOOST_REQUIRE(gradients.size() == 2U);
    BOOST_TEST(gradients[0].to_vector() == (numbers{2, -1, 5}), per_element());
    BOOST_TEST(gradients[1].to_vector() == x3.to_vector(), per_element());
    const auto [value, both] = value_and_grad(layer_sum)(std::vector{x3, w23});
    BOOST_TEST(value.item() == layer_sum(x3, w23).item());
    BOOST_TEST(both.size() == 2U);
    BOOST_TEST(
        grad([](const std::vector<Variable>& in) { return sum(square(in[0])); })(x3).to_vector() == (numbers{1, -2, 4}),
        per_element());
}

BOOST_AUTO_TEST_CASE(grad_nests) {
    const auto f = [](const Variable& x) { return x * x * x * x; };
    const Variable x = Variable(2.0, DType::float64);
    BOOST_TEST(grad(f)(x).item() == 32);
    BOOST_TEST(grad(grad(f))(x).item() == 48);
    BOOST_TEST(grad(grad(grad(f)))(x).item() == 48);
    BOOST_TEST(grad(grad(grad(grad(f))))(x).item() == 24);
}

BOOST_AUTO_TEST_CASE(value_and_grad_gives_both) {
    const auto [value, slope] = value_and_grad(cube_sum)(x3);
    BOOST_TEST(value.item() == 7.125);
    BOOST_TEST(slope.to_vector() == (numbers{0.75, 3, 12}), per_element());
}

BOOST_AUTO_TEST_CASE(a_gradient_inside_a_loss_is_differentiated_with_it) {
    const Variable x = leaf({0.5, -1, 2}, {3});
    const Variable penalty = sum(square(grad(cube_sum)(x)));  // sum (3 x^2)^2 = 9 x^4
    penalty.backward();
    BOOST_TEST(all_close(x.grad().to_vector(), {36 * 0.125, -36, 36 * 8}));
}

BOOST_AUTO_TEST_CASE(what_f_does_not_use_has_gradient_zero) {
    const auto gradients = grad([](const Variable& a, const Variable&) { return sum(a); })(x3, w23);
    BOOST_TEST(gradients[1].to_vector() == numbers(6, 0.0), per_element());
    BOOST_TEST(grad([](const Variable&) { return Variable(1.0); })(x3).to_vector() == numbers(3, 0.0), per_element());
}

BOOST_AUTO_TEST_CASE(integer_inputs_are_passed_on) {
    const Variable which({2, 0}, DType::int64);
    const auto gradients = grad([](const Variable& x, const Variable& i) { return sum(take(x, i, 0)); })(x3, which);
    BOOST_TEST(gradients[0].to_vector() == (numbers{1, 0, 1}), per_element());
    BOOST_TEST(!gradients[1]);
}

BOOST_AUTO_TEST_CASE(vjp_and_jvp_are_products_with_the_jacobian) {
    const std::vector<Variable> j = jacobian(layer, {x3, w23});
    BOOST_TEST((j[0].shape() == Shape{2, 3}));
    BOOST_TEST((j[1].shape() == Shape{2, 2, 3}));
    const Variable v = Variable::from(numbers{0.7, -1.3}, {2});
    const VjpResult back = vjp(layer, {x3, w23}, {v});
    BOOST_TEST(all_close(back.gradients[0].to_vector(), matmul(v, j[0]).to_vector()));
    BOOST_TEST(all_close(back.gradients[1].to_vector(), matmul(v, reshape(j[1], {2, 6})).to_vector()));
    BOOST_TEST(back.outputs[0].to_vector() == layer(x3, w23).to_vector(), per_element());
    const Variable dx = Variable::from(numbers{1, 2, -1}, {3}), dw = Variable::from(numbers{1, 0, 2, -1, 3, 1}, {2, 3});
    const JvpResult forward = jvp(layer, {x3, w23}, {dx, dw});
    BOOST_TEST(all_close(forward.tangents[0].to_vector(),
                         (matmul(j[0], dx) + matmul(reshape(j[1], {2, 6}), reshape(dw, {6}))).to_vector()));
    BOOST_TEST(!forward.tangents[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(jvp_of_several_outputs_gives_a_tangent_for_each) {
    const auto f = [](const Variable& x) {
        return std::vector<Variable>{2 * x, sum(x * x), Variable(3.0, DType::float64)};
    };
    const JvpResult r = jvp(f, {x3}, {ones({3}, DType::float64)});
    BOOST_REQUIRE(r.tangents.size() == 3U);
    BOOST_TEST(r.tangents[0].to_vector() == (numbers{2, 2, 2}), per_element());
    BOOST_TEST(r.tangents[1].item() == 3);
    BOOST_TEST(r.tangents[2].item() == 0);
}

BOOST_AUTO_TEST_CASE(the_jacobian_of_a_small_net_has_its_closed_form) {
    const Variable y = layer(x3, w23);
    const Variable slope = reshape(1 - y * y, Shape{2, 1});
    BOOST_TEST(all_close(jacobian([](const Variable& x) { return layer(x, w23); }, x3).to_vector(),
                         (slope * w23).to_vector()));
}

BOOST_AUTO_TEST_CASE(the_hessian_of_a_small_net_has_its_closed_form) {
    // f = sum_i tanh(w_i x);  H = sum_i -2 y_i (1 - y_i^2) w_i w_i^T
    const auto f = [](const Variable& x) { return sum(layer(x, w23)); };
    const Variable y = layer(x3, w23);
    const Variable factor = reshape(-2 * y * (1 - y * y), Shape{2, 1});
    BOOST_TEST(all_close(hessian(f, x3).to_vector(), matmul(factor * w23, w23, {.transpose_a = true}).to_vector()));
}

BOOST_AUTO_TEST_CASE(the_hessian_of_several_inputs_comes_in_blocks) {
    const auto f = [](const Variable& x, const Variable& w) { return sum(square(matmul(w, x))); };
    const auto h = hessian(f, {x3, w23});
    BOOST_TEST((h[0][0].shape() == Shape{3, 3}));
    BOOST_TEST((h[0][1].shape() == Shape{3, 2, 3}));
    BOOST_TEST((h[1][0].shape() == Shape{2, 3, 3}));
    BOOST_TEST((h[1][1].shape() == Shape{2, 3, 2, 3}));
    BOOST_TEST(all_close(h[0][0].to_vector(), (2 * matmul(w23, w23, {.transpose_a = true})).to_vector()));
    BOOST_TEST(all_close(h[0][1].to_vector(), transpose(h[1][0], {2, 0, 1}).to_vector()));
}

BOOST_AUTO_TEST_CASE(hvp_is_the_hessian_times_the_vector) {
    const auto f = [](const Variable& x, const Variable& w) { return sum(exp(0.3 * layer(x, w))) + sum(x * x * x); };
    const auto h = hessian(f, {x3, w23});
    const Variable v = Variable::from(numbers{1, -2, 0.5}, {3}),
                   u = Variable::from(numbers{0.3, 1, 2, -1, 0, 1}, {2, 3});
    const HvpResult r = hvp(f, {x3, w23}, {v, u});
    const Variable flat = reshape(u, {6});
    BOOST_TEST(all_close(r.products[0].to_vector(),
                         (matmul(h[0][0], v) + matmul(reshape(h[0][1], {3, 6}), flat)).to_vector()));
    BOOST_TEST(all_close(r.products[1].to_vector(),
                         (matmul(reshape(h[1][0], {6, 3}), v) + matmul(reshape(h[1][1], {6, 6}), flat)).to_vector()));
    BOOST_TEST(r.value.item() == f(x3, w23).item());
}

BOOST_AUTO_TEST_CASE(hvp_makes_two_backward_passes) {
    constexpr int length = 50;
    const auto chain = [](const Variable& v) {
        Variable h = v;
        for (int i = 0; i < length; ++i) h = apply(CountedSquare{}, h);
        return sum(h);
    };
    CountedSquare::rules = 0;
    hvp(chain, {full({4}, 1, DType::float64)}, {ones({4}, DType::float64)});
    BOOST_TEST(CountedSquare::rules == 2 * length - 1);  // no rule reads the last one's result
}

BOOST_AUTO_TEST_CASE(functions_on_functions_pass_a_gradient_check) {
    const auto f = [](const Variable& x) { return sum(sin(x) * x); };
    BOOST_TEST(gradcheck([&](const Variable& x) { return hvp(f, {x}, {x}).products; }, {uneven_leaf({3})},
                         {.second_order = false}));
    BOOST_TEST(gradcheck([&](const Variable& x, const Variable& v) { return jvp(f, {x}, {v}).tangents; },
                         {uneven_leaf({3}), uneven_leaf({3})}));
    BOOST_TEST(gradcheck([&](const Variable& x) { return jacobian([](const Variable& t) { return t * t * t; }, x); },
                         {uneven_leaf({3})}));
    BOOST_TEST(
        gradcheck([&](const Variable& x) { return hessian(f, x); }, {uneven_leaf({2})}, {.second_order = false}));
}

BOOST_AUTO_TEST_CASE(functions_on_functions_work_under_no_grad) {
    const NoGrad off;
    BOOST_TEST(grad(cube_sum)(leaf({1, 2, 3}, {3})).to_vector() == (numbers{3, 12, 27}), per_element());
    BOOST_TEST(!is_recording());
}

BOOST_AUTO_TEST_CASE(wrong_arguments_of_functions_on_functions_are_named) {
    const Variable v = zeros({2}, DType::float64);
    BOOST_CHECK_EXCEPTION(vjp(layer, {x3, w23}, {v, v}), ValueError, Says({"vjp", "2 vectors", "1 output", at_line()}));
    BOOST_CHECK_EXCEPTION(vjp(layer, {x3, w23}, {x3}), ShapeError, Says({"vjp", "(3,)", "(2,)"}));
    BOOST_CHECK_EXCEPTION(jvp(layer, {x3, w23}, {x3, v}), ShapeError, Says({"jvp", "(2,)", "(2, 3)"}));
    BOOST_CHECK_EXCEPTION(hvp(cube_sum, {x3}, {zeros({3})}), DTypeError, Says({"hvp", "float32", "float64"}));
    BOOST_CHECK_EXCEPTION(grad(layer)(x3, w23), GraphError, Says({"grad: ", "non-scalar", "(2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(value_and_grad(layer)(x3, w23), GraphError, Says({"value_and_grad: ", "(2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(hessian(layer, std::vector{x3, w23}), GraphError,
                          Says({"hessian: ", "non-scalar", "(2,)", "_test.cpp"}));
    BOOST_CHECK_EXCEPTION(hessian(cube_sum, {x3, x3}), ValueError,
                          Says({"hessian", "f takes 1 input, but 2 are given"}));
    BOOST_CHECK_EXCEPTION(jvp(layer, {x3, w23}, {x3, Variable()}), ValueError, Says({"jvp", "vector 1", "empty"}));
    const auto places = [](const Variable& x) { return argmax(x, -1); };
    BOOST_CHECK_EXCEPTION(jacobian(places, x3), DTypeError, Says({"jacobian", "integers"}));
    const auto two = [](const Variable& x) { return std::vector<Variable>{x, x}; };
    BOOST_CHECK_EXCEPTION(jacobian(two, x3), ValueError, Says({"jacobian", "2 outputs"}));
    const auto deep = [](const Variable& x) { return reshape(x, {1, 1, 1, 1, 1, 1, 1, 3}); };
    BOOST_CHECK_EXCEPTION(jacobian(deep, x3), ShapeError,
                          Says({"jacobian: ", "(1, 1, 1, 1, 1, 1, 1, 3)", "(3,)", "8 axes", at_line()}));
}

BOOST_AUTO_TEST_CASE(errors_of_a_differentiated_function_name_the_users_line) {
    const auto f = [](const Variable& x) {
        Variable y = exp(x);
        Variable z = sum(y * y);
        y.mutable_data<double>()[0] = 0;
        return z;
    };
    BOOST_CHECK_EXCEPTION(hvp(f, {x3}, {x3}), GraphError, Says({"hvp: ", "changed in place", at_line()}));
}

BOOST_AUTO_TEST_CASE(weights_that_f_captures_are_differentiated_further) {
    const Variable w = leaf({1, 2, 3}, {3});
    const auto critic = [&](const Variable& x) { return sum(w * x * x); };
    sum(square(grad(critic)(x3))).backward();  // sum (2 w x)^2
    BOOST_TEST(all_close(w.grad().to_vector(), {8 * 0.25 * 1, 8 * 1 * 2, 8 * 4 * 3}));
}

BOOST_AUTO_TEST_CASE(a_vector_beside_an_integer_input_is_passed_over) {
    const Variable which({2, 0, 1}, DType::int64), v = Variable::from(numbers{1, 10, 100}, {3});
    const auto f = [](const Variable& i, const Variable& x) { return sum(take(x * x, i, 0) * x); };
    const auto plain = [&](const Variable& x) { return f(which, x); };
    BOOST_TEST(jvp(f, {which, x3}, {zeros({3}), v}).tangents[0].item() == jvp(plain, {x3}, {v}).tangents[0].item());
    BOOST_TEST(
        hvp(f, {which, x3}, {zeros({3}), v}).products[1].to_vector() == hvp(plain, {x3}, {v}).products[0].to_vector(),
        per_element());
}

BOOST_AUTO_TEST_CASE(a_freed_value_that_f_uses_does_not_matter) {
    const Variable w = leaf({1, 2, 3}, {3});
    const Variable h = w * w;
    sum(h * h).backward();
    BOOST_TEST(grad([&](const Variable& x) { return sum(x * h); })(x3).to_vector() == (numbers{1, 4, 9}),
               per_element());
}
