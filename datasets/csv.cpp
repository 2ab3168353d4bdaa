#include <xgrad/datasets/csv.hpp>

#include <xgrad/autograd/atomic_file.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

namespace xgrad::datasets {

namespace {

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
        throw FileError(
            fmt::format("{}: cannot open: {}", path.string(), file ? "it is a folder" : std::strerror(errno)));
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Reads the text row by row, and says where it is when something is wrong.
class Reader {
public:
    Reader(std::string path, std::string_view text, char separator)
        : path_(std::move(path)), rest_(text), separator_(separator) {
        if (rest_.starts_with("\xEF\xBB\xBF"))
            rest_.remove_prefix(3);  // the byte-order mark that some programs put first
    }

    /// The next line's fields; false at the end. Empty lines are passed over.
    bool next(std::vector<std::string>& fields) {
        fields.clear();
        while (fields.empty()) {
            if (rest_.empty()) return false;
            ++line_;
            std::string_view line = rest_.substr(0, rest_.find('\n'));
            rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!trimmed(line).empty()) split(line, fields);
        }
        return true;
    }
    [[noreturn]] void fail(std::size_t column, std::string_view what) const {
        throw FileError(fmt::format("{}: line {}, column {}: {}", path_, line_, column + 1, what));
    }

private:
    void split(std::string_view line, std::vector<std::string>& fields) const {
        for (bool more = true; more;) {
            fields.emplace_back();
            const bool is_quoted = trimmed(line).starts_with('"');
            if (is_quoted) line = quoted(line, fields);
            const std::size_t end = std::min(line.find(separator_), line.size());
            const std::string_view text = trimmed(line.substr(0, end));
            if (is_quoted && !text.empty()) fail(fields.size() - 1, "there is more behind the closing quote");
            fields.back() += text;
            more = end < line.size();
            line.remove_prefix(std::min(end + 1, line.size()));
        }
    }
    /// Takes a quoted field, in which "" stands for a quote; returns the rest of the line.
    std::string_view quoted(std::string_view line, std::vector<std::string>& fields) const {
        line.remove_prefix(line.find('"') + 1);
        for (;;) {
            const std::size_t end = line.find('"');
            if (end == std::string_view::npos) fail(fields.size() - 1, "a quote is not closed on this line");
            fields.back() += line.substr(0, end);
            line.remove_prefix(end + 1);
            if (!line.starts_with('"')) return line;
            fields.back() += '"';
            line.remove_prefix(1);
        }
    }

    std::string path_;
    std::string_view rest_;
    char separator_;
    std::size_t line_ = 0;
};

/// Whether all of `field` is a number of type T; std::errc() if so.
template <class T>
std::errc parse(std::string_view field, T& number) {
    if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    return error != std::errc()                 ? error
           : end != field.data() + field.size() ? std::errc::invalid_argument
                                                : std::errc();
}

bool is_header(const std::vector<std::string>& fields) {
    return std::none_of(fields.begin(), fields.end(), [](const std::string& field) {
        double number = 0;
        return parse(field, number) != std::errc::invalid_argument;
    });
}

template <class T>
Variable read_rows(Reader& reader, std::vector<std::string>& fields, bool more, std::size_t columns) {
    std::vector<T> numbers;
    std::size_t rows = 0;
    for (; more; more = reader.next(fields), ++rows) {
        if (fields.size() != columns)
            reader.fail(std::min(fields.size(), columns),
                        fmt::format("{} fields, but the first line has {}", fields.size(), columns));
        for (std::size_t k = 0; k < columns; ++k) {
            const std::errc error = parse(fields[k], numbers.emplace_back());
            if (error == std::errc::result_out_of_range)
                reader.fail(k, fmt::format("\"{}\" does not fit into {}", fields[k], to_string(dtype_of<T>)));
            if (error != std::errc())
                reader.fail(k, fmt::format("\"{}\" is no {} number", fields[k].substr(0, 50), to_string(dtype_of<T>)));
        }
    }
    return Variable::from(numbers, {rows, columns});
}

Table read_table(Reader reader, const CsvOptions& options) {
    Table table;
    std::vector<std::string> fields;
    bool more = reader.next(fields);
    const std::size_t columns = fields.size();
    if (more && options.header.value_or(is_header(fields))) {
        table.names = std::move(fields);
        more = reader.next(fields);
    }
    visit(options.dtype,
          [&](auto number) { table.values = read_rows<decltype(number)>(reader, fields, more, columns); });
    return table;
}

std::string quoted(const std::string& name, char separator) {
    if (name.find_first_of(std::string("\"\r\n") + separator) == std::string::npos && trimmed(name) == name)
        return name;
    std::string result = "\"";
    for (const char c : name) result.append(c == '"' ? 2 : 1, c);
    return result + '"';
}

}  // namespace

Table read_csv(const std::filesystem::path& path, const CsvOptions& options, const Location& at) {
    return detail::located("read_csv", at, [&] {
        const std::string text = read_text(path);
        return read_table(Reader(path.string(), text, options.separator), options);
    });
}

void write_csv(const std::filesystem::path& path, const Table& table, const CsvWriteOptions& options,
               const Location& at) {
    detail::located("write_csv", at, [&] {
        const Shape& shape = table.values.shape();
        if (shape.rank() != 2) throw ShapeError(fmt::format("values {} are not (rows, columns)", to_string(shape)));
        if (!table.names.empty() && table.names.size() != shape[1])
            throw ShapeError(fmt::format("{} names for the {} columns of values {}", table.names.size(), shape[1],
                                         to_string(shape)));
        std::string text;
        const auto put = [&](const std::string& field, std::size_t column) {
            text += field;
            text += column + 1 == shape[1] ? '\n' : options.separator;
        };
        for (std::size_t k = 0; k < table.names.size(); ++k) put(quoted(table.names[k], options.separator), k);
        visit(table.values.dtype(), [&](auto number) {
            const auto numbers = table.values.span<decltype(number)>();
            for (std::size_t i = 0; i < numbers.size(); ++i) put(fmt::format("{}", numbers[i]), i % shape[1]);
        });
        write_file_atomically(path, text);
    });
}

}  // namespace xgrad::datasets
