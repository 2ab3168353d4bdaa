#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/datasets/npz.hpp>
#include <xgrad/nn/losses.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <string>

// Values, gradients and Hessian-vector products of losses as PyTorch 1.13 computes them in float64.

using namespace xgrad;

namespace {

using LossFunction = std::function<Variable(const Variable& p, const Variable& t)>;

void compare(const Variable& ours, const Variable& theirs, const std::string& what) {
    BOOST_REQUIRE((ours.shape() == theirs.shape()));
    const double error = max(abs(ours - theirs)).item(), size = max(abs(theirs)).item();
    BOOST_TEST(error <= 1e-10 * (1 + size), what << " differs by " << error);
}

void check(const std::string& name, const LossFunction& loss) {
    auto file = datasets::read_npz(std::string(XGRAD_FIXTURES) + "/reference/" + name + ".npz");
    const Variable p = parameter(file.at("in.p"));
    const Variable y = loss(p, file.at("in.t"));
    compare(y, file.at("out.y"), name);
    const bool second = file.contains("hv.p");
    const Variable dp = grad(y, p, {.create_graph = second, .gradients = {file.at("ct.y")}});
    compare(dp, file.at("grad.p"), name + ": gradient");
    if (second) compare(grad(sum(dp * file.at("v.p")), p), file.at("hv.p"), name + ": Hessian-vector product");
}

}  // namespace

BOOST_AUTO_TEST_CASE(regression_losses_agree_with_the_reference) {
    check("loss_mse_mean", [](const Variable& p, const Variable& t) { return nn::mse(p, t); });
    check("loss_l1_mean", [](const Variable& p, const Variable& t) { return nn::mae(p, t); });
    check("loss_hinge", [](const Variable& p, const Variable& t) { return nn::hinge(p, t); });
    // The reference sums all elements, ours the samples' means over 3.
    check("loss_huber_05_sum", [](const Variable& p, const Variable& t) {
        return 3 * nn::huber(p, t, {.delta = 0.5, .reduction = nn::Reduction::sum});
    });
}

BOOST_AUTO_TEST_CASE(crossentropies_agree_with_the_reference) {
    check("loss_bce_soft_target", [](const Variable& p, const Variable& t) {
        return 3 * nn::binary_crossentropy(p, t, {.reduction = nn::Reduction::sum});
    });
    check("loss_bce_logits_big", [](const Variable& p, const Variable& t) {
        return nn::binary_crossentropy(expand_dims(p, 1), expand_dims(t, 1),
                                       {.from_logits = true, .reduction = nn::Reduction::none});
    });
    check("loss_ce_index_sum", [](const Variable& p, const Variable& t) {
        return nn::sparse_categorical_crossentropy(p, t, {.from_logits = true, .reduction = nn::Reduction::sum});
    });
    for (const char* name : {"loss_ce_prob_target", "loss_cce_softmax"}) {
        check(name, [](const Variable& p, const Variable& t) {
            return nn::categorical_crossentropy(p, t, {.from_logits = true});
        });
        check(name, [](const Variable& p, const Variable& t) { return nn::categorical_crossentropy(softmax(p), t); });
    }
}
