#pragma once

#include <tbb/task_arena.h>

#include <cstddef>

namespace xgrad::kernels::detail {

/// Calls body(context, begin, end) for [0, n) cut into pieces of `piece`, on the arena's threads. A file of its own, so
/// that ThreadSanitizer sees as little of what TBB's templates do as of TBB itself, which is compiled without it.
void run_on_arena(tbb::task_arena& arena, std::size_t n, std::size_t piece,
                  void (*body)(void*, std::size_t, std::size_t), void* context);

}  // namespace xgrad::kernels::detail
