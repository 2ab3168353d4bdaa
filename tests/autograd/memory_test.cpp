#include <xgrad/autograd/memory.hpp>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/variable.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/resource.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;

namespace {

using memory::detail::bytes_of;
using memory::detail::class_of;

/// Under sanitizers every block comes from the system, and what follows does not hold.
boost::test_tools::assertion_result the_pool_is_used(boost::unit_test::test_unit_id) { return memory::is_pooled(); }

const auto when_pooled = boost::unit_test::precondition(the_pool_is_used);

/// The sanitizers end a program that asks for more memory than there is.
boost::test_tools::assertion_result the_system_may_refuse(boost::unit_test::test_unit_id) {
#if defined(XGRAD_ADDRESS_SANITIZER) || defined(XGRAD_THREAD_SANITIZER)
    return false;
#else
    return true;
#endif
}

const auto when_not_sanitized = boost::unit_test::precondition(the_system_may_refuse);

/// Sizes around every border between size classes, up to 2^40.
std::vector<std::size_t> interesting_sizes() {
    std::vector<std::size_t> sizes;
    for (std::size_t n = 1; n <= 5000; ++n) sizes.push_back(n);
    for (std::size_t power = 12; power < 40; ++power)
        for (std::size_t quarter = 4; quarter < 8; ++quarter)
            for (const std::size_t offset : {0UL, 1UL, 2UL}) sizes.push_back((quarter << (power - 2)) + offset - 1);
    return sizes;
}

struct Net {
    Variable w1, b1, w2, b2;

    explicit Net(Rng& rng)
        : w1(parameter(random_normal({4, 16}, rng))),
          b1(parameter(zeros({16}))),
          w2(parameter(random_normal({16, 3}, rng))),
          b2(parameter(zeros({3}))) {}

