#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

/// Which folders the files of a folder may include, beside their own.
const std::map<std::string, std::set<std::string>> arrows{
    {"autograd", {}},
    {"datasets", {"autograd"}},
    {"nn", {"autograd", "datasets"}},
    {"optim", {"autograd", "datasets"}},  // never nn: fit() takes any model
};

bool is_source(const fs::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp"; }

/// Calls f(path, line number, what is included) for every #include "..." or <...> of a folder's sources.
template <class F>
std::size_t for_each_include(const std::string& folder, F f) {
    static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(XGRAD_SOURCE_DIR) / folder)) {
        if (!is_source(entry.path())) continue;
        std::ifstream file(entry.path());
        std::string line;
        for (std::size_t number = 1; std::getline(file, line); ++number) {
            std::smatch found;
            if (!std::regex_search(line, found, include)) continue;
            f(entry.path(), number, found[1].str() + found[2].str());
            ++count;
        }
    }
    return count;
}

/// "nn" of "<xgrad/nn/dense.hpp"; "" of what is not ours.
std::string folder_of(const std::string& included) {
    const std::string ours = "<xgrad/";
    if (!included.starts_with(ours)) return {};
    return included.substr(ours.size(), included.find('/', ours.size()) - ours.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(includes_follow_the_arrows_between_folders) {
    for (const auto& [folder, allowed] : arrows) {
        if (!fs::exists(fs::path(XGRAD_SOURCE_DIR) / folder)) continue;
        const std::size_t count =
            for_each_include(folder, [&, folder = folder, allowed = allowed](const fs::path& path, std::size_t line,
                                                                             const std::string& included) {
                const std::string other = folder_of(included);
                BOOST_TEST((other.empty() || other == folder || allowed.contains(other)),
                           path.string() << ":" << line << ": " << folder << " must not include " << other);
            });
        BOOST_TEST(count > 0U, "no includes found in " << folder);
    }
}

BOOST_AUTO_TEST_CASE(own_headers_are_included_as_users_spell_them) {
    for (const auto& [folder, allowed] : arrows) {
        if (!fs::exists(fs::path(XGRAD_SOURCE_DIR) / folder)) continue;
        for_each_include(
            folder, [&, folder = folder](const fs::path& path, std::size_t line, const std::string& included) {
                BOOST_TEST(!included.starts_with('"'),
                           path.string() << ":" << line << ": write <xgrad/" << folder << "/...>, not \"...\"");
                if (folder_of(included).empty()) return;
                BOOST_TEST(fs::exists(fs::path(XGRAD_SOURCE_DIR) / included.substr(std::string("<xgrad/").size())),
                           path.string() << ":" << line << ": there is no " << included << ">");
            });
    }
}
