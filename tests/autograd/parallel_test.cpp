#include <autograd/on_threads.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;
using kernels::parallel_for;

namespace {

/// Sets the number of threads while it lives.
struct Threads {
    explicit Threads(std::size_t count) { set_thread_count(count); }
    ~Threads() { set_thread_count(before); }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    const std::size_t before = thread_count();
};

/// How often each of n elements was given to the body.
std::vector<int> visits(std::size_t n, std::size_t grain, std::size_t unit = 1) {
    std::vector<int> count(n);
    parallel_for(
        n, grain,
        [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) ++count[i];
        },
        unit);
    return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_element_is_given_once_whatever_the_pieces) {
    for (const std::size_t threads : {1U, 2U, 3U, 7U, 100U}) {
        const Threads some(threads);
        for (const std::size_t n : {0U, 1U, 2U, 63U, 64U, 65U, 1000U, 4099U})
            for (const std::size_t grain : {1U, 5U, 64U, 5000U})
                for (const std::size_t unit : {1U, 64U}) BOOST_TEST(visits(n, grain, unit) == std::vector<int>(n, 1));
    }
}

BOOST_AUTO_TEST_CASE(borders_of_pieces_are_multiples_of_the_unit) {
    const Threads two(2);
    std::atomic<int> others{0};
    parallel_for(
        1000, 100,
        [&](std::size_t begin, std::size_t end) { others += begin % 64 != 0 || (end % 64 != 0 && end != 1000); }, 64);
    BOOST_TEST(others.load() == 0);
}

BOOST_AUTO_TEST_CASE(a_few_large_pieces_of_work_stay_pieces) {
    const Threads two(2);
    for (const std::size_t n : {2U, 3U, 8U}) {
        std::atomic<std::size_t> pieces{0}, total{0};
        parallel_for(n, 1, [&](std::size_t begin, std::size_t end) {
            ++pieces;
            total += end - begin;
        });
        BOOST_TEST(pieces >= 2U);
        BOOST_TEST(total == n);
    }
}

BOOST_AUTO_TEST_CASE(the_first_share_is_the_callers_and_another_that_of_a_helper) {
    const Threads two(2);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (int i = 0; i < 20; ++i) {
        std::array<std::thread::id, 2> who;
        std::atomic<int> begun{0};
        parallel_for(2, 1, [&](std::size_t piece, std::size_t) {
            who[piece] = std::this_thread::get_id();
            ++begun;
            while (begun < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        });
        BOOST_TEST((who[0] == std::this_thread::get_id()));
        BOOST_TEST((who[1] != std::this_thread::get_id()));
    }
}

BOOST_AUTO_TEST_CASE(the_last_piece_of_a_share_is_left_to_a_thread_that_has_begun_it) {
    const Threads two(2);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto wait_for = [&](const std::atomic<int>& count, int wanted) {
        while (count < wanted && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    };
    const std::size_t grain = 64;
    std::array<std::thread::id, 8> who;  // the first four pieces are the caller's share
    std::atomic<int> begun{0}, done{0};
    parallel_for(who.size() * grain, grain, [&](std::size_t begin, std::size_t) {
        const std::size_t piece = begin / grain;
        who[piece] = std::this_thread::get_id();
        if (piece % 4 == 0) {
            ++begun;
            wait_for(begun, 2);
        }
        if (piece == 4) {
            wait_for(done, 6);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));  // time to take the last piece, too
        }
        ++done;
    });
    for (const std::size_t piece : {0U, 1U, 2U, 3U, 5U, 6U}) BOOST_TEST((who[piece] == std::this_thread::get_id()));
    BOOST_TEST((who[4] != std::this_thread::get_id()));
    BOOST_TEST((who[7] == who[4]));
}

