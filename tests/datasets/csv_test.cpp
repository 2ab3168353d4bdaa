#include <xgrad/datasets/csv.hpp>

#include "files.hpp"

#include <xgrad/autograd/ops/creation.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace xgrad;
using namespace xgrad::datasets;

namespace {

Table read_text(std::string_view text, const CsvOptions& options = {}) {
    const files::Folder folder;
    return read_csv(files::write(folder / "a.csv", text), options);
}

void check(const Table& table, const std::vector<std::string>& names, const Shape& shape,
           const std::vector<double>& values) {
    BOOST_TEST(table.names == names, boost::test_tools::per_element());
    BOOST_TEST(to_string(table.values.shape()) == to_string(shape));
    BOOST_TEST(table.values.to_vector() == values, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_table_with_a_header_is_read) {
    check(read_text("loss,accuracy\n0.5,0.75\n-1e-3,+1\n", {.dtype = DType::float64}), {"loss", "accuracy"}, {2, 2},
          {0.5, 0.75, -0.001, 1});
}

BOOST_AUTO_TEST_CASE(a_table_without_a_header_is_read) {
    check(read_text("1,2,3\n4,5,6"), {}, {2, 3}, {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(spaces_quotes_and_line_ends_of_every_kind_are_read) {
    check(read_text("\xEF\xBB\xBF \"a \"\"b\"\"; c\" ; d \r\n\r\n \"1\" ;\t2\r\n3;4", {.separator = ';'}),
          {"a \"b\"; c", "d"}, {2, 2}, {1, 2, 3, 4});
}

BOOST_AUTO_TEST_CASE(an_option_says_that_numbers_are_a_header) {
    check(read_text("2020,2021\n1,2\n", {.header = true}), {"2020", "2021"}, {1, 2}, {1, 2});
    BOOST_TEST(
        files::throws<FileError>([] { read_text("a,b\n1,2\n", {.header = false}); }, "line 1, column 1", "\"a\""));
}

BOOST_AUTO_TEST_CASE(a_file_without_rows_is_an_empty_table) {
    check(read_text(""), {}, {0, 0}, {});
    check(read_text("a,b\n"), {"a", "b"}, {0, 2}, {});
}

BOOST_AUTO_TEST_CASE(nan_inf_and_integers_are_numbers) {
    const Table table = read_text("nan,inf\n-inf,1\n");
    BOOST_TEST(std::isnan(table.values.to_vector()[0]));
    BOOST_TEST(table.values.to_vector()[2] == -INFINITY);
    BOOST_TEST(read_text("9007199254740993\n", {.dtype = DType::int64}).values.data<std::int64_t>()[0] ==
               9007199254740993);
}

BOOST_AUTO_TEST_CASE(a_bad_field_is_found_by_line_and_column) {
    const auto fails = [](const char* text, auto... parts) {
        return files::throws<FileError>([&] { read_text(text, {.dtype = DType::float32}); },
                                        "read_csv: ", "a.csv: ", "csv_test.cpp:", parts...);
    };
    BOOST_TEST(fails("a,b\n1,2\n\n3,x4\n", "line 4, column 2", "\"x4\""));
    BOOST_TEST(fails("1,2\n3,4.5.6\n", "line 2, column 2"));
    BOOST_TEST(fails("1,2\n,4\n", "line 2, column 1", "\"\""));
    BOOST_TEST(fails("1,2\n3\n", "line 2, column 2", "1 fields", "has 2"));
    BOOST_TEST(fails("1,2\n3,4,5\n", "line 2, column 3", "3 fields"));
    BOOST_TEST(fails("1,b\n", "line 1, column 2"));
    BOOST_TEST(fails("1\n1e39\n", "line 2, column 1", "does not fit into float32"));
    BOOST_TEST(fails("a\n\"1\n", "line 2, column 1", "quote is not closed"));
    BOOST_TEST(fails("1\n\"2\"3\n", "line 2, column 1", "behind the closing quote"));
    BOOST_TEST(files::throws<FileError>([] { read_csv("/nowhere/a.csv"); }, "/nowhere/a.csv", "No such file"));
    BOOST_TEST(files::throws<FileError>([] { read_csv("/tmp"); }, "/tmp", "folder"));
}

BOOST_AUTO_TEST_CASE(a_written_table_reads_as_the_same_numbers) {
    const files::Folder folder;
    const std::vector<double> numbers{0.1, 1.0 / 3, -1e300, 5e-324, 12345678901234567.0, 0};
    for (const DType dtype : {DType::float32, DType::float64, DType::int64}) {
        const std::vector<double> used =
            dtype == DType::float64 ? numbers : std::vector<double>{1, 2, -3, 4, 5, 16777217};
        const Table table{{"a,b", "c \"d\"", " e"}, Variable::from(used, {2, 3}, dtype)};
        write_csv(folder / "a.csv", table);
        check(read_csv(folder / "a.csv", {.dtype = dtype}), table.names, {2, 3}, table.values.to_vector());
    }
    write_csv(folder / "b.csv", {{}, Variable({{1, 2.5}})});
    BOOST_TEST(files::read(folder / "b.csv") == "1,2.5\n");
    BOOST_TEST(folder.count() == 2);
}

BOOST_AUTO_TEST_CASE(a_table_that_does_not_fit_is_not_written) {
    const files::Folder folder;
    BOOST_TEST(files::throws<ShapeError>(
        [&] {
            write_csv(folder / "a.csv", {{"a"}, zeros({2, 2})});
        },
        "write_csv: 1 names", "(2, 2)", "csv_test.cpp:"));
    BOOST_TEST(files::throws<ShapeError>([&] { write_csv(folder / "a.csv", {{}, zeros({2})}); }, "(2,)"));
    BOOST_TEST(folder.count() == 0);
}
