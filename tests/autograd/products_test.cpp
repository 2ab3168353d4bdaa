#include <autograd/matrices.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace xgrad;
using namespace engine;

namespace {

/// Einstein's summation by its definition: every setting of all the letters.
Variable einsum_by_definition(const std::string& subscripts, const std::vector<Variable>& operands) {
    const std::size_t arrow = subscripts.find("->");
    const std::string output = subscripts.substr(arrow + 2);
    std::vector<std::string> inputs(1);
    for (const char c : subscripts.substr(0, arrow)) c == ',' ? inputs.emplace_back() : inputs.back() += c;
    std::map<char, std::size_t> sizes, at;
    for (std::size_t k = 0; k < inputs.size(); ++k)
        for (std::size_t i = 0; i < inputs[k].size(); ++i) sizes[inputs[k][i]] = operands[k].shape()[i];
    const auto place = [&](const std::string& labels) {
        std::size_t index = 0;
        for (const char c : labels) index = index * sizes[c] + at[c];
        return index;
    };
    Shape shape;
    for (const char c : output) shape.push_back(sizes[c]);
    Variable y = zeros(shape, float64);
    for (bool more = true; more;) {
        double product = 1;
        for (std::size_t k = 0; k < inputs.size(); ++k) product *= operands[k].data<double>()[place(inputs[k])];
        y.mutable_data<double>()[place(output)] += product;
        more = false;
        for (const auto& [label, size] : sizes) {
            if (++at[label] < size) {
                more = true;
                break;
            }
            at[label] = 0;
        }
    }
    return y;
}

}  // namespace

// Products go in blocks, in several strips of steps, as dot products or to BLAS, with a factor copied or turned round,
// on one thread or in tiles on several, by their sizes: whatever the way, the sums are these.
BOOST_AUTO_TEST_CASE(products_of_all_sizes_are_the_sums_of_their_definition) {
    struct Sizes {
        std::size_t m, n, k;
    };
    std::vector<Sizes> all{{33, 260, 790}, {1300, 70, 20},  {130, 65, 300},   {1, 1100, 1200},  {40, 1024, 30},
                           {70, 800, 700}, {70, 1024, 600}, {9, 33, 17},      {700, 3, 601},    {7, 21, 1500},
                           {3, 1, 1400},   {50, 1, 700},    {3, 40, 301},     {700, 300, 400},  {30, 512, 300},
                           {100, 320, 90}, {512, 300, 400}, {1536, 260, 130}, {26, 1024, 1400}, {700, 3, 2},
                           {700, 20, 1},   {3000, 5, 1}};
    const std::size_t one_more_thread = 300'000, before = thread_count();  // multiply-adds
    for (std::size_t m = 1; m <= 13; ++m)  // blocks of every height and width, with and without a ragged end
        for (const std::size_t n : {5U, 8U, 16U, 20U, 24U, 32U, 41U, 48U, 57U, 64U, 70U}) all.push_back({m, n, 421});
    for (const auto& [m, n, k] : all) {
        const Variable a = random({m, k}), b = random({k, n}, 4);
        const auto *left = a.data<double>(), *right = b.data<double>();
        std::vector<double> sums(m * n, 0);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t p = 0; p < k; ++p)
                for (std::size_t j = 0; j < n; ++j) sums[i * n + j] += left[i * k + p] * right[p * n + j];
        const Variable expected = Variable::from(sums, {m, n});
        for (const bool single : {false, true}) {
            const DType dtype = single ? DType::float32 : float64;
            const double tolerance = single ? 3e-4 : 1e-11;
            const Variable x = a.to(dtype), y = b.to(dtype), xt = transpose(x), yt = transpose(y);
            for (const std::size_t threads : {1U, 3U}) {
                if (threads > 1 && m * n * k < one_more_thread) continue;
                set_thread_count(threads);
                check_near(matmul(x, y).to(float64), expected, tolerance);
                check_near(matmul(xt, y, {.transpose_a = true}).to(float64), expected, tolerance);
                check_near(matmul(x, yt, {.transpose_b = true}).to(float64), expected, tolerance);
                check_near(matmul(xt, yt, {.transpose_a = true, .transpose_b = true}).to(float64), expected, tolerance);
            }
        }
    }
    set_thread_count(before);
}

