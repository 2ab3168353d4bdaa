#include <xgrad/autograd/variable.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/array.hpp>

#include <xtensor/xview.hpp>

#include <cmath>
#include <cstdint>

using namespace xgrad;
using namespace engine;

BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::Shape)
BOOST_TEST_DONT_PRINT_LOG_VALUE(xgrad::DType)

BOOST_AUTO_TEST_CASE(a_variable_fits_in_a_pointer) { BOOST_TEST(sizeof(Variable) == sizeof(void*)); }

BOOST_AUTO_TEST_CASE(a_number_is_a_variable_of_rank_zero) {
    const Variable v(2.5);
    BOOST_TEST(v.shape() == Shape{});
    BOOST_TEST(v.dtype() == DType::float32);
    BOOST_TEST(v.item() == 2.5);
    BOOST_TEST(Variable(0.1, DType::float64).item() == 0.1);
    BOOST_TEST(Variable(7, DType::int64).item() == 7);
}

BOOST_AUTO_TEST_CASE(nested_braces_give_arrays_of_any_rank) {
    BOOST_TEST(Variable({1}).shape() == Shape{1});
    BOOST_TEST(Variable({1.5, 2.5}).shape() == Shape{2});
    const Variable matrix({{1, 2, 3}, {4, 5, 6}});
    BOOST_TEST(matrix.shape() == (Shape{2, 3}));
    BOOST_TEST(matrix.to_vector() == numbers({1, 2, 3, 4, 5, 6}), per_element());
    const Variable cube({{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}, {{9, 10}, {11, 12}}});
    BOOST_TEST(cube.shape() == (Shape{3, 2, 2}));
    BOOST_TEST(cube.to_vector()[10] == 11);
    const Variable four({{{{1}, {2}}, {{3}, {4}}}, {{{5}, {6}}, {{7}, {8}}}});
    BOOST_TEST(four.shape() == (Shape{2, 2, 2, 1}));
    BOOST_TEST(four.to_vector() == numbers({1, 2, 3, 4, 5, 6, 7, 8}), per_element());
}

BOOST_AUTO_TEST_CASE(braces_around_single_numbers_keep_their_rank) {
    BOOST_TEST(Variable({{0}, {1}}).shape() == (Shape{2, 1}));
    BOOST_TEST(Variable({{0, 1}}).shape() == (Shape{1, 2}));
    BOOST_TEST(Variable({{5}}).shape() == (Shape{1, 1}));
    BOOST_TEST(Variable({{{5}}}).shape() == (Shape{1, 1, 1}));
    BOOST_TEST(Variable({{{1}}, {{2}}}).shape() == (Shape{2, 1, 1}));
}

BOOST_AUTO_TEST_CASE(braces_take_an_element_type) {
    const Variable labels({3, 1, 2}, DType::int64);
    BOOST_TEST(labels.dtype() == DType::int64);
    BOOST_TEST(labels.data<std::int64_t>()[0] == 3);
    BOOST_TEST(Variable({0.1, 0.2}, DType::float64).data<double>()[1] == 0.2);
}

BOOST_AUTO_TEST_CASE(braces_of_unequal_length_are_an_error) {
    BOOST_CHECK_EXCEPTION(Variable({{1, 2}, {3}}), ShapeError, Says({"unequal length, 2 and 1"}));
    BOOST_CHECK_THROW(Variable({{{1}, {2}}, {{3}}}), ShapeError);
    BOOST_CHECK_THROW(Variable({{1, 2}, 3}), ShapeError);
    BOOST_CHECK_THROW(Variable({1, {2, 3}}), ShapeError);
    BOOST_CHECK_THROW(Variable({{{1}}, {2}}), ShapeError);
}

