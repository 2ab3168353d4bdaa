#include <xgrad/datasets/idx.hpp>

#include "files.hpp"

#include <zlib.h>
#include <boost/test/unit_test.hpp>

using namespace xgrad;
using namespace xgrad::datasets;
using namespace std::string_literals;

namespace {

std::string idx_bytes(char type, const std::vector<unsigned>& sizes, const std::string& elements) {
    std::string bytes = {'\0', '\0', type, static_cast<char>(sizes.size())};
    for (const unsigned size : sizes)
        for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(size >> shift);
    return bytes + elements;
}

std::string gzip(const std::string& bytes) {
    const files::Folder folder;
    auto* const file = gzopen((folder / "a.gz").c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return files::read(folder / "a.gz");
}

Variable read_bytes(const std::string& bytes, const IdxOptions& options = {}) {
    const files::Folder folder;
    return read_idx(files::write(folder / "a-idx", bytes), options);
}

void check(const Variable& v, DType dtype, const Shape& shape, const std::vector<double>& values) {
    BOOST_TEST(to_string(v.dtype()) == to_string(dtype));
    BOOST_TEST(to_string(v.shape()) == to_string(shape));
    BOOST_TEST(v.to_vector() == values, boost::test_tools::per_element());
}

/// A folder with n test images; pixel i of all has the value i mod 256, label i is i.
void write_mnist(const files::Folder& folder, unsigned n) {
    std::string pixels, labels;
    for (unsigned i = 0; i < n * 784; ++i) pixels += static_cast<char>(i % 256);
    for (unsigned i = 0; i < n; ++i) labels += static_cast<char>(i);
    files::write(folder / "t10k-images-idx3-ubyte", idx_bytes(8, {n, 28, 28}, pixels));
    files::write(folder / "t10k-labels-idx1-ubyte.gz", gzip(idx_bytes(8, {n}, labels)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_element_type_of_idx_is_read) {
    check(read_bytes(idx_bytes(0x08, {2}, "\xff\1")), DType::int64, {2}, {255, 1});
    check(read_bytes(idx_bytes(0x09, {2}, "\xff\1")), DType::int64, {2}, {-1, 1});
    check(read_bytes(idx_bytes(0x0B, {1, 2}, "\1\2\xff\xfe")), DType::int64, {1, 2}, {258, -2});
    check(read_bytes(idx_bytes(0x0C, {1}, "\0\1\0\0"s)), DType::int64, {1}, {65536});
    check(read_bytes(idx_bytes(0x0D, {1}, "\x3f\xc0\0\0"s)), DType::float32, {1}, {1.5});
    check(read_bytes(idx_bytes(0x0E, {1}, "\xbf\xf8\0\0\0\0\0\0"s)), DType::float64, {1}, {-1.5});
    check(read_bytes(idx_bytes(0x08, {2}, "\xff\1"), {.dtype = DType::float32}), DType::float32, {2}, {255, 1});
}

BOOST_AUTO_TEST_CASE(a_compressed_idx_file_is_read) {
    check(read_bytes(gzip(idx_bytes(0x08, {2, 2}, "\1\2\3\4"))), DType::int64, {2, 2}, {1, 2, 3, 4});
    // 10 MB of zeros in 10 kB: close to the most that deflate can do
    std::string zeros;
    zeros.resize(10'000'000);
    BOOST_TEST(read_bytes(gzip(idx_bytes(0x08, {10000, 1000}, zeros))).size() == zeros.size());
}

BOOST_AUTO_TEST_CASE(a_damaged_idx_file_gives_an_error_that_says_where) {
    const auto fails = [](const std::string& bytes, const char* message) {
        return files::throws<FileError>([&] { read_bytes(bytes); }, "read_idx: ", "a-idx: ", message, "idx_test.cpp:");
    };
    const std::string good = idx_bytes(0x08, {4}, "\1\2\3\4");
    BOOST_TEST(fails("", "truncated: the header"));
    BOOST_TEST(fails("PNG and more", "not 00 00"));
    BOOST_TEST(fails(idx_bytes(0x07, {1}, "\1"), "0x07"));
    BOOST_TEST(fails(good.substr(0, 10), "needs more bytes"));
    BOOST_TEST(fails(good + "5", "left over"));
    BOOST_TEST(fails(idx_bytes(0x0E, {0xffffffff, 0xffffffff, 0xffffffff}, ""), "needs more bytes"));
    BOOST_TEST(fails(idx_bytes(0x08, std::vector<unsigned>(200, 1), "1"), "200 axes"));

    const std::string packed = gzip(good);
    BOOST_TEST(fails(packed.substr(0, packed.size() - 5), "damaged"));
    BOOST_TEST(fails(gzip(idx_bytes(0x08, {1000}, "\1\2\3\4")), "truncated: the array"));
    BOOST_TEST(fails(gzip(idx_bytes(0x08, {0xffffffff}, "\1\2\3\4")), "needs more bytes"));
    std::string wrong = packed;
    wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);  // in the checksum
    BOOST_TEST(fails(wrong, "damaged"));
    BOOST_TEST(files::throws<FileError>([] { read_idx("/nowhere/a"); }, "/nowhere/a", "No such file"));
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_of_an_idx_file_is_survived) {
    const std::string plain = idx_bytes(0x0B, {2, 3}, "abcdefghijkl");
    for (const std::string& good : {plain, gzip(plain)})
        for (std::size_t i = 0; i < good.size(); ++i) {
            BOOST_TEST(files::throws<FileError>([&] { read_bytes(good.substr(0, i)); }, "a-idx"));
            std::string bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
            try {
                read_bytes(bytes);  // another number in the array is no damage that can be seen
            } catch (const FileError&) {
            }
        }
}

BOOST_AUTO_TEST_CASE(images_and_labels_are_read_from_any_folder) {
    const files::Folder folder;
    write_mnist(folder, 3);
    const std::filesystem::path path = folder / "";
    const Dataset data = fashion_mnist(Split::test, {.folder = path});
    BOOST_TEST(to_string(data.x.shape()) == "(3, 28, 28)");
    BOOST_TEST(to_string(data.x.dtype()) == "float32");
    BOOST_TEST(data.x.data<float>()[255] == 255);
    BOOST_TEST(data.y.to_vector() == std::vector<double>({0, 1, 2}));
    const Dataset scaled = fashion_mnist(Split::test, {.folder = path, .flatten = true, .scaled = true});
    BOOST_TEST(to_string(scaled.x.shape()) == "(3, 784)");
    BOOST_TEST(scaled.x.data<float>()[255] == 1);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named_with_the_package_that_has_it) {
    const files::Folder folder;
    write_mnist(folder, 3);
    BOOST_TEST(files::throws<FileError>([&] { fashion_mnist(Split::train, {.folder = folder / ""}); },
                                        "fashion_mnist: ", "train-images-idx3-ubyte",
                                        "apt-get install dataset-fashion-mnist", "idx_test.cpp:"));
}

BOOST_AUTO_TEST_CASE(images_and_labels_that_do_not_fit_are_refused) {
    const files::Folder folder;
    const auto fails = [&](auto... parts) {
        return files::throws<FileError>([&] { fashion_mnist(Split::test, {.folder = folder / ""}); },
                                        "fashion_mnist: ", parts...);
    };
    write_mnist(folder, 3);
    const std::filesystem::path labels = folder / "t10k-labels-idx1-ubyte.gz",
                                images = folder / "t10k-images-idx3-ubyte";
    files::write(labels, idx_bytes(8, {2}, "\1\2"));
    BOOST_TEST(fails("3 images, but 2 labels", "t10k-labels"));
    files::write(labels, idx_bytes(8, {3}, "\1\2\x0a"));
    BOOST_TEST(fails("label 10 of sample 2", "t10k-labels"));
    files::write(labels, idx_bytes(8, {3, 1}, "\1\2\3"));
    BOOST_TEST(fails("(3, 1)"));
    files::write(labels, idx_bytes(8, {3}, "\1\2\3"));
    files::write(images, idx_bytes(8, {3, 1, 1}, "\1\2\3"));
    BOOST_TEST(fails("(3, 1, 1)", "t10k-images"));
    files::write(images, "\0\0\x08\x03\0\0"s);
    BOOST_TEST(fails("truncated", "t10k-images"));
}

BOOST_AUTO_TEST_CASE(the_installed_fashion_mnist_is_read) {
    const FashionMnistOptions options;
    if (!std::filesystem::exists(options.folder / "t10k-images-idx3-ubyte.gz")) {
        BOOST_TEST_MESSAGE("not installed: dataset-fashion-mnist");
        return;
    }
    const Dataset test = fashion_mnist(Split::test);
    BOOST_TEST(to_string(test.x.shape()) == "(10000, 28, 28)");
    BOOST_TEST(test.y.data<std::int64_t>()[0] == 9);  // an ankle boot
}