BOOST_AUTO_TEST_CASE(a_product_is_added_to_the_last_bit_as_if_it_was_made_first) {
    struct Sizes {
        std::size_t m, n, k;
    };
    const std::size_t before = thread_count();
    for (const auto& [m, n, k] : std::vector<Sizes>{{3, 2, 4},
                                                    {7, 21, 33},
                                                    {33, 70, 300},
                                                    {2, 40, 300},
                                                    {90, 1, 300},
                                                    {60, 130, 1500},
                                                    {5, 6, 0},
                                                    {40, 64, 2000}})
        for (const DType dtype : {DType::float32, float64})
            for (const std::size_t threads : {1U, 3U}) {
                set_thread_count(threads);
                const Variable a = random({m, k}).to(dtype), b = random({k, n}, 4).to(dtype),
                               c = random({m, n}, 5).to(dtype), bias = random({n}, 6).to(dtype), at = transpose(a),
                               bt = transpose(b);
                const auto check = [&](const MatmulOptions& options, const Variable& x, const Variable& y) {
                    const Variable product = matmul(x, y, options);
                    BOOST_TEST(all_equal(addmm(c, x, y, options), c + product));
                    BOOST_TEST(all_equal(addmm(copy(c), x, y, options), c + product));
                    BOOST_TEST(all_equal(addmm(bias, x, y, options), bias + product));
                };
                check({}, a, b);
                check({.transpose_a = true}, at, b);
                check({.transpose_b = true}, a, bt);
                check({.transpose_a = true, .transpose_b = true}, at, bt);
            }
    set_thread_count(before);
}

BOOST_AUTO_TEST_CASE(a_product_is_added_in_the_memory_of_a_temporary_alone) {
    const Variable a = random({20, 30}), b = random({30, 10}, 4), c = random({20, 10}, 5), held = copy(c);
    Variable temporary = copy(c);
    const void* const place = temporary.node().data;
    const Variable in_place = addmm(std::move(temporary), a, b);
    BOOST_TEST(in_place.node().data == place);
    Variable batch = copy(random({4, 5, 10}, 5));
    const void* const place_of_batch = batch.node().data;
    const Variable of_batch = addmm(std::move(batch), reshape(a, {4, 5, 30}), b);
    BOOST_TEST(of_batch.node().data == place_of_batch);
    const Variable y = addmm(held, a, b);
    BOOST_TEST(all_equal(held, c));
    BOOST_TEST(y.node().data != held.node().data);
    // A factor is read as long as the sum grows.
    const Variable square = random({20, 20}, 6), expected = square + matmul(square, square);
    // NOLINTBEGIN(bugprone-use-after-move): what a caller should not write, but may
    Variable moved = copy(square);
    const Variable as_left = addmm(std::move(moved), moved, square);
    moved = copy(square);
    const Variable as_right = addmm(std::move(moved), square, moved);
    // NOLINTEND(bugprone-use-after-move)
    BOOST_TEST(all_equal(as_left, expected));
    BOOST_TEST(all_equal(as_right, expected));
}

