#include <xgrad/datasets/dataset.hpp>

#include "files.hpp"

#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace xgrad;
using namespace xgrad::datasets;

namespace {

/// n samples: x = ((0, 0.5), (1, 1.5), ...), y = (0, 1, ...).
Dataset counting(std::size_t n) {
    const Variable y = arange(0, static_cast<double>(n));
    return {concatenate({reshape(y, Shape{n, 1}), reshape(y + 0.5, Shape{n, 1})}, 1), y.to(DType::int64)};
}

/// Whether every row of x still belongs to its y.
bool belong_together(const Dataset& data) {
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto label = static_cast<float>(data.y.data<std::int64_t>()[i]);
        const float* const row = data.x.data<float>() + 2 * i;
        if (row[0] != label || row[1] != label + 0.5F) return false;
    }
    return true;
}

using Numbers = std::vector<double>;

}  // namespace

BOOST_AUTO_TEST_CASE(a_dataset_checks_that_samples_agree) {
    BOOST_TEST(counting(5).size() == 5U);
    BOOST_TEST(Dataset().size() == 0U);
    BOOST_TEST(files::throws<ShapeError>(
        [] {
            Dataset(zeros({3, 2}), zeros({4}));
        },
        "Dataset: ", "(3, 2)", "3 samples", "(4,)", "dataset_test.cpp:"));
    BOOST_TEST(files::throws<ShapeError>([] { Dataset(zeros({}), zeros({1})); }, "x is a single number"));
    BOOST_TEST(files::throws<ValueError>([] { Dataset(zeros({1}), {}); }, "y is an empty Variable"));
}

BOOST_AUTO_TEST_CASE(take_gives_the_first_samples) {
    const Dataset part = counting(5).take(2);
    BOOST_TEST(part.x.to_vector() == Numbers({0, 0.5, 1, 1.5}));
    BOOST_TEST(part.y.to_vector() == Numbers({0, 1}));
    BOOST_TEST(counting(5).take(0).size() == 0U);
    BOOST_TEST(files::throws<ValueError>([] { counting(5).take(6); }, "take: 6 of 5 samples", "dataset_test.cpp:"));
    BOOST_TEST(files::throws<ValueError>([] { Dataset().take(0); }, "take: x is an empty Variable"));
}

BOOST_AUTO_TEST_CASE(split_gives_every_sample_to_one_part) {
    const auto [first, second] = counting(10).split({.fraction = 0.29});
    BOOST_TEST(first.y.to_vector() == Numbers({0, 1, 2}));
    BOOST_TEST(second.size() == 7U);

    Rng rng(1);
    const auto [a, b] = counting(100).split({.count = 80, .shuffle = &rng});
    BOOST_TEST(a.size() == 80U);
    BOOST_TEST(belong_together(a));
    BOOST_TEST(belong_together(b));
    Numbers all = a.y.to_vector();
    const Numbers rest = b.y.to_vector();
    BOOST_TEST(!std::is_sorted(all.begin(), all.end()));
    all.insert(all.end(), rest.begin(), rest.end());
    std::sort(all.begin(), all.end());
    BOOST_TEST(all == counting(100).y.to_vector());
}

BOOST_AUTO_TEST_CASE(split_refuses_what_is_no_part) {
    const Dataset data = counting(5);
    BOOST_TEST(files::throws<ValueError>([&] { data.split({}); }, "split: give either"));
    BOOST_TEST(files::throws<ValueError>([&] { data.split({.fraction = 0.5, .count = 2}); }, "give either"));
    BOOST_TEST(files::throws<ValueError>([&] { data.split({.fraction = 1.5}); }, "1.5", "dataset_test.cpp:"));
    BOOST_TEST(files::throws<ValueError>([&] { data.split({.count = 6}); }, "6, of 5"));
}

BOOST_AUTO_TEST_CASE(shuffled_keeps_samples_whole_and_depends_on_the_seed_alone) {
    Rng a(3), b(3), c(4);
    const Dataset data = counting(50), once = data.shuffled(a);
    BOOST_TEST(belong_together(once));
    BOOST_TEST(once.y.to_vector() == data.shuffled(b).y.to_vector());
    BOOST_TEST(once.y.to_vector() != data.shuffled(c).y.to_vector());
    BOOST_TEST(once.y.to_vector() != data.y.to_vector());
}

