#include <xgrad/autograd/node.hpp>

#include <xgrad/autograd/extras.hpp>
#include <xgrad/autograd/thread_state.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstring>

namespace xgrad {

constinit thread_local ThreadState thread_state{};

Buffer* Buffer::make(std::size_t bytes) {
    static_assert(sizeof(Buffer) <= memory::alignment);
    void* const block = memory::allocate(memory::alignment + bytes);
    auto* const buffer = new (block) Buffer;
    buffer->data = static_cast<char*>(block) + memory::alignment;
    buffer->bytes = bytes;
    buffer->destroy = [](Buffer* b) noexcept { memory::deallocate(b, memory::alignment + b->bytes); };
    return buffer;
}

void Node::backward(const Variable&, const Variable&, Needs, Variable*) const {}

namespace {

/// The nodes that wait to be taken apart on this thread, linked through `sequence`.
struct WorkList {
    Node* first = nullptr;
    bool draining = false;

    void push(Node* node) noexcept {
        node->sequence = reinterpret_cast<std::uintptr_t>(first);
        first = node;
    }
    Node* pop() noexcept {
        Node* const node = first;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the list needs no memory of its own
        if (node != nullptr) first = reinterpret_cast<Node*>(static_cast<std::uintptr_t>(node->sequence));
        return node;
    }
};
constinit thread_local WorkList work_list;

}  // namespace

// Whatever a node's destructor releases (its inputs, its gradient, values saved by its operator) comes back here while
// `draining` is set and is only queued: the stack stays flat however long the chain.
void destroy(Node* node) noexcept {
    if (work_list.draining) return work_list.push(node);
    work_list.draining = true;
    do {
        const std::size_t block_class = node->block_class;
        release(node->grad.load(std::memory_order_relaxed));
        if (node->buffer != nullptr) node->buffer->release();
        delete node->extras;
        node->~Node();
        memory::detail::deallocate_class(node, block_class);
        node = work_list.pop();
    } while (node != nullptr);
    work_list.draining = false;
}

namespace detail {

void share_data(Node& node, const Node& source) {
    if (source.buffer != nullptr) {
        source.buffer->retain();
        node.buffer = source.buffer;
        node.data = source.data;
    } else {
        std::memcpy(node.data, source.data, source.size * size_of(source.dtype));
    }
}

}  // namespace detail
}  // namespace xgrad
