#pragma once

#include <xgrad/autograd/hooks.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/scope.hpp>
#include <xgrad/autograd/variable.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

/// Things with parameters.
namespace xgrad::nn {

class Module;

using NamedVariables = std::vector<std::pair<std::string, Variable>>;
using NamedModules = std::vector<std::pair<std::string, Module*>>;

/// A list of Variables, Modules or lists of them; a Module that can be gone over is one thing all the same.
template <class R>
concept Several = std::ranges::forward_range<R> && !std::derived_from<R, Module>;

/// What a Module tells its members to, by name:
///
///     void members(nn::Members& m) override { m("weight", weight)("inner", inner); }
class Members {
public:
    /// A parameter. An empty Variable (a bias that is switched off) is left out.
    Members& operator()(std::string name, Variable& parameter);
    /// A part, whose own members are listed as "name.theirs". With an empty name they count as this module's own.
    Members& operator()(std::string name, Module& part);
    /// Several of them, "name.0", "name.1", ...
    template <Several R>
    Members& operator()(const std::string& name, R& several) {
        std::size_t i = 0;
        for (auto& one : several) (*this)(name + "." + std::to_string(i++), one);
        return *this;
    }
    /// State that is saved and converted with the module but not trained: a moving average.
    Members& buffer(std::string name, Variable& state);

private:
    friend class Module;
    struct Member {
        std::string name;
        Variable* variable;
        Module* part;
        bool is_buffer;
    };
    std::vector<Member> list_;
};

/// Something with parameters: a layer, a model. A class of your own derives from it, lists its members, and has an
/// operator() of any signature (Layer, for one value to one value, brings its own).
///
///     struct Residual : nn::Module {
///         nn::Dense first, second;
///         Residual(std::size_t width, Rng& rng) : first(width, width, rng), second(width, width, rng) {}
///         Variable operator()(const Variable& x) { return x + second(relu(first(x))); }
///         void members(nn::Members& m) override { m("first", first)("second", second); }
///     };
///
/// Modules move but do not copy: a Variable is a handle, and a copy would silently share the weights. What is listed
/// twice counts once, under its first path. check_module() finds what was not listed.
class Module {
public:
    Module() = default;
    Module(Module&&) noexcept = default;
    Module& operator=(Module&&) noexcept = default;
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    virtual ~Module() = default;

    /// Names the parameters, buffers and parts.
    virtual void members(Members& m);

    /// Every parameter below this module with its path ("encoder.dense.kernel"), in the order of listing. A Variable
    /// whose name is empty or the end of its path takes the path as its name, for messages and drawings.
    /// @throws GraphError on a parameter or buffer that is no leaf; ValueError when two have one path
    NamedVariables named_parameters() const;
    std::vector<Variable> parameters() const;
    NamedVariables named_buffers() const;
    /// This module (path "") and every one below it.
    NamedModules named_modules() const;
    /// The parts that members() names itself.
    NamedModules named_children() const;
    /// Calls `hook` with the name and the gradient of each parameter below this module whenever that gradient is known
    /// (see register_hook()). The handles, one for each parameter, take it off.
    /// @throws GraphError when a parameter is frozen
    std::vector<HookHandle> register_gradient_hook(
        const std::function<Variable(const std::string& name, const Variable& dw)>& hook,
        const Location& at = Location::current()) const;
    /// The number of elements of all parameters.
    std::size_t parameter_count() const;

    /// Whether layers that differ do as in training (Dropout drops). True at first, as in PyTorch.
    bool training() const { return training_; }
    /// Sets it here and in every part.
    void set_training(bool on);
    void train() { set_training(true); }
    void eval() { set_training(false); }

    bool trainable() const { return trainable_; }
    /// Freezes (false) or thaws the parameters here and in every part: frozen ones require no gradient.
    void set_trainable(bool on);
    /// Converts all real parameters and buffers in place, so that handles to them (an optimizer's) stay valid.
    /// @throws DTypeError on int64
    void to(DType dtype);
    void zero_grad();

    /// The class's name without namespaces: "Dense".
    virtual std::string type_name() const;
    /// What drawings and messages call it: as named by set_name(), or by the module that lists it, or, as Keras does,
    /// after its type with a number: "dense", "dense_1".
    std::string name() const;
    void set_name(const std::string& name);
    /// Whether set_name() gave the name, so that no parent will change it.
    bool has_own_name() const { return has_own_name_; }

    /// While it lives, what is recorded belongs to the module: Layer opens one; so may an operator() of your own, in
    /// its first line: `const Running running(*this);`
    class [[nodiscard]] Running {
    public:
        explicit Running(const Module& module) : scope_(module.scope_id()) {}

    private:
        Scope scope_;
    };

protected:
    struct Clone {};
    /// The modes of `other`, for a clone(): the name is taken over only when set_name() gave it.
    Module(const Module& other, Clone);
    /// A leaf of its own with the same elements and name; an empty Variable stays so.
    static Variable duplicate(const Variable& v);

    /// Names it, unless set_name() has.
    static void label(Module& part, const std::string& name);

private:
    struct Found;
    Found find() const;
    void collect(const std::string& path, Found& found);
    std::uint32_t scope_id() const;

    mutable std::uint32_t scope_ = 0;  // 0 until asked for
    bool training_ = true;
    bool trainable_ = true;
    bool has_own_name_ = false;
};

/// While it lives, a module and its parts are in evaluation mode and this thread records nothing. Each part's own mode
/// comes back in the end.
class [[nodiscard]] Evaluating {
public:
    explicit Evaluating(Module& module);
    ~Evaluating();
    Evaluating(const Evaluating&) = delete;
    Evaluating& operator=(const Evaluating&) = delete;

private:
    NoGrad no_grad_;
    NamedModules modules_;
    std::vector<bool> before_;
};

/// A class's name as Keras turns it into a layer's: "MaxPool2D" -> "max_pool2d".
std::string snake_case(const std::string& type_name);

}  // namespace xgrad::nn
