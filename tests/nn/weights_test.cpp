#include <xgrad/nn/weights.hpp>

#include "datasets/files.hpp"

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/datasets/npz.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/sequential.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace xgrad;

namespace {

struct Averaging : nn::Module {
    nn::Dense dense;
    Variable average = Variable({0, 0});
    explicit Averaging(Rng& rng) : dense(3, 2, rng) {}
    void members(nn::Members& m) override { m("dense", dense).buffer("average", average); }
};

std::vector<double> all_values(const nn::Module& model) {
    std::vector<double> values;
    for (const nn::NamedVariables& list : {model.named_parameters(), model.named_buffers()})
        for (const auto& [path, v] : list)
            for (const double e : v.to_vector()) values.push_back(e);
    return values;
}

std::string message(auto f) {
    try {
        f();
    } catch (const ValueError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(weights_come_back_with_buffers_into_the_same_handles) {
    const files::Folder folder;
    Rng rng(1);
    Averaging model(rng), other(rng);
    model.average.assign(Variable({3, 4}));
    save_weights(model, folder / "w.npz");
    BOOST_TEST(datasets::read_npz(folder / "w.npz").count("dense.kernel") == 1U);
    const std::vector<Variable> handles = other.parameters();
    load_weights(other, folder / "w.npz");
    BOOST_TEST(all_values(other) == all_values(model), boost::test_tools::per_element());
    BOOST_TEST(handles[0].is_same(other.dense.kernel()));
    BOOST_TEST(handles[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(weights_are_converted_between_precisions) {
    const files::Folder folder;
    Rng rng(1);
    nn::Dense model(3, 2, rng), precise(3, 2, rng, {.dtype = DType::float64});
    save_weights(precise, folder / "w.npz");
    load_weights(model, folder / "w.npz");
    BOOST_TEST(model.kernel().to_vector() == precise.kernel().to(DType::float32).to_vector(),
               boost::test_tools::per_element());
    BOOST_TEST((model.kernel().dtype() == DType::float32));
}

BOOST_AUTO_TEST_CASE(one_error_names_all_that_does_not_fit_and_nothing_changes) {
    const files::Folder folder;
    Rng rng(1);
    const nn::Sequential saved{nn::Dense(3, 4, rng), nn::Dense(4, 2, rng, {.use_bias = false})};
    nn::Sequential model{nn::Dense(3, 4, rng), nn::Dense(4, 1, rng)};
    model.add([](const Variable& x) { return x; });
    save_weights(saved, folder / "w.npz");
    const std::vector<double> before = all_values(model);
    const std::string text = message([&] { load_weights(model, folder / "w.npz"); });
    BOOST_TEST(text.find("w.npz\": the weights do not fit the model, nothing was changed:") != std::string::npos, text);
    BOOST_TEST(text.find("missing: \"dense_1.bias\" (1,)") != std::string::npos, text);
    BOOST_TEST(text.find("of another shape: \"dense_1.kernel\" is (4, 1) in the model, but (4, 2) is given") !=
                   std::string::npos,
               text);
    BOOST_TEST(text.find("at nn/weights_test.cpp") != std::string::npos, text);
    BOOST_TEST(all_values(model) == before, boost::test_tools::per_element());

    nn::Sequential shorter{nn::Dense(3, 4, rng)};
    const std::string extra = message([&] { load_weights(shorter, folder / "w.npz"); });
    BOOST_TEST(extra.find("not in the model: \"dense_1.kernel\" (4, 2)") != std::string::npos, extra);
    datasets::write_npz(folder / "i.npz", {{"kernel", Variable::from(std::vector<int>{1}, {1, 1}, DType::int64)},
                                           {"bias", Variable({1})}});
    nn::Dense tiny(1, 1, rng);
    const std::string type = message([&] { load_weights(tiny, folder / "i.npz"); });
    BOOST_TEST(
        type.find("of another type: \"kernel\" is float32 in the model, but int64 is given") != std::string::npos,
        type);
    BOOST_CHECK_THROW(load_weights(model, folder / "none.npz"), FileError);
}

BOOST_AUTO_TEST_CASE(copied_weights_are_equal_and_independent) {
    Rng rng(1);
    Averaging from(rng), to(rng);
    copy_weights(from, to);
    BOOST_TEST(all_values(to) == all_values(from), boost::test_tools::per_element());
    Variable kernel = from.dense.kernel();
    kernel.assign(zeros({3, 2}));
    BOOST_TEST(all_values(to) != all_values(from));
    nn::Dense other(3, 2, rng);
    BOOST_CHECK_THROW(copy_weights(from, other), ValueError);
}
