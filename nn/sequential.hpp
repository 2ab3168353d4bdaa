#pragma once

#include <xgrad/nn/layer.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad::nn {

namespace detail {

/// A layer made of something callable: a Module with an operator() of its own, or a function.
template <class F>
class Callable final : public Layer {
public:
    explicit Callable(F&& function) : function_(std::move(function)) {}

    void members(Members& m) override {
        if constexpr (std::derived_from<F, Module>) m("", function_);
    }
    std::string type_name() const override {
        if constexpr (std::derived_from<F, Module>)
            return function_.type_name();
        else
            return "Lambda";
    }
    std::unique_ptr<Layer> clone() const override {
        if constexpr (std::copy_constructible<F>)
            return std::unique_ptr<Layer>(new Callable(*this, Clone{}));
        else
            return Layer::clone();
    }

private:
    Callable(const Callable& other, Clone tag) : Layer(other, tag), function_(other.function_) {}
    Variable forward(const Variable& x) override { return function_(x); }

    F function_;
};

template <class L>
concept LayerLike = !std::is_lvalue_reference_v<L> &&
                    (std::derived_from<L, Layer> || std::is_invocable_r_v<Variable, L&, const Variable&>);

}  // namespace detail

/// Layers one after the other. They are moved in; whatever maps a Variable to a Variable may stand for a layer.
///
///     nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "relu"}), nn::Dropout(0.2, rng),
///                          nn::Dense(256, 10, rng, {.activation = "softmax"})};
///
/// Its members are called after their types as in a fresh Keras session: dense, dropout, dense_1, ...
class Sequential : public Layer {
public:
    Sequential() = default;
    /// Only temporaries and what std::move() gives up: a layer does not copy.
    template <detail::LayerLike... L>
    explicit Sequential(L&&... layers) {
        (add(std::forward<L>(layers)), ...);
    }

    /// Puts a layer at the end.
    /// @throws ValueError when another has the same name, given with set_name()
    template <detail::LayerLike L>
    Sequential& add(L&& layer) {
        if constexpr (std::derived_from<L, Layer>)
            return append(std::make_unique<L>(std::forward<L>(layer)));
        else
            return append(std::make_unique<detail::Callable<L>>(std::forward<L>(layer)));
    }

    std::size_t size() const { return layers_.size(); }
    /// @throws IndexError
    Layer& operator[](std::size_t i) const;
    void members(Members& m) override;

    /// Goes over the layers: for (nn::Layer& layer : model).
    class Iterator {
    public:
        using value_type = Layer;
        using difference_type = std::ptrdiff_t;
        Layer& operator*() const { return **at_; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

    private:
        friend class Sequential;
        explicit Iterator(const std::unique_ptr<Layer>* at) : at_(at) {}
        const std::unique_ptr<Layer>* at_;
    };
    std::unique_ptr<Layer> clone() const override { return std::unique_ptr<Layer>(new Sequential(*this, Clone{})); }

    Iterator begin() const { return Iterator(layers_.data()); }
    Iterator end() const { return Iterator(layers_.data() + layers_.size()); }

private:
    Sequential(const Sequential& other, Clone tag);
    Variable forward(const Variable& x) override;
    Sequential& append(std::unique_ptr<Layer> layer);

    std::vector<std::unique_ptr<Layer>> layers_;
    std::vector<std::string> names_;
};

}  // namespace xgrad::nn