BOOST_AUTO_TEST_CASE(helpers_round_as_the_caller_does) {
    const Threads two(2);
    std::vector<float> thirds(4000);
    for (const int mode : {FE_DOWNWARD, FE_UPWARD, FE_TONEAREST}) {
        BOOST_TEST_REQUIRE(std::fesetround(mode) == 0);
        for (int i = 0; i < 50; ++i) {
            parallel_for(thirds.size(), 100, [&](std::size_t begin, std::size_t end) {
                for (std::size_t k = begin; k < end; ++k) {
                    const volatile float one = 1;
                    thirds[k] = one / 3;
                }
            });
            BOOST_TEST(std::count(thirds.begin(), thirds.end(), thirds[0]) == 4000);
        }
    }
}

BOOST_AUTO_TEST_CASE(work_may_come_after_a_long_pause) {
    const Threads two(2);
    for (int i = 0; i < 20; ++i) {
        BOOST_TEST(visits(1000, 10) == std::vector<int>(1000, 1));
        std::this_thread::sleep_for(std::chrono::microseconds(100 * i));
    }
}

BOOST_AUTO_TEST_CASE(there_are_from_1_to_256_threads) {
    const Threads some(2);
    set_thread_count(0);
    BOOST_TEST(thread_count() == 1U);
    set_thread_count(1000);
    BOOST_TEST(thread_count() == 256U);
    BOOST_TEST(visits(1000, 1) == std::vector<int>(1000, 1));
}

BOOST_AUTO_TEST_CASE(work_that_has_all_threads_is_not_divided_again) {
    const Threads two(2);
    std::atomic<int> inner_pieces{0}, alone{0};
    parallel_for(2, 1, [&](std::size_t, std::size_t) {
        if (kernels::threads_at_hand() == 1) ++alone;
        parallel_for(100, 1, [&](std::size_t, std::size_t) { ++inner_pieces; });
    });
    BOOST_TEST(alone.load() == 2);
    BOOST_TEST(inner_pieces.load() == 2);
    BOOST_TEST(kernels::threads_at_hand() == 2U);
}

BOOST_AUTO_TEST_CASE(pieces_may_be_divided_again) {
    const Threads some(5);
    std::atomic<std::size_t> total{0};
    for (int i = 0; i < 50; ++i)
        parallel_for(3, 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t k = begin; k < end; ++k)
                parallel_for(100, 1, [&](std::size_t from, std::size_t to) { total += to - from; });
        });
    BOOST_TEST(total.load() == 50U * 3 * 100);
}

BOOST_AUTO_TEST_CASE(many_threads_divide_their_work_at_the_same_time) {
    const Threads three(3);
    std::atomic<int> wrong{0};
    engine::on_threads([&](std::size_t t) {
        for (std::size_t i = 0; i < 300; ++i)
            if (visits(100 + t, 1 + i % 30) != std::vector<int>(100 + t, 1)) ++wrong;
    });
    BOOST_TEST(wrong.load() == 0);
}

BOOST_AUTO_TEST_CASE(the_first_of_several_errors_arrives_when_all_is_done) {
    for (const std::size_t threads : {2U, 3U}) {
        const Threads some(threads);
        for (int i = 0; i < 50; ++i) {
            std::atomic<int> done{0};
            const auto work = [&](std::size_t begin, std::size_t) {
                if (begin % 7 == 3) throw std::runtime_error("piece " + std::to_string(begin));
                ++done;
            };
            BOOST_CHECK_EXCEPTION(parallel_for(20, 1, work), std::runtime_error,
                                  [](const std::runtime_error& e) { return std::string(e.what()) == "piece 3"; });
            BOOST_TEST(done.load() == 17);
        }
    }
    BOOST_TEST(visits(100, 1) == std::vector<int>(100, 1));
}

BOOST_AUTO_TEST_CASE(an_error_in_any_piece_of_a_share_arrives) {
    const Threads two(2);
    for (std::size_t bad = 0; bad < 8; ++bad)
        for (int i = 0; i < 20; ++i) {
            std::atomic<int> done{0};
            const auto work = [&](std::size_t begin, std::size_t) {
                if (begin == 64 * bad) throw std::runtime_error("piece");
                ++done;
            };
            BOOST_CHECK_THROW(parallel_for(8 * 64, 64, work), std::runtime_error);
            BOOST_TEST(done.load() == 7);
        }
}
