#pragma once

#include <xgrad/autograd/thread_state.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// How replay() takes a step down: as a list of what it did, in an order in which it can be done again.
namespace xgrad::detail {

struct Program;

/// One thing that a step did. Running it computes the same from what its inputs hold now, into the same memory.
class Instruction {
public:
    explicit Instruction(const Location& at) : at_(thread_state.call_site ? thread_state.call_site : at) {}
    virtual ~Instruction() = default;
    Instruction(const Instruction&) = delete;
    Instruction& operator=(const Instruction&) = delete;

    virtual void run() = 0;
    virtual std::string_view name() const = 0;
    /// Whether more happens than that values of the step's own are computed.
    virtual bool has_effect() const { return false; }
    const Location& at() const { return at_; }

private:
    Location at_;
};

/// An instruction that calls a function.
template <class F>
class Call final : public Instruction {
public:
    Call(std::string_view name, bool has_effect, F f)
        : Instruction({}), name_(name), has_effect_(has_effect), f_(std::move(f)) {}
    void run() override { f_(); }
    std::string_view name() const override { return name_; }
    bool has_effect() const override { return has_effect_; }

private:
    std::string_view name_;
    bool has_effect_;
    F f_;
};

/// Takes down what this thread does while it lives. What cannot be done again by looking at operators alone (a number
/// that the program reads, a value that it fills in by hand) is noticed and refused, so never replayed wrongly.
class [[nodiscard]] Capture {
public:
    /// @param inputs what the step is called with
    explicit Capture(std::span<const Variable> inputs);
    ~Capture();
    /// Each capture of the program has another, from 1 on.
    std::uint64_t number() const { return number_; }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;

    /// While it lives, what this thread does belongs to one instruction.
    class [[nodiscard]] Pause {
    public:
        Pause() : before_(std::exchange(thread_state.capture, nullptr)) {}
        ~Pause() { thread_state.capture = before_; }
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

    private:
        Capture* before_;
    };

    /// Something that computed `results` from `sources`.
    void add(std::unique_ptr<Instruction> instruction, std::span<const Variable* const> sources,
             std::span<const Variable> results);
    /// Values that something uses which is not added.
    void use(std::span<const Variable* const> sources) {
        for (const Variable* const v : sources) use(*v);
    }
    /// One more result of the last one.
    void add_result(const Variable& v);
    /// Something that changed more than values of the step's own.
    template <class F>
    void add_effect(std::string_view name, F f) {
        add(std::make_unique<Call<F>>(name, true, std::move(f)), {}, {});
    }
    /// A fresh value that is the same in every run.
    void add_constant(const Variable& v);
    /// A value was made, by an operator or otherwise: whoever knows how says so afterwards.
    void on_creation(const Variable& v);
    /// The program reads elements, and may act on them.
    void on_read(const Variable& v);
    /// Calls f, an operator's shape(), and tells whether it read elements.
    template <class F>
    bool reads_elements(const F& f) {
        is_asking_ = true;
        reads_ = false;
        f();
        is_asking_ = false;
        return reads_;
    }
    /// The program changes elements in place.
    void on_change(const Variable& v);
    void on_assign(const Variable& to, const Variable& from);
    /// A leaf's gradient is looked at, or about to be added to.
    void on_gradient_use(const Variable& leaf);
    void on_set_gradient(const Variable& leaf, const Variable& gradient);

    /// Says why this step cannot be replayed; the first reason is kept.
    void refuse(std::string reason);
    const std::string& refusal() const;
    /// @param outputs what the step returned
    Program finish(std::span<const Variable> outputs) &&;

private:
    struct Notes;

    void use(const Variable& v);

    std::unique_ptr<Notes> notes_;
    std::uint64_t number_;
    bool is_asking_ = false, reads_ = false;
};

/// Copies the elements of a value over those of another of the same shape and type.
void copy_elements(const Variable& to, const Variable& from);
/// A result has another shape than when the step was recorded.
struct ShapeChanged {
    Shape before, now;
};
inline void check_unchanged(const Shape& before, const Shape& now) {
    if (before != now) throw ShapeChanged{before, now};
}
/// Tells the capture under way, if any, that f() computes `results` from `sources`.
template <class F>
void note_computation(std::string_view name, std::initializer_list<const Variable*> sources,
                      std::span<const Variable> results, F f) {
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->add(std::make_unique<Call<F>>(name, false, std::move(f)),
                                  std::span(sources.begin(), sources.size()), results);
}
/// The same of a fresh value with the elements of another.
inline void note_copy(const Variable& to, const Variable& from) {
    note_computation("copy", {&from}, std::span(&to, 1), [to, from] { copy_elements(to, from); });
}
/// Tells the capture under way, if any, of an operator that keeps values of its forward pass on itself.
void refuse_replay(std::string_view operator_name);
/// Tells the capture under way, if any, of a value that was made.
inline void note_creation(const Variable& v) {
    if (thread_state.creations != nullptr) [[unlikely]]
        thread_state.creations->on_creation(v);
}
/// Marks a fresh value as the same in every run, if the thread is being captured.
inline void note_constant(const Variable& v) {
    if (thread_state.capture != nullptr) [[unlikely]]
        thread_state.capture->add_constant(v);
}

}  // namespace xgrad::detail
