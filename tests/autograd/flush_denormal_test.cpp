#include <xgrad/autograd/flush_denormal.hpp>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace xgrad;

namespace {

constexpr std::size_t many = 200000;  // enough for several threads

/// The largest of 1e-37 / 1000: 0 where denormal numbers are flushed.
double quotient() { return max(full({many}, 1e-37) / 1000).item(); }
/// The largest of 1e-40 * 1000, with an operand that is denormal.
double product() { return max(full({many}, 1e-40) * 1000).item(); }

}  // namespace

BOOST_AUTO_TEST_CASE(denormal_numbers_are_0_where_and_while_that_is_wanted) {
    const std::size_t threads = thread_count();
    for (const std::size_t count : {std::size_t{1}, std::size_t{4}}) {
        set_thread_count(count);
        BOOST_TEST(quotient() > 0);
        BOOST_TEST(product() > 0);
        if (!set_flush_denormal(true)) continue;  // no such setting here
        BOOST_TEST(quotient() == 0);
        BOOST_TEST(product() == 0);
        BOOST_TEST(set_flush_denormal(false));
        std::thread([] { set_flush_denormal(true); }).join();
        BOOST_TEST(quotient() > 0);
    }
    set_thread_count(threads);
}

BOOST_AUTO_TEST_CASE(a_guard_leaves_the_setting_as_it_was) {
    if (!set_flush_denormal(true)) return;
    { const FlushDenormal fast; }
    BOOST_TEST(quotient() == 0);
    set_flush_denormal(false);
    {
        const FlushDenormal fast;
        BOOST_TEST(quotient() == 0);
    }
    BOOST_TEST(quotient() > 0);
}
