#include <xgrad/autograd/kernels/matmul.hpp>

#include <xgrad/autograd/kernels/blas.hpp>
#include <xgrad/autograd/kernels/micro_kernel.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/kernels/transpose.hpp>
#include <xgrad/autograd/memory.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#ifdef XGRAD_WITH_ONEDNN
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#endif

namespace xgrad::kernels {

namespace {

/// Up to this many multiply-adds plain loops are faster than what a call of BLAS, or a product in blocks, prepares.
constexpr std::size_t small_product = 2048;
/// Work for one more tile.
constexpr std::size_t parallel_product = 100000;
/// Fewer columns than a register holds take as long.
constexpr std::size_t fewest_columns = 16;
/// A tile of fewer rows does not pay.
constexpr std::size_t fewest_rows = 6;
/// With a few tiles for each thread one that is held up does not hold up the others.
constexpr std::size_t tiles_for_thread = 2;
/// A product of fewer rows does not pay for transposing the second factor.
constexpr std::size_t transposing_rows = 4;

template <class T>
void small(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    const std::size_t a_row = ta ? 1 : k, a_step = ta ? m : 1;
    // Of so few columns a register is hardly filled: elements one by one.
    constexpr std::size_t few_columns = 4;
    if (tb || n < few_columns) {
        const std::size_t b_step = tb ? 1 : n, b_column = tb ? k : 1;
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                T total = 0;
                for (std::size_t p = 0; p < k; ++p) total += a[i * a_row + p * a_step] * b[j * b_column + p * b_step];
                c[i * n + j] = total;
            }
        return;
    }
    for (std::size_t i = 0; i < m; ++i) {
        T* const row = c + i * n;
        std::fill_n(row, n, T(0));
        for (std::size_t p = 0; p < k; ++p) {
            const T s = a[i * a_row + p * a_step];
            for (std::size_t j = 0; j < n; ++j) row[j] += s * b[p * n + j];
        }
    }
}

template <class T>
void blas(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
          std::size_t ldb, T* c, std::size_t ldc) {
    const BlasOnOneThread alone;
    using Int = BLAS_IDX;
    cxxblas::gemm<Int>(cxxblas::StorageOrder::RowMajor, ta ? cxxblas::Trans : cxxblas::NoTrans,
                       tb ? cxxblas::Trans : cxxblas::NoTrans, static_cast<Int>(m), static_cast<Int>(n),
                       static_cast<Int>(k), T(1), a, static_cast<Int>(lda), b, static_cast<Int>(ldb), T(0), c,
                       static_cast<Int>(ldc));
}

/// A size cut into pieces as equal as multiples of a unit can be, the last of which may be smaller.
class Cuts {
public:
    Cuts(std::size_t size, std::size_t unit, std::size_t most_pieces)
        : size_(size), unit_(unit), units_((size + unit - 1) / unit), pieces_(std::min(units_, most_pieces)) {}

    std::size_t pieces() const { return pieces_; }
    std::size_t border(std::size_t i) const { return std::min((units_ * i + pieces_ - 1) / pieces_ * unit_, size_); }

private:
    std::size_t size_, unit_, units_, pieces_;
};

/// How a result is cut into tiles, which threads compute apart.
class Tiles {
public:
    enum class Cut { columns_first, rows_first };

    /// About so many for each thread, if that leaves enough work for each; in what is cut last, as many as are left.
    Tiles(std::size_t m, std::size_t n, std::size_t k, std::size_t for_thread, std::size_t row_unit,
          std::size_t column_unit, Cut cut = Cut::columns_first)
        : Tiles(m, n, row_unit, column_unit, cut, wanted(m * std::max(n, fewest_columns) * k, for_thread)) {}

    /// Calls body(row, rows, column, columns) for each.
    template <class F>
    void for_each(const F& body) const {
        parallel_for(across_.pieces() * down_.pieces(), 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t tile = begin; tile < end; ++tile) {
                const std::size_t i = tile / across_.pieces(), j = tile % across_.pieces(), row = down_.border(i),
                                  column = across_.border(j);
                body(row, down_.border(i + 1) - row, column, across_.border(j + 1) - column);
            }
        });
    }

