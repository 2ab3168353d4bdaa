#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/variable.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Tables of numbers as text, one row a line (RFC 4180).
namespace xgrad::datasets {

struct Table {
    std::vector<std::string> names;  ///< of the columns; none when the file has no header
    Variable values;                 ///< (rows, columns)
};

struct CsvOptions {
    char separator = ',';
    std::optional<bool> header = {};  ///< whether the first line has names; by default, if none of it is a number
    DType dtype = DType::float32;
};

/// A table of numbers. Fields may be quoted, spaces around them do not count, and nan and inf are numbers.
/// @throws FileError on a missing file, a row of another length, or a field that is no number of that type (an empty
///         one too); it names the line and the column
Table read_csv(const std::filesystem::path& path, const CsvOptions& options = {},
               const Location& at = Location::current());

struct CsvWriteOptions {
    char separator = ',';
};

/// Writes a table so that reading it gives the same numbers; whole or not at all.
/// @throws ShapeError unless values is (rows, columns), with a name for each column or no names; FileError when the
///         file cannot be written
void write_csv(const std::filesystem::path& path, const Table& table, const CsvWriteOptions& options = {},
               const Location& at = Location::current());

}  // namespace xgrad::datasets
