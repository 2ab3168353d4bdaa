#pragma once

#include <cstddef>
#include <optional>
#include <string>

/// What a process may use of the machine it runs on.
struct Machine {
    std::size_t cores;            ///< online
    std::size_t allowed;          ///< of these the process may run on: taskset, a batch system
    std::optional<double> quota;  ///< cores' worth of time that the control group allows: a container
    double memory_available;      ///< bytes, with the control group's limit
};
Machine this_machine();

/// Where a program is on the PATH; empty when it is not there.
std::string find_program(const std::string& name);
