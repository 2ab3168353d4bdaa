#include <xgrad/autograd/kernels/matmul.hpp>

#include <algorithm>
#include <string>
#include <type_traits>

#include <xgrad/autograd/build_info.hpp>
#include <xgrad/autograd/kernels/blas.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/kernels/transpose.hpp>
#include <xgrad/autograd/memory.hpp>

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
/// A product of fewer rows does not pay for transposing the second factor.
constexpr std::size_t transposing_rows = 8;

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

/// Rows this many bytes apart fall on the same lines of the first cache; more rows than this then pay for a copy.
constexpr std::size_t colliding_bytes = 4096, copying_rows = 64;

/// A tile of the result, and as deep as OpenBLAS takes it without packing. Its kernels compute 6 rows of 64 columns at
/// once.
struct Tile {
    static constexpr std::size_t columns = 64, most_steps = 512;
    std::size_t steps, rows;

    explicit Tile(std::size_t k) {
        const std::size_t pieces = (k + most_steps - 1) / most_steps;
        steps = (k + pieces - 1) / pieces;
        rows = steps > 64 ? 30 : 126;
    }
};

/// Room for n elements while it lives, not initialised.
template <class T>
class Room {
public:
    explicit Room(std::size_t n)
        : bytes_(n * sizeof(T)), data_(n > 0 ? static_cast<T*>(memory::allocate(bytes_)) : nullptr) {}
    ~Room() {
        if (data_ != nullptr) memory::deallocate(data_, bytes_);
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    T* data() const { return data_; }

private:
    std::size_t bytes_;
    T* data_;
};

/// The product as tiles small enough for BLAS to multiply them where they lie. A transposed second factor is turned
/// round before, one whose rows collide copied, a piece as wide as a tile at a time: it serves all rows.
template <class T>
void tiled(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
           std::size_t ldb, T* c, std::size_t ldc) {
    const Tile tile(k);
    const bool copies = tb || (!ta && m > copying_rows && ldb * sizeof(T) % colliding_bytes == 0);
    const Room<T> copy(copies ? tile.steps * Tile::columns : 0);
    for (std::size_t p = 0; p < k; p += tile.steps) {
        const std::size_t steps = std::min(tile.steps, k - p);
        for (std::size_t j = 0; j < n; j += Tile::columns) {
            const std::size_t columns = std::min(Tile::columns, n - j);
            const T* piece = b + (tb ? j * ldb + p : p * ldb + j);
            if (tb)
                // NOLINTNEXTLINE(readability-suspicious-call-argument): its rows are the columns here
                transpose(piece, ldb, columns, steps, copy.data(), Tile::columns);
            else if (copies)
                for (std::size_t q = 0; q < steps; ++q)
                    std::copy_n(piece + q * ldb, columns, copy.data() + q * Tile::columns);
            if (copies) piece = copy.data();
            for (std::size_t i = 0; i < m; i += tile.rows)
                blas(ta, false, std::min(tile.rows, m - i), columns, steps, a + (ta ? p * lda + i : i * lda + p), lda,
                     piece, copies ? Tile::columns : ldb, T(p == 0 ? 0 : 1), c + i * ldc + j, ldc);
        }
    }
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
    if ((m * n * k > unpacked_product || (tb && m >= transposing_rows)) && blas_multiplies_unpacked())
        return tiled(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
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
    // Cut the longer side of the result; but each thread would turn a transposed second factor round, unless that is
    // cut.
    const bool by_rows = m >= (tb ? 4 * n : n);
    const std::size_t side = by_rows ? m : n, unit = by_rows ? 8 : 16;
    const std::size_t piece = ((side + pieces - 1) / pieces + unit - 1) / unit * unit;
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