BOOST_AUTO_TEST_CASE(einsum_agrees_with_its_definition) {
    const std::map<char, std::size_t> sizes{{'a', 2}, {'b', 3}, {'c', 4}, {'d', 2}, {'e', 5}};
    for (const std::string subscripts :
         {"ab->ba",          "aba->b",       "aab->ab",      "abc->",          "ab,bc->ac",
          "ab,bc->ca",       "ba,bc->ac",    "ba,cb->ac",    "ab,ab->",        "ab,ba->a",
          "abc,cbd->ad",     "abc,acd->abd", "acb,adc->dba", "abc,bc->abc",    "abc,b->ca",
          "a,b->ab",         "ab,cd->acbd",  "ab,ac->abc",   "a,ab,b->",       "ab,bc,cd->ad",
          "abc,cd,bd,e->ea", "ab,ab,ab->b",  "aa,ab,bb->",   "abc,bce,ea->ce", "ab,c->"}) {
        std::vector<Variable> operands;
        Shape shape;
        for (const char c : subscripts.substr(0, subscripts.find("->")) + ",") {
            if (c != ',') {
                shape.push_back(sizes.at(c));
                continue;
            }
            operands.push_back(random(shape, static_cast<unsigned>(operands.size())));
            shape = {};
        }
        BOOST_TEST_CONTEXT(subscripts) {
            check_near(einsum(subscripts, operands), einsum_by_definition(subscripts, operands));
        }
    }
}

BOOST_AUTO_TEST_CASE(einsum_follows_numpys_rules_for_what_is_left_out) {
    const Variable a = random({2, 3}), b = random({3, 4}), batch = random({5, 2, 3});
    check_near(einsum("ij,jk", {a, b}), matmul(a, b));
    check_near(einsum("bA", {a}), last_two_swapped(a));  // capitals come first
    check_near(einsum("...ij,...jk", {batch, b}), matmul(batch, b));
    check_near(einsum("i...,ij->j...", {batch, random({5, 2})}), einsum("iab,ij->jab", {batch, random({5, 2})}));
    check_near(einsum("...,...", {batch, a}), batch * a);
    check_near(einsum(" i j , j k -> i k ", {a, b}), matmul(a, b));
    check_near(einsum("ij,ij->ij", {a, matrix({{2}, {3}})}), a * matrix({{2}, {3}}));  // an axis of size 1 broadcasts
    check_near(einsum("ij,j->i", {a, matrix({2})}), 2 * sum(a, 1));
}

BOOST_AUTO_TEST_CASE(products_have_the_shapes_and_values_of_numpy) {
    const Variable a = matrix({1, 2, 3}), b = matrix({4, 5, 6});
    BOOST_TEST(dot(a, b).item() == 32);
    BOOST_TEST(vdot(matrix({{1, 2}, {3, 4}}), matrix({{1, 1}, {1, 2}})).item() == 14);
    BOOST_TEST(outer(a, b).to_vector() == (numbers{4, 5, 6, 8, 10, 12, 12, 15, 18}), per_element());
    BOOST_TEST(dot(2, a).to_vector() == (numbers{2, 4, 6}), per_element());
    check_near(dot(random({2, 3}), random({4, 3, 5})), einsum("ik,jkl->ijl", {random({2, 3}), random({4, 3, 5})}));
    check_near(inner(random({2, 3}), random({4, 5, 3})), einsum("ik,jlk->ijl", {random({2, 3}), random({4, 5, 3})}));
    BOOST_TEST(trace(matrix({{1, 2, 3}, {4, 5, 6}})).item() == 6);
    BOOST_TEST(trace(matrix({{1, 2, 3}, {4, 5, 6}}), 1).item() == 8);
    BOOST_TEST(trace(matrix({{1, 2, 3}, {4, 5, 6}}), -5).item() == 0);
    BOOST_TEST(trace(reshape(arange(0, 8), {2, 2, 2}), 0, 0, 1).to_vector() == (numbers{6, 8}), per_element());
    BOOST_TEST(tensordot(a, b, 0).shape() == (Shape{3, 3}));
    BOOST_TEST(matrix_power(matrix({{1, 1}, {1, 0}}), 10).to_vector() == (numbers{89, 55, 55, 34}), per_element());
    check_near(matrix_power(random({2, 3, 3}), 0), broadcast_to(eye(3, float64), {2, 3, 3}));
    check_near(matrix_power(matrix({{2, 0}, {0, 4}}), -2), matrix({{0.25, 0}, {0, 0.0625}}));
}

