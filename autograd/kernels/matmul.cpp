#include <xgrad/autograd/kernels/matmul.hpp>

#include <algorithm>
#include <string>
#include <type_traits>

#include <xgrad/autograd/build_info.hpp>
#include <xgrad/autograd/kernels/blas.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/packet.hpp>

#ifdef XGRAD_WITH_ONEDNN
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#endif

namespace xgrad::kernels {

namespace {

/// A call of BLAS costs about 150 ns; below this many multiply-adds plain loops are faster.
constexpr std::size_t small_product = 2048;
/// Work for one more thread.
constexpr std::size_t parallel_product = 400000;
/// Up to this many multiply-adds OpenBLAS's kernels for AVX-512 read both factors where they lie, without packing them.
constexpr std::size_t unpacked_product = 1000000;
/// Rows this many numbers apart fall on the same lines of the first cache: such factors are better packed.
constexpr std::size_t colliding_stride = 1024;
/// So is a second factor of more bytes than the second cache keeps, once this many rows share the packing's price.
constexpr std::size_t packed_bytes = std::size_t(4) << 20, packed_rows = 64;

template <class T>
void small(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    const std::size_t a_row = ta ? 1 : k, a_step = ta ? m : 1;
    for (std::size_t i = 0; i < m; ++i) {
        T* const row = c + i * n;
        if (tb) {
            for (std::size_t j = 0; j < n; ++j) {
                T total = 0;
                for (std::size_t p = 0; p < k; ++p) total += a[i * a_row + p * a_step] * b[j * k + p];
                row[j] = total;
            }
            continue;
        }
        std::fill_n(row, n, T(0));
        for (std::size_t p = 0; p < k; ++p) {
            const T s = a[i * a_row + p * a_step];
            for (std::size_t j = 0; j < n; ++j) row[j] += s * b[p * n + j];
        }
    }
}

template <class T>
void blas(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
          std::size_t ldb, T beta, T* c, std::size_t ldc) {
    using Int = BLAS_IDX;
    cxxblas::gemm<Int>(cxxblas::StorageOrder::RowMajor, ta ? cxxblas::Trans : cxxblas::NoTrans,
                       tb ? cxxblas::Trans : cxxblas::NoTrans, static_cast<Int>(m), static_cast<Int>(n),
                       static_cast<Int>(k), T(1), a, static_cast<Int>(lda), b, static_cast<Int>(ldb), beta, c,
                       static_cast<Int>(ldc));
}

/// Whether this BLAS multiplies small matrices without packing them: OpenBLAS's cores for AVX-512 do.
bool blas_multiplies_unpacked() {
    static const bool answer = [] {
        const std::string core = build_info().blas_core;
        return core == "SkylakeX" || core == "Cooperlake" || core == "SapphireRapids";
    }();
    return answer;
}

/// The product as tiles small enough for BLAS to multiply them where they lie. In a product of few rows packing costs
/// much of the time; tiles of 64 columns keep the second factor's piece in the cache over all rows.
template <class T>
void tiled(bool ta, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
           std::size_t ldb, T* c, std::size_t ldc) {
    const std::size_t depths = (k + 255) / 256, depth = (k + depths - 1) / depths, width = 64;
    const std::size_t height = depth > 64 ? 32 : 128;
    for (std::size_t p = 0; p < k; p += depth)
        for (std::size_t j = 0; j < n; j += width)
            for (std::size_t i = 0; i < m; i += height)
                blas(ta, false, std::min(height, m - i), std::min(width, n - j), std::min(depth, k - p),
                     a + (ta ? p * lda + i : i * lda + p), lda, b + p * ldb + j, ldb, T(p == 0 ? 0 : 1),
                     c + i * ldc + j, ldc);
}

/// A product on this thread alone; leading dimensions are those of the whole matrices.
template <class T>
void product(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
             std::size_t ldb, T* c, std::size_t ldc) {
#ifdef XGRAD_WITH_ONEDNN
    if constexpr (std::is_same_v<T, float>) {
        // It is the slower one below about 32^3 multiply-adds, and for few columns of an untransposed factor.
        constexpr std::size_t onednn_product = 32768, onednn_columns = 16;
        if (m * n * k >= onednn_product && (n >= onednn_columns || tb)) {
            const int before = omp_get_max_threads();
            if (before != 1) omp_set_num_threads(1);
            const auto dim = [](std::size_t v) { return static_cast<dnnl_dim_t>(v); };
            dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', dim(m), dim(n), dim(k), 1, a, dim(lda), b, dim(ldb), 0, c,
                       dim(ldc));
            if (before != 1) omp_set_num_threads(before);
            return;
        }
    }
#endif
    const bool collide = lda % colliding_stride == 0 || ldb % colliding_stride == 0;
    const bool packing_pays = tb || collide || (m > packed_rows && n * k * sizeof(T) > packed_bytes);
    if (m * n * k > unpacked_product && !packing_pays && blas_multiplies_unpacked())
        return tiled(ta, m, n, k, a, lda, b, ldb, c, ldc);
    blas(ta, tb, m, n, k, a, lda, b, ldb, T(0), c, ldc);
}

}  // namespace

template <class T>
void matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    const std::size_t work = m * n * k;
    if (work <= small_product) return small(ta, tb, m, n, k, a, b, c);
    hold_blas_to_one_thread();
    const std::size_t lda = ta ? m : k, ldb = tb ? k : n;
    const std::size_t pieces = std::min(thread_count(), work / parallel_product);
    if (pieces <= 1) return product(ta, tb, m, n, k, a, lda, b, ldb, c, n);
    // Cut the longer side of the result; borders at multiples of 16 keep the micro-kernels whole.
    const bool by_rows = m >= n;
    const std::size_t side = by_rows ? m : n, piece = ((side + pieces - 1) / pieces + 15) / 16 * 16;
    parallel_for((side + piece - 1) / piece, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin * piece; i < std::min(end * piece, side); i += piece) {
            const std::size_t width = std::min(piece, side - i);
            if (by_rows)
                product(ta, tb, width, n, k, ta ? a + i : a + i * k, lda, b, ldb, c + i * n, n);
            else
                product(ta, tb, m, width, k, a, lda, tb ? b + i * k : b + i, ldb, c + i, n);
        }
    });
}

template void matmul<float>(bool, bool, std::size_t, std::size_t, std::size_t, const float*, const float*, float*);
template void matmul<double>(bool, bool, std::size_t, std::size_t, std::size_t, const double*, const double*, double*);

}  // namespace xgrad::kernels