private:
    Tiles(std::size_t m, std::size_t n, std::size_t row_unit, std::size_t column_unit, Cut cut, std::size_t wanted)
        : across_(n, column_unit, cut == Cut::rows_first && m >= wanted * fewest_rows ? 1 : wanted),
          down_(
              m, row_unit,
              std::min((wanted + across_.pieces() - 1) / across_.pieces(), std::max<std::size_t>(m / fewest_rows, 1))) {
    }

    static std::size_t wanted(std::size_t work, std::size_t for_thread) {
        const std::size_t threads = threads_at_hand(), most = threads == 1 ? 1 : for_thread * threads;
        return std::max<std::size_t>(std::min(most, work / parallel_product), 1);
    }

    Cuts across_, down_;
};

/// A matrix of so many bytes leaves no room for other things in the first caches. If the product has enough rows and
/// columns it may pay to lay such a factor out in the order in which it is read.
constexpr std::size_t large_matrix = 500000, columns_for_copying = 256, rows_for_copying = 384,
                      rows_for_copying_crowded = 24;

std::size_t second_cache() {
    static const long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return bytes > 0 ? static_cast<std::size_t>(bytes) : std::size_t{1} << 20;
}

/// Whether the starts of rows that are so many bytes apart share a few lines of a cache.
bool crowds_cache(std::size_t stride) { return stride % 2048 == 0; }

/// Whether a first factor that is used transposed is laid out anew: its rows are then read a few numbers at a time.
template <class T>
bool pays_to_copy_a(std::size_t m, std::size_t n, std::size_t k) {
    return m * k * sizeof(T) >= large_matrix && n >= columns_for_copying && crowds_cache(m * sizeof(T));
}
/// Whether a second factor is: for all rows of the result it is read again.
template <class T>
bool pays_to_copy_b(std::size_t m, std::size_t n, std::size_t k) {
    const std::size_t bytes = k * n * sizeof(T), stride = n * sizeof(T);
    if (bytes < large_matrix) return false;
    if (crowds_cache(stride)) return m >= rows_for_copying_crowded;
    return m >= rows_for_copying && (bytes > second_cache() / 2 || stride % 64 != 0);
}

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

/// Rows of a matrix cut into strips of this width, which stand one behind the other so that each is read in one go.
template <class T, std::size_t width>
class Strips {
public:
    /// For up to `rows` rows of up to `columns` columns. (A cache line between strips: rows of all of them are written
    /// in turns, and would fall on the same lines of the first cache.)
    Strips(std::size_t rows, std::size_t columns)
        : strip_(rows * width + 64 / sizeof(T)), room_((columns + width - 1) / width * strip_) {}

    void copy(const T* from, std::size_t stride, std::size_t rows, std::size_t columns) {
        const std::size_t whole = columns / width, last = columns % width;
        // A few strips at a time: each is written on pages of its own.
        parallel_for((whole + strips_at_once - 1) / strips_at_once, 1, [&](std::size_t begin, std::size_t end) {
            for (std::size_t group = begin; group < end; ++group) {
                const std::size_t first = group * strips_at_once, behind = std::min(first + strips_at_once, whole);
                for (std::size_t q = 0; q < rows; ++q) {
                    if (q + rows_ahead < rows)
                        fetch(from + (q + rows_ahead) * stride + first * width, (behind - first) * width);
                    for (std::size_t k = first; k < behind; ++k)
                        copy_one(from + q * stride + k * width, room_.data() + k * strip_ + q * width);
                }
            }
        });
        for (std::size_t q = 0; q < rows && last != 0; ++q)
            std::copy_n(from + q * stride + whole * width, last, room_.data() + whole * strip_ + q * width);
    }
    /// A strip of fewer columns, in whole registers. To read on into the next row is quicker than to stop in time; what
    /// that brings is multiplied for columns that nobody looks at. Of the last rows, behind which the matrix may end,
    /// no more is read than there is.
    void copy_narrow(const T* from, std::size_t stride, std::size_t rows, std::size_t columns) {
        const std::size_t in_registers = whole_registers(columns), size = (rows - 1) * stride + columns,
                          rows_read_on = size < in_registers ? 0 : (size - in_registers) / stride + 1;
        for (std::size_t q = 0; q < rows_read_on; ++q)
            for (std::size_t i = 0; i < in_registers; i += Batch::size)
                Batch::load_unaligned(from + q * stride + i).store_unaligned(room_.data() + q * width + i);
        for (std::size_t q = rows_read_on; q < rows; ++q)
            std::copy_n(from + q * stride, columns, room_.data() + q * width);
        pad(rows_read_on, rows, columns);
    }
    /// The same from the transpose, into one strip.
    void copy_transposed(const T* from, std::size_t stride, std::size_t rows, std::size_t columns) {
        // NOLINTNEXTLINE(readability-suspicious-call-argument): its rows are the columns here
        transpose(from, stride, columns, rows, room_.data(), width);
        pad(0, rows, columns);
    }
    /// The strip that begins with this column.
    Matrix<const T> strip(std::size_t column) const { return {room_.data() + column / width * strip_, width}; }
    /// Where the first strip is written when something else than copy() writes it.
    T* data() { return room_.data(); }

private:
    using Batch = typename simd::Packet<T>::Batch;

