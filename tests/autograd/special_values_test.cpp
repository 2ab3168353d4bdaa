#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/functional.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <string>

/// The special functions against numbers of 17 digits from mpmath (at 40 digits).
using namespace xgrad;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();

const std::map<std::string, std::function<Variable(const Variable&)>> functions_by_name{
    {"lgamma", [](const Variable& x) { return lgamma(x); }},
    {"digamma", [](const Variable& x) { return digamma(x); }},
    {"polygamma 1", [](const Variable& x) { return polygamma(1, x); }},
    {"polygamma 2", [](const Variable& x) { return polygamma(2, x); }},
    {"polygamma 3", [](const Variable& x) { return polygamma(3, x); }},
    {"polygamma 6", [](const Variable& x) { return polygamma(6, x); }},
    {"iv 0", [](const Variable& x) { return i0(x); }},
    {"iv 1", [](const Variable& x) { return i1(x); }},
    {"iv 3", [](const Variable& x) { return iv(3, x); }},
    {"erfinv", [](const Variable& x) { return erfinv(x); }},
    {"erfcinv", [](const Variable& x) { return erfcinv(x); }},
    {"ive 0", [](const Variable& x) { return i0e(x); }},
    {"ive 1", [](const Variable& x) { return i1e(x); }},
    {"ive 3", [](const Variable& x) { return ive(3, x); }},
    {"erfcx", [](const Variable& x) { return erfcx(x); }},
    {"ndtr", [](const Variable& x) { return ndtr(x); }},
    {"log_ndtr", [](const Variable& x) { return log_ndtr(x); }},
    {"ndtri", [](const Variable& x) { return ndtri(x); }},
    {"entr", [](const Variable& x) { return entr(x); }},
    {"multigammaln 3", [](const Variable& x) { return multigammaln(x, 3); }},
    {"logit", [](const Variable& x) { return logit(x); }},
};

struct Value {
    const char* function;
    double x, y;
};

