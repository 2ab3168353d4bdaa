#include <xgrad/nn/module.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/replay.hpp>

#include <fmt/format.h>

#include <cxxabi.h>
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <typeinfo>
#include <unordered_set>
#include <utility>

namespace xgrad::nn {

Members& Members::operator()(std::string name, Variable& parameter) {
    if (parameter) list_.push_back({std::move(name), &parameter, nullptr, false});
    return *this;
}

Members& Members::operator()(std::string name, Module& part) {
    list_.push_back({std::move(name), nullptr, &part, false});
    return *this;
}

Members& Members::buffer(std::string name, Variable& state) {
    if (state) list_.push_back({std::move(name), &state, nullptr, true});
    return *this;
}

/// What one walk over the members brings.
struct Module::Found {
    NamedVariables parameters, buffers;
    NamedModules modules;
    std::unordered_set<const void*> seen;
    std::unordered_set<std::string> paths;

    void add(const std::string& path, Variable& v, bool is_buffer) {
        if (!seen.insert(v.get()).second) return;
        if (!paths.insert(path).second) throw ValueError(fmt::format("members: two members are called \"{}\"", path));
        if (!v.is_leaf())
            throw GraphError(fmt::format(R"(members: "{}" is not a leaf but the result of "{}"; make it with {})", path,
                                         v.node().operator_name(),
                                         is_buffer ? "detach()" : "parameter(value.detach())"));
        // A name only grows: walking a part alone later must not shorten it.
        if (v.name() != path && path.ends_with(v.name())) v.named(path);
        (is_buffer ? buffers : parameters).emplace_back(path, v);
    }
};

void Module::members(Members&) {}

Module::Module(const Module& other, Clone)
    : training_(other.training_), trainable_(other.trainable_), has_own_name_(other.has_own_name_) {
    if (has_own_name_) scope_ = new_scope(other.name());
}

Variable Module::duplicate(const Variable& v) {
    if (!v) return {};
    Variable copy = Variable::empty(v.shape(), v.dtype());
    copy.assign(v);
    return copy.named(v.name()).set_requires_grad(v.requires_grad());
}

void Module::collect(const std::string& path, Found& found) {
    if (!found.seen.insert(this).second) return;
    found.modules.emplace_back(path, this);
    Members m;
    members(m);
    for (const Members::Member& member : m.list_) {
        const std::string full = path.empty() || member.name.empty() ? path + member.name : path + "." + member.name;
        if (member.variable != nullptr) {
            found.add(full, *member.variable, member.is_buffer);
        } else {
            label(*member.part, member.name.empty() ? name() : member.name);
            member.part->collect(full, found);
        }
    }
}

// members() hands out references that can be written through, so it is not const; the walk itself changes only names.
Module::Found Module::find() const {
    Found found;
    const_cast<Module*>(this)->collect("", found);
    return found;
}

NamedVariables Module::named_parameters() const { return find().parameters; }
NamedVariables Module::named_buffers() const { return find().buffers; }
NamedModules Module::named_modules() const { return find().modules; }

NamedModules Module::named_children() const {
    Members m;
    const_cast<Module*>(this)->members(m);
    NamedModules children;
    for (const Members::Member& member : m.list_) {
        if (member.part == nullptr) continue;
        label(*member.part, member.name.empty() ? name() : member.name);
        children.emplace_back(member.name, member.part);
    }
    return children;
}

std::vector<Variable> Module::parameters() const {
    std::vector<Variable> list;
    for (auto& [path, v] : named_parameters()) list.push_back(std::move(v));
    return list;
}

std::vector<HookHandle> Module::register_gradient_hook(
    const std::function<Variable(const std::string& name, const Variable& dw)>& hook, const Location& at) const {
    std::vector<HookHandle> handles;
    try {
        for (const auto& entry : named_parameters())
            handles.push_back(register_hook(
                entry.second, [hook, name = entry.first](const Variable& dw) { return hook(name, dw); }, at));
    } catch (...) {
        for (HookHandle& handle : handles) handle.remove();
        throw;
    }
    return handles;
}

std::size_t Module::parameter_count() const {
    std::size_t count = 0;
    for (const Variable& v : parameters()) count += v.size();
    return count;
}

void Module::set_training(bool on) {
    bool changed = false;
    for (const auto& [path, module] : named_modules()) changed |= std::exchange(module->training_, on) != on;
    if (changed) detail::forget_recordings();
}

void Module::set_trainable(bool on) {
    const Found found = find();
    for (const auto& [path, module] : found.modules) module->trainable_ = on;
    for (auto [path, v] : found.parameters) {
        if (is_floating(v.dtype())) v.set_requires_grad(on);
        v.zero_grad();
    }
}

void Module::to(DType dtype) {
    if (!is_floating(dtype)) throw DTypeError("Module::to: int64 has no gradient; use float32 or float64");
    const Found found = find();
    for (const NamedVariables* list : {&found.parameters, &found.buffers})
        for (auto [path, v] : *list)
            if (is_floating(v.dtype())) v.convert(dtype);
}

void Module::zero_grad() {
    for (Variable& v : parameters()) v.zero_grad();
}

std::string Module::type_name() const {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> demangled(
        abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), std::free);
    if (status != 0) return "Module";
    std::string name = demangled.get();
    name.resize(std::min(name.find('<'), name.size()));  // template arguments may hold namespaces of their own
    const std::size_t last = name.rfind("::");
    return last == std::string::npos ? name : name.substr(last + 2);
}

