#include <xgrad/nn/weights.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/datasets/npz.hpp>

#include <fmt/format.h>

#include <map>

namespace xgrad::nn {

namespace {

NamedVariables state_of(const Module& model) {
    NamedVariables state = model.named_parameters();
    for (auto& buffer : model.named_buffers()) state.push_back(std::move(buffer));
    return state;
}

/// What does not fit, one line each; empty when all does.
std::string misfits(const NamedVariables& state, std::map<std::string, Variable> values) {
    std::string text;
    for (const auto& [path, v] : state) {
        const auto found = values.find(path);
        if (found == values.end()) {
            text += fmt::format("\n  missing: \"{}\" {}", path, to_string(v.shape()));
            continue;
        }
        const Variable& value = found->second;
        if (value.shape() != v.shape())
            text += fmt::format("\n  of another shape: \"{}\" is {} in the model, but {} is given", path,
                                to_string(v.shape()), to_string(value.shape()));
        else if (is_floating(value.dtype()) != is_floating(v.dtype()))
            text += fmt::format("\n  of another type: \"{}\" is {} in the model, but {} is given", path,
                                to_string(v.dtype()), to_string(value.dtype()));
        values.erase(found);
    }
    for (const auto& [path, value] : values)
        text += fmt::format("\n  not in the model: \"{}\" {}", path, to_string(value.shape()));
    return text;
}

void assign_all(Module& model, const std::map<std::string, Variable>& values, const std::string& who,
                const Location& at) {
    const NamedVariables state = state_of(model);
    if (const std::string text = misfits(state, values); !text.empty()) {
        ValueError error("the weights do not fit the model, nothing was changed:" + text + "\n ");
        error.locate(who, at);
        throw error;
    }
    const NoGrad no_grad;
    for (auto [path, v] : state) v.assign(values.at(path).to(v.dtype()));
}

}  // namespace

void save_weights(const Module& model, const std::filesystem::path& path, const Location& at) {
    datasets::write_npz(path, state_of(model), at);
}

void load_weights(Module& model, const std::filesystem::path& path, const Location& at) {
    assign_all(model, datasets::read_npz(path, at), fmt::format("load_weights \"{}\"", path.string()), at);
}

void copy_weights(const Module& from, Module& to, const Location& at) {
    const NamedVariables state = state_of(from);
    assign_all(to, {state.begin(), state.end()}, "copy_weights", at);
}

}  // namespace xgrad::nn
