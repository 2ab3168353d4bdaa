#include <xgrad/autograd/kernels/parallel_arena.hpp>

#include <tbb/parallel_for.h>

#include <algorithm>

#ifdef XGRAD_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace xgrad::kernels::detail {

namespace {

/// What one thread has done before give(), another sees after take(). TBB sees to it; ThreadSanitizer has to be told.
struct Handover {
#ifdef XGRAD_THREAD_SANITIZER
    void give() { __tsan_release(this); }
    void take() { __tsan_acquire(this); }
#else
    void give() {}
    void take() {}
#endif
};

}  // namespace

void run_on_arena(tbb::task_arena& arena, std::size_t n, std::size_t piece,
                  void (*body)(void*, std::size_t, std::size_t), void* context) {
    Handover begin, end;
    begin.give();
    // Pieces treat floating-point numbers as the caller does: see set_flush_denormal().
    tbb::task_group_context alike(tbb::task_group_context::bound, tbb::task_group_context::fp_settings);
    arena.execute([&] {
        const auto run = [&](std::size_t i) {
            begin.take();
            body(context, i * piece, std::min(n, (i + 1) * piece));
            end.give();
        };
        tbb::parallel_for(std::size_t{0}, (n + piece - 1) / piece, run, alike);
    });
    end.take();
}

}  // namespace xgrad::kernels::detail
