#pragma once

#include <xgrad/autograd/tape.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace xgrad::detail {

/// While it lives, there is NaN wherever no backward() of the results' graph reads, by what the operators say of
/// themselves (`reads`): a gradient that changes shows that one of them says too little.
class UnreadSpoiled {
public:
    /// @param suspect an operator whose word is not taken: it counts as reading everything
    explicit UnreadSpoiled(const std::vector<Variable>& results, std::string_view suspect = {});
    ~UnreadSpoiled();
    UnreadSpoiled(const UnreadSpoiled&) = delete;
    UnreadSpoiled& operator=(const UnreadSpoiled&) = delete;

private:
    struct Saved {
        Variable value;
        std::vector<std::byte> elements;
    };
    std::vector<Saved> saved_;
};

/// Whether what the graph's rules read can be told from its nodes: not from a hook, nor from what a checkpoint will
/// run.
bool tells_what_it_reads(const Tape& tape);

}  // namespace xgrad::detail