// clang-format off
const std::vector<Value> values{
    {"lgamma", 1e-10, 23.025850929882735},
    {"lgamma", 0.25, 1.2880225246980775},
    {"lgamma", 0.5, 0.57236494292470009},
    {"lgamma", 1.0000001, -5.7721558299185071e-8},
    {"lgamma", 1.5, -0.12078223763524522},
    {"lgamma", 1.9999, -4.2275208772153458e-5},
    {"lgamma", 3.7, 1.4280723266653881},
    {"lgamma", 42, 114.0342117814617},
    {"lgamma", 1e6, 12815504.569147612},
    {"lgamma", -0.5, 1.2655121234846454},
    {"lgamma", -2.75, 0.0044878975359557733},
    {"lgamma", -7.2, -7.2548056050797286},
    {"digamma", 1e-10, -10000000000.577215},
    {"digamma", 0.25, -4.2274535333762654},
    {"digamma", 0.5, -1.9635100260214235},
    {"digamma", 1, -0.57721566490153286},
    {"digamma", 1.46, -0.0015805619870834521},
    {"digamma", 1.4616321449683622, -9.2412655217294275e-17},
    {"digamma", 1.47, 0.0080664890113648684},
    {"digamma", 2, 0.42278433509846714},
    {"digamma", 3.7, 1.1671535393615114},
    {"digamma", 42, 3.7257176179372822},
    {"digamma", 1e6, 13.815510057964191},
    {"digamma", -0.5, 0.036489973978576521},
    {"digamma", -2.75, -1.959055264977997},
    {"digamma", -7.2, 6.3659523630451088},
    {"polygamma 1", 1e-3, 1000001.6425331958},
    {"polygamma 1", 0.5, 4.9348022005446793},
    {"polygamma 1", 1, 1.6449340668482264},
    {"polygamma 1", 3.7, 0.3100378576700383},
    {"polygamma 1", 42, 0.024095219843670564},
    {"polygamma 1", 1e4, 0.00010000500016666667},
    {"polygamma 1", -0.5, 8.9348022005446793},
    {"polygamma 1", -2.75, 19.433868949488464},
    {"polygamma 2", 1e-3, -2000000002.3976322},
    {"polygamma 2", 0.5, -16.82879664423432},
    {"polygamma 2", 1, -2.4041138063191886},
    {"polygamma 2", 3.7, -0.095395308728554033},
    {"polygamma 2", 42, -0.00058055154024405644},
    {"polygamma 2", 1e4, -1.000100005e-8},
    {"polygamma 2", -0.5, -0.82879664423432},
    {"polygamma 2", -2.75, -124.11765305971518},
    {"polygamma 3", 1e-3, 6000000000006.4686},
    {"polygamma 3", 0.5, 97.409091034002437},
    {"polygamma 3", 1, 6.4939394022668291},
    {"polygamma 3", 3.7, 0.058279217956563614},
    {"polygamma 3", 42, 2.7974328327814075e-5},
    {"polygamma 3", 1e4, 2.0003000199999999e-12},
    {"polygamma 3", -0.5, 193.40909103400244},
    {"polygamma 3", -2.75, 1558.4897512832936},
    {"polygamma 6", 1e-3, -7.199999999999999e+23},
    {"polygamma 6", 0.5, -92203.457923803023},
    {"polygamma 6", 1, -726.01147971498444},
    {"polygamma 6", 3.7, -0.095760046752837337},
    {"polygamma 6", 42, -2.3466681937251259e-8},
    {"polygamma 6", 1e4, -1.2003600419999995e-22},
    {"polygamma 6", -0.5, -43.457923803023286},
    {"polygamma 6", -2.75, -11791224.848871927},
    {"iv 0", 1e-10, 1},
    {"iv 0", 0.5, 1.0634833707413236},
    {"iv 0", -3.7, 8.7386175241693973},
    {"iv 0", 12, 18948.925349296307},
    {"iv 0", 19.9, 39513376.52006682},
    {"iv 0", 21, 115513961.92215806},
    {"iv 0", -29.5, 478144163888.03979},
    {"iv 0", 100, 1.0737517071310738e+42},
    {"iv 0", 713, 6.7051282636709964e+307},
    {"iv 1", 1e-10, 5.0000000000000002e-11},
    {"iv 1", 0.5, 0.25789430539089631},
    {"iv 1", -3.7, -7.4357457965353371},
    {"iv 1", 12, 18141.348781638833},
    {"iv 1", 19.9, 38507423.874862283},
    {"iv 1", 21, 112729199.13777553},
    {"iv 1", -29.5, -469968885416.27728},
    {"iv 1", 100, 1.0683693903381625e+42},
    {"iv 1", 713, 6.7004245591864022e+307},
    {"iv 3", 1e-10, 2.0833333333333336e-32},
    {"iv 3", 0.5, 0.0026451119689902859},
    {"iv 3", -3.7, -2.3338047457373547},
    {"iv 3", 12, 12832.893041964442},
    {"iv 3", 19.9, 31342944.745551355},
    {"iv 3", 21, 92771513.858049735},
    {"iv 3", -29.5, -409456089948.9306},
    {"iv 3", 100, 1.0262740175651901e+42},
    {"iv 3", 713, 6.6629135732460396e+307},
    {"erfinv", 1e-300, 8.8622692545275804e-301},
    {"erfinv", 1e-5, 8.8622692547595945e-6},
    {"erfinv", 0.1, 0.088855990494257692},
    {"erfinv", -0.5, -0.47693627620446987},
    {"erfinv", 0.85, 1.0179024648320276},
    {"erfinv", 0.99, 1.8213863677184495},
    {"erfinv", -0.999999, -3.4589107372754988},
    {"erfinv", 0.9999999999999999, 5.8635847487551679},
    {"erfcinv", 1e-300, 26.209469960516124},
    {"erfcinv", 1e-100, 15.065574702592646},
    {"erfcinv", 1e-5, 3.123413274340875},
    {"erfcinv", 0.1, 1.1630871536766741},
    {"erfcinv", 0.5, 0.47693627620446987},
    {"erfcinv", 1.5, -0.47693627620446987},
    {"erfcinv", 1.99999, -3.1234132743398734},
{"ive 0", 0.5, 0.64503527044915007},
    {"ive 0", -3.7, 0.21604944167297372},
    {"ive 0", 19.9, 0.090008588864389597},
    {"ive 0", 21, 0.087589159654227855},
    {"ive 0", 1000, 0.012617240455891257},
    {"ive 0", 10000000000.0, 3.9894228040641946e-6},
    {"ive 1", 0.5, 0.1564208031848717},
    {"ive 1", -3.7, -0.18383785802735623},
    {"ive 1", 19.9, 0.087717102131706101},
    {"ive 1", 21, 0.085477596445229774},
    {"ive 1", 1000, 0.012610930256928629},
    {"ive 1", 10000000000.0, 3.9894228038647234e-6},
    {"ive 3", 0.5, 0.0016043415075654608},
    {"ive 3", -3.7, -0.057699883407841168},
    {"ive 3", 19.9, 0.071396941386897224},
    {"ive 3", 21, 0.070344560981752899},
    {"ive 3", 1000, 0.01256056218254712},
    {"ive 3", 10000000000.0, 3.9894228022689543e-6},
    {"erfcx", -20, 1.0442939379528288e+174},
    {"erfcx", -3.7, 1764092.7560908963},
    {"erfcx", -1e-05, 1.0000112838916717},
    {"erfcx", 0.5, 0.61569034419292587},
    {"erfcx", 4, 0.13699945762506139},
    {"erfcx", 24.9, 0.022639987776049506},
    {"erfcx", 25.1, 0.022459875817581388},
    {"erfcx", 1000.0, 0.00056418930145338765},
    {"erfcx", 1e+200, 5.641895835477563e-201},
    {"ndtr", -1, 0.15865525393145705},
    {"ndtr", -0.3, 0.38208857781104737},
    {"ndtr", 0, 0.5},
    {"ndtr", 0.7, 0.75803634777692697},
    {"ndtr", 2, 0.97724986805182079},
    {"ndtr", 9, 1.0},
    {"log_ndtr", -10000.0, -50000010.129278915},
    {"log_ndtr", -40, -804.60844201375379},
    {"log_ndtr", -5, -15.064998393988726},
    {"log_ndtr", -1.01, -1.8563130623431784},
    {"log_ndtr", -0.99, -1.8258103178428124},
    {"log_ndtr", 0, -0.69314718055994531},
    {"log_ndtr", 2, -0.023012909328963488},
    {"ndtri", 1e-300, -37.047096299361199},
    {"ndtri", 1e-10, -6.3613409024040562},
    {"ndtri", 0.1, -1.2815515655446004},
    {"ndtri", 0.5, 0.0},
    {"ndtri", 0.75, 0.67448975019608174},
    {"ndtri", 0.999, 3.0902323061678133},
    {"entr", 1e-300, 6.9077552789821372e-298},
    {"entr", 0.1, 0.23025850929940458},
    {"entr", 0.5, 0.34657359027997265},
    {"entr", 1, 0.0},
    {"entr", 7.5, -15.111772654066986},
    {"multigammaln 3", 1.25, 3.1101264684816599},
    {"multigammaln 3", 3, 2.6949248798069647},
    {"multigammaln 3", 20.5, 119.74956649946549},
    {"logit", 1e-300, -690.77552789821371},
    {"logit", 0.01, -4.5951198501345899},
    {"logit", 0.25, -1.0986122886681097},
    {"logit", 0.49, -0.040005334613699197},
    {"logit", 0.5000001, 3.9999999978946299e-7},
    {"logit", 0.75, 1.0986122886681097},
    {"logit", 0.999, 6.9067547786485526},
};
// clang-format on

