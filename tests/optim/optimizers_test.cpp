#include <autograd/engine.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/replay.hpp>
#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/adamw.hpp>
#include <xgrad/optim/sgd.hpp>

#include <array>
#include <cmath>
#include <limits>

using namespace xgrad;
using engine::at_line;
using engine::Says;

namespace {

/// A float64 parameter of one element with a gradient.
Variable with_gradient(double value, double gradient) {
    Variable w = parameter(Variable({value}, DType::float64));
    w.set_grad(Variable({gradient}, DType::float64));
    return w;
}

/// Somebody's optimizer, with a mistake in its update: in place, or made of operators.
class Own : public optim::Optimizer {
public:
    enum Kind { in_place, with_operators };
    Own(std::vector<Variable> parameters, Kind kind) : Optimizer(std::move(parameters), 1), kind_(kind) {}

protected:
    void update_parameter(std::size_t, Variable& w, const Variable& gradient) override {
        const auto rule = [](auto value, auto slope) { return std::array{value - slope}; };
        if (kind_ == in_place) update(std::tie(w), rule, zeros({2}, DType::float64));
        w.assign(concatenate({w, w}) - concatenate({gradient, gradient, gradient}));
    }

private:
    Kind kind_;
};

/// Minimises sum (w - target)^2 and returns the distance left.
template <class Make>
double distance_after(int steps, Make make) {
    const Variable target({{1, -2, 3}, {0.5, 0, -1}}, DType::float64);
    Variable w = parameter(zeros({2, 3}, DType::float64));
    auto optimizer = make(std::vector{w});
    for (int i = 0; i < steps; ++i) {
        optimizer.zero_grad();
        sum(square(w - target)).backward();
        optimizer.step();
    }
    return sqrt(sum(square(w - target))).item();
}

}  // namespace

