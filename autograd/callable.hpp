#pragma once

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/variable.hpp>

#include <array>
#include <concepts>
#include <functional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Functions of Variables, whatever their signature, as one type: what gradcheck(), the functions on functions and
/// checkpoint() take.
namespace xgrad::detail {

/// f, whatever its signature: a list of Variables to a list of Variables.
using ListFunction = std::function<std::vector<Variable>(const std::vector<Variable>&)>;

inline std::vector<Variable> as_list(const Variable& v) { return {v}; }
template <std::ranges::input_range R>
std::vector<Variable> as_list(const R& values) {
    return {std::ranges::begin(values), std::ranges::end(values)};
}
template <class... V>
std::vector<Variable> as_list(const std::tuple<V...>& values) {
    return std::apply([](const auto&... v) { return std::vector<Variable>{v...}; }, values);
}
inline std::vector<Variable> as_list(const std::pair<Variable, Variable>& values) {
    return {values.first, values.second};
}

inline constexpr std::size_t most_inputs = 6;

template <std::size_t>
using Input = const Variable&;
template <class F, std::size_t... I>
constexpr bool takes_variables(std::index_sequence<I...>) {
    return std::is_invocable_v<F&, Input<I>...>;
}
template <class F, std::size_t N>
inline constexpr bool takes = takes_variables<F>(std::make_index_sequence<N>{});

/// For each count of Variables from 1 to 6, whether f takes it.
template <class F>
inline constexpr std::array<bool, most_inputs> counts_taken = []<std::size_t... N>(std::index_sequence<N...>) {
    return std::array<bool, most_inputs>{takes<F, N + 1>...};
}
(std::make_index_sequence<most_inputs>{});

template <class F, std::size_t N>
std::vector<Variable> call_with(F& f, const std::vector<Variable>& in) {
    if constexpr (takes<F, N>) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) { return as_list(f(in[I]...)); }
        (std::make_index_sequence<N>{});
    } else {
        throw ValueError("unreachable: the count was checked");
    }
}

/// @throws ValueError when f takes another number of Variables than `count`
void check_count(const std::array<bool, most_inputs>& taken, std::size_t count, const char* caller, const Location& at);

// A list is tried only for what takes no single Variables: asking a generic lambda would instantiate its body.
template <class F>
ListFunction erase_signature(F f, std::size_t count, const char* caller, const Location& at) {
    constexpr auto taken = counts_taken<F>;
    if constexpr (taken != std::array<bool, most_inputs>{}) {
        check_count(taken, count, caller, at);
        return [f = std::move(f)](const std::vector<Variable>& in) mutable {
            using Call = std::vector<Variable> (*)(F&, const std::vector<Variable>&);
            return [&]<std::size_t... N>(std::index_sequence<N...>) {
                static constexpr std::array<Call, most_inputs> calls{&call_with<F, N + 1>...};
                return calls[in.size() - 1](f, in);
            }
            (std::make_index_sequence<most_inputs>{});
        };
    } else {
        static_assert(std::is_invocable_v<F&, const std::vector<Variable>&>,
                      "f takes 1 to 6 `const Variable&`, or one `const std::vector<Variable>&`");
        return [f = std::move(f)](const std::vector<Variable>& in) mutable { return as_list(f(in)); };
    }
}

/// Whether F is a function of Variables, and neither one of them nor a list.
template <class F>
concept VariableFunction = counts_taken<F>
!= std::array<bool, most_inputs>{} || std::is_invocable_v<F&, const std::vector<Variable>&>;

}  // namespace xgrad::detail