/// The same number, or both NaN.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void check_same(const Variable& found, const std::vector<double>& expected) {
    const std::vector<double> y = found.to_vector();
    BOOST_REQUIRE(y.size() == expected.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        BOOST_TEST(same(y[i], expected[i]), "element " << i << " is " << y[i] << ", not " << expected[i]);
}

Variable real(std::initializer_list<NestedList> values64) { return Variable(values64, DType::float64); }

}  // namespace

BOOST_AUTO_TEST_CASE(special_functions_have_the_values_of_the_literature) {
    for (const Value& v : values) BOOST_TEST_CONTEXT(v.function << " of " << v.x) {
            const double y = functions_by_name.at(v.function)(Variable(v.x, DType::float64)).item();
            BOOST_TEST(std::abs(y - v.y) <= 2e-15 * std::abs(v.y), y << " is not " << v.y);
        }
}

BOOST_AUTO_TEST_CASE(special_functions_at_their_poles_and_beyond_their_domains) {
    BOOST_TEST(polygamma(1, real({1e200})).item() == 1e-200, boost::test_tools::tolerance(1e-12));
    check_same(lgamma(real({0.0, -3.0, 1.0, 2.0, infinity, -infinity, not_a_number})),
               {infinity, infinity, 0, 0, infinity, infinity, not_a_number});
    check_same(digamma(real({0.0, -0.0, -3.0, -1e300, infinity, -infinity, not_a_number})),
               {-infinity, infinity, not_a_number, not_a_number, infinity, not_a_number, not_a_number});
    check_same(polygamma(1, real({0.0, -3.0, infinity, -infinity, not_a_number})),
               {infinity, infinity, 0, not_a_number, not_a_number});
    check_same(polygamma(2, real({0.0, -3.0, infinity})), {-infinity, -infinity, 0});
    check_same(i1(real({0.0, infinity, -infinity, not_a_number})), {0, infinity, -infinity, not_a_number});
    check_same(i1e(real({0.0, infinity, -infinity, not_a_number})), {0, 0, -0.0, not_a_number});
    check_same(erfcx(real({infinity, -infinity, -30.0, not_a_number})), {0, infinity, infinity, not_a_number});
    check_same(ndtr(real({infinity, -infinity, not_a_number})), {1, 0, not_a_number});
    check_same(log_ndtr(real({infinity, -infinity, not_a_number})), {0, -infinity, not_a_number});
    check_same(ndtri(real({0.0, 1.0, -0.5, not_a_number})), {-infinity, infinity, not_a_number, not_a_number});
    check_same(entr(real({0.0, -1.0, infinity, not_a_number})), {0, -infinity, -infinity, not_a_number});
    check_same(multigammaln(real({1.0, 0.5, infinity, not_a_number}), 3),
               {not_a_number, not_a_number, infinity, not_a_number});
    check_same(erfinv(real({0.0, 1.0, -1.0, 1.5, not_a_number})), {0, infinity, -infinity, not_a_number, not_a_number});
    check_same(erfcinv(real({0.0, 1.0, 2.0, -0.5, not_a_number})),
               {infinity, 0, -infinity, not_a_number, not_a_number});
    check_same(logit(real({0.0, 0.5, 1.0, 1.5})), {-infinity, 0, infinity, not_a_number});
    BOOST_TEST(allclose(logit(real({0.0, 0.5, 1.0}), 0.25), real({-std::log(3), 0.0, std::log(3)}), {.rtol = 1e-15}));
}