BOOST_AUTO_TEST_CASE(map_changes_the_inputs_only_and_is_not_recorded) {
    const Variable weight = parameter(Variable(2.0));
    const Dataset data = counting(3).map([&](const Variable& x) { return x * weight; });
    BOOST_TEST(data.x.to_vector() == Numbers({0, 1, 2, 3, 4, 5}));
    BOOST_TEST(!data.x.requires_grad());
    BOOST_TEST(data.y.to_vector() == Numbers({0, 1, 2}));
    BOOST_TEST(files::throws<ShapeError>([] { counting(3).map([](const Variable& x) { return sum(x); }); },
                                         "Dataset: ", "dataset_test.cpp:"));
}

BOOST_AUTO_TEST_CASE(one_hot_makes_rows_of_labels) {
    BOOST_TEST(counting(2).one_hot(3).y.to_vector() == Numbers({1, 0, 0, 0, 1, 0}));
    BOOST_TEST(files::throws<IndexError>([] { counting(4).one_hot(3); }, "label 3", "dataset_test.cpp:"));
}

BOOST_AUTO_TEST_CASE(batches_give_every_sample_once_in_order) {
    const Dataset data = counting(10);
    Numbers seen;
    std::vector<std::size_t> sizes;
    for (const auto& [x, y] : batches(data, {.size = 4})) {
        BOOST_TEST(belong_together({x, y}));
        const Numbers labels = y.to_vector();
        seen.insert(seen.end(), labels.begin(), labels.end());
        sizes.push_back(labels.size());
    }
    BOOST_TEST(seen == data.y.to_vector());
    BOOST_TEST(sizes == std::vector<std::size_t>({4, 4, 2}));
    BOOST_TEST(batches(data, {.size = 4}).size() == 3U);
    BOOST_TEST(batches(data, {.size = 4, .drop_last = true}).size() == 2U);
    BOOST_TEST(batches(data, {.size = 100}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(drop_last_leaves_out_the_short_batch) {
    std::size_t count = 0;
    for (const auto& [x, y] : batches(counting(10), {.size = 4, .drop_last = true})) {
        BOOST_TEST(x.shape()[0] == 4U);
        ++count;
    }
    BOOST_TEST(count == 2U);
    for (const Batch& batch : batches(counting(3), {.size = 4, .drop_last = true}))
        BOOST_ERROR("a batch of " << batch.x.size());
}

BOOST_AUTO_TEST_CASE(every_epoch_of_shuffled_batches_has_an_order_of_its_own) {
    Rng rng(5);
    const Batches epoch = batches(counting(64), {.size = 16, .shuffle = &rng});
    std::set<Numbers> orders;
    for (int i = 0; i < 3; ++i) {
        Numbers order;
        for (const auto& [x, y] : epoch) {
            BOOST_TEST(belong_together({x, y}));
            const Numbers labels = y.to_vector();
            order.insert(order.end(), labels.begin(), labels.end());
        }
        orders.insert(order);
        std::sort(order.begin(), order.end());
        BOOST_TEST(order == counting(64).y.to_vector());
    }
    BOOST_TEST(orders.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_batch_may_be_kept) {
    std::vector<Batch> kept;
    for (const Batch& batch : batches(counting(6), {.size = 2})) kept.push_back(batch);
    BOOST_TEST(kept.size() == 3U);
    BOOST_TEST(kept[0].y.to_vector() == Numbers({0, 1}));
    BOOST_TEST(kept[2].y.to_vector() == Numbers({4, 5}));
}

BOOST_AUTO_TEST_CASE(no_batches_of_nothing_and_none_of_size_0) {
    for (const Batch& batch : batches({zeros({0, 3}), zeros({0})})) BOOST_ERROR("a batch of " << batch.x.size());
    BOOST_TEST(files::throws<ValueError>([] { batches(counting(3), {.size = 0}); }, "batches: the batch size is 0",
                                         "dataset_test.cpp:"));
    BOOST_TEST(files::throws<ValueError>([] { batches({}); }, "batches: x is an empty Variable"));
    std::size_t count = 0;
    for (const Batch& batch : batches({zeros({5, 0}), zeros({5})}, {.size = 2})) count += batch.y.size();
    BOOST_TEST(count == 5U);  // samples without features are samples
}

BOOST_AUTO_TEST_CASE(batches_after_the_first_do_not_call_the_system_allocator) {
    Rng rng(6);
    const Dataset data{zeros({1000, 784}), zeros({1000}, DType::int64)};
    const auto epoch = [&] {
        for (const auto& [x, y] : batches(data, {.size = 32, .shuffle = &rng})) BOOST_REQUIRE(x.rank() == 2U);
    };
    epoch();
    const std::uint64_t before = memory::statistics().system_calls;
    epoch();
    if (memory::is_pooled()) BOOST_TEST(memory::statistics().system_calls == before);
}
