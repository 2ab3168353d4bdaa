#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::optim {

/// Named numbers, in order: what a batch or an epoch has measured ("loss", "accuracy", "val_loss", ...).
using Logs = std::vector<std::pair<std::string, double>>;

/// The value under `name`. @throws ValueError naming the ones there are
double value_of(const Logs& logs, const std::string& name);

/// What fit() measured, epoch by epoch.
struct History {
    std::vector<Logs> epochs;

    /// One measure over the epochs. @throws ValueError when there is none of that name
    std::vector<double> operator[](const std::string& name) const;
    /// A table, one line per epoch: epoch,loss,accuracy,... @throws FileError
    void write_csv(const std::filesystem::path& path) const;
    /// Learning curves: a panel for each measure, with its validation beside it. @throws FileError
    void write_svg(const std::filesystem::path& path) const;
};

}  // namespace xgrad::optim
