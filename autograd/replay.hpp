#pragma once

#include <xgrad/autograd/callable.hpp>
#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/variable.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad {

namespace detail {

/// The recorded runs of one step, for the shapes it was called with.
class Recordings {
public:
    Recordings();
    ~Recordings();
    Recordings(Recordings&&) noexcept;
    Recordings& operator=(Recordings&&) noexcept;

    /// Runs the step again if one of the recordings fits. output() then has its results.
    bool replay(std::span<const Variable* const> inputs);
    /// Runs `step` as it stands, and records it if that may be of use.
    std::vector<Variable> run(const ListFunction& step, const std::vector<Variable>& inputs);
    /// Copies of what the step returned, in the last replay.
    Variable output(std::size_t i) const;
    std::size_t output_count() const;
    const std::string& why_not() const { return why_not_; }

private:
    struct Entry;
    std::vector<std::unique_ptr<Entry>> entries_;  // the one used last in front
    std::string why_not_;
    bool was_stale_ = false;  // this call found a recording that no longer holds
    std::size_t calls_ = 0, failures_ = 0;
};

/// From now on nothing recorded before is replayed: for settings that steps depend on and that are no Variables.
void forget_recordings() noexcept;

}  // namespace detail

/// A step that is recorded in its second call and from then on replayed: see replay().
template <class F>
class Replay {
public:
    explicit Replay(F step) : step_(std::move(step)) {}

    /// Runs the step. @returns what it returns, without history
    template <class... In>
    auto operator()(const In&... inputs) {
        static_assert((std::is_convertible_v<const In&, const Variable&> && ...), "a step takes Variables");
        constexpr bool gives_one = std::is_convertible_v<decltype(step_(inputs...)), Variable>;
        const std::array<const Variable*, sizeof...(In)> in{&inputs...};
        is_replayed_ = recordings_.replay(in);
        std::vector<Variable> results;
        if (!is_replayed_)
            results = recordings_.run(
                [this](const std::vector<Variable>& v) { return call(v, std::index_sequence_for<In...>{}); },
                {inputs...});
        else if constexpr (!gives_one)
            for (std::size_t i = 0; i < recordings_.output_count(); ++i) results.push_back(recordings_.output(i));
        if constexpr (gives_one)
            return is_replayed_ ? recordings_.output(0) : std::move(results[0]);
        else
            return results;
    }

    /// Whether the last call was a replay.
    bool is_replayed() const { return is_replayed_; }
    /// Why the last call that was not replayed was not, for people; "" before.
    const std::string& why_not() const { return recordings_.why_not(); }

private:
    template <std::size_t... I>
    std::vector<Variable> call([[maybe_unused]] const std::vector<Variable>& in, std::index_sequence<I...>) {
        return detail::as_list(step_(in[I]...));
    }

    F step_;
    detail::Recordings recordings_;
    bool is_replayed_ = false;
};

/// Makes a step, such as a whole training step, one that is recorded once and then run again without recording: the
/// same computations, in the same memory, without building a graph or walking it. That pays where arrays are small and
/// most of the time goes into the tape.
///
///     auto step = replay([&](const Variable& x, const Variable& y) {
///         optimizer.zero_grad();
///         const Variable loss = nn::mse(net(x), y);
///         loss.backward();
///         optimizer.step();
///         return loss;
///     });
///     for (const auto& [x, y] : batches) total += step(x, y).item();
///
/// The first call runs the step as it stands, the second records it, and later ones replay, when
/// - the inputs have the shapes and types of a recorded call (some of each are kept, so a smaller last batch is fine)
///   and require no gradient,
/// - the values that the step uses have the types they had, and require gradients as they did,
/// - no module has been switched between training and evaluation, and NoGrad is on or off as it was,
/// - gradients are cleared, in the step or before it, if they were,
/// - nobody holds a value that the last run made (a gradient, say): it will be written over.
/// Otherwise the step runs as it stands, and is recorded anew where that helps. Results are the same to the last bit.
///
/// The step must be made of operators, random_...() functions, backward() and grad(), zero_grad(), assign() and
/// optimizers. What it does besides that is noticed and keeps it from being replayed (why_not() says what): reading
/// elements, changing them by hand, hooks, a value made from data inside it, another learning rate. What cannot be
/// noticed is C++ code that does something else each time: counting, printing, an `if`, another number in an
/// expression. In a replay it does not run at all, and numbers are those of the recorded call. A Variable it uses is
/// the one that its handle held then: change it by assign(), not by giving the handle another.
///
/// A recording keeps all the memory that the step used, which a plain step gives back as it goes. One thread at a time
/// may call.
/// @param step takes any number of `const Variable&`; returns a Variable, or several in a vector, array or tuple
template <class F>
Replay<F> replay(F step) {
    return Replay<F>(std::move(step));
}

/// Runs `effect`, which changes values in place and is not made of operators (an optimizer's update). In a step that is
/// recorded by replay() it is run in each replay too.
/// @param name for messages; not copied
template <class F>
void run_replayable(std::string_view name, const F& effect) {
    detail::Capture* const capture = thread_state.capture;
    {
        const detail::Capture::Pause pause;
        effect();
    }
    if (capture != nullptr) [[unlikely]]
        capture->add_effect(name, effect);
}

}  // namespace xgrad