    static std::size_t whole_registers(std::size_t columns) {
        return (columns + Batch::size - 1) / Batch::size * Batch::size;
    }
    /// Rows [row, rows) of a narrow strip are filled up to whole registers with zeros.
    void pad(std::size_t row, std::size_t rows, std::size_t columns) {
        if (columns % Batch::size == 0) return;
        for (; row < rows; ++row)
            std::fill_n(room_.data() + row * width + columns, whole_registers(columns) - columns, T(0));
    }
    /// A row of a strip, without a call: there are many, and they are short.
    static void copy_one(const T* from, T* to) {
        constexpr std::size_t in_registers = width / Batch::size * Batch::size;
        for (std::size_t i = 0; i < in_registers; i += Batch::size)
            Batch::load_unaligned(from + i).store_unaligned(to + i);
        std::memcpy(to + in_registers, from + in_registers, (width - in_registers) * sizeof(T));
    }

    /// Into the second cache: rows may crowd the first.
    static void fetch(const T* from, std::size_t n) {
        for (std::size_t i = 0; i < n; i += 64 / sizeof(T)) __builtin_prefetch(from + i, 0, 2);
    }

    static constexpr std::size_t strips_at_once = 12, rows_ahead = 12;

    std::size_t strip_;
    Room<T> room_;
};

/// A block of the result. Where the last register's columns are not all there it is computed on the side; `b` must
/// have them, though. Unless it is null, `copy` receives the rows of b, in whole registers.
template <class T>
void multiply_block(bool ta, std::size_t rows, std::size_t columns, std::size_t steps, Matrix<const T> a,
                    Matrix<const T> b, bool adds, Matrix<T> c, T* copy) {
    using Kernel = MicroKernel<T>;
    const std::size_t width = (columns + Kernel::lanes - 1) / Kernel::lanes;
    if (columns % Kernel::lanes == 0) return Kernel::multiply(ta, rows, width, steps, a, b, adds, c, copy);
    alignas(64) std::array<T, Kernel::rows * Kernel::columns> beside;
    Kernel::multiply(ta, rows, width, steps, a, b, false, {beside.data(), Kernel::columns}, copy);
    for (std::size_t i = 0; i < rows; ++i) {
        const T* const from = beside.data() + i * Kernel::columns;
        T* const to = c.data + i * c.stride;
        if (adds)
            for (std::size_t j = 0; j < columns; ++j) to[j] += from[j];
        else
            std::copy_n(from, columns, to);
    }
}

/// So many steps of a product are taken at once: the second factor's part fits in the second cache.
template <class T>
constexpr std::size_t most_steps = 5120 / sizeof(T);

