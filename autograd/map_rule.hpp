#pragma once

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/functions.hpp>
#include <xgrad/autograd/kernels/elementwise.hpp>
#include <xgrad/autograd/kernels/sum_elementwise.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <atomic>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

/// What map(), map_reduce() and the pointwise operators are made of: evaluating a lambda over whole arrays, and its
/// rule.
namespace xgrad::detail {

template <class T, class... In>
[[gnu::always_inline]] inline std::array<kernels::Source<T>, sizeof...(In)> sources_of(const In&... in) {
    return {kernels::Source<T>{static_cast<const T*>(in.get()->data), &in.get()->shape, in.get()->size}...};
}

template <class... In>
[[gnu::always_inline]] inline Shape broadcast_shape(const Variable& first, const In&... more) {
    Shape shape = first.get()->shape;
    if ((... && (shape == more.get()->shape))) return shape;
    ((shape = broadcast(shape, more.get()->shape)), ...);
    return shape;
}

// Arch, here and below, is in no use but to be part of the names that the linker sees: the same f in two files compiled
// for different instruction sets must stay two.

/// What a lambda returned, as a list: it may return one value or a std::array of several.
template <class R>
constexpr auto as_array(const R& r) {
    return std::array<R, 1>{r};
}
template <class R, std::size_t M>
constexpr const std::array<R, M>& as_array(const std::array<R, M>& several) {
    return several;
}

// evaluate_many() and evaluate_into() are not inlined, so that an f is compiled once for the step as it stands and for
// replay(), which must give the same bits: compilers choose in each copy which products and sums to fuse.

/// (y_0, y_1, ...) = f(in...) in one pass over `shape`, for an f that computes with Packets; an empty y is skipped. All
/// are of type `dtype`.
template <class Arch = xsimd::default_arch, std::size_t M, class F, class... In>
[[gnu::noinline]] void evaluate_many(const std::array<Variable, M>& y, const Shape& shape, DType dtype, const F& f,
                                     const In&... in) {
    visit_floating(dtype, [&](auto number) {
        using T = decltype(number);
        using P = simd::Packet<T>;
        // All of f, or the compiler would not see which partials are 0.
        const auto lanes = [&f](const std::array<P, sizeof...(In)>& x) __attribute__((flatten))->std::array<P, M> {
            return std::apply([&](const auto&... v) -> std::array<P, M> { return as_array(f(v...)); }, x);
        };
        std::array<T*, M> out{};
        for (std::size_t j = 0; j < M; ++j)
            if (y[j]) out[j] = static_cast<T*>(y[j].get()->data);
        kernels::elementwise(shape, shape.elements(), out, sources_of<T>(in...), lanes);
    });
}
template <class Arch = xsimd::default_arch, class F, class... In>
[[gnu::noinline]] void evaluate_into(const Variable& y, const F& f, const In&... in) {
    visit_floating(y.get()->dtype, [&](auto number) {
        using T = decltype(number);
        using P = simd::Packet<T>;
        const auto lanes = [&f](const std::array<P, sizeof...(In)>& x) -> std::array<P, 1> {
            return {std::apply([&](const auto&... v) -> P { return f(v...); }, x)};
        };
        const Node& node = *y.get();
        const std::array<T*, 1> out{static_cast<T*>(node.data)};
        kernels::elementwise(node.shape, node.size, out, sources_of<T>(in...), lanes);
    });
}

/// A fused rule as an instruction of replay().
template <class Arch, class F, std::size_t count, std::size_t N>
class RecomputeRule final : public Instruction {
public:
    template <class... In>
    RecomputeRule(F f, const Shape& shape, std::array<Variable, count> gradients, const In&... in)
        : Instruction(Location{}), f_(std::move(f)), shape_(shape), gradients_(std::move(gradients)), in_{in...} {}

