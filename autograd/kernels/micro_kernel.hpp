#pragma once

#include <xgrad/autograd/packet.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

/// The innermost loop of matrix products, for the instruction set that the kernels are compiled for. A block
/// of the result stays in registers while the factors pass by: for each step along the inner dimension a row of the
/// right factor is loaded once and multiplied by one number of each row of the left. (K. Goto, R. van de Geijn, Anatomy
/// of High-Performance Matrix Multiplication, 2008.)
namespace xgrad::kernels {

/// Where a matrix lies: element (i, j) at data[i * stride + j], or at data[j * stride + i] if it is transposed.
template <class T>
struct Matrix {
    T* data;
    std::size_t stride;
};

template <class T, class Arch = xsimd::default_arch>
struct MicroKernel {
    /// 6 rows of 4 registers: 24 sums, a row of the right factor and a number of the left fill the 32 registers of
    /// AVX-512; AVX2 has 16 registers, for 2 columns of sums.
    static constexpr std::size_t lanes = simd::Packet<T, Arch>::size, registers = lanes * sizeof(T) == 64 ? 4 : 2,
                                 rows = 6, columns = registers * lanes;
    /// Without AVX2 a BLAS that looks at the processor is faster.
#if defined(__FMA__) || defined(__AVX512F__)
    static constexpr bool is_fast = true;
#else
    static constexpr bool is_fast = false;
#endif

    /// c = (a or its transpose) b, or c += that if `adds`, for up to `rows` rows of `width` registers. Unless it is
    /// null, `copy` receives the rows of b, `columns` apart.
    static void multiply(bool is_transposed, std::size_t height, std::size_t width, std::size_t steps,
                         Matrix<const T> a, Matrix<const T> b, bool adds, Matrix<T> c, T* copy) {
        static constexpr auto blocks = table(std::make_index_sequence<2 * rows * registers>());
        blocks[((height - 1) * registers + width - 1) * 2 + (is_transposed ? 1 : 0)](steps, a, b, adds, c, copy);
    }

    /// The dot products of one row with `count` others, at most `rows`: c[j] = a . b_j.
    static void dots(std::size_t count, std::size_t steps, const T* a, Matrix<const T> b, T* c) {
        static constexpr auto functions = dots_table(std::make_index_sequence<rows>());
        functions[count - 1](steps, a, b, c);
    }

private:
    /// So many steps before it is used a row of the right factor is fetched, and one of a transposed left factor, which
    /// lies on other pages: processors do not foresee either. What is copied has not been read before: it is fetched
    /// early into the second cache.
    static constexpr std::size_t steps_ahead = 8, steps_ahead_of_copy = 32;

    using Batch = typename simd::Packet<T, Arch>::Batch;
    /// Computed with by plain operators: xsimd 8 has no fused multiply-add for AVX-512, compilers make one of these.
    using Register = typename Batch::register_type;
    using Block = void (*)(std::size_t steps, Matrix<const T> a, Matrix<const T> b, bool adds, Matrix<T> c, T* copy);

    template <std::size_t... I>
    static constexpr std::array<Block, sizeof...(I)> table(std::index_sequence<I...>) {
        return {&block<I / 2 / registers + 1, I / 2 % registers + 1, I % 2 == 1>...};
    }

    /// Fetches what of the left factor is used some time after step p: the same rows, or, at their end, those of the
    /// block below, which is the next.
    template <std::size_t height, bool is_transposed>
    [[gnu::always_inline]] static void fetch_ahead(std::size_t p, std::size_t steps, Matrix<const T> a) {
        constexpr std::size_t far = steps_ahead * lanes;
        if constexpr (is_transposed) {
            __builtin_prefetch(a.data + steps_ahead * a.stride + height - 1);
        } else if (p % lanes == 0) {
            const T* const ahead = p + far < steps ? a.data + far : a.data + height * a.stride + far - steps;
            simd::unrolled<height>([&](auto i) __attribute__((always_inline)) {
                __builtin_prefetch(ahead + i * a.stride, 0, 2);  // into the second cache
            });
        }
    }

