# XGRAD_PUBLIC_HEADERS: what users may include and cmake --install installs, relative to the source folder. All headers
# are public but for the parts of the library's own that are named here.
file(GLOB_RECURSE XGRAD_PUBLIC_HEADERS RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  autograd/*.hpp nn/*.hpp optim/*.hpp datasets/*.hpp)
list(FILTER XGRAD_PUBLIC_HEADERS EXCLUDE REGEX
  "/(atomic_file|located|graph_label|gradcheck_[a-z_]+|loss_parts)\\.hpp$|/kernels/|/ops/detail/")
list(FILTER XGRAD_PUBLIC_HEADERS EXCLUDE REGEX "autograd/(extras|program|sweep|region|random_log)\\.hpp$")
# What map() and set_thread_count() need of the kernels.
list(APPEND XGRAD_PUBLIC_HEADERS
  autograd/kernels/broadcast.hpp autograd/kernels/elementwise.hpp autograd/kernels/parallel.hpp
  autograd/kernels/special.hpp autograd/kernels/sum_elementwise.hpp)