BOOST_AUTO_TEST_CASE(the_derivatives_of_sinc_are_right_near_zero_too) {
    struct Derivative {
        int order;
        double x, y;
    };
    // clang-format off
    const std::vector<Derivative> expected{
        {0, 0, 1},
        {0, 1e-08, 0.99999999999999989},
        {0, 0.1, 0.98363164308346596},
        {0, -0.3, 0.85839369133413979},
        {0, 0.31830988618379069, 0.8414709848078965},
        {0, 0.45, 0.69864658506643418},
        {0, 0.8, 0.23387232094715971},
        {0, 1, 0},
        {0, 2.5, 0.12732395447351627},
        {0, -7.25, -0.031045390212314002},
        {0, 60.3, 0.0042706153797718123},
        {1, 0, 0},
        {1, 1e-08, -3.2898681336964526e-08},
        {1, 0.1, -0.32575126788312397},
        {1, -0.3, 0.90202813013888883},
        {1, 0.31830988618379069, -0.94614930924848306},
        {1, 0.45, -1.2049158222804517},
        {1, 0.8, -1.303611644152634},
        {1, 1, -1},
        {1, 2.5, -0.050929581789406507},
        {1, -7.25, 0.093249847030928756},
        {1, 60.3, 0.0096768596502936743},
        {2, 0, -3.2898681336964528},
        {2, 1e-08, -3.2898681336964519},
        {2, 0.1, -3.1930298359648539},
        {2, -0.3, -2.4584852862661744},
        {2, 0.31830988618379069, -2.3601542967808289},
        {2, 0.45, -1.5401839784201661},
        {2, 0.8, 0.95080182226851429},
        {2, 1, 2},
        {2, 2.5, -1.2158933960043921},
        {2, -7.25, 0.33212981560566079},
        {2, 60.3, -0.042470241549887246},
        {3, 0, 0},
        {3, 1e-08, 1.9481818206800485e-07},
        {3, 0.1, 1.9253792898320052},
        {3, -0.3, -5.2474931529243696},
        {3, 0.31830988618379069, 5.4911674135635895},
        {3, 0.45, 6.8369014458163928},
        {3, 0.8, 6.4153402767919046},
        {3, 1, 3.8696044010893584},
        {3, 2.5, 1.4590720752052706},
        {3, -7.25, -0.82516893142370995},
        {3, 60.3, -0.094092822359396713},
    };
    // clang-format on
    for (const Derivative& d : expected) BOOST_TEST_CONTEXT("order " << d.order << " at " << d.x) {
            const double y = sinc_derivative(d.order, Variable(d.x, DType::float64)).item();
            const double largest = std::pow(std::numbers::pi, d.order) / (d.order + 1);
            BOOST_TEST(std::abs(y - d.y) <= 2e-15 * (d.order == 0 ? std::abs(d.y) : largest), y << " is not " << d.y);
        }
    check_same(sinc(real({0.0, -5.0, 1e300, infinity, -infinity, not_a_number})), {1, 0, 0, 0, 0, not_a_number});
}