    std::vector<Variable*> parameters() { return {&w1, &b1, &w2, &b2}; }
    Variable operator()(const Variable& x) const { return softmax(matmul(tanh(matmul(x, w1) + b1), w2) + b2); }
};

double step(Net& net, const Variable& x, const Variable& y) {
    const Variable loss = mean(square(net(x) - y));
    for (Variable* p : net.parameters()) p->zero_grad();
    loss.backward();
    const NoGrad off;
    for (Variable* p : net.parameters()) p->assign(*p - 0.1 * p->grad());
    return loss.item();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_size_class_holds_its_sizes_and_wastes_at_most_a_quarter) {
    for (const std::size_t n : interesting_sizes()) {
        const std::size_t size_class = class_of(n), bytes = bytes_of(size_class);
        BOOST_REQUIRE_MESSAGE(bytes >= n, n << " bytes in a block of " << bytes);
        BOOST_REQUIRE_MESSAGE(bytes % memory::alignment == 0, bytes << " is no multiple of the alignment");
        BOOST_REQUIRE_MESSAGE(class_of(bytes) == size_class, "the largest size of class " << size_class);
        BOOST_REQUIRE_MESSAGE(size_class == 1 || bytes_of(size_class - 1) < n, n << " bytes fit a smaller class");
        BOOST_REQUIRE_MESSAGE(bytes - n < 64 + n / 4, n << " bytes waste " << bytes - n);
    }
}

BOOST_AUTO_TEST_CASE(blocks_are_aligned_writable_and_apart) {
    std::vector<std::pair<unsigned char*, std::size_t>> blocks;
    for (std::size_t n = 1; n < 300'000; n += n / 3 + 1)
        for (int copy = 0; copy < 3; ++copy) {
            auto* const block = static_cast<unsigned char*>(memory::allocate(n));
            BOOST_REQUIRE_EQUAL(reinterpret_cast<std::uintptr_t>(block) % memory::alignment, 0U);
            const std::size_t whole = (n + 63) / 64 * 64;  // what allocate() promises
            std::memset(block, static_cast<int>(blocks.size() % 251), whole);
            blocks.emplace_back(block, whole);
        }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto [block, n] = blocks[i];
        bool intact = true;
        for (std::size_t k = 0; k < n; ++k) intact = intact && block[k] == i % 251;
        BOOST_TEST(intact, "block " << i << " of " << n << " bytes was written over");
    }
    for (const auto& [block, n] : blocks) memory::deallocate(block, n);
}

BOOST_AUTO_TEST_CASE(nothing_at_all_can_be_allocated) {
    void* const block = memory::allocate(0);
    BOOST_TEST(block != nullptr);
    memory::deallocate(block, 0);
}

BOOST_AUTO_TEST_CASE(a_freed_block_is_the_next_to_be_given, *when_pooled) {
    for (const std::size_t n : {64UL, 1000UL, 5000UL, 100'000UL}) {
        void* const block = memory::allocate(n);
        memory::deallocate(block, n);
        void* const again = memory::allocate(n);
        BOOST_TEST(again == block);
        memory::deallocate(again, n);
    }
}

BOOST_AUTO_TEST_CASE(blocks_freed_by_another_thread_come_back, *when_pooled) {
    constexpr std::size_t count = 5000;
    const auto round = [](std::size_t bytes) {
        std::vector<void*> blocks(count);
        std::thread([&] {
            for (void*& block : blocks) block = std::memset(memory::allocate(bytes), 1, bytes);
        }).join();
        for (void* block : blocks) memory::deallocate(block, bytes);
    };
    for (const std::size_t bytes : {192UL, 2048UL}) {
        for (int i = 0; i < 3; ++i) round(bytes);
        const auto before = memory::statistics();
        for (int i = 0; i < 100; ++i) round(bytes);
        // The thread keeps up to two magazines, so one may be missing now and then; what is lost would be 100 times as
        // much.
        BOOST_TEST(memory::statistics().system_bytes - before.system_bytes < count * bytes / 4);
    }
}

BOOST_AUTO_TEST_CASE(an_ending_thread_leaves_its_blocks_to_the_others, *when_pooled) {
    const auto work = [] {
        std::vector<void*> blocks;
        for (std::size_t i = 0; i < 1000; ++i) blocks.push_back(memory::allocate(64 * (1 + i % 30)));
        for (std::size_t i = 0; i < 1000; ++i) memory::deallocate(blocks[i], 64 * (1 + i % 30));
    };
    for (int i = 0; i < 3; ++i) std::thread(work).join();
    const auto before = memory::statistics();
    for (int i = 0; i < 50; ++i) std::thread(work).join();
    BOOST_TEST(memory::statistics().system_calls == before.system_calls);
}

BOOST_AUTO_TEST_CASE(threads_that_pass_blocks_around_do_not_disturb_each_other) {
    constexpr std::size_t threads = 4, rounds = 200, slots = 64;
    std::vector<std::vector<std::pair<unsigned char*, std::size_t>>> handed(threads);
    std::atomic<bool> intact{true};
    for (std::size_t round = 0; round < rounds; ++round) {
        std::vector<std::thread> workers;
        for (std::size_t t = 0; t < threads; ++t)
            workers.emplace_back([&, t] {
                auto& mine = handed[(t + round) % threads];  // what another thread made in the round before
                for (const auto& [block, n] : mine) {
                    for (std::size_t k = 0; k < n; ++k)
                        if (block[k] != static_cast<unsigned char>(n)) intact = false;
                    memory::deallocate(block, n);
                }
                mine.clear();
                for (std::size_t s = 0; s < slots; ++s) {
                    const std::size_t n = 50 + 37 * s;
                    auto* const block = static_cast<unsigned char*>(memory::allocate(n));
                    std::memset(block, static_cast<unsigned char>(n), n);
                    mine.emplace_back(block, n);
                }
            });
        for (std::thread& w : workers) w.join();
    }
    BOOST_TEST(intact.load());
    for (const auto& list : handed)
        for (const auto& [block, n] : list) memory::deallocate(block, n);
}

BOOST_AUTO_TEST_CASE(trim_returns_large_blocks_to_the_system, *when_pooled) {
    constexpr std::size_t bytes = 3 << 20, count = 12;
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(memory::allocate(bytes));
    for (void* block : blocks) memory::deallocate(block, bytes);
    const auto before = memory::statistics();
    memory::trim();
    const auto after = memory::statistics();
    BOOST_TEST(before.system_bytes - after.system_bytes >= (count - 2) * bytes);  // the thread itself keeps two
    BOOST_TEST(before.cached_bytes - after.cached_bytes == before.system_bytes - after.system_bytes);
}

BOOST_AUTO_TEST_CASE(trim_may_run_while_other_threads_allocate) {
    std::atomic<bool> intact{true};
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < 3; ++t)
        workers.emplace_back([&, t] {
            for (std::size_t i = 0; i < 200; ++i) {
                std::array<unsigned char*, 6> blocks{};
                const std::size_t bytes = 40'000 + 10'000 * (i % 5);
                for (auto& block : blocks) {
                    block = static_cast<unsigned char*>(memory::allocate(bytes));
                    block[0] = block[bytes - 1] = static_cast<unsigned char>(t);
                }
                for (auto* const block : blocks) {
                    if (block[0] != t || block[bytes - 1] != t) intact = false;
                    memory::deallocate(block, bytes);
                }
            }
        });
    for (int i = 0; i < 200; ++i) {
        memory::trim();
        static_cast<void>(memory::statistics());
    }
    for (std::thread& w : workers) w.join();
    BOOST_TEST(intact.load());
}

BOOST_AUTO_TEST_CASE(blocks_may_be_freed_by_what_dies_after_the_threads_magazines) {
    const auto work = [] {
        static thread_local std::vector<Variable> late;
        late.reserve(20);  // registered before the thread's first block, so it goes after the magazines
        for (std::size_t n = 1; n <= 20; ++n) late.push_back(zeros({n * n * 10}));
    };
    for (int i = 0; i < 3; ++i) std::thread(work).join();
    const auto before = memory::statistics();
    for (int i = 0; i < 20; ++i) std::thread(work).join();
    if (memory::is_pooled()) BOOST_TEST(memory::statistics().system_calls == before.system_calls);
}

BOOST_AUTO_TEST_CASE(the_cache_keeps_no_more_than_its_limit, *when_pooled) {
    constexpr std::size_t bytes = 5 << 20, count = 10;
    memory::trim();
    const std::size_t small = memory::statistics().cached_bytes;  // slabs, which the limit does not concern
    memory::set_cache_limit(small + 3 * bytes);
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(memory::allocate(bytes));
    const std::size_t in_use = memory::statistics().system_bytes;
    for (void* block : blocks) memory::deallocate(block, bytes);
    const auto after = memory::statistics();
    memory::set_cache_limit(~std::size_t{0});
    BOOST_TEST(after.cached_bytes <= small + 3 * bytes);
    BOOST_TEST(in_use - after.system_bytes >= (count - 5) * bytes);
}

BOOST_AUTO_TEST_CASE(ten_thousand_training_steps_ask_the_system_for_nothing, *when_pooled) {
    Rng rng(3);
    Net net(rng);
    const Variable x = random_normal({8, 4}, rng), y = softmax(random_normal({8, 3}, rng));
    const double first = step(net, x, y);
    for (int i = 0; i < 10; ++i) step(net, x, y);
    const auto before = memory::statistics();
    double last = 0;
    for (int i = 0; i < 10'000; ++i) last = step(net, x, y);
    const auto after = memory::statistics();
    BOOST_TEST(after.system_calls == before.system_calls);
    BOOST_TEST(after.system_bytes == before.system_bytes);
    BOOST_TEST(last < first);
}

namespace {

/// While it lives, the program has no more addresses than it has now, and a few. (Sanitizers need them themselves.)
class NoMoreAddresses {
public:
    NoMoreAddresses() {
        std::ifstream pages("/proc/self/statm");
        rlim_t used = 0;
        pages >> used;
        getrlimit(RLIMIT_AS, &before_);
        const rlimit limit{used * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{256} << 20), before_.rlim_max};
        setrlimit(RLIMIT_AS, &limit);
    }
    ~NoMoreAddresses() { setrlimit(RLIMIT_AS, &before_); }
    NoMoreAddresses(const NoMoreAddresses&) = delete;
    NoMoreAddresses& operator=(const NoMoreAddresses&) = delete;

private:
    rlimit before_{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(elements_that_there_is_no_memory_for_are_an_error_that_names_the_operator, *when_not_sanitized) {
    const Variable column = ones({32768, 1}), row = ones({1, 65536});  // 8 GB
    const NoMoreAddresses limit;
    BOOST_CHECK_EXCEPTION(column * row, MemoryError, [](const MemoryError& error) {
        const std::string text = error.what();
        return text.starts_with("multiply: no memory for ") && text.find("memory_test.cpp") != std::string::npos;
    });
    BOOST_CHECK_THROW(column * row, std::bad_alloc);
}