/// The product, or c + it if `adds`, in strips of the result, each as deep as it can be, and in blocks of about as many
/// rows. The part of a second factor that is copied, as a transposed one always is, serves all rows of a tile; the
/// first block copies what it reads, unless that has to be transposed or filled up.
template <class T>
void blocked(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
             std::size_t ldb, bool adds, T* c) {
    using Kernel = MicroKernel<T>;
    const std::size_t pieces = (k + most_steps<T> - 1) / most_steps<T>, steps_of_strip = (k + pieces - 1) / pieces;
    const bool copies_a = ta && pays_to_copy_a<T>(m, n, k), copies_b = tb || pays_to_copy_b<T>(m, n, k);
    Strips<T, Kernel::rows> strips_a(steps_of_strip, copies_a ? m : 0);
    // The gradient of a weight, which is such a product, is cut where its optimizer cuts it, at any row, unless for few
    // rows the second factor would be copied again and again: each line that two cores write to is waited for.
    const Tiles tiles =
        ta && !(copies_b && m < rows_for_copying)
            ? Tiles(m, n, k, tiles_for_thread, copies_a ? Kernel::rows : 1, Kernel::columns, Tiles::Cut::rows_first)
            : Tiles(m, n, k, tiles_for_thread, Kernel::rows, Kernel::columns);
    for (std::size_t p = 0; p < k; p += steps_of_strip) {
        const std::size_t steps = std::min(steps_of_strip, k - p);
        if (copies_a) strips_a.copy(a + p * lda, lda, steps, m);
        tiles.for_each([&](std::size_t row, std::size_t rows, std::size_t column, std::size_t columns) {
            Strips<T, Kernel::columns> strip_b(steps, copies_b || n % Kernel::lanes != 0 ? Kernel::columns : 0);
            const std::size_t blocks = (rows + Kernel::rows - 1) / Kernel::rows;
            for (std::size_t j = column; j < column + columns; j += Kernel::columns) {
                const std::size_t width = std::min(Kernel::columns, column + columns - j);
                Matrix<const T> right{b + (tb ? j * ldb + p : p * ldb + j), ldb};
                const bool is_laid_out = tb || width % Kernel::lanes != 0;
                if (is_laid_out) {
                    if (tb)
                        strip_b.copy_transposed(right.data, ldb, steps, width);
                    else
                        strip_b.copy_narrow(right.data, ldb, steps, width);
                    right = strip_b.strip(0);
                }
                T* copy = copies_b && !is_laid_out ? strip_b.data() : nullptr;  // for the blocks below the first
                for (std::size_t block = 0, i = row, end = 0; block < blocks; ++block, i = end) {
                    end = copies_a ? std::min(i + Kernel::rows, row + rows) : row + rows * (block + 1) / blocks;
                    const Matrix<const T> left =
                        copies_a ? strips_a.strip(i) : Matrix<const T>{a + (ta ? p * lda + i : i * lda + p), lda};
                    multiply_block(ta, end - i, width, steps, left, right, adds || p > 0, {c + i * n + j, n}, copy);
                    if (copy != nullptr) right = strip_b.strip(0);
                    copy = nullptr;
                }
            }
        });
    }
}

/// Whether each thread had better multiply some of the second factor's rows with the columns of the first that meet
/// them. If that is a weight, its optimizer cuts it by rows as well, so that each row stays in the caches of one core;
/// which pays where there is less to add up in the end than to carry over.
bool pays_to_share_steps(std::size_t threads, std::size_t m, std::size_t n, std::size_t k) {
    return threads > 1 && k >= 2 * m * (threads - 1) && k >= 64 * threads && m * n * k >= parallel_product * threads;
}

/// c += each of the summands, which stand one behind the other.
template <class T>
void add(T* c, const T* summands, std::size_t n, std::size_t count = 1) {
    parallel_for(
        n, elementwise_grain / 4,
        [&](std::size_t begin, std::size_t end) {
            for (std::size_t part = 0; part < count; ++part)
                for (std::size_t i = begin; i < end; ++i) c[i] += summands[part * n + i];
        },
        whole_packets);
}

/// The product as the sum of so many, of a few steps each.
template <class T>
void sum_of_blocked(std::size_t parts, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    const Room<T> room((parts - 1) * m * n);
    parallel_for(parts, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t part = begin; part < end; ++part) {
            const std::size_t p = k * part / parts, steps = k * (part + 1) / parts - p;
            blocked(false, false, m, n, steps, a + p, k, b + p * n, n, false,
                    part == 0 ? c : room.data() + (part - 1) * m * n);
        }
    });
    add(c, room.data(), m * n, parts - 1);
}

/// A product of few rows with rows: where the second factor is transposed, a column is a row of the first.
template <class T>
void dots(std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    using Kernel = MicroKernel<T>;
    const Tiles tiles(m, n, k, tiles_for_thread, m, Kernel::rows);
    tiles.for_each([&](std::size_t row, std::size_t rows, std::size_t column, std::size_t columns) {
        for (std::size_t i = row; i < row + rows; ++i)
            for (std::size_t j = column; j < column + columns; j += Kernel::rows)
                Kernel::dots(std::min(Kernel::rows, column + columns - j), k, a + i * k, {b + j * k, k}, c + i * n + j);
    });
}

