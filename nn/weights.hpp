#pragma once

#include <xgrad/nn/module.hpp>

#include <filesystem>

/// Parameters and buffers, by path. Loading either changes all of them or, when anything does not fit, nothing: one
/// error then names what is missing, what the model does not have, and what has another shape. float32 and float64
/// are converted into each other. Handles that others hold, such as an optimizer's, stay valid.
namespace xgrad::nn {

/// Writes them as a .npz file, which NumPy opens: numpy.load(path)["dense.kernel"]. The file appears whole or not at
/// all.
/// @throws FileError when it cannot be written
void save_weights(const Module& model, const std::filesystem::path& path, const Location& at = Location::current());

/// Reads such a file back.
/// @throws ValueError when the names or shapes are not the model's; FileError when it is missing or damaged
void load_weights(Module& model, const std::filesystem::path& path, const Location& at = Location::current());

/// Gives one model the values of another of the same structure.
/// @throws ValueError when the names or shapes differ
void copy_weights(const Module& from, Module& to, const Location& at = Location::current());

}  // namespace xgrad::nn
