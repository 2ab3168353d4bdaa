#include <xgrad/autograd/kernels/arena.hpp>

#include <tbb/task_arena.h>

#ifdef XGRAD_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace xgrad::kernels::detail {

namespace {

/// What one thread has done before give(), another sees after take(). TBB sees to it; ThreadSanitizer has to be told.
#ifdef XGRAD_THREAD_SANITIZER
void give(void* what) { __tsan_release(what); }
void take(void* what) { __tsan_acquire(what); }
#else
void give(void*) {}
void take(void*) {}
#endif

}  // namespace

struct Arena::Pool {
    tbb::task_arena arena;
};

Arena::Arena(std::size_t threads) : pool_(new Pool{tbb::task_arena(static_cast<int>(threads) + 1)}) {}
Arena::~Arena() = default;

void Arena::start(void (*work)(void*), void* context) {
    give(context);
    pool_->arena.enqueue([work, context] {
        take(context);
        work(context);
    });
}

}  // namespace xgrad::kernels::detail
