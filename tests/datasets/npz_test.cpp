#include <xgrad/datasets/npz.hpp>

#include "files.hpp"

#include <xgrad/autograd/ops/creation.hpp>

#include <zip.h>
#include <boost/test/unit_test.hpp>

using namespace xgrad;
using namespace xgrad::datasets;

namespace {

/// A zip archive with one entry, made by libzip.
void write_zip(const std::filesystem::path& path, const char* name, const std::string& bytes,
               zip_int32_t method = ZIP_CM_STORE) {
    zip_t* const archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    BOOST_REQUIRE(archive != nullptr);
    const zip_int64_t index = zip_file_add(archive, name, zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    BOOST_REQUIRE(zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0) == 0);
    BOOST_REQUIRE(zip_close(archive) == 0);
}

std::string npy_bytes(const Variable& v) {
    return npy::header(v) + std::string(static_cast<const char*>(v.node().data), v.size() * size_of(v.dtype()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_npz_file_gives_back_what_was_written) {
    const files::Folder folder;
    const NamedArrays arrays{{"fc1/kernel", arange(0, 600)},
                             {"labels", Variable({3, 1, 2}, DType::int64)},
                             {"scalar", Variable(0.1, DType::float64)},
                             {"größe", zeros({0, 2})}};
    write_npz(folder / "weights.npz", arrays);
    const auto found = read_npz(folder / "weights.npz");
    BOOST_TEST(found.size() == arrays.size());
    for (const auto& [name, array] : arrays) {
        BOOST_REQUIRE(found.contains(name));
        BOOST_TEST(to_string(found.at(name).dtype()) == to_string(array.dtype()));
        BOOST_TEST((found.at(name).shape() == array.shape()));
        BOOST_TEST(found.at(name).to_vector() == array.to_vector());
    }
    BOOST_TEST(folder.count() == 1);
}

BOOST_AUTO_TEST_CASE(the_same_arrays_give_the_same_bytes) {
    const files::Folder folder;
    const NamedArrays arrays{{"a", arange(0, 100)}, {"b", ones({2, 2})}};
    write_npz(folder / "1.npz", arrays);
    write_npz(folder / "2.npz", arrays);
    BOOST_TEST((files::read(folder / "1.npz") == files::read(folder / "2.npz")));
}

BOOST_AUTO_TEST_CASE(a_compressed_npz_file_is_read) {
    const files::Folder folder;
    write_zip(folder / "a.npz", "a.npy", npy_bytes(zeros({100, 100})), ZIP_CM_DEFLATE);
    BOOST_TEST(read_npz(folder / "a.npz").at("a").size() == 10000U);
    BOOST_TEST(std::filesystem::file_size(folder / "a.npz") < 1000U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_leaves_the_old_npz_file) {
    const files::Folder folder;
    const std::filesystem::path path = folder / "weights.npz";
    write_npz(path, {{"a", ones({3})}});
    BOOST_TEST(files::throws<ValueError>(
        [&] {
            write_npz(path, {{"a", zeros({3})}, {"a", zeros({3})}});
        },
        "write_npz: ", "\"a\"", "twice", "npz_test.cpp:"));
    BOOST_TEST(files::throws<ValueError>([&] { write_npz(path, {{"a", zeros({3})}, {"b", {}}}); }, "\"b\""));
    BOOST_TEST(files::throws<ValueError>([&] { write_npz(path, {{"", zeros({3})}}); }, "no name"));
    BOOST_TEST(files::throws<ValueError>([&] { write_npz(path, {}); }, "no arrays"));
    BOOST_TEST(read_npz(path).at("a").to_vector() == std::vector<double>({1, 1, 1}));
    BOOST_TEST(folder.count() == 1);
    BOOST_TEST(files::throws<FileError>(
        [&] {
            write_npz(folder / "none/a.npz", {{"a", zeros({3})}});
        },
        "none/a.npz", "No such file"));
}

BOOST_AUTO_TEST_CASE(a_damaged_npz_file_gives_an_error_that_says_where) {
    const files::Folder folder;
    const std::filesystem::path path = folder / "a.npz";
    const auto fails = [&](auto... parts) {
        return files::throws<FileError>([&] { read_npz(path); }, "read_npz: ", "a.npz", "npz_test.cpp:", parts...);
    };
    BOOST_TEST(fails("No such file"));
    files::write(path, "no archive");
    BOOST_TEST(fails("Not a zip archive"));
    write_zip(path, "readme.txt", "hello");
    BOOST_TEST(fails("\"readme.txt\"", "does not end in .npy"));
    write_zip(path, "a.npy", "hello");
    BOOST_TEST(fails("\"a.npy\"", "truncated"));
    write_zip(path, "a.npy", npy_bytes(zeros({100})) + "more");
    BOOST_TEST(fails("left over"));

    write_zip(path, "a.npy", npy_bytes(zeros({100})));
    std::string bytes = files::read(path);
    const std::size_t shape_at = bytes.find("(100,)");
    bytes[bytes.find("PK\1\2") - 10] = 'x';  // among the elements
    files::write(path, bytes);
    BOOST_TEST(fails("\"a.npy\"", "CRC"));
    bytes.replace(shape_at, 6, "(9**9)");
    files::write(path, bytes);
    BOOST_TEST(fails("\"a.npy\"", "header is damaged"));
}

BOOST_AUTO_TEST_CASE(a_size_that_the_archive_cannot_hold_is_not_believed) {
    const files::Folder folder;
    const Variable v = zeros({100});
    std::string array = npy_bytes(v);
    array.replace(array.find("(100,), }   "), 12, "(4000000000,");
    array.replace(array.find("(4000000000,") + 12, 4, "), }");
    for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
        write_zip(folder / "a.npz", "a.npy", array, method);
        std::string bytes = files::read(folder / "a.npz");
        // The directory lies as well: 4 GB after decompression.
        const std::size_t entry = bytes.find("PK\1\2");
        bytes.replace(entry + 24, 4, "\xf0\xff\xff\xff");
        files::write(folder / "a.npz", bytes);
        BOOST_TEST(files::throws<FileError>([&] { read_npz(folder / "a.npz"); }, "a.npz"));
    }
}

BOOST_AUTO_TEST_CASE(every_cut_and_every_flipped_byte_of_a_npz_file_is_survived) {
    const files::Folder folder;
    write_npz(folder / "a.npz", {{"a", arange(0, 4)}, {"b", ones({2, 2})}});
    const std::string good = files::read(folder / "a.npz");
    const auto survives = [&](const std::string& bytes) {
        try {
            read_npz(files::write(folder / "b.npz", bytes));  // a flipped bit in a date or a name may do no harm
        } catch (const FileError&) {
        }
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        BOOST_TEST(
            files::throws<FileError>([&] { read_npz(files::write(folder / "b.npz", good.substr(0, i))); }, "b.npz"));
        for (const int bit : {1, 128}) {
            std::string bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ bit);
            BOOST_CHECK_NO_THROW(survives(bytes));
        }
    }
}