BOOST_AUTO_TEST_CASE(kroneckers_product_is_made_of_blocks) {
    const Variable a = matrix({{1, 2}, {3, 4}}), b = matrix({{0, 5}, {6, 7}});
    check_near(kron(a, b), matrix({{0, 5, 0, 10}, {6, 7, 12, 14}, {0, 15, 0, 20}, {18, 21, 24, 28}}));
    BOOST_TEST(kron(matrix({1, 10}), matrix({1, 2, 3})).to_vector() == (numbers{1, 2, 3, 10, 20, 30}), per_element());
    BOOST_TEST(kron(zeros({2, 3}), zeros({4})).shape() == (Shape{2, 12}));
    const Variable x = random({3, 2});  // vec(a x b^T) = (a kron b) vec(x)
    const Variable c = random({4, 3}), d = random({5, 2});
    check_near(matmul(kron(c, d), flatten(x)), flatten(matmul(matmul(c, x), d, {.transpose_b = true})));
}

BOOST_AUTO_TEST_CASE(a_chain_of_matrices_is_multiplied_in_any_order) {
    const Variable a = random({10, 3}), b = random({3, 20}), c = random({20, 4}), d = random({4, 7});
    check_near(multi_dot({a, b, c, d}), matmul(matmul(matmul(a, b), c), d));
    check_near(multi_dot({random({10}), a, b}), matmul(matmul(random({10}), a), b));
    check_near(multi_dot({a, b, random({20})}), matmul(a, matmul(b, random({20}))));
    BOOST_TEST(multi_dot({random({3}), b, random({20})}).shape() == Shape{});
}

BOOST_AUTO_TEST_CASE(vectors_have_products_and_distances) {
    const Variable x = matrix({{1, 0, 0}, {1, 2, 3}}), y = matrix({{0, 1, 0}, {4, 5, 6}});
    BOOST_TEST(cross(x, y).to_vector() == (numbers{0, 0, 1, -3, 6, -3}), per_element());
    check_near(cross(transpose(x), transpose(y), 0), transpose(cross(x, y)));
    BOOST_TEST(vecdot(x, y).to_vector() == (numbers{0, 32}), per_element());
    BOOST_TEST(vecdot(x, y, 0).to_vector() == (numbers{4, 10, 18}), per_element());
    const Variable points = matrix({{0, 0}, {3, 4}});
    BOOST_TEST(cdist(points, points).to_vector() == (numbers{0, 5, 5, 0}), per_element());
    BOOST_TEST(cdist(points, points, 1).to_vector() == (numbers{0, 7, 7, 0}), per_element());
    BOOST_TEST(cdist(points, points, INFINITY).to_vector() == (numbers{0, 4, 4, 0}), per_element());
    const Variable moving = parameter(points);  // the distance to itself has no slope
    check_near(grad(sum(cdist(moving, matrix({{0, 0}}))), moving), matrix({{0, 0}, {0.6, 0.8}}), 1e-15);
}

BOOST_AUTO_TEST_CASE(powers_stand_in_the_rows_of_vandermondes_matrix) {
    BOOST_TEST(vander(matrix({2, 0, -1})).to_vector() == (numbers{4, 2, 1, 0, 0, 1, 1, -1, 1}), per_element());
    BOOST_TEST(vander(matrix({3}), 4, true).to_vector() == (numbers{1, 3, 9, 27}), per_element());
    BOOST_TEST(vander(zeros({2, 3}), 0).shape() == (Shape{2, 3, 0}));
}

BOOST_AUTO_TEST_CASE(products_name_the_vector_that_does_not_fit) {
    const Variable a = random({2, 2}), w = random({2}), v = random({3});
    BOOST_CHECK_EXCEPTION(matmul(w, v), ShapeError, Says({"matmul: ", "lhs (2,), rhs (3,)", at_line()}));
    BOOST_CHECK_EXCEPTION(matmul(a, v), ShapeError, Says({"matmul: ", "lhs (2, 2), rhs (3,)", at_line()}));
    check_near(tensordot(2.0, a, 0), 2 * a);
    BOOST_TEST(vecdot(2.0, w).item() == 2 * sum(w).item());
}
