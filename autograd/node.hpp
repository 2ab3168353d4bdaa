#pragma once

#include <xgrad/autograd/dtype.hpp>
#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/memory.hpp>
#include <xgrad/autograd/reference_count.hpp>
#include <xgrad/autograd/shape.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace xgrad {

class Variable;

/// The elements of a larger value, shared by its views (reshape, detach).
struct Buffer {
    ReferenceCount references;
    std::atomic<std::uint32_t> version{0};  ///< counts changes in place
    void (*destroy)(Buffer*) noexcept = nullptr;
    void* data = nullptr;
    std::size_t bytes = 0;

    static Buffer* make(std::size_t bytes);
    void retain() noexcept { references.add_one(); }
    void release() noexcept {
        if (references.drop()) destroy(this);
    }
};

/// Which of an input's gradients a backward rule is asked for: a costly rule skips the others.
class Needs {
public:
    /// Of more inputs some share a bit: too much may be asked for, never too little.
    static constexpr std::size_t count = 64;

    bool operator[](std::size_t input) const { return (bits_ >> input % count & 1U) != 0; }
    void set(std::size_t input) { bits_ |= std::uint64_t{1} << input % count; }

private:
    std::uint64_t bits_ = 0;
};

/// One pooled object that is what a handle points to, the recorded step that made it, and (up to 128 bytes) its
/// elements. Everything on it is the engine's; users hold it through Variable.
class Node {
public:
    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    virtual ~Node() = default;

    /// The operator's name; "" for a value that no recorded operator made.
    virtual std::string_view operator_name() const { return {}; }
    /// The operator's options as a drawing shows them ("axis=1"); mostly empty.
    virtual std::string details() const { return {}; }
    /// Writes one gradient per input; an empty Variable stands for none.
    virtual void backward(const Variable& y, const Variable& dy, Needs needs, Variable* gradients) const;
    /// Lets go of what backward() alone would need, once the graph is freed.
    virtual void drop_saved() {}
    /// Whether backward() takes a dy that still has to be broadcast to the output's shape.
    virtual bool accepts_broadcast_dy() const { return false; }
    /// Whether backward() reads input `i`, or (i = input_count) the output: a change in place then is an error.
    virtual bool reads(std::size_t) const { return false; }

    bool is_recorded() const { return input_count != 0 || was_released; }
    std::span<Variable> input_list() const;
    std::uint32_t version() const {
        return buffer != nullptr ? buffer->version.load(std::memory_order_relaxed) : inline_version;
    }
    void bump_version() {
        if (buffer != nullptr)
            buffer->version.fetch_add(1, std::memory_order_relaxed);
        else
            ++inline_version;
    }
    void retain() noexcept { references.add_one(); }
    /// Leaves the buffer to another node that shares it, when nothing will read these elements again. This node keeps
    /// its place in the graph.
    void give_elements_up() noexcept {
        inline_version = version();
        buffer->release();
        buffer = nullptr;
        data = nullptr;
    }

    struct Extras;  ///< what few nodes have: extras.hpp

    // Sorted by who reads what: the first 64 bytes are all that a walk touches.
    ReferenceCount references;
    std::uint32_t input_count = 0;
    std::uint64_t sequence = 0;  ///< creation order; in the destructor's work list, the link
    std::uint64_t mark = 0;      ///< the walk that met this node, and its place there: see Walk
    Variable* inputs = nullptr;
    void* data = nullptr;
    Buffer* buffer = nullptr;  ///< null when the elements stand behind this object
    DType dtype = DType::float32;
    bool requires_grad = false;
    bool was_released = false;  ///< backward() has freed the inputs
    bool retains_grad = false;
    bool has_hooks = false;
    bool is_bundle = false;  ///< stands for several values and has no elements: many_step.hpp
    /// backward() may find in `gradients` what has come to an input so far; what it puts there then includes that.
    bool adds_gradients = false;
    std::uint32_t inline_version = 0;

    Shape shape{};
    std::uint32_t scope = 0;
    std::uint32_t region = 0;  ///< the run of a checkpoint's function that recorded it, 0 for none
    std::size_t size = 0;
    std::atomic<Node*> grad{nullptr};  ///< atomic for the sake of backward() on several threads
    Extras* extras = nullptr;

    std::uint32_t* input_versions = nullptr;    ///< of the inputs, then of the output, when recorded
    [[no_unique_address]] Location location{};  // its last four bytes are free for the next member
    std::uint32_t block_class = 0;              ///< of memory's size classes
};
static_assert(sizeof(Node) <= 160);  // a step of two inputs and its few elements fit in 256 bytes

void destroy(Node* node) noexcept;
/// Drops one reference, or several at once. A chain of nodes is taken apart by a work list, so that its length does not
/// matter.
inline void release(Node* node, std::uint32_t count = 1) noexcept {
    if (node != nullptr && node->references.drop(count)) destroy(node);
}

/// Nobody else sees these elements, so they may be changed in place.
inline bool is_unshared(const Node& node) {
    return node.references.is_one() && (node.buffer == nullptr || node.buffer->references.is_one());
}

namespace detail {

inline constexpr std::size_t inline_bytes = 128;
constexpr std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

/// A node of type N in one pooled block; elements up to 128 bytes stand behind it, others get a buffer unless a view
/// will share one.
template <class N, class... Args>
N* make_node(const Shape& shape, DType dtype, bool with_data, Args&&... args) {
    const std::size_t size = shape.checked_elements(), bytes = size * size_of(dtype);
    const bool in_place = with_data && bytes <= inline_bytes;
    constexpr std::size_t head = round_up(sizeof(N));
    const std::size_t block_class = memory::detail::class_of(in_place ? head + round_up(bytes) : head);
    void* const block = memory::detail::allocate_class(block_class);
    N* const node = new (block) N(std::forward<Args>(args)...);
    node->block_class = static_cast<std::uint32_t>(block_class);
    node->shape = shape;
    node->size = size;
    node->dtype = dtype;
    if (in_place) {
        node->data = static_cast<char*>(block) + head;
    } else if (with_data) {
        node->buffer = Buffer::make(bytes);
        node->data = node->buffer->data;
    }
    return node;
}

/// Lets `node` show the elements of `source`: shared when they stand in a buffer, else copied.
void share_data(Node& node, const Node& source);

}  // namespace detail
}  // namespace xgrad