/// A product by a library, on this thread alone; leading dimensions are those of the whole matrices.
template <class T>
void by_library(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
                std::size_t ldb, T* c, std::size_t ldc) {
#ifdef XGRAD_WITH_ONEDNN
    if constexpr (std::is_same_v<T, float>) {
        const int before = omp_get_max_threads();
        if (before != 1) omp_set_num_threads(1);
        const auto dim = [](std::size_t v) { return static_cast<dnnl_dim_t>(v); };
        dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', dim(m), dim(n), dim(k), 1, a, dim(lda), b, dim(ldb), 0, c, dim(ldc));
        if (before != 1) omp_set_num_threads(before);
        return;
    }
#endif
    blas(ta, tb, m, n, k, a, lda, b, ldb, c, ldc);
}

/// Whether a library is faster than the micro-kernel.
template <class T>
bool is_for_library([[maybe_unused]] bool tb, [[maybe_unused]] std::size_t n, [[maybe_unused]] std::size_t work) {
#ifdef XGRAD_WITH_ONEDNN
    // It is the slower one below about 32^3 multiply-adds, and for few columns of an untransposed factor.
    constexpr std::size_t onednn_product = 32768, onednn_columns = 16;
    if (std::is_same_v<T, float> && MicroKernel<T>::is_fast)
        return work >= onednn_product && (n >= onednn_columns || tb);
#endif
    return !MicroKernel<T>::is_fast;
}

enum class Way { small, library, dots_of_rows, dots_with_column, sum_of_blocked, blocked };

/// The fastest way to this product.
template <class T>
Way way_of(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k) {
    const std::size_t work = m * n * k;
    if (work <= small_product) return Way::small;
    if (is_for_library<T>(tb, n, work)) return Way::library;
    if (!ta && tb && m < transposing_rows) return Way::dots_of_rows;
    if (!ta && n == 1) return Way::dots_with_column;
    if (!ta && !tb && pays_to_share_steps(threads_at_hand(), m, n, k)) return Way::sum_of_blocked;
    return Way::blocked;
}

}  // namespace

template <class T>
void matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    const std::size_t lda = ta ? m : k, ldb = tb ? k : n;
    switch (way_of<T>(ta, tb, m, n, k)) {
        case Way::small:
            return small(ta, tb, m, n, k, a, b, c);
        case Way::library: {
            const std::size_t row_unit = 8, column_unit = 16;
            return Tiles(m, n, k, 1, row_unit, column_unit)
                .for_each([&](std::size_t i, std::size_t rows, std::size_t j, std::size_t columns) {
                    by_library(ta, tb, rows, columns, k, ta ? a + i : a + i * k, lda, tb ? b + j * k : b + j, ldb,
                               c + i * n + j, n);
                });
        }
        case Way::dots_of_rows:
            return dots(m, n, k, a, b, c);
        case Way::dots_with_column:
            return dots(1, m, k, b, a, c);
        case Way::sum_of_blocked:
            return sum_of_blocked(threads_at_hand(), m, n, k, a, b, c);
        case Way::blocked:
            return blocked(ta, tb, m, n, k, a, lda, b, ldb, false, c);
    }
}

template <class T>
void add_matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c) {
    if (k <= most_steps<T> && way_of<T>(ta, tb, m, n, k) == Way::blocked)
        return blocked(ta, tb, m, n, k, a, ta ? m : k, b, tb ? k : n, true, c);
    const Room<T> product(m * n);
    matmul(ta, tb, m, n, k, a, b, product.data());
    add(c, product.data(), m * n);
}

template <>
void matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const std::int64_t* a, const std::int64_t* b,
            std::int64_t* c) {
    // Unsigned, so that overflow wraps around.
    using U = std::uint64_t;
    small(ta, tb, m, n, k, reinterpret_cast<const U*>(a), reinterpret_cast<const U*>(b), reinterpret_cast<U*>(c));
}
template void matmul<float>(bool, bool, std::size_t, std::size_t, std::size_t, const float*, const float*, float*);
template void matmul<double>(bool, bool, std::size_t, std::size_t, std::size_t, const double*, const double*, double*);
template void add_matmul<float>(bool, bool, std::size_t, std::size_t, std::size_t, const float*, const float*, float*);
template void add_matmul<double>(bool, bool, std::size_t, std::size_t, std::size_t, const double*, const double*,
                                 double*);

}  // namespace xgrad::kernels