    std::string_view name() const override { return "gradient"; }
    void run() override {
        std::apply(
            [this](const auto& dy, const auto&... in) {
                evaluate_many<Arch>(this->gradients_, this->shape_, dy.dtype(), this->f_, dy, in...);
            },
            in_);
    }

private:
    F f_;
    Shape shape_;
    std::array<Variable, count> gradients_;
    std::array<Variable, N> in_;
};

/// The gradients that `f` gives for `count` inputs from dy and what else the rule reads, in one pass: of those asked
/// for. Nothing is recorded.
template <std::size_t count, class Arch = xsimd::default_arch, class F, class... In>
[[gnu::always_inline]] inline std::array<Variable, count> evaluate_rule(Needs needs, const F& f, const Variable& dy,
                                                                        const In&... in) {
    const DType dtype = dy.get()->dtype;
    const Shape* shape = &dy.get()->shape;
    Shape joint;
    if ((... || !(in.get()->shape == *shape))) {
        joint = broadcast_shape(dy, in...);
        shape = &joint;
    }
    std::array<Variable, count> gradients;
    // One of them takes the memory of dy, where nobody else sees it: an element of dy is read before it is written.
    bool takes_dy = is_unshared(*dy.get()) && (shape != &joint || joint == dy.get()->shape);
    for (std::size_t k = 0; k < count; ++k)
        if (needs[k]) gradients[k] = std::exchange(takes_dy, false) ? dy : Variable::empty(*shape, dtype);
    evaluate_many<Arch>(gradients, *shape, dtype, f, dy, in...);
    if constexpr (std::copy_constructible<F>) {
        if (thread_state.capture != nullptr) [[unlikely]] {
            const std::array<const Variable*, sizeof...(In) + 1> sources{&dy, &in...};
            thread_state.capture->add(
                std::make_unique<RecomputeRule<Arch, F, count, sizeof...(In) + 1>>(f, *shape, gradients, dy, in...),
                sources, gradients);
        }
    }
    return gradients;
}

/// One gradient, f(dy, in...): in one pass, or as a map with a name of its own when it is recorded.
template <class Arch = xsimd::default_arch, class F, class... In>
Variable differentiate_by(std::string_view name, const F& f, const Variable& dy, const In&... in);

/// The rule of an operator made of a lambda with N inputs and M outputs.
template <class F, std::size_t N, std::size_t M, class Arch = xsimd::default_arch>
struct MapRule {
    std::string_view name;
    F f;
    static constexpr Reads reads = Reads::inputs;

    /// One dy for each output: by address, so that a dy nobody else sees still shows so.
    using Slopes = std::array<const Variable*, M>;

    template <class... In>
    std::array<Variable, N> differentiate(const Slopes& dy, Needs needs, const In&... in) const {
        return is_recording() ? recorded(dy, needs, in...) : fused(dy, needs, in...);
    }

private:
    // dy times each partial, by evaluating the lambda on Duals: one pass over memory.
    template <class... In>
    std::array<Variable, N> fused(const Slopes& dy, Needs needs, const In&... in) const {
        const auto partials = [this](const auto&... all) {
            const auto values = std::tie(all...);
            using P = std::remove_cvref_t<std::tuple_element_t<0, decltype(values)>>;
            using D = simd::Dual<P, N>;
            const auto results = [&]<std::size_t... I>(std::index_sequence<I...>) {
                return as_array(f(D::input(std::get<M + I>(values), I)...));
            }
            (std::make_index_sequence<N>{});
            return [&]<std::size_t... J>(std::index_sequence<J...>) {
                std::array<P, N> d;
                for (std::size_t k = 0; k < N; ++k) d[k] = (D(results[J]).times(std::get<J>(values), k) + ...);
                return d;
            }
            (std::make_index_sequence<M>{});
        };
        return [&]<std::size_t... J>(std::index_sequence<J...>) {
            return evaluate_rule<N, Arch>(needs, partials, *dy[J]..., in...);
        }
        (std::make_index_sequence<M>{});
    }

