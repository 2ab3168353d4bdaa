#include <autograd/engine.hpp>
#include <xgrad/autograd/map.hpp>

using namespace xgrad;
using namespace engine;

namespace {

/// Every shape up to rank 3 with sizes 1, 2 and 3: 40 of them.
std::vector<Shape> all_shapes() {
    std::vector<Shape> shapes{Shape{}};
    for (std::size_t first = 0, rank = 0; rank < 3; ++rank) {
        const std::size_t last = shapes.size();
        for (; first < last; ++first)
            for (const std::size_t size : {1UL, 2UL, 3UL}) {
                Shape longer = shapes[first];
                longer.push_back(size);
                shapes.push_back(longer);
            }
    }
    return shapes;
}

bool fit(const Shape& a, const Shape& b) {
    for (std::size_t i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
        const std::size_t m = a[a.rank() - i], n = b[b.rank() - i];
        if (m != n && m != 1 && n != 1) return false;
    }
    return true;
}

/// Where element i of an array of shape `whole` comes from in one of shape `part` that was broadcast to it.
std::size_t source_of(std::size_t i, const Shape& whole, const Shape& part) {
    std::size_t place = 0, step = 1;
    for (std::size_t k = 1; k <= whole.rank(); ++k) {
        const std::size_t n = whole[whole.rank() - k], at = i % n;
        i /= n;
        if (k > part.rank()) continue;
        const std::size_t own = part[part.rank() - k];
        place += (own == 1 ? 0 : at) * step;
        step *= own;
    }
    return place;
}

struct Expected {
    Shape shape;
    numbers y, da, db;
};

/// a^2 b + b weighted by 1 + slope i, computed one element at a time.
Expected by_hand(const Variable& a, const Variable& b, const Shape& shape, double slope) {
    const numbers va = a.to_vector(), vb = b.to_vector();
    Expected e{shape, numbers(shape.elements()), numbers(a.size()), numbers(b.size())};
    for (std::size_t i = 0; i < e.y.size(); ++i) {
        const std::size_t ia = source_of(i, shape, a.shape()), ib = source_of(i, shape, b.shape());
        const double w = 1 + slope * static_cast<double>(i);
        e.y[i] = va[ia] * va[ia] * vb[ib] + vb[ib];
        e.da[ia] += w * 2 * va[ia] * vb[ib];
        e.db[ib] += w * (va[ia] * va[ia] + 1);
    }
    return e;
}

Variable weights(const Shape& shape) {
    numbers w(shape.elements());
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = 1 + 0.1 * static_cast<double>(i);
    return Variable::from(w, shape);
}

/// f(a, b) = a^2 b + b for all pairs of shapes: value and gradients, recorded and not.
template <class F>
void check_all_pairs(F f) {
    std::size_t pairs = 0;
    for (const Shape& sa : all_shapes())
        for (const Shape& sb : all_shapes()) {
            if (!fit(sa, sb)) continue;
            BOOST_TEST_CONTEXT("shapes " << to_string(sa) << " and " << to_string(sb)) {
                const Variable a = uneven_leaf(sa), b = uneven_leaf(sb);
                const Shape shape = broadcast(sa, sb);
                const Expected e = by_hand(a, b, shape, 0.1);
                const Variable y = f(a, b);
                BOOST_REQUIRE(y.shape() == shape);
                BOOST_TEST(all_close(y.to_vector(), e.y));
                for (const bool recorded : {false, true}) {
                    const std::vector<Variable> d = grad(
                        {y}, {a, b}, {.create_graph = recorded, .retain_graph = true, .gradients = {weights(shape)}});
                    BOOST_REQUIRE(d[0].shape() == sa);
                    BOOST_REQUIRE(d[1].shape() == sb);
                    BOOST_TEST(all_close(d[0].to_vector(), e.da));
                    BOOST_TEST(all_close(d[1].to_vector(), e.db));
                }
                // sum's gradient comes as a single number that is still to be broadcast.
                const Expected unit = by_hand(a, b, shape, 0);
                sum(f(a, b)).backward();
                BOOST_REQUIRE(a.grad().shape() == sa);
                BOOST_REQUIRE(b.grad().shape() == sb);
                BOOST_TEST(all_close(a.grad().to_vector(), unit.da));
                BOOST_TEST(all_close(b.grad().to_vector(), unit.db));
                const std::vector<Variable> d = grad({sum(f(a, b))}, {a, b}, {.create_graph = true});
                BOOST_TEST(all_close(d[0].to_vector(), unit.da));
                BOOST_TEST(all_close(d[1].to_vector(), unit.db));
            }
            ++pairs;
        }
    BOOST_TEST(pairs > 500U);
}

}  // namespace

BOOST_AUTO_TEST_CASE(operators_undo_broadcasting_for_all_pairs_of_shapes) {
    check_all_pairs([](const Variable& a, const Variable& b) { return a * a * b + b; });
}

BOOST_AUTO_TEST_CASE(a_map_undoes_broadcasting_for_all_pairs_of_shapes) {
    check_all_pairs(
        [](const Variable& a, const Variable& b) { return map([](auto s, auto t) { return s * s * t + t; }, a, b); });
}

BOOST_AUTO_TEST_CASE(a_bias_gets_the_gradients_of_all_rows) {
    const auto bias_gradient = [](auto f) {
        const Variable x = uneven_leaf({2, 3}), b = uneven_leaf({3});
        sum(f(x, b)).backward();
        return b.grad().to_vector();
    };
    BOOST_TEST(bias_gradient([](auto x, auto b) { return x + b; }) == numbers({2, 2, 2}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return x - b; }) == numbers({-2, -2, -2}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return -(x + b) * 3; }) == numbers({-6, -6, -6}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return where(x > 100, x, b); }) == numbers({2, 2, 2}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return sum(x + b, 0); }) == numbers({2, 2, 2}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return mean(x + b, 0); }) == numbers({1, 1, 1}), per_element());
    BOOST_TEST(bias_gradient([](auto x, auto b) { return copy(identity(x + b)); }) == numbers({2, 2, 2}),
               per_element());
}

BOOST_AUTO_TEST_CASE(the_two_sides_of_a_sum_and_a_quotient_undo_broadcasting) {
    const Variable a = uneven_leaf({2, 1, 3}), b = uneven_leaf({4, 1}), c = uneven_leaf({});
    sum((a + b) / c).backward();
    const double vc = c.item();
    BOOST_TEST(all_close(a.grad().to_vector(), numbers(6, 4 / vc)));
    BOOST_TEST(all_close(b.grad().to_vector(), numbers(4, 6 / vc)));
    BOOST_TEST(c.grad().item() == -(4 * sum(a).item() + 6 * sum(b).item()) / (vc * vc),
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(broadcasting_with_an_empty_array_gives_gradients_of_zero) {
    const Variable a = uneven_leaf({0, 3}), b = uneven_leaf({3}), c = uneven_leaf({1, 1});
    const Variable y = a * b + c;
    BOOST_TEST(to_string(y.shape()) == "(0, 3)");
    sum(y).backward();
    BOOST_TEST(a.grad().size() == 0U);
    BOOST_TEST(b.grad().to_vector() == numbers(3, 0), per_element());
    BOOST_TEST(c.grad().item() == 0);
}
