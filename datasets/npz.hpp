#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/variable.hpp>
#include <xgrad/datasets/npy.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// NumPy's .npz files: named arrays in a zip archive, as numpy.savez writes and numpy.load reads them.
namespace xgrad::datasets {

using NamedArrays = std::vector<std::pair<std::string, Variable>>;

/// The arrays of a .npz file, compressed or not, by name; element types as read_npy() gives them.
/// @throws FileError on a missing, truncated or damaged file; it names the file, the array and what is wrong
std::map<std::string, Variable> read_npz(const std::filesystem::path& path, const Location& at = Location::current());

/// Writes named arrays, uncompressed, whole or not at all. The same arrays give the same bytes.
/// @throws ValueError on no arrays, one without a value, an empty name or one given twice; FileError when the file
/// cannot be written
void write_npz(const std::filesystem::path& path, const NamedArrays& arrays, const Location& at = Location::current());

}  // namespace xgrad::datasets