BOOST_AUTO_TEST_CASE(an_xtensor_array_or_expression_becomes_a_variable) {
    const xt::xarray<float> floats{{1, 2, 3}, {4, 5, 6}};
    const xt::xarray<double> doubles{0.25, 0.5};
    const xt::xarray<int> integers{1, 2, 3, 4};
    const Variable whole(floats), sum_of_two(doubles + doubles), counted(integers);
    BOOST_TEST(whole.dtype() == DType::float32);
    BOOST_TEST(whole.shape() == (Shape{2, 3}));
    BOOST_TEST(whole.to_vector() == numbers({1, 2, 3, 4, 5, 6}), per_element());
    BOOST_TEST(sum_of_two.dtype() == DType::float64);
    BOOST_TEST(sum_of_two.to_vector() == numbers({0.5, 1}), per_element());
    BOOST_TEST(counted.dtype() == DType::int64);
    BOOST_TEST(counted.to_vector() == numbers({1, 2, 3, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(xtensor_views_and_layouts_arrive_in_row_major_order) {
    const xt::xarray<float> a{{1, 2, 3}, {4, 5, 6}};
    const xt::xarray<float, xt::layout_type::column_major> by_columns = a;
    BOOST_TEST(Variable(by_columns).to_vector() == numbers({1, 2, 3, 4, 5, 6}), per_element());
    BOOST_TEST(Variable(xt::transpose(a)).to_vector() == numbers({1, 4, 2, 5, 3, 6}), per_element());
    BOOST_TEST(Variable(xt::view(a, xt::all(), 1)).to_vector() == numbers({2, 5}), per_element());
    BOOST_TEST(Variable(a > 2.5f).to_vector() == numbers({0, 0, 1, 1, 1, 1}), per_element());
    const xt::xarray<float> nothing = xt::xarray<float>::from_shape({0, 3});
    BOOST_TEST(Variable(nothing).shape() == (Shape{0, 3}));
}

BOOST_AUTO_TEST_CASE(a_large_xtensor_result_keeps_its_elements) {
    const Variable v(xt::arange<double>(0, 1000) * 2.0);
    BOOST_TEST(v.size() == 1000U);
    BOOST_TEST(v.data<double>()[999] == 1998);
    const Variable kept = v.detach();
    BOOST_TEST(sum(kept).item() == 999'000);
}

BOOST_AUTO_TEST_CASE(value_opens_the_elements_without_a_copy) {
    for (const std::size_t n : {4UL, 400UL}) {
        const Variable v = arange(0, static_cast<double>(n));
        const auto view = v.value<float>();
        BOOST_TEST(static_cast<const void*>(&view(0)) == static_cast<const void*>(v.data<float>()));
        BOOST_TEST(view.shape(0) == n);
        BOOST_TEST(xt::sum(view)() == static_cast<float>(n * (n - 1) / 2));
    }
    const Variable matrix({{1, 2}, {3, 4}, {5, 6}});
    const auto view = matrix.value<float>();
    BOOST_TEST(view.dimension() == 2U);
    BOOST_TEST(view(2, 0) == 5);
    BOOST_TEST(Variable(3.0).value<float>()() == 3);
}

BOOST_AUTO_TEST_CASE(the_wrong_element_type_is_an_error_naming_both) {
    const Variable v = Variable({1, 2}).named("weights");
    BOOST_CHECK_EXCEPTION(v.value<double>(), DTypeError, Says({"\"weights\"", "float32", "float64", ".to()"}));
    BOOST_CHECK_EXCEPTION(v.data<std::int64_t>(), DTypeError, Says({"int64"}));
    Variable changed = v;
    BOOST_CHECK_THROW(changed.mutable_data<double>(), DTypeError);
    BOOST_CHECK_THROW(Variable({1, 2}, DType::int64).span<float>(), DTypeError);
}

BOOST_AUTO_TEST_CASE(from_copies_and_converts_numbers) {
    std::vector<float> source{1, 2, 3, 4, 5, 6};
    const Variable v = Variable::from(source, {3, 2});
    source[0] = 100;
    BOOST_TEST(v.dtype() == DType::float32);
    BOOST_TEST(v.to_vector() == numbers({1, 2, 3, 4, 5, 6}), per_element());
    BOOST_TEST(Variable::from(std::vector<int>{1, 2}, {2}).dtype() == DType::int64);
    BOOST_TEST(Variable::from(std::vector<int>{1, 2}, {2}, DType::float64).dtype() == DType::float64);
    const std::vector<unsigned char> pixels{0, 128, 255};
    BOOST_TEST(Variable::from(pixels, {3}, DType::float32).to_vector() == numbers({0, 128, 255}), per_element());
    BOOST_TEST(Variable::from(std::vector<double>{}, {0, 5}).size() == 0U);
}

BOOST_AUTO_TEST_CASE(from_needs_as_many_numbers_as_the_shape_has) {
    BOOST_CHECK_EXCEPTION(Variable::from(std::vector<float>{1, 2, 3}, {2, 2}), ShapeError, Says({"3", "(2, 2)", "4"}));
    BOOST_CHECK_THROW(Variable::from(std::vector<float>{1, 2, 3}, {2}), ShapeError);
    BOOST_CHECK_THROW(Variable::from(std::vector<float>{}, {}), ShapeError);
}

BOOST_AUTO_TEST_CASE(shapes_too_large_to_be_are_an_error) {
    BOOST_CHECK_THROW(Variable::empty({std::size_t{1} << 33}), ShapeError);
    BOOST_CHECK_THROW((Variable::empty({1, 1, 1, 1, 1, 1, 1, 1, 1})), ShapeError);
    BOOST_CHECK_THROW((Variable::empty({1U << 31, 1U << 31, 4})), ShapeError);  // 2^64 elements
    BOOST_CHECK_THROW((Variable::empty({1U << 31, 1U << 31})), ShapeError);     // 2^64 bytes
    BOOST_CHECK_THROW((Variable::empty({1U << 30, 1U << 19})), ShapeError);     // more than any machine addresses
    BOOST_TEST((Variable::empty({1U << 31, 0, 1U << 31}).size()) == 0U);
}

BOOST_AUTO_TEST_CASE(item_needs_exactly_one_element) {
    BOOST_TEST(Variable({{4.5}}).item() == 4.5);
    BOOST_CHECK_EXCEPTION(Variable({1, 2}).item(), ShapeError, Says({"item", "one element", "(2,)"}));
    BOOST_CHECK_THROW(zeros({0}).item(), ShapeError);
}

BOOST_AUTO_TEST_CASE(copies_are_handles_on_one_value) {
    Variable a({1, 2});
    const Variable b = a;
    a.mutable_data<float>()[0] = 9;
    BOOST_TEST(b.data<float>()[0] == 9);
    BOOST_TEST(a.is_same(b));
    a.set_requires_grad();
    BOOST_TEST(b.requires_grad());
    Variable moved = std::move(a);
    BOOST_TEST(!a);  // NOLINT: a moved-from Variable is empty, by contract
    BOOST_TEST(moved.is_same(b));
    const Variable& self = moved;
    moved = self;
    BOOST_TEST(moved.data<float>()[1] == 2);
}

BOOST_AUTO_TEST_CASE(an_empty_variable_is_false_and_its_use_an_error) {
    Variable none;
    BOOST_TEST(!none);
    BOOST_TEST(!none.requires_grad());
    BOOST_CHECK_EXCEPTION(none.shape(), ValueError, Says({"empty Variable"}));
    BOOST_CHECK_THROW(none.item(), ValueError);
    BOOST_CHECK_THROW(none.detach(), ValueError);
    BOOST_CHECK_THROW(none.to(DType::float64), ValueError);
    BOOST_CHECK_THROW(none.backward(), ValueError);
    BOOST_CHECK_THROW(none.grad(), ValueError);
    BOOST_CHECK_THROW(none.set_requires_grad(), ValueError);
    BOOST_CHECK_THROW(none.named("x"), ValueError);
    BOOST_CHECK_THROW(none.mutable_data<float>(), ValueError);
    BOOST_CHECK_THROW(none.assign(Variable(1)), ValueError);
    BOOST_CHECK_THROW(Variable(1).assign(none), ValueError);
}

BOOST_AUTO_TEST_CASE(an_empty_operand_is_an_error_naming_operator_and_line) {
    const Variable none, x({1, 2});
    BOOST_CHECK_EXCEPTION(x + none, ValueError, Says({"add: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(none + x, ValueError, Says({"add: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(2 * none, ValueError, Says({"multiply: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(exp(none), ValueError, Says({"exp: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(mean(none), ValueError, Says({"mean: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(matmul(none, x), ValueError, Says({"matmul: ", "empty Variable", at_line()}));
}

BOOST_AUTO_TEST_CASE(to_converts_and_is_differentiable) {
    const Variable x = parameter(Variable({1.5, -2.5}));
    BOOST_TEST(x.to(DType::float32).is_same(x));
    const Variable wide = x.to(DType::float64);
    BOOST_TEST(wide.dtype() == DType::float64);
    sum(wide * wide).backward();
    BOOST_TEST(x.grad().dtype() == DType::float32);
    BOOST_TEST(x.grad().to_vector() == numbers({3, -5}), per_element());
    BOOST_TEST(Variable({1.9, -1.9}).to(DType::int64).to_vector() == numbers({1, -1}), per_element());
}

BOOST_AUTO_TEST_CASE(no_gradient_passes_through_an_integer) {
    const Variable x = parameter(Variable({1.5, 2.5}));
    const Variable whole = x.to(DType::int64);
    BOOST_TEST(!whole.requires_grad());
    BOOST_TEST(!whole.to(DType::float32).requires_grad());
}

BOOST_AUTO_TEST_CASE(detach_shares_large_elements_and_records_nothing) {
    Variable x = parameter(ones({100}));
    Variable d = x.detach();
    BOOST_TEST(d.data<float>() == x.data<float>());
    BOOST_TEST(!d.requires_grad());
    const Variable y = x * 2;
    BOOST_TEST(y.detach().is_leaf());
    sum(y.detach() * x).backward();
    BOOST_TEST(x.grad().to_vector()[0] == 2);
}

BOOST_AUTO_TEST_CASE(a_detached_value_outlives_what_it_came_from) {
    Variable d;
    {
        Variable x = parameter(full({300}, 4));
        d = (x * 2).detach();
    }
    BOOST_TEST(sum(d).item() == 2400);
}

BOOST_AUTO_TEST_CASE(assign_copies_over_the_elements_in_place) {
    for (const std::size_t n : {3UL, 300UL}) {
        Variable x = parameter(zeros({n}));
        const Variable same_value = x, source = ones({n});
        const float* const before = x.data<float>();
        x.assign(source);
        BOOST_TEST(x.data<float>() == before);
        BOOST_TEST(sum(same_value).item() == static_cast<double>(n));
        x.assign(x.detach());
        BOOST_TEST(sum(x).item() == static_cast<double>(n));
        BOOST_TEST(x.requires_grad());
        BOOST_TEST(sum(source).item() == static_cast<double>(n));
    }
}

BOOST_AUTO_TEST_CASE(assign_refuses_what_does_not_fit) {
    Variable x = parameter(ones({2})).named("x");
    BOOST_CHECK_EXCEPTION(x.assign(ones({3})), ShapeError, Says({"assign", "(3,)", "\"x\" (2,)"}));
    BOOST_CHECK_THROW(x.assign(Variable(1)), ShapeError);
    BOOST_CHECK_EXCEPTION(x.assign(ones({2}, DType::float64)), DTypeError, Says({"float64", "float32", ".to()"}));
    Variable y = x * 2;
    BOOST_CHECK_EXCEPTION(y.assign(ones({2})), GraphError, Says({"multiply", "detach()"}));
    BOOST_TEST(x.to_vector() == numbers({1, 1}), per_element());
    BOOST_TEST(y.to_vector() == numbers({2, 2}), per_element());
}

BOOST_AUTO_TEST_CASE(convert_changes_the_type_for_every_handle_and_drops_the_gradient) {
    for (const std::size_t n : {2UL, 200UL}) {
        Variable x = parameter(full({n}, 1.5));
        const Variable same_value = x;
        sum(x * x).backward();
        x.convert(DType::float64);
        BOOST_TEST(same_value.dtype() == DType::float64);
        BOOST_TEST(same_value.data<double>()[n - 1] == 1.5);
        BOOST_TEST(!same_value.grad());
        BOOST_TEST(same_value.requires_grad());
        sum(x * x).backward();
        BOOST_TEST(x.grad().dtype() == DType::float64);
        BOOST_TEST(x.grad().to_vector()[0] == 3);
    }
}

BOOST_AUTO_TEST_CASE(convert_refuses_a_result_and_an_integer_parameter) {
    Variable x = parameter(ones({2}));
    Variable y = x * 2;
    BOOST_CHECK_THROW(y.convert(DType::float64), GraphError);
    BOOST_CHECK_THROW(x.convert(DType::int64), DTypeError);
    BOOST_TEST(x.dtype() == DType::float32);
}

BOOST_AUTO_TEST_CASE(a_name_belongs_to_the_value) {
    Variable x({1});
    BOOST_TEST(x.name().empty());
    const Variable same_value = x;
    x.named("input");
    BOOST_TEST(same_value.name() == "input");
    x.named("renamed");
    BOOST_TEST(same_value.name() == "renamed");
    BOOST_TEST(parameter(Variable({1}).named("w")).name() == "w");
}

BOOST_AUTO_TEST_CASE(integers_take_no_gradient_and_stay_apart_from_real_numbers) {
    Variable labels({1, 2}, DType::int64);
    BOOST_CHECK_EXCEPTION(labels.set_requires_grad(), DTypeError, Says({"int64"}));
    BOOST_CHECK_NO_THROW(labels.set_requires_grad(false));
    BOOST_CHECK_EXCEPTION(exp(labels), DTypeError, Says({"exp", "int64", ".to(DType::float32)", at_line()}));
    BOOST_CHECK_EXCEPTION(Variable({1.0, 2.0}) * labels, DTypeError,
                          Says({"multiply", "mixed", "lhs (2,) is float32", "rhs (2,) is int64", at_line()}));
    BOOST_CHECK_EXCEPTION(labels / labels, DTypeError, Says({"divide", "int64"}));
    BOOST_TEST((labels == Variable({1, 3}, DType::int64)).to_vector() == numbers({1, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(leaves_are_what_no_recorded_operator_made) {
    Variable x = parameter(Variable({1, 2}));
    BOOST_TEST(x.is_leaf());
    BOOST_TEST((Variable({1, 2}) * 2).is_leaf());  // nothing to record
    Variable y = x * 2;
    BOOST_TEST(!y.is_leaf());
    BOOST_TEST(y.requires_grad());
    sum(y).backward();
    BOOST_TEST(!y.is_leaf());
    BOOST_CHECK_EXCEPTION(y.set_requires_grad(false), GraphError, Says({"multiply", "detach()"}));
    x.set_requires_grad(false);
    BOOST_TEST((x * 2).is_leaf());
}

BOOST_AUTO_TEST_CASE(a_gradient_set_by_hand_must_fit) {
    Variable x = parameter(Variable({1, 2}));
    x.set_grad(Variable({3, 4}));
    BOOST_TEST(x.grad().to_vector() == numbers({3, 4}), per_element());
    BOOST_CHECK_EXCEPTION(x.set_grad(ones({3})), ShapeError, Says({"set_grad", "(3,)", "(2,)"}));
    BOOST_CHECK_THROW(x.set_grad(ones({2}, DType::float64)), std::invalid_argument);
    BOOST_TEST(x.grad().to_vector() == numbers({3, 4}), per_element());
    x.set_grad({});
    BOOST_TEST(!x.grad());
}

BOOST_AUTO_TEST_CASE(errors_name_the_function_and_the_line) {
    Variable x = parameter(Variable({1, 2})), labels({0, 1}, DType::int64);
    BOOST_CHECK_EXCEPTION(x.item(), ShapeError, Says({"item: ", "(2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(x.assign(ones({3})), ShapeError, Says({"assign: ", "(3,) to (2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(x.assign(labels), DTypeError, Says({"assign: ", "int64", at_line()}));
    BOOST_CHECK_EXCEPTION(labels.set_requires_grad(), DTypeError, Says({"set_requires_grad: ", at_line()}));
    BOOST_CHECK_EXCEPTION(parameter(labels), DTypeError, Says({"parameter: ", "int64", at_line()}));
    BOOST_CHECK_EXCEPTION(Variable::from(numbers({1, 2, 3}), {2, 2}), ShapeError,
                          Says({"Variable::from: ", "3 values", "(2, 2)", at_line()}));
    BOOST_CHECK_EXCEPTION(labels.backward(), GraphError, Says({"backward: nothing to differentiate", at_line()}));
    BOOST_CHECK_EXCEPTION((x * 2).backward(), GraphError, Says({"backward: ", "non-scalar, shape (2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(grad(sum(x), labels), GraphError, Says({"grad: input 0, (2,), does not require", at_line()}));
    BOOST_CHECK_EXCEPTION(grad(sum(x), parameter(ones({3}))), GraphError,
                          Says({"grad: ", "do not depend on input 0, (3,)", at_line()}));
}

BOOST_AUTO_TEST_CASE(braces_must_be_of_one_depth_and_hold_what_the_type_can) {
    BOOST_CHECK_EXCEPTION(Variable({{1, 2}, 3}), ShapeError, Says({"Variable: ", "a number beside a list", at_line()}));
    BOOST_CHECK_EXCEPTION(Variable({1.5}, DType::int64), ValueError, Says({"Variable: 1.5", "int64", at_line()}));
    BOOST_CHECK_THROW(Variable({std::nan("")}, DType::int64), ValueError);
    BOOST_CHECK_THROW(Variable({0x1p60}, DType::int64), ValueError);
    BOOST_TEST(Variable({-3.0, 0x1p53 - 1}, DType::int64).to_vector() == numbers({-3, 0x1p53 - 1}), per_element());
}

BOOST_AUTO_TEST_CASE(a_comparison_is_true_where_its_one_element_is) {
    const Variable loss(0.5), best(0.7);
    BOOST_TEST(static_cast<bool>(loss < best));
    BOOST_TEST(!static_cast<bool>(loss > best));
    BOOST_TEST(!static_cast<bool>(Variable({3}) == 4));
    const auto ask = [] { return static_cast<bool>(Variable({1.0, 2.0}) < 3); };
    BOOST_CHECK_EXCEPTION(ask(), ShapeError, Says({"any() or all()"}));
}

BOOST_AUTO_TEST_CASE(sizes_that_no_array_has_are_refused) {
    const std::vector<Variable> many(4097, zeros({1 << 20}));
    BOOST_CHECK_EXCEPTION(concatenate(many), ShapeError, Says({"concatenate: ", "below 2^32", at_line()}));
    BOOST_CHECK_EXCEPTION(arange(0, 1e300), ShapeError, Says({"too many"}));
    BOOST_CHECK_EXCEPTION(reshape(ones({4}), {1L << 40, 1L << 40}), ShapeError, Says({"too many elements"}));
    const std::vector<Variable> mixed{ones({2}), ones({2}), ones({2}, DType::float64)};
    BOOST_CHECK_EXCEPTION(concatenate(mixed), DTypeError,
                          Says({"concatenate: ", "part 0", "float32", "part 2", "float64", at_line()}));
}

BOOST_AUTO_TEST_CASE(a_gradient_of_another_type_is_a_dtype_error) {
    Variable x = parameter(ones({2}));
    BOOST_CHECK_EXCEPTION(x.set_grad(ones({2}, DType::float64)), DTypeError, Says({"float64", at_line()}));
    BOOST_CHECK_EXCEPTION(x.set_grad(ones({3})), ShapeError, Says({"(3,)", at_line()}));
    const Variable y = 2 * x;
    BOOST_CHECK_EXCEPTION(y.backward({.gradient = ones({2}, DType::float64)}), DTypeError, Says({"float64"}));
}
