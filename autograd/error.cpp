#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <string_view>

namespace xgrad {

void Error::locate(const std::string& where, const Location& at) {
    if (located_) return;
    located_ = true;
    message_ = where + ": " + message_;
    if (at) message_ += "  at " + to_string(at);
}

void Error::came_through(const std::string& where, const Location& at) {
    if (!located_) return locate(where, at);
    message_ = where + ": " + message_;
}

std::string to_string(const Location& location) {
    if (!location) return {};
    const std::string_view path = location.file;
    std::size_t cut = path.rfind('/');
    if (cut != std::string_view::npos && cut > 0) cut = path.rfind('/', cut - 1);
    return fmt::format("{}:{}", cut == std::string_view::npos ? path : path.substr(cut + 1), location.line);
}

}  // namespace xgrad
