#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/variable.hpp>
#include <xgrad/datasets/dataset.hpp>

#include <filesystem>
#include <optional>

/// IDX files, the format of MNIST and its kin (http://yann.lecun.com/exdb/mnist), plain or compressed with gzip.
namespace xgrad::datasets {

struct IdxOptions {
    std::optional<DType> dtype = {};  ///< element type to read as; by default int64 for integers, else as stored
};

/// The array in an IDX file of any element type.
/// @throws FileError on a missing, truncated or damaged file; it says where
Variable read_idx(const std::filesystem::path& path, const IdxOptions& options = {},
                  const Location& at = Location::current());

enum class Split { train, test };

struct FashionMnistOptions {
    std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";  ///< where Debian's package installs it
    bool flatten = false;                                                ///< (n, 784) instead of (n, 28, 28)
    bool scaled = false;                                                 ///< pixels in [0, 1] instead of [0, 255]
};

/// Fashion-MNIST (Xiao, Rasul & Vollgraf 2017): 60,000 images of clothes for training and 10,000 for tests, in 10
/// classes. Any folder with the four files, plain or .gz, will do; MNIST's have the same names and layout.
///
/// @returns x (n, 28, 28) float32; y (n) int64, labels in [0, 10)
/// @throws FileError when a file is missing (it names the file and the package), damaged, or not of that layout
Dataset fashion_mnist(Split split, const FashionMnistOptions& options = {}, const Location& at = Location::current());

}  // namespace xgrad::datasets
