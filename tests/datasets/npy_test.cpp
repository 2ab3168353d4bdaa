#include <xgrad/datasets/npy.hpp>

#include "files.hpp"

#include <xgrad/autograd/ops/creation.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::datasets;

namespace {

/// A .npy file made by hand: `descr` and the rest of the dict as given.
std::string npy_bytes(const std::string& dict, std::string_view elements, char version = 1) {
    std::string bytes = "\x93NUMPY";
    bytes += {version, '\0', static_cast<char>(dict.size()), '\0'};
    if (version > 1) bytes += {'\0', '\0'};
    return bytes + dict + std::string(elements);
}
std::string dict(const std::string& descr, const std::string& shape, bool fortran = false) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
           ", }\n";
}

Variable read_bytes(std::string_view bytes) {
    const files::Folder folder;
    return read_npy(files::write(folder / "a.npy", bytes));
}

void check(const Variable& v, DType dtype, const Shape& shape, const std::vector<double>& values) {
    BOOST_TEST(to_string(v.dtype()) == to_string(dtype));
    BOOST_TEST(to_string(v.shape()) == to_string(shape));
    BOOST_TEST(v.to_vector() == values, boost::test_tools::per_element());
}

using namespace std::string_literals;
using namespace std::string_view_literals;

}  // namespace

BOOST_AUTO_TEST_CASE(a_npy_file_gives_back_what_was_written) {
    const files::Folder folder;
    for (const DType dtype : {DType::float32, DType::float64, DType::int64})
        for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{0, 3}, Shape{40, 3, 2}}) {
            const Variable written = arange(0, static_cast<double>(shape.elements()), 1, dtype);
            const Variable shaped = Variable::from(written.to_vector(), shape, dtype);
            write_npy(folder / "a.npy", shaped);
            check(read_npy(folder / "a.npy"), dtype, shape, written.to_vector());
        }
}

BOOST_AUTO_TEST_CASE(a_npy_header_is_what_numpy_writes) {
    const std::string expected = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
    const std::string header = npy::header(zeros({3}));
    BOOST_TEST(header.size() == 128U);
    BOOST_TEST(header.substr(0, 8) == "\x93NUMPY\1\0"sv);
    BOOST_TEST(header.substr(8, 2) == "\x76\0"sv);
    BOOST_TEST(header.substr(10, expected.size()) == expected);
    BOOST_TEST(header.back() == '\n');
}

BOOST_AUTO_TEST_CASE(integers_and_bool_widen_to_int64) {
    check(read_bytes(npy_bytes(dict("|b1", "(2,)"), "\0\1"sv)), DType::int64, {2}, {0, 1});
    check(read_bytes(npy_bytes(dict("|i1", "(2,)"), "\xff\1"sv)), DType::int64, {2}, {-1, 1});
    check(read_bytes(npy_bytes(dict("|u1", "(2,)"), "\xff\1"sv)), DType::int64, {2}, {255, 1});
    check(read_bytes(npy_bytes(dict("<i2", "(1,)"), "\xfe\xff"sv)), DType::int64, {1}, {-2});
    check(read_bytes(npy_bytes(dict("<u4", "(1,)"), "\0\0\0\x80"sv)), DType::int64, {1}, {2147483648.0});
    check(read_bytes(npy_bytes(dict("<u8", "(1,)"), "\7\0\0\0\0\0\0\0"sv)), DType::int64, {1}, {7});
}

BOOST_AUTO_TEST_CASE(float16_widens_to_float32) {
    const Variable v = read_bytes(npy_bytes(dict("<f2", "(6,)"), "\0\x3c\0\xc0\1\0\xff\x7b\0\xfc\0\x7e"sv));
    BOOST_TEST(to_string(v.dtype()) == "float32");
    const std::vector<double> values = v.to_vector();
    BOOST_TEST(values[0] == 1);
    BOOST_TEST(values[1] == -2);
    BOOST_TEST(values[2] == std::ldexp(1, -24));  // the smallest subnormal
    BOOST_TEST(values[3] == 65504);               // the largest number
    BOOST_TEST(values[4] == -INFINITY);
    BOOST_TEST(std::isnan(values[5]));
}

