#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Runs a program, unchanged, so that it draws the graph of its first backward() into `file`. Its input and output are
/// ours. Says on the error stream where the drawing is, or why there is none.
/// @returns the program's exit code (128 + n when signal n ended it, 126 or 127 when it could not be started); 1 when
///          it succeeded but drew nothing
int draw_program(std::vector<std::string> command, const std::filesystem::path& file);