    /// The result's lines are fetched while the sums are made: they are touched at the end only, and a fresh result is
    /// in no cache, so that its stores would hold up the next block.
    template <std::size_t height, std::size_t width, bool is_transposed>
    static void block(std::size_t steps, Matrix<const T> a, Matrix<const T> b, bool adds, Matrix<T> c, T* copy) {
        Register sums[height][width];
        const T* fetched = c.data;
        simd::unrolled<height>([&](auto i) __attribute__((always_inline)) {
            simd::unrolled<width>([&](auto j) __attribute__((always_inline)) {
                sums[i][j] = Batch(T(0));
                __builtin_prefetch(fetched + j * lanes, 1);
            });
            fetched += c.stride;
            asm("" : "+r"(fetched));  // or compilers keep all addresses for the end, more than they have registers for
        });
        for (std::size_t p = 0; p < steps; ++p) {
            fetch_ahead<height, is_transposed>(p, steps, a);
            // Not beyond the last: those rows may be another thread's, which is about to write them.
            const T* const ahead = b.data + (std::min(p + steps_ahead, steps - 1) - p) * b.stride;
            Register right[width];
            simd::unrolled<width>([&](auto j) __attribute__((always_inline)) {
                right[j] = Batch::load_unaligned(b.data + j * lanes);
                __builtin_prefetch(ahead + j * lanes);
            });
            if (copy != nullptr) {
                const T* const far_ahead = b.data + (std::min(p + steps_ahead_of_copy, steps - 1) - p) * b.stride;
                simd::unrolled<width>([&](auto j) __attribute__((always_inline)) {
                    Batch(right[j]).store_unaligned(copy + j * lanes);
                    __builtin_prefetch(far_ahead + j * lanes, 0, 2);
                });
                copy += columns;
            }
            simd::unrolled<height>([&](auto i) __attribute__((always_inline)) {
                const Register left = Batch(a.data[is_transposed ? i : i * a.stride]);
                simd::unrolled<width>([&](auto j) __attribute__((always_inline)) { sums[i][j] += left * right[j]; });
            });
            a.data += is_transposed ? a.stride : 1;
            b.data += b.stride;
        }
        if (adds) {
            simd::unrolled<height>([&](auto i) __attribute__((always_inline)) {
                simd::unrolled<width>([&](auto j) __attribute__((always_inline)) {
                    const Register so_far = Batch::load_unaligned(c.data + i * c.stride + j * lanes);
                    sums[i][j] += so_far;
                });
            });
        }
        simd::unrolled<height>([&](auto i) __attribute__((always_inline)) {
            simd::unrolled<width>([&](auto j) __attribute__((always_inline)) {
                Batch(sums[i][j]).store_unaligned(c.data + j * lanes);
            });
            c.data += c.stride;
        });
    }

    using Dots = void (*)(std::size_t steps, const T* a, Matrix<const T> b, T* c);

    template <std::size_t... I>
    static constexpr std::array<Dots, sizeof...(I)> dots_table(std::index_sequence<I...>) {
        return {&dots_of<I + 1>...};
    }

    /// Of all lanes: adds to each the one that is half of them away, then a quarter, ...
    template <std::size_t distance, std::size_t... I>
    [[gnu::always_inline]] static T sum(Register x, std::index_sequence<I...> all) {
        if constexpr (distance == 0)
            return x[0];
        else
            return sum<distance / 2>(x + __builtin_shufflevector(x, x, static_cast<int>((I + distance) % lanes)...),
                                     all);
    }

    template <std::size_t count>
    static void dots_of(std::size_t steps, const T* a, Matrix<const T> b, T* c) {
        Register sums[count];
        simd::unrolled<count>([&](auto j) __attribute__((always_inline)) { sums[j] = Batch(T(0)); });
        std::size_t p = 0;
        for (; p + lanes <= steps; p += lanes) {
            const Register left = Batch::load_unaligned(a + p);
            simd::unrolled<count>([&](auto j) __attribute__((always_inline)) {
                const Register right = Batch::load_unaligned(b.data + j * b.stride + p);
                sums[j] += left * right;
            });
        }
        simd::unrolled<count>([&](auto j) __attribute__((always_inline)) {
            c[j] = sum<lanes / 2>(sums[j], std::make_index_sequence<lanes>());
        });
        for (; p < steps; ++p)
            for (std::size_t j = 0; j < count; ++j) c[j] += a[p] * b.data[j * b.stride + p];
    }
};

}  // namespace xgrad::kernels