std::string snake_case(const std::string& type_name) {
    const auto is = [&](int (*kind)(int), std::size_t i) {
        return i < type_name.size() && kind(static_cast<unsigned char>(type_name[i])) != 0;
    };
    std::string result;
    for (std::size_t i = 0; i < type_name.size(); ++i) {
        const bool starts_word = is(std::islower, i + 1) || is(std::isdigit, i + 1);
        if (i > 0 && is(std::isupper, i) && (starts_word || is(std::islower, i - 1))) result += '_';
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(type_name[i])));
    }
    return result;
}

namespace {

/// "dense", "dense_1", "dense_2", ... in the order of asking.
std::string numbered(const std::string& base) {
    static std::mutex mutex;
    static std::map<std::string, std::size_t> counts;
    const std::lock_guard lock(mutex);
    const std::size_t count = counts[base]++;
    return count == 0 ? base : fmt::format("{}_{}", base, count);
}

}  // namespace

// Two threads may ask at once when a model is first used: one of them gives the number.
std::uint32_t Module::scope_id() const {
    const std::atomic_ref<std::uint32_t> scope(scope_);
    std::uint32_t id = scope.load(std::memory_order_relaxed);
    if (id != 0) return id;
    const std::uint32_t fresh = new_scope(numbered(snake_case(type_name())));
    return scope.compare_exchange_strong(id, fresh) ? fresh : id;
}

std::string Module::name() const { return scope_label(scope_id()); }

void Module::set_name(const std::string& name) {
    has_own_name_ = false;
    label(*this, name);
    has_own_name_ = true;
}

void Module::label(Module& part, const std::string& name) {
    if (part.has_own_name_) return;
    if (part.scope_ == 0)
        part.scope_ = new_scope(name);
    else if (scope_label(part.scope_) != name)
        rename_scope(part.scope_, name);
}

Evaluating::Evaluating(Module& module) : modules_(module.named_modules()) {
    for (const auto& [path, part] : modules_) before_.push_back(part->training());
    module.eval();
}

// From the whole to the parts, so that each part's own mode is set last.
Evaluating::~Evaluating() {
    for (std::size_t i = 0; i < modules_.size(); ++i) modules_[i].second->set_training(before_[i]);
}

}  // namespace xgrad::nn