BOOST_AUTO_TEST_CASE(sums_of_exponentials_are_exact_at_infinities) {
    check_same(logaddexp(real({infinity, -infinity, infinity, -infinity, 3.0, not_a_number, 1000.0}),
                         real({infinity, -infinity, -infinity, 2.0, -infinity, 0.0, -1000.0})),
               {infinity, -infinity, infinity, 2, 3, not_a_number, 1000});
    BOOST_TEST(logaddexp(real({1000.0}), real({1000.0})).item() == 1000.6931471805599);
    check_same(logaddexp2(real({infinity, -infinity, 1100.0, 3.0}), real({infinity, -infinity, 1100.0, 3.0})),
               {infinity, -infinity, 1101, 4});
    Variable a = parameter(real({-infinity, 3.0, 1.0})), b = parameter(real({-infinity, -infinity, 1.0}));
    const auto gradients = grad({sum(logaddexp(a, b))}, {a, b});
    check_same(gradients[0], {0.5, 1, 0.5});
    check_same(gradients[1], {0.5, 0, 0.5});
    const Variable nothing = parameter(real({-infinity, -infinity}));
    check_same(grad(logsumexp(nothing), nothing), {0, 0});
    check_same(hypot(real({infinity, not_a_number, not_a_number}), real({not_a_number, -infinity, 1.0})),
               {infinity, infinity, not_a_number});
}

