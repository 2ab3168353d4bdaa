#pragma once

namespace bench {

/// Calls of the system's allocator in this process so far. A program that links this has its own malloc in front of
/// glibc's, and of any other that is preloaded.
long allocations();

}  // namespace bench