BOOST_AUTO_TEST_CASE(sgd_moves_against_the_gradient) {
    Variable w = with_gradient(2, 3);
    optim::SGD({w}, {.learning_rate = 0.1}).step();
    BOOST_TEST(w.item() == 2 - 0.3, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(momentum_keeps_the_velocity) {
    Variable w = with_gradient(0, 1);
    optim::SGD optimizer({w}, {.learning_rate = 0.1, .momentum = 0.5});
    optimizer.step();  // v = -0.1
    optimizer.step();  // v = -0.15
    BOOST_TEST(w.item() == -0.25, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(nesterov_looks_ahead_along_the_velocity) {
    Variable w = with_gradient(0, 1);
    optim::SGD optimizer({w}, {.learning_rate = 0.1, .momentum = 0.5, .nesterov = true});
    optimizer.step();  // v = -0.1, w = -0.05 - 0.1
    BOOST_TEST(w.item() == -0.15, boost::test_tools::tolerance(1e-14));
    optimizer.step();  // v = -0.15, w += -0.075 - 0.1
    BOOST_TEST(w.item() == -0.325, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(the_first_step_of_adam_is_the_learning_rate) {
    for (const double gradient : {1e-3, 5.0, -40.0}) {
        Variable w = with_gradient(1, gradient);
        optim::Adam({w}, {.learning_rate = 0.01, .epsilon = 1e-12}).step();
        BOOST_TEST(w.item() == 1 - std::copysign(0.01, gradient), boost::test_tools::tolerance(1e-6));
    }
}

BOOST_AUTO_TEST_CASE(adam_in_float32_moves_as_in_float64) {
    std::vector<double> slopes;
    for (int power = -16; power <= 16; ++power)
        for (const double digits : {1.0, 1.37, 2.9, 7.7}) {
            const double slope = digits * std::pow(10.0, power);
            slopes.insert(slopes.end(), {slope, -slope, 0});
        }
    const Variable gradient = Variable::from(slopes, {slopes.size()});
    std::vector<double> moved[2];
    for (const DType dtype : {DType::float32, DType::float64}) {
        Variable w = parameter(zeros(gradient.shape(), dtype));
        optim::Adam adam({w}, {.learning_rate = 1});
        for (const double factor : {1.0, 0.3, -2.0}) {
            w.set_grad((gradient * factor).to(dtype));
            adam.step();
        }
        moved[dtype == DType::float64] = w.to_vector();
    }
    BOOST_TEST(engine::all_close(moved[0], moved[1], 1e-6));

    Variable w = parameter(ones({3}));
    w.set_grad(Variable({1e30, std::numeric_limits<double>::quiet_NaN(), 1.0}));
    optim::Adam({w}, {.learning_rate = 0.5}).step();
    const std::vector<double> after = w.to_vector();
    BOOST_TEST(after[0] == 1);  // its square is infinite
    BOOST_TEST(std::isnan(after[1]));
    BOOST_TEST(std::abs(after[2] - 0.5) < 1e-5);  // epsilon's share is 3e-6
}

BOOST_AUTO_TEST_CASE(adam_corrects_its_moments_for_their_start_at_every_step) {
    const double beta1 = 0.5, beta2 = 0.9, rate = 0.01, epsilon = 1e-7;
    Variable w = with_gradient(1, 0);
    optim::Adam adam({w}, {.learning_rate = rate, .beta1 = beta1, .beta2 = beta2, .epsilon = epsilon});
    double value = 1, m = 0, v = 0;
    for (int t = 1; t <= 500; ++t) {
        const double g = std::sin(t);
        w.set_grad(Variable({g}, DType::float64));
        adam.step();
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * g * g;
        const double correction = std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t));
        value -= rate * correction * m / (std::sqrt(v) + epsilon);
        BOOST_REQUIRE_CLOSE(w.item(), value, 1e-10);
    }
}

BOOST_AUTO_TEST_CASE(adam_stands_still_after_a_squared_gradient_has_overflowed) {
    Variable w = parameter(full({20}, 2));
    optim::Adam optimizer({w});
    for (const double gradient : {1e30, 1., 1e30, -1.}) {
        w.set_grad(full({20}, gradient));
        optimizer.step();
        BOOST_TEST(w.to_vector() == std::vector<double>(20, 2));
    }
}

BOOST_AUTO_TEST_CASE(adam_without_memory_moves_by_the_learning_rate) {
    Variable w = parameter(zeros({20}));
    optim::Adam optimizer({w}, {.learning_rate = 0.5, .beta1 = 0, .beta2 = 0, .epsilon = 1e-12});
    double steps = 0;
    for (const double gradient : {1., 1e-4, 1e4, 1e-8}) {
        w.set_grad(full({20}, gradient));
        optimizer.step();
        BOOST_TEST(w.to_vector()[7] == -0.5 * ++steps, boost::test_tools::tolerance(2e-4));
    }
}

BOOST_AUTO_TEST_CASE(adam_adds_epsilon_where_it_is_told_to) {
    const double g = 1e-6, rate = 0.01, epsilon = 1e-7;
    Variable keras = with_gradient(0, g), pytorch = with_gradient(0, g);
    optim::Adam({keras}, {.learning_rate = rate, .epsilon = epsilon}).step();
    optim::Adam({pytorch}, {.learning_rate = rate, .epsilon = epsilon, .epsilon_after_correction = true}).step();
    const double v = 0.001 * g * g;
    BOOST_TEST(keras.item() == -rate * std::sqrt(0.001) / 0.1 * (0.1 * g) / (std::sqrt(v) + epsilon),
               boost::test_tools::tolerance(1e-12));
    BOOST_TEST(pytorch.item() == -rate * g / (g + epsilon), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(adamw_shrinks_the_weights_apart_from_the_gradient) {
    Variable w = with_gradient(2, 0);
    optim::AdamW({w}, {.learning_rate = 0.1, .weight_decay = 0.5}).step();
    BOOST_TEST(w.item() == 2 * (1 - 0.05), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(every_optimizer_finds_the_bottom_of_a_bowl) {
    BOOST_TEST(distance_after(200, [](auto p) { return optim::SGD(p, {.learning_rate = 0.1}); }) < 1e-6);
    BOOST_TEST(distance_after(200, [](auto p) {
                   return optim::SGD(p, {.learning_rate = 0.05, .momentum = 0.5, .nesterov = true});
               }) < 1e-6);
    BOOST_TEST(distance_after(2000, [](auto p) { return optim::Adam(p, {.learning_rate = 0.05}); }) < 1e-3);
    BOOST_TEST(distance_after(
                   2000, [](auto p) { return optim::AdamW(p, {.learning_rate = 0.05, .weight_decay = 0}); }) < 1e-3);
}

BOOST_AUTO_TEST_CASE(a_parameter_without_a_gradient_stays) {
    Variable moved = with_gradient(1, 1), still = parameter(Variable({1}, DType::float64));
    optim::SGD({moved, still}, {.learning_rate = 0.5}).step();
    BOOST_TEST(still.item() == 1);
    BOOST_TEST(moved.item() == 0.5);
}

BOOST_AUTO_TEST_CASE(a_step_is_not_recorded_and_reads_no_stale_graph) {
    Variable w = parameter(Variable({1, 2}));
    optim::SGD optimizer({w}, {.learning_rate = 0.1});
    sum(w * w).backward();
    optimizer.step();
    BOOST_TEST(w.is_leaf());
    const Variable loss = sum(w * w);
    optimizer.step();  // changes what the recorded product needs
    BOOST_CHECK_THROW(loss.backward(), GraphError);
}

BOOST_AUTO_TEST_CASE(wrong_options_are_refused) {
    Variable w = with_gradient(1, 1);
    BOOST_CHECK_THROW(optim::SGD({}), ValueError);
    BOOST_CHECK_THROW(optim::SGD({Variable({1})}), ValueError);
    BOOST_CHECK_THROW(optim::SGD({w}, {.learning_rate = 0}), ValueError);
    BOOST_CHECK_THROW(optim::SGD({w}, {.momentum = 1}), ValueError);
    BOOST_CHECK_THROW(optim::SGD({w}, {.nesterov = true}), ValueError);
    BOOST_CHECK_THROW(optim::Adam({w}, {.beta1 = 1}), ValueError);
    BOOST_CHECK_THROW(optim::Adam({w}, {.epsilon = 0}), ValueError);
    BOOST_CHECK_THROW(optim::AdamW({w}, {.weight_decay = -1}), ValueError);
}

BOOST_AUTO_TEST_CASE(an_optimizers_errors_name_the_users_line) {
    Variable w = with_gradient(1, 1);
    BOOST_CHECK_EXCEPTION(optim::SGD({}), ValueError, Says({"optimizer: no parameters", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::SGD({w}, {.momentum = 1}), ValueError, Says({"SGD: momentum 1", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::Adam({w}, {.learning_rate = -1}), ValueError, Says({"rate -1", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::Adam({w}, {.beta2 = 2}), ValueError, Says({"Adam: beta 2", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::AdamW({w}, {.beta1 = 2}), ValueError, Says({"Adam: beta 2", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::AdamW({w}, {.weight_decay = -1}), ValueError, Says({"AdamW: weight", at_line()}));
    optim::SGD optimizer({w});
    const double nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_CHECK_EXCEPTION(optimizer.set_learning_rate(nan), ValueError, Says({"rate nan", at_line()}));
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_names_the_parameter_and_the_users_line) {
    const auto check = [](auto make) {
        Variable v = with_gradient(1, 1), w = with_gradient(1, 1).named("kernel");
        auto optimizer = make(std::vector{v, w});
        optimizer.step();
        w.convert(DType::float32);
        w.set_grad(Variable({1}));
        BOOST_CHECK_EXCEPTION(optimizer.step(), DTypeError,
                              Says({"step: parameter 1, \"kernel\" (1,): ", "float32 now", "was float64", at_line()}));
    };
    check([](auto parameters) { return optim::SGD(parameters, {.momentum = 0.9}); });
    check([](auto parameters) { return optim::Adam(parameters); });
    check([](auto parameters) { return optim::AdamW(parameters); });

    Variable v = with_gradient(1, 1).named("v"), w = with_gradient(1, 1).named("w");
    optim::SGD plain({w});  // has nothing beside the parameter that could differ
    w.convert(DType::float32);
    w.set_grad(Variable({1}));
    plain.step();
    BOOST_CHECK_EXCEPTION(Own({v}, Own::in_place).step(), ShapeError,
                          Says({"step: parameter 0, \"v\" (1,): ", "update", "(2,)", at_line()}));
    BOOST_CHECK_EXCEPTION(Own({v}, Own::with_operators).step(), ShapeError, Says({"subtract: ", "(3,)", at_line()}));
    BOOST_CHECK_EXCEPTION((ones({2}) + ones({3})), ShapeError, Says({"add: ", at_line()}));  // no line is left behind
}

BOOST_AUTO_TEST_CASE(a_parameter_may_be_given_once) {
    const Variable a = parameter(ones({2})), b = parameter(ones({2}));
    BOOST_CHECK_EXCEPTION(optim::Adam({a, b, a}), ValueError, Says({"parameter 2 is parameter 0 again", at_line()}));
}

BOOST_AUTO_TEST_CASE(steps_take_nothing_from_the_system) {
    Rng rng(1);
    Variable w = parameter(random_normal({40, 50}, rng)), x = random_normal({8, 40}, rng);
    optim::Adam optimizer({w});
    const auto step = [&] {
        optimizer.zero_grad();
        mean(square(tanh(matmul(x, w)))).backward();
        optimizer.step();
    };
    for (int i = 0; i < 5; ++i) step();
    const auto before = memory::statistics().system_calls;
    for (int i = 0; i < 200; ++i) step();
    if (memory::is_pooled()) BOOST_TEST(memory::statistics().system_calls == before);
}

BOOST_AUTO_TEST_CASE(a_step_takes_subnormal_numbers_for_0_on_every_thread_and_nothing_else_does) {
#ifdef __SSE2__
    constexpr double smallest = 0;
#else
    constexpr double smallest = 1e-40F;
#endif
    const std::size_t threads = thread_count();
    for (const std::size_t count : {std::size_t{1}, std::size_t{4}}) {
        set_thread_count(count);
        Variable w = parameter(zeros({200000}));
        optim::SGD sgd({w}, {.learning_rate = 1});
        w.set_grad(full({200000}, 1e-40));
        sgd.step();
        BOOST_TEST(max(abs(w)).item() == smallest);
        w.assign(zeros({200000}));
        w.set_grad(full({200000}, 1e-37));
        sgd.step();
        BOOST_TEST(min(abs(w)).item() == static_cast<double>(1e-37F));
        BOOST_TEST(max(full({200000}, 1e-37) / 1000).item() > 0);
    }
    set_thread_count(threads);
}

namespace {

/// A training step of one weight, whose gradient is x; before_step() is called in it.
template <class F>
auto replayed_descent(const Variable& w, optim::SGD& sgd, F before_step) {
    return replay([&w, &sgd, before_step](const Variable& x) {
        before_step();
        sgd.zero_grad();
        const Variable loss = sum(w * x);
        loss.backward();
        sgd.step();
        return loss;
    });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_learning_rate_set_inside_a_step_keeps_it_from_being_replayed) {
    const Variable w = parameter(Variable({4.0}));
    optim::SGD sgd({w}, {.learning_rate = 1});
    double rate = 1;
    auto step = replayed_descent(w, sgd, [&] { sgd.set_learning_rate(rate /= 2); });
    for (int call = 0; call < 4; ++call) step(ones({1}));
    BOOST_TEST(w.item() == 4 - 1 + 1.0 / 16);
    BOOST_TEST(step.why_not().find("learning rate") != std::string::npos, step.why_not());
}

BOOST_AUTO_TEST_CASE(a_learning_rate_set_between_steps_counts_in_a_replay) {
    const Variable w = parameter(Variable({4.0}));
    optim::SGD sgd({w}, {.learning_rate = 0.5});
    auto step = replayed_descent(w, sgd, [] {});
    for (int call = 0; call < 4; ++call) step(ones({1}));
    BOOST_TEST(step.is_replayed());
    BOOST_TEST(w.item() == 2);
    sgd.set_learning_rate(0.25);
    step(ones({1}));
    BOOST_TEST(step.is_replayed());
    BOOST_TEST(w.item() == 1.75);
}
