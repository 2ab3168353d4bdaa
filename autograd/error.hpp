#pragma once

#include <xgrad/autograd/location.hpp>

#include <new>
#include <stdexcept>
#include <string>

namespace xgrad {

/// The common part of xgrad's errors: a message that apply() completes with the operator's name and the user's line.
/// Catch it, or one of the kinds below, or their standard base.
class Error {
public:
    virtual ~Error() = default;
    virtual const char* what() const noexcept = 0;
    /// Puts "where: " before the message and "  at file:line" behind it, once: the innermost caller knows best.
    void locate(const std::string& where, const Location& at);
    /// The same for a caller further out, which goes before what is there.
    void came_through(const std::string& where, const Location& at);

protected:
    explicit Error(std::string message) : message_(std::move(message)) {}
    std::string message_;

private:
    bool located_ = false;
};

/// Derives from the standard exception `Base`, with a message that can still be completed.
template <class Base>
class ErrorOf : public Base, public Error {
public:
    explicit ErrorOf(const std::string& message) : Base(message), Error(message) {}
    const char* what() const noexcept override { return message_.c_str(); }
};

/// Shapes that do not fit.
struct ShapeError : ErrorOf<std::invalid_argument> {
    using ErrorOf::ErrorOf;
};
/// Element types that do not fit: float32 beside float64, an integer where a real is needed.
struct DTypeError : ErrorOf<std::invalid_argument> {
    using ErrorOf::ErrorOf;
};
/// An argument outside what the function accepts.
struct ValueError : ErrorOf<std::invalid_argument> {
    using ErrorOf::ErrorOf;
};
/// An axis, index or label out of range.
struct IndexError : ErrorOf<std::out_of_range> {
    using ErrorOf::ErrorOf;
};
/// A graph that cannot be walked: freed already, not recorded, or a value in it changed since.
struct GraphError : ErrorOf<std::logic_error> {
    using ErrorOf::ErrorOf;
};
/// Elements that there is no memory for.
struct MemoryError : std::bad_alloc, Error {
    explicit MemoryError(const std::string& message) : Error(message) {}
    const char* what() const noexcept override { return message_.c_str(); }
};
/// A file that is missing, damaged or cannot be written, or a program that cannot be run.
struct FileError : ErrorOf<std::runtime_error> {
    using ErrorOf::ErrorOf;
};

}  // namespace xgrad