    // The lambda on Variables: its own graph, recorded, so that any order can follow.
    template <class... In>
    std::array<Variable, N> recorded(const Slopes& dy, Needs needs, const In&... in) const {
        const std::array<Variable, N> own{(in.requires_grad() ? identity(in) : in)...};
        const auto values = std::apply([&](const auto&... v) { return as_array(f(v...)); }, own);
        std::array<Variable, N> gradients;
        if constexpr (std::is_convertible_v<decltype(values[0]), const Variable&>) {
            const Shape shape = broadcast_shape(in...);
            std::array<Variable, M> outputs, seeds;
            std::array<Variable, N> wanted, found;
            std::size_t depending = 0, asked = 0;
            for (std::size_t j = 0; j < M; ++j) {
                if (!values[j].requires_grad()) continue;
                outputs[depending] = broadcast_to(values[j], shape);
                seeds[depending++] = broadcast_to(*dy[j], shape);
            }
            for (std::size_t k = 0; k < N; ++k)
                if (needs[k]) wanted[asked++] = own[k];
            if (depending == 0) return gradients;
            grad_into(std::span(found).first(asked), std::span(outputs).first(depending),
                      std::span(wanted).first(asked), std::span(seeds).first(depending),
                      {.create_graph = true, .allow_unused = true});
            for (std::size_t k = 0, i = 0; k < N; ++k)
                if (needs[k]) gradients[k] = std::move(found[i++]);
        }
        return gradients;
    }
};

/// Takes apart what a rule is called with, the inputs first, and calls it with (dy, needs, inputs...).
template <std::size_t N, class G, class... All>
auto with_inputs_last(const G& g, const All&... all) {
    const auto tuple = std::tie(all...);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return g(std::get<N + 1>(tuple), std::get<N + 2>(tuple), std::get<I>(tuple)...);
    }
    (std::make_index_sequence<N>{});
}

/// The operator made of a lambda that returns one value.
template <class F, std::size_t N, class Arch = xsimd::default_arch>
struct Map : MapRule<F, N, 1, Arch> {
    static constexpr bool accepts_broadcast_dy = true;

    template <class... In>
    Shape shape(const In&... in) const {
        return broadcast_shape(in...);
    }
    template <class... In>
    void forward(Variable& y, const In&... in) const {
        evaluate_into<Arch>(y, this->f, in...);
    }
    template <class... All>
    std::array<Variable, N> backward(const All&... all) const {
        return with_inputs_last<N>([this](const Variable& dy, Needs needs,
                                          const auto&... in) { return this->differentiate({&dy}, needs, in...); },
                                   all...);
    }
};

/// The operator made of a lambda that returns several.
template <class F, std::size_t N, std::size_t M, class Arch = xsimd::default_arch>
struct MapMany : MapRule<F, N, M, Arch> {
    static constexpr std::size_t outputs = M;

    template <class... In>
    std::array<Shape, M> shapes(const In&... in) const {
        std::array<Shape, M> all;
        all.fill(broadcast_shape(in...));
        return all;
    }
    template <class... In>
    void forward(std::array<Variable, M>& y, const In&... in) const {
        evaluate_many<Arch>(y, y[0].shape(), y[0].dtype(), this->f, in...);
    }
    template <class... All>
    std::array<Variable, N> backward(const All&... all) const {
        return with_inputs_last<N>(
            [this](const std::array<Variable, M>& dy, Needs needs, const auto&... in) {
                typename MapMany::Slopes slopes;
                for (std::size_t j = 0; j < M; ++j) slopes[j] = &dy[j];
                return this->differentiate(slopes, needs, in...);
            },
            all...);
    }
};

/// The partials of a sum's terms, which forward() has left for one backward() to take. A copy has none.
template <std::size_t N>
class Partials {
public:
    Partials() = default;
    Partials(const Partials&) {}
    Partials& operator=(const Partials&) = delete;

    void leave(std::array<Variable, N> partials) {
        partials_ = std::move(partials);
        are_there_.store(true, std::memory_order_release);
    }
    /// Several threads may walk over one graph: the first gets them.
    std::optional<std::array<Variable, N>> take() const {
        if (!are_there_.exchange(false, std::memory_order_acq_rel)) return std::nullopt;
        return std::move(partials_);
    }

private:
    mutable std::array<Variable, N> partials_;
    mutable std::atomic<bool> are_there_{false};
};

/// The operator that sums a lambda's values. Every term has the same dy, so what a backward() will want but for that
/// factor comes out of the forward pass, whose costly part (exponentials) the partials share.
template <class F, std::size_t N, class Arch = xsimd::default_arch>
struct MapReduce : MapRule<F, N, 1, Arch> {
    Partials<N> partials = {};