BOOST_AUTO_TEST_CASE(gradients_at_the_edge_are_pytorchs) {
    const Variable x = parameter(real({1.0, not_a_number, 3.0}));
    check_same(grad(max(x), x), {0, 1, 0});
    check_same(grad(min(x), x), {0, 1, 0});
    const Variable a = parameter(real({0.0, 0.0, 0.0, 2.0, infinity})),
                   b = parameter(real({0.0, 2.0, -1.0, 3.0, -1.0}));
    check_same(grad(sum(pow(a, b)), b), {0, 0, -infinity, 8 * std::log(2), 0});
    const Variable zero = parameter(real({0.0})), far = parameter(real({infinity, not_a_number}));
    const auto power_of_one = [](const Variable& s) { return sum(pow(s, ones_like(s))); };
    check_same(grad(grad(power_of_one))(zero), {0});
    check_same(grad(sum(pow(far, 0)), far), {0, 0});
    const auto power = [](auto s, auto t) { return pow(s, t); };
    for (const bool recorded : {false, true}) {  // 0^0 inside map() as outside
        const Variable base = parameter(real({0.0})), exponent = parameter(real({0.0}));
        const auto found = grad({sum(map(power, base, exponent))}, {base, exponent}, {.create_graph = recorded});
        check_same(found[0], {0});
        check_same(found[1], {0});
    }
    BOOST_TEST(!std::signbit(slogdet(real({{0.0, 1.0}, {0.0, 2.0}})).sign.item()));
}

BOOST_AUTO_TEST_CASE(nothing_times_a_logarithm_is_nothing) {
    const Variable zero = real({0.0, 0.0, 0.0, 2.0});
    check_same(xlogy(zero, real({0.0, infinity, not_a_number, 1.0})), {0, 0, not_a_number, 0});
    check_same(xlog1py(zero, real({-1.0, infinity, not_a_number, 0.0})), {0, 0, not_a_number, 0});
    Variable a = parameter(real({0.0, 2.0})), b = parameter(real({0.0, 4.0}));
    const auto gradients = grad({sum(xlogy(a, b))}, {a, b});
    check_same(gradients[0], {0, std::log(4)});
    check_same(gradients[1], {0, 0.5});
}

