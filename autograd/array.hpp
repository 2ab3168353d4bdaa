#pragma once

// The one public header that includes xtensor. The repair comes first:
//
// xtensor 0.24.3 guards a specialisation with `__cplusplus == 201703L`. In C++20 g++ then takes the shape of every
// xarray for a std::array, so that deduced containers (immediate reducers, xt::eval) come out with a wrong rank. clang
// and C++17 are not affected.
#if __has_include(<xtensor/xexpression_traits.hpp>)
#include <xtensor/xexpression_traits.hpp>
#else  // 0.26 moved its headers
#include <xtensor/core/xexpression_traits.hpp>
#endif
#if defined(__GNUC__) && !defined(__clang__) && __cplusplus > 201703L && XTENSOR_VERSION_MAJOR == 0 && \
    XTENSOR_VERSION_MINOR <= 24
namespace xt::detail {
template <template <class, std::size_t, class, bool> class S, class X, std::size_t N, class A, bool Init>
struct xtype_for_shape<S<X, N, A, Init>> {
    template <class T, layout_type L>
    using type = xarray<T, L>;
};
}  // namespace xt::detail
#endif

#if __has_include(<xtensor/xarray.hpp>)
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnoalias.hpp>
#else
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/core/xnoalias.hpp>
#endif

#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// Plain values: a row-major xtensor array on the pool. (The allocator is named because xtensor's default one changes
/// with compiler flags, and a type that does so cannot cross a library's border.)
template <class T>
using Array = xt::xarray<T, xt::layout_type::row_major, memory::Allocator<T>>;

/// A Variable's elements seen through xtensor, without a copy. Spelled out, because a function template can deduce T
/// from this but not from what xt::adapt() is declared to return.
template <class T>
using ArrayView = xt::xarray_adaptor<xt::xbuffer_adaptor<const T*, xt::no_ownership, std::allocator<T>>,
                                     xt::layout_type::row_major, xt::svector<std::size_t, 4>>;

template <class T>
ArrayView<T> view_of(const Variable& v) {
    const xt::svector<std::size_t, 4> shape(v.shape().begin(), v.shape().end());
    return xt::adapt(v.data<T>(), v.size(), xt::no_ownership(), shape);
}

template <class T>
auto Variable::value() const {
    return view_of<T>(*this);
}

namespace detail {

/// A buffer that keeps an Array alive: how a result of xtensor becomes a Variable without a copy.
template <class T>
struct ArrayBuffer : Buffer {
    explicit ArrayBuffer(Array<T>&& a) : array(std::move(a)) {
        data = array.data();
        bytes = array.size() * sizeof(T);
        destroy = [](Buffer* b) noexcept {
            static_cast<ArrayBuffer*>(b)->~ArrayBuffer();
            memory::deallocate(b, sizeof(ArrayBuffer));
        };
    }
    Array<T> array;
};

template <class N, class T, class... Args>
Variable adopt_array(Array<T>&& array, Args&&... args) {
    const Shape shape(array.shape().begin(), array.shape().end());
    const std::size_t bytes = array.size() * sizeof(T);
    N* const node = make_node<N>(shape, dtype_of<T>, bytes <= inline_bytes, std::forward<Args>(args)...);
    if (bytes <= inline_bytes) {
        std::copy(array.begin(), array.end(), static_cast<T*>(node->data));
    } else {
        node->buffer = new (memory::allocate(sizeof(ArrayBuffer<T>))) ArrayBuffer<T>(std::move(array));
        node->data = node->buffer->data;
    }
    Variable v = Variable::adopt(node);
    note_creation(v);
    return v;
}

/// Whether forward() leaves nothing on the operator.
template <class Op, class... In>
constexpr bool keeps_nothing_on_arrays = requires(const Op& op, const In&... in) {
    op.template forward<double>(view_of<double>(in)...);
}
|| requires(const Op& op, const In&... in) { op.forward(view_of<double>(in)...); };

template <class N, class Op, class... In>
Variable forward_on_arrays(Op& op, const In&... in) {
    if constexpr (!keeps_nothing_on_arrays<Op, In...>) refuse_replay(op.name);
    return visit_floating(std::get<0>(std::tie(in...)).dtype(), [&](auto number) {
        using T = decltype(number);
        Array<T> y = [&]() -> Array<T> {
            try {
                if constexpr (requires { op.template forward<T>(view_of<T>(in)...); })
                    return op.template forward<T>(view_of<T>(in)...);
                else
                    return op.forward(view_of<T>(in)...);
            } catch (const Error&) {
                throw;
            } catch (const std::bad_alloc&) {
                throw;
            } catch (const std::exception& error) {  // xtensor's own messages carry no shapes
                std::string shapes;
                ((shapes += " " + describe(in)), ...);
                throw ValueError(std::string(error.what()) + "; inputs:" + shapes);
            }
        }();
        if constexpr (std::same_as<N, Node>)
            return adopt_array<N>(std::move(y));
        else
            return adopt_array<N>(std::move(y), std::move(op));
    });
}

}  // namespace detail

template <XtensorExpression E>
Variable::Variable(const E& expression) {
    using V = typename E::value_type;
    using T = std::conditional_t<std::is_floating_point_v<V>,
                                 std::conditional_t<std::is_same_v<V, float>, float, double>, std::int64_t>;
    Array<T> array = xt::cast<T>(expression);
    *this = detail::adopt_array<Node>(std::move(array));
}

}  // namespace xgrad
