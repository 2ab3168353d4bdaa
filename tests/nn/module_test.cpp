#include <xgrad/nn/module.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/check_module.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/dropout.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;

namespace {

struct Residual : nn::Module {
    nn::Dense first, second;
    Residual(std::size_t width, Rng& rng) : first(width, width, rng), second(width, width, rng) {}
    Variable operator()(const Variable& x) {
        const Running running(*this);
        return x + second(relu(first(x)));
    }
    void members(nn::Members& m) override { m("first", first)("second", second); }
};

/// Everything a member can be.
struct Mixed : nn::Module {
    Variable scale = parameter(Variable({1, 2})), off, average = Variable({0, 0});
    std::vector<Residual> blocks;
    nn::Dropout dropout;
    explicit Mixed(Rng& rng) : dropout(0.5, rng) {
        for (int i = 0; i < 2; ++i) blocks.emplace_back(2, rng);
    }
    void members(nn::Members& m) override {
        m("scale", scale)("off", off).buffer("average", average)("blocks", blocks)("dropout", dropout);
    }
};

struct Forgetful : Residual {
    using Residual::Residual;
    void members(nn::Members& m) override { m("first", first); }
};

struct Free : nn::Module {
    Variable w;
    explicit Free(Variable v) : w(std::move(v)) {}
    void members(nn::Members& m) override { m("w", w); }
};

std::vector<std::string> names(const auto& named) {
    std::vector<std::string> list;
    for (const auto& [path, item] : named) list.push_back(path);
    return list;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(paths_lead_to_every_parameter_buffer_and_part) {
    Rng rng(1);
    const Mixed model(rng);
    const Names parameters = names(model.named_parameters());
    const Names expected{"scale",
                         "blocks.0.first.kernel",
                         "blocks.0.first.bias",
                         "blocks.0.second.kernel",
                         "blocks.0.second.bias",
                         "blocks.1.first.kernel",
                         "blocks.1.first.bias",
                         "blocks.1.second.kernel",
                         "blocks.1.second.bias"};
    BOOST_TEST(parameters == expected, boost::test_tools::per_element());
    BOOST_TEST(names(model.named_buffers()) == Names{"average"}, boost::test_tools::per_element());
    BOOST_TEST(model.named_modules().size() == 1U + 2 * 3 + 1);
    BOOST_TEST(names(model.named_children()) == (Names{"blocks.0", "blocks.1", "dropout"}),
               boost::test_tools::per_element());
    BOOST_TEST(model.parameter_count() == 2U + 4 * (4 + 2));
}

BOOST_AUTO_TEST_CASE(a_parameter_is_called_by_its_longest_path) {
    Rng rng(1);
    Residual model(2, rng);
    BOOST_TEST(model.first.kernel().name() == "kernel");
    model.parameters();
    BOOST_TEST(model.first.kernel().name() == "first.kernel");
    model.first.parameters();
    BOOST_TEST(model.first.kernel().name() == "first.kernel");
    Free other(parameter(Variable({1, 2})).named("mine"));
    other.parameters();
    BOOST_TEST(other.w.name() == "mine");
}

BOOST_AUTO_TEST_CASE(a_shared_part_counts_once) {
    struct Twice : nn::Module {
        nn::Dense layer;
        explicit Twice(Rng& rng) : layer(2, 3, rng) {}
        void members(nn::Members& m) override { m("encoder", layer)("decoder", layer); }
    };
    Rng rng(1);
    const Twice model(rng);
    BOOST_TEST(names(model.named_parameters()) == (Names{"encoder.kernel", "encoder.bias"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(modules_move_but_do_not_copy) {
    static_assert(!std::is_copy_constructible_v<Residual> && !std::is_copy_assignable_v<nn::Dense>);
    Rng rng(1);
    Residual model(2, rng);
    const std::vector<Variable> handles = model.parameters();
    const Variable x = random_normal({3, 2}, rng), before = model(x);
    Residual moved = std::move(model);
    BOOST_TEST(moved(x).to_vector() == before.to_vector(), boost::test_tools::per_element());
    BOOST_TEST(moved.parameters()[0].is_same(handles[0]));
}

BOOST_AUTO_TEST_CASE(training_mode_reaches_every_part_and_comes_back_after_evaluating) {
    Rng rng(1);
    Mixed model(rng);
    BOOST_TEST(model.dropout.training());
    model.eval();
    BOOST_TEST((!model.training() && !model.dropout.training() && !model.blocks[1].second.training()));
    model.train();
    model.blocks[0].eval();
    {
        const nn::Evaluating evaluating(model);
        BOOST_TEST((!model.training() && !model.dropout.training() && !is_recording()));
    }
    BOOST_TEST((model.training() && model.dropout.training() && is_recording()));
    BOOST_TEST((!model.blocks[0].first.training() && model.blocks[1].first.training()));
}

BOOST_AUTO_TEST_CASE(another_dtype_keeps_the_handles_that_others_hold) {
    Rng rng(1);
    Mixed model(rng);
    std::vector<Variable> handles = model.parameters();
    model.to(DType::float64);
    for (const Variable& v : handles) BOOST_TEST((v.dtype() == DType::float64 && v.requires_grad()));
    BOOST_TEST((model.average.dtype() == DType::float64));
    sum(model.blocks[0](random_normal({1, 2}, rng, 0, 1, DType::float64))).backward();
    BOOST_TEST((handles[1].grad().dtype() == DType::float64));
    BOOST_CHECK_THROW(model.to(DType::int64), DTypeError);
}

BOOST_AUTO_TEST_CASE(frozen_parameters_get_no_gradient) {
    Rng rng(1);
    Residual model(2, rng);
    model.first.set_trainable(false);
    BOOST_TEST((!model.first.trainable() && model.second.trainable()));
    const Variable loss = sum(model(random_normal({3, 2}, rng)));
    BOOST_TEST(nn::check_module(model, loss));
    loss.backward();
    BOOST_TEST((!model.first.kernel().grad() && model.second.kernel().grad()));
    model.first.set_trainable(true);
    sum(model(random_normal({3, 2}, rng))).backward();
    BOOST_TEST(!!model.first.kernel().grad());
    model.zero_grad();
    for (const Variable& v : model.parameters()) BOOST_TEST(!v.grad());
}

BOOST_AUTO_TEST_CASE(a_forgotten_member_is_found) {
    Rng rng(1);
    Forgetful model(2, rng);
    const nn::ModuleReport report = nn::check_module(model, sum(model(random_normal({3, 2}, rng))));
    BOOST_TEST(!report);
    BOOST_REQUIRE(report.unlisted.size() == 2);
    BOOST_TEST(to_string(report).find("\"kernel\" (2, 2), used by linear in forgetful.dense") != std::string::npos,
               report);
    BOOST_TEST(report.unused.empty());
}

BOOST_AUTO_TEST_CASE(a_listed_parameter_without_gradient_is_found) {
    Rng rng(1);
    Residual model(2, rng);
    const Variable x = random_normal({3, 2}, rng);
    const nn::ModuleReport unused = nn::check_module(model, sum(model.first(x)));
    BOOST_TEST(unused.unused.size() == 2U);
    BOOST_TEST(
        to_string(unused).find("\"second.kernel\" (2, 2): the result does not depend on it") != std::string::npos,
        unused);

    Free no_parameter(Variable({1, 2}));
    const Variable w = parameter(Variable({1, 2}));
    const nn::ModuleReport constant = nn::check_module(no_parameter, sum(no_parameter.w * w), {w});
    BOOST_TEST(to_string(constant).find("make it with parameter(...)") != std::string::npos, constant);
    BOOST_CHECK_THROW(nn::check_module(no_parameter, sum(no_parameter.w)), GraphError);
}

BOOST_AUTO_TEST_CASE(members_that_cannot_be_trained_or_told_apart_are_errors) {
    Free computed(parameter(Variable({1, 2})) * 0.1);
    BOOST_CHECK_EXCEPTION(computed.parameters(), GraphError, [](const GraphError& e) {
        return std::string(e.what()).find("\"w\" is not a leaf but the result of \"multiply\"") != std::string::npos;
    });
    struct SameName : nn::Module {
        Variable a = parameter(Variable({1})), b = parameter(Variable({2}));
        void members(nn::Members& m) override { m("w", a)("w", b); }
    };
    BOOST_CHECK_THROW(SameName().parameters(), ValueError);
}

BOOST_AUTO_TEST_CASE(names_follow_keras_until_a_parent_or_the_user_gives_one) {
    BOOST_TEST(nn::snake_case("Dense") == "dense");
    BOOST_TEST(nn::snake_case("MaxPool2D") == "max_pool2d");
    BOOST_TEST(nn::snake_case("BatchNormalization") == "batch_normalization");
    BOOST_TEST(nn::snake_case("LSTM") == "lstm");
    BOOST_TEST(nn::snake_case("ReLU") == "re_lu");
    Rng rng(1);
    Residual model(2, rng);
    BOOST_TEST(model.type_name() == "Residual");
    BOOST_TEST(model.name().starts_with("residual"));
    BOOST_TEST(model.first.name().starts_with("dense"));
    model.second.set_name("head");
    model.parameters();
    BOOST_TEST(model.first.name() == "first");
    BOOST_TEST(model.second.name() == "head");
}

BOOST_AUTO_TEST_CASE(what_a_module_records_belongs_to_its_scope) {
    Rng rng(1);
    Residual model(2, rng);
    model.set_name("block");
    model.parameters();
    const Variable y = model(random_normal({3, 2}, rng));
    BOOST_TEST(scope_path(y.node().scope) == "block");
    BOOST_TEST(scope_path(y.node().inputs[1].node().scope) == "block.second");
}

BOOST_AUTO_TEST_CASE(threads_that_run_a_model_for_the_first_time_agree_on_its_scopes) {
    Rng rng(1);
    Residual model(2, rng);
    const Variable x = parameter(random_normal({3, 2}, rng));
    std::array<std::string, 4> paths;
    std::array<std::vector<double>, 4> slopes;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < paths.size(); ++t)
        threads.emplace_back([&, t] {
            const Variable y = model(x);
            paths[t] = scope_path(y.node().inputs[1].node().scope);
            slopes[t] = grad(sum(y), x).to_vector();
        });
    for (std::thread& t : threads) t.join();
    for (std::size_t t = 1; t < paths.size(); ++t) {
        BOOST_TEST(paths[t] == paths[0]);
        BOOST_TEST(slopes[t] == slopes[0], boost::test_tools::per_element());
    }
}