BOOST_AUTO_TEST_CASE(scaled_functions_are_right_where_their_factors_overflow_or_cancel) {
    const auto value_and_slope = [](const auto& f, double at) {
        Variable x = parameter(real({at}));
        const Variable y = f(x);
        return std::pair(y.item(), grad(sum(y), x).item());
    };
    const auto bessel = [](int order) { return [order](const Variable& x) { return ive(order, x); }; };
    BOOST_TEST(value_and_slope(bessel(30), 800).first == 0.0080355972559354397, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(value_and_slope(bessel(27), 730).first == 0.0089608526824063936, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(value_and_slope(bessel(26), 730).second == -4.6677322551299512e-07, boost::test_tools::tolerance(1e-8));
    const auto scaled_erfc = [](const Variable& x) { return erfcx(x); };
    BOOST_TEST(value_and_slope(scaled_erfc, 30).second == -0.00062583541050748406, boost::test_tools::tolerance(1e-13));
    BOOST_TEST(value_and_slope(scaled_erfc, 1e3).second == -5.641887372654967e-07, boost::test_tools::tolerance(1e-13));
    BOOST_TEST(value_and_slope(scaled_erfc, 1e9).second == -5.6418958354775626e-19,
               boost::test_tools::tolerance(1e-13));
    BOOST_TEST(value_and_slope(scaled_erfc, infinity).second == 0);
}

BOOST_AUTO_TEST_CASE(nothing_cancels_in_the_derivatives_of_erfcx) {
    struct Derivative {
        int order;
        double x, y;
    };
    // clang-format off
    const std::vector<Derivative> expected{
        {1, -3, -97237.061503164615},
        {1, 0.5, -0.5126888229025867},
        {1, 0.99, -0.276323365228499},
        {1, 1.01, -0.2701482021868886},
        {1, 1.5, -0.16362291773256007},
        {1, 2, -0.1067964618534896},
        {1, 3, -0.054372260007172871},
        {1, 4.5, -0.026015928630939816},
        {1, 6, -0.015060353489052321},
        {1, 8, -0.0086165078814177303},
        {1, 10.5, -0.0050492724176661227},
        {1, 30, -0.00062583541050748407},
        {1, 1000, -5.6418873726549667e-7},
        {2, -3, 615834.34672698686},
        {2, 0.5, 0.71869186548326505},
        {2, 0.99, 0.31354216297586852},
        {2, 1.01, 0.304034260204885},
        {2, 1.5, 0.1523020797109548},
        {2, 2, 0.083605505207053094},
        {2, 3, 0.031768742319742673},
        {2, 4.5, 0.010826250869224492},
        {2, 6, 0.0048288937324488541},
        {2, 8, 0.0021062062990781701},
        {2, 10.5, 0.00094907872213965777},
        {2, 30, 4.1653092384458876e-5},
        {2, 1000, 1.1283757819707055e-9},
        {3, -3, -4083954.3263745797},
        {3, 0.5, -1.3320634261270817},
        {3, 0.99, -0.48447997822177634},
        {3, 1.01, -0.46644360313368672},
        {3, 1.5, -0.19758543179737585},
        {3, 2, -0.092763826585746018},
        {3, 3, -0.02687658611023545},
        {3, 4.5, -0.0066274567007388401},
        {3, 6, -0.0022946891668230356},
        {3, 8, -0.00076673074042019922},
        {3, 10.5, -0.0002664365057316775},
        {3, 30, -4.1560989624037205e-6},
        {3, 1000, -3.3851205756878906e-12},
    };
    // clang-format on
    for (const Derivative& d : expected)
        for (const DType dtype : {DType::float32, DType::float64})
            BOOST_TEST_CONTEXT("order " << d.order << " at " << d.x << " in " << to_string(dtype)) {
                // What rounding x to the type does to the value: x y' / y is 6 at most, but 18 at -3.
                const double digits = dtype == DType::float32 ? 6e-8 : 1.2e-16, few = d.x < 0 ? 40 : 16;
                const Variable x = parameter(Variable(d.x, dtype));
                const double y = erfcx_derivative(d.order, x).item(),
                             slope = grad(erfcx_derivative(d.order - 1, x), x).item();
                BOOST_TEST(std::abs(y - d.y) <= few * digits * std::abs(d.y), y << " is not " << d.y);
                BOOST_TEST(slope == y);
                if (d.order == 1) BOOST_TEST(grad(erfcx(x), x).item() == y);
            }
    check_same(erfcx_derivative(1, real({infinity, -infinity, 1e200, not_a_number})), {0, -infinity, 0, not_a_number});
}

BOOST_AUTO_TEST_CASE(special_functions_may_be_called_in_a_map) {
    Variable x = parameter(real({0.3, 0.6, 0.8}));
    const auto f = [](auto v) {
        return lgamma(v) + digamma(v) * erfinv(v) + polygamma(2, v) * logit(v) + erfcinv(v) * sinc(v) -
               iv(3, v) * i0(v) + ive(2, v) * i1e(v) + erfcx(v) * ndtr(v) - log_ndtr(-9 * v) * ndtri(v) + entr(v) +
               multigammaln(v + 1, 2);
    };
    const Variable fused = map(f, x), plain = f(x);
    BOOST_TEST(allclose(fused, plain, {.rtol = 1e-14}));
    BOOST_TEST(allclose(grad(sum(fused), x), grad(sum(plain), x), {.rtol = 1e-13}));
}