BOOST_AUTO_TEST_CASE(big_endian_numbers_are_read) {
    check(read_bytes(npy_bytes(dict(">i4", "(2,)"), "\0\0\1\0\xff\xff\xff\xfd"sv)), DType::int64, {2}, {256, -3});
    check(read_bytes(npy_bytes(dict(">f4", "()"), "\x3f\xc0\0\0"sv)), DType::float32, {}, {1.5});
}

BOOST_AUTO_TEST_CASE(fortran_order_is_turned_into_rows) {
    check(read_bytes(npy_bytes(dict("|i1", "(2, 3)", true), "\1\4\2\5\3\6"sv)), DType::int64, {2, 3},
          {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(every_version_and_spelling_of_the_header_is_read) {
    const std::string spelling = "{\"shape\":(2 ,1), 'fortran_order' :False,'descr':'|u1'}   ";
    check(read_bytes(npy_bytes(spelling, "\1\2", 2)), DType::int64, {2, 1}, {1, 2});
    check(read_bytes(npy_bytes(dict("|u1", "(2,)"), "\1\2", 3)), DType::int64, {2}, {1, 2});
}

BOOST_AUTO_TEST_CASE(a_damaged_npy_file_gives_an_error_that_says_where) {
    const auto fails = [](const std::string& bytes, const char* message) {
        return files::throws<FileError>([&] { read_bytes(bytes); }, "read_npy: ", "a.npy: ", message, "npy_test.cpp:");
    };
    const std::string good = npy_bytes(dict("<f4", "(2,)"), "\0\0\0\0\0\0\0\0"sv);
    BOOST_TEST(fails("", "truncated: the header"));
    BOOST_TEST(fails("hello, world", "does not start with"));
    BOOST_TEST(fails("\x93NUMPY\x09\0ab"s, "version 9"));
    BOOST_TEST(fails(good.substr(0, good.size() - 1), "(2) needs more bytes"));
    BOOST_TEST(fails(good.substr(0, 40), "truncated: the header"));
    BOOST_TEST(fails(good + "x", "left over"));
    BOOST_TEST(fails(npy_bytes(dict("<f4", "(99999999999,)"), ""), "99999999999"));
    BOOST_TEST(fails(npy_bytes(dict("<f8", "(4294967295, 4294967295, 4294967295)"), ""), "needs more bytes"));
    BOOST_TEST(fails(npy_bytes(dict("<f8", "(0, 4294967296)"), ""), "needs more bytes"));
    BOOST_TEST(fails(npy_bytes(dict("<f4", "(1,1,1,1,1,1,1,1,1)"), "\0\0\0\0"), "9 axes"));
    BOOST_TEST(fails(npy_bytes(dict("<f4", "(-1,)"), ""), "header is damaged"));
    BOOST_TEST(fails(npy_bytes("{'descr': '<f4', 'shape': (1,), }", "\0\0\0\0"), "header is damaged"));
    BOOST_TEST(
        fails(npy_bytes("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", ""), "structured"));
    BOOST_TEST(fails(npy_bytes(dict("<c8", "(1,)"), "\0\0\0\0\0\0\0\0"), "<c8"));
    BOOST_TEST(fails(npy_bytes(dict("<U5", "(1,)"), ""), "<U5"));
    BOOST_TEST(fails(npy_bytes(dict("<u8", "(1,)"), "\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"));
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_npy_file_is_an_error) {
    const std::string good = npy_bytes(dict("<f4", "(2,)"), "\0\0\0\0\0\0\0\0"sv);
    for (std::size_t length = 0; length < good.size(); ++length)
        BOOST_TEST(files::throws<FileError>([&] { read_bytes(good.substr(0, length)); }, "a.npy: "));
}

BOOST_AUTO_TEST_CASE(a_missing_npy_file_is_named) {
    BOOST_TEST(files::throws<FileError>([] { read_npy("/nowhere/a.npy"); }, "/nowhere/a.npy", "No such file",
                                        "npy_test.cpp:"));
    BOOST_TEST(files::throws<FileError>([] { read_npy("/tmp"); }, "/tmp"));
}
