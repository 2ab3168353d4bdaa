#pragma once

#include <xgrad/autograd/error.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

/// What the tests of readers and writers share.
namespace files {

/// A folder of its own for a test, gone when the test ends.
class Folder {
public:
    Folder() {
        // mkdtemp() puts something unique in the place of six X's.
        std::string name = (std::filesystem::temp_directory_path() / ("xgrad-" + std::string(6, 'X'))).string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    /// How many files stand in it.
    std::ptrdiff_t count() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

private:
    std::filesystem::path path_;
};

inline std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::filesystem::path write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

/// Whether `f` throws an E whose message holds all of `parts`.
template <class E, class F, class... Parts>
boost::test_tools::predicate_result throws(F&& f, const Parts&... parts) {
    boost::test_tools::predicate_result result(false);
    try {
        f();
    } catch (const E& error) {
        const std::string message = error.what();
        result = ((message.find(parts) != std::string::npos) && ...);
        result.message() << "the message is: " << message;
        return result;
    } catch (const std::exception& error) {
        result.message() << "another error: " << error.what();
        return result;
    }
    result.message() << "no error";
    return result;
}

}  // namespace files
