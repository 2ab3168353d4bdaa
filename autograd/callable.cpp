#include <xgrad/autograd/callable.hpp>

#include <fmt/format.h>

namespace xgrad::detail {

void check_count(const std::array<bool, most_inputs>& taken, std::size_t count, const char* caller,
                 const Location& at) {
    if (count >= 1 && count <= most_inputs && taken[count - 1]) return;
    std::vector<std::size_t> counts;
    for (std::size_t n = 0; n < most_inputs; ++n)
        if (taken[n]) counts.push_back(n + 1);
    ValueError error(fmt::format("f takes {} {}, but {} {} given", fmt::join(counts, " or "),
                                 counts == std::vector<std::size_t>{1} ? "input" : "inputs", count,
                                 count == 1 ? "is" : "are"));
    error.locate(caller, at);
    throw error;
}

}  // namespace xgrad::detail
