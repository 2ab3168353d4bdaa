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

/// Has the cache lines of a tile that is about to be written fetched meanwhile.
template <class T>
void prefetch_to_write(T* tile, std::size_t stride, std::size_t rows, std::size_t columns) {
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; j += 64 / sizeof(T)) __builtin_prefetch(tile + i * stride + j, 1);
}

/// Whether this BLAS multiplies small matrices without packing them: OpenBLAS's cores for AVX-512 do.
bool blas_multiplies_unpacked() {
    static const bool answer = [] {
        const std::string core = build_info().blas_core;
        return core == "SkylakeX" || core == "Cooperlake" || core == "SapphireRapids";
    }();
    return answer;
}

/// A matrix of so many bytes leaves no room for other things in the second cache. If the product has enough rows and
/// columns it pays to lay such a factor out in the order in which it is read, and if it is deep enough, to have the
/// lines of such a result fetched before it is written.
constexpr std::size_t large_matrix = 500000, rows_for_copying = 384, columns_for_copying = 256,
                      steps_for_prefetching = 256;

/// A tile of the result, and as deep as it can be with the second factor's part in the second cache. OpenBLAS's kernels
/// compute 6 rows of 64 columns at once.
struct Tile {
    static constexpr std::size_t columns = 64, kernel_rows = 6, most_rows = 126;
    std::size_t steps, rows;

    Tile(std::size_t k, std::size_t element_bytes) {
        const std::size_t most_steps = 5120 / element_bytes, pieces = (k + most_steps - 1) / most_steps;
        steps = (k + pieces - 1) / pieces;
        rows = std::min(most_rows, unpacked_product / (columns * steps) / kernel_rows * kernel_rows);
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

/// Rows of a matrix cut into strips of some width, which stand one behind the other so that each is read in one go.
template <class T>
class Strips {
public:
    /// For up to `rows` rows of up to `columns` columns. (A cache line between strips: rows of all of them are written
    /// in turns, and would fall on the same lines of the first cache.)
    Strips(std::size_t rows, std::size_t columns, std::size_t width)
        : width_(width),
          row_((width + line - 1) / line * line),
          strip_(rows * row_ + line),
          room_((columns + width - 1) / width * strip_) {}

    void copy(const T* from, std::size_t stride, std::size_t rows, std::size_t columns) {
        for (std::size_t q = 0; q < rows; ++q)
            for (std::size_t j = 0; j < columns; j += width_)
                std::copy_n(from + q * stride + j, std::min(width_, columns - j),
                            room_.data() + j / width_ * strip_ + q * row_);
    }
    /// The strip that begins with this column, and how far its rows are apart.
    T* strip(std::size_t column) const { return room_.data() + column / width_ * strip_; }
    std::size_t stride() const { return row_; }

private:
    static constexpr std::size_t line = 64 / sizeof(T);
    std::size_t width_, row_, strip_;
    Room<T> room_;
};

/// The product as tiles small enough for BLAS to multiply them where they lie. A transposed second factor is turned
/// round before, a piece as wide as a tile at a time: it serves all rows.
template <class T>
void tiled(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
           std::size_t ldb, T* c, std::size_t ldc) {
    constexpr std::size_t most_copied = 1024;  // columns of the second factor
    const Tile tile(k, sizeof(T));
    const bool copies_a = ta && m * k * sizeof(T) >= large_matrix && n >= columns_for_copying,
               copies_b = !tb && k * n * sizeof(T) >= large_matrix && m >= rows_for_copying,
               prefetches = m * n * sizeof(T) >= large_matrix && tile.steps >= steps_for_prefetching;
    const std::size_t group = tb ? Tile::columns : copies_b ? most_copied : n;
    Strips<T> strips_a(tile.steps, copies_a ? m : 0, tile.rows),
        strips_b(tile.steps, tb || copies_b ? std::min(group, n) : 0, Tile::columns);
    for (std::size_t p = 0; p < k; p += tile.steps) {
        const std::size_t steps = std::min(tile.steps, k - p);
        if (copies_a) strips_a.copy(a + p * lda, lda, steps, m);
        for (std::size_t g = 0; g < n; g += group) {
            const std::size_t width = std::min(group, n - g);
            if (tb)
                // NOLINTNEXTLINE(readability-suspicious-call-argument): its rows are the columns here
                transpose(b + g * ldb + p, ldb, width, steps, strips_b.strip(0), strips_b.stride());
            else if (copies_b)
                strips_b.copy(b + p * ldb + g, ldb, steps, width);
            for (std::size_t j = 0; j < width; j += Tile::columns) {
                const std::size_t columns = std::min(Tile::columns, width - j);
                const bool in_strips = tb || copies_b;
                const T* const right = in_strips ? strips_b.strip(j) : b + p * ldb + g + j;
                const std::size_t right_stride = in_strips ? strips_b.stride() : ldb;
                for (std::size_t i = 0; i < m; i += tile.rows) {
                    const std::size_t rows = std::min(tile.rows, m - i);
                    const T* const left = copies_a ? strips_a.strip(i) : a + (ta ? p * lda + i : i * lda + p);
                    T* const result = c + i * ldc + g + j;
                    if (prefetches) prefetch_to_write(result, ldc, rows, columns);
                    blas(ta, false, rows, columns, steps, left, copies_a ? strips_a.stride() : lda, right, right_stride,
                         T(p == 0 ? 0 : 1), result, ldc);
                }
            }
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