    template <class... In>
    Shape shape(const In&... in) const {
        broadcast_shape(in...);
        return {};
    }
    template <class... In>
    void forward(Variable& y, const In&... in) const {
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            using P = simd::Packet<T>;
            const auto lanes = [this](const std::array<P, N>& x) -> std::array<P, 1> {
                return {std::apply([&](const auto&... v) -> P { return this->f(v...); }, x)};
            };
            *y.mutable_data<T>() =
                kernels::sum_elementwise(broadcast_shape(in...), std::array<T*, 0>{}, sources_of<T>(in...), lanes);
        });
    }
    /// The same on the tape.
    template <class... In>
    void forward(Variable& y, const In&... in) {
        if (!is_to_be_recorded<MapReduce>(in...)) return std::as_const(*this).forward(y, in...);
        const Shape shape = broadcast_shape(in...);
        std::array<Variable, N> slopes{(in.requires_grad() ? Variable::empty(shape, in.dtype()) : Variable())...};
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            using P = simd::Packet<T>;
            const auto lanes = [this](const std::array<P, N>& x) __attribute__((flatten))->std::array<P, 1 + N> {
                return [&]<std::size_t... I>(std::index_sequence<I...>)->std::array<P, 1 + N> {
                    using D = simd::Dual<P, N>;
                    const D term(this->f(D::input(x[I], I)...));
                    return {term.value, term.times(P(1), I)...};
                }
                (std::make_index_sequence<N>{});
            };
            std::array<T*, N> outs{};
            for (std::size_t k = 0; k < N; ++k)
                if (slopes[k]) outs[k] = static_cast<T*>(slopes[k].node().data);
            *y.mutable_data<T>() = kernels::sum_elementwise(shape, outs, sources_of<T>(in...), lanes);
        });
        partials.leave(std::move(slopes));
    }
    template <class... All>
    std::array<Variable, N> backward(const All&... all) const {
        return with_inputs_last<N>(
            [this](const Variable& dy, Needs needs, const auto&... in) {
                // A step that is being taken down for replay() must find its gradients by itself. An infinite dy
                // leaves 0 what does not depend on an input, which only the lambda tells from a slope of 0.
                if (!is_recording() && thread_state.capture == nullptr && std::isfinite(dy.item()))
                    if (auto left = partials.take()) return scaled(std::move(*left), dy, needs);
                return this->differentiate({&dy}, needs, in...);
            },
            all...);
    }
    void drop_saved() { partials.take(); }

private:
    static std::array<Variable, N> scaled(std::array<Variable, N> slopes, const Variable& dy, Needs needs) {
        const bool is_one = dy.item() == 1;
        for (std::size_t k = 0; k < N; ++k) {
            if (!needs[k])
                slopes[k] = {};
            else if (!is_one)
                slopes[k] = differentiate_by<Arch>(
                    {}, [](auto s, auto d) { return s * d; }, std::exchange(slopes[k], {}), dy);
        }
        return slopes;
    }
};

/// How many values a lambda returns for N inputs: 0 stands for one that is no std::array.
template <class R>
inline constexpr std::size_t values_returned = 0;
template <class R, std::size_t M>
inline constexpr std::size_t values_returned<std::array<R, M>> = M;
template <class F, class... In>
inline constexpr std::size_t values_of = values_returned<
    std::remove_cvref_t<std::invoke_result_t<const F&, std::conditional_t<true, simd::Packet<double>, In>...>>>;

template <class Arch = xsimd::default_arch, class F, class... In>
auto map_named(std::string_view name, F f, const In&... in) {
    constexpr std::size_t N = sizeof...(In), M = values_of<F, In...>;
    const Location at = std::get<0>(std::tie(in...)).at();
    const DType dtype = dtype_beside(in...);
    if constexpr (M == 0)
        return record(Map<F, N, Arch>{{name, std::move(f)}}, at, in.as(dtype)...);
    else
        return record_many(MapMany<F, N, M, Arch>{{name, std::move(f)}}, at, in.as(dtype)...);
}
template <class Arch, class F, class... In>
[[gnu::always_inline]] inline Variable differentiate_by(std::string_view name, const F& f, const Variable& dy,
                                                        const In&... in) {
    if (is_recording()) return map_named<Arch>(name, f, Operand(dy), Operand(in)...);
    Needs needs;
    needs.set(0);
    return std::move(evaluate_rule<1, Arch>(needs, f, dy, in...)[0]);
}
template <class Arch = xsimd::default_arch, class F, class... In>
Variable map_reduce_named(std::string_view name, F f, const In&... in) {
    const Location at = std::get<0>(std::tie(in...)).at();
    const DType dtype = dtype_beside(in...);
    return record(MapReduce<F, sizeof...(In), Arch>{{name, std::move(f)}}, at, in.as(dtype)...);
}

}  // namespace xgrad::detail
