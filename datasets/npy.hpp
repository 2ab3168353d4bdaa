#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/variable.hpp>
#include <xgrad/datasets/byte_source.hpp>

#include <filesystem>
#include <string>

/// NumPy's .npy files: one array each (numpy.lib.format, versions 1 to 3).
namespace xgrad::datasets {

/// The array in a .npy file, in row-major order whatever order it is stored in. float32, float64 and int64 stay what
/// they are; float16 becomes float32; bool and the other integers become int64. Either byte order is read.
/// @throws FileError on a missing, truncated or damaged file, or one of another element type; it says where
Variable read_npy(const std::filesystem::path& path, const Location& at = Location::current());

/// Writes one array, whole or not at all.
/// @throws ValueError when `array` has no value; FileError when the file cannot be written
void write_npy(const std::filesystem::path& path, const Variable& array, const Location& at = Location::current());

namespace npy {

/// The array that `source` holds in the .npy format, up to its last byte.
/// @throws FileError
Variable read(ByteSource& source);
/// What stands before the elements in a .npy file.
std::string header(const Variable& array);

}  // namespace npy
}  // namespace xgrad::datasets
