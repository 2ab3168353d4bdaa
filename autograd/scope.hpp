#pragma once

#include <cstdint>
#include <string>

namespace xgrad {

/// Names the part of a model that is running: what is recorded while a Scope lives belongs to it, and shows so in
/// drawings (a cluster) and messages. Modules open one for themselves; scopes nest.
class Scope {
public:
    /// @param id from new_scope()
    /// @throws IndexError on another
    explicit Scope(std::uint32_t id);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    std::uint32_t outer_;
};

/// A new scope under a label ("dense_1"). Ids are never reused.
std::uint32_t new_scope(std::string label);
void rename_scope(std::uint32_t id, std::string label);
/// A scope's label, "" for id 0.
std::string scope_label(std::uint32_t id);
/// The scope that `id` was last entered from, 0 for none.
std::uint32_t scope_parent(std::uint32_t id);
/// "encoder.dense_1": the labels from the outermost scope to this one.
std::string scope_path(std::uint32_t id);

}  // namespace xgrad
