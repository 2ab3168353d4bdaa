#include <xgrad/datasets/dataset.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/ops/index.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace xgrad::datasets {

namespace {

void check(const Variable& x, const Variable& y) {
    if (!x || !y) throw ValueError(fmt::format("{} is an empty Variable", x ? "y" : "x"));
    if (x.rank() == 0 || y.rank() == 0)
        throw ShapeError(
            fmt::format("{} is a single number; its first axis must count the samples", x.rank() == 0 ? "x" : "y"));
    if (x.shape()[0] != y.shape()[0])
        throw ShapeError(fmt::format("x {} has {} samples, y {} has {}", to_string(x.shape()), x.shape()[0],
                                     to_string(y.shape()), y.shape()[0]));
}

/// `count` samples of `all`: those at `places`, or (when that is null) from `first` on.
Variable samples(const Variable& all, const std::int64_t* places, std::size_t first, std::size_t count) {
    Shape shape = all.shape();
    shape.set(0, count);
    Variable part = Variable::empty(shape, all.dtype());
    if (part.size() == 0) return part;
    const std::size_t row = part.size() / count * size_of(all.dtype());
    const char* const from = static_cast<const char*>(all.node().data);
    char* const to = static_cast<char*>(part.node().data);
    if (places == nullptr) {
        std::memcpy(to, from + first * row, count * row);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            std::memcpy(to + i * row, from + static_cast<std::size_t>(places[first + i]) * row, row);
    }
    return part;
}

/// Samples `first` to `first` + `count` of the order.
Dataset part_of(const Dataset& data, const Variable& order, std::size_t first, std::size_t count) {
    const std::int64_t* const places = order ? order.data<std::int64_t>() : nullptr;
    return {samples(data.x, places, first, count), samples(data.y, places, first, count)};
}

std::size_t first_part(const SplitOptions& options, std::size_t size) {
    if (options.fraction.has_value() == options.count.has_value()) throw ValueError("give either .fraction or .count");
    const double fraction = options.fraction.value_or(0);
    if (!(fraction >= 0 && fraction <= 1)) throw ValueError(fmt::format(".fraction is {}, outside [0, 1]", fraction));
    const std::size_t count = options.count.value_or(std::llround(fraction * static_cast<double>(size)));
    if (count > size) throw ValueError(fmt::format(".count is {}, of {} samples", count, size));
    return count;
}

}  // namespace

Dataset::Dataset(Variable inputs, Variable targets, const Location& at) : x(std::move(inputs)), y(std::move(targets)) {
    detail::located("Dataset", at, [&] { check(x, y); });
}

Dataset Dataset::take(std::size_t n, const Location& at) const {
    return detail::located("take", at, [&] {
        check(x, y);
        if (n > size()) throw ValueError(fmt::format("{} of {} samples", n, size()));
        return part_of(*this, {}, 0, n);
    });
}

std::pair<Dataset, Dataset> Dataset::split(const SplitOptions& options, const Location& at) const {
    return detail::located("split", at, [&] {
        check(x, y);
        const std::size_t first = first_part(options, size());
        const Variable order = options.shuffle != nullptr ? random_permutation(size(), *options.shuffle) : Variable();
        return std::pair(part_of(*this, order, 0, first), part_of(*this, order, first, size() - first));
    });
}

Dataset Dataset::shuffled(Rng& rng, const Location& at) const {
    return detail::located("shuffled", at, [&] {
        check(x, y);
        return part_of(*this, random_permutation(size(), rng), 0, size());
    });
}

Dataset Dataset::one_hot(std::size_t classes, const Location& at) const {
    const CallSite here(at);
    return {x, xgrad::one_hot(y, classes), at};
}

std::size_t Batches::size() const {
    return options_.drop_last ? data_.size() / options_.size : (data_.size() + options_.size - 1) / options_.size;
}

Batches::Iterator Batches::begin() const {
    return {*this, options_.shuffle != nullptr ? random_permutation(data_.size(), *options_.shuffle) : Variable()};
}

Batches::Iterator::Iterator(const Batches& batches, Variable order)
    : batches_(&batches),
      order_(std::move(order)),
      stop_(std::min(batches.size() * batches.options_.size, batches.data_.size())) {
    gather();
}

Batches::Iterator& Batches::Iterator::operator++() {
    start_ += batches_->options_.size;
    gather();
    return *this;
}

void Batches::Iterator::gather() {
    if (start_ >= stop_) return;
    Dataset part = part_of(batches_->data_, order_, start_, std::min(batches_->options_.size, stop_ - start_));
    batch_ = {std::move(part.x), std::move(part.y)};
}

Batches batches(const Dataset& dataset, const BatchOptions& options, const Location& at) {
    return detail::located("batches", at, [&] {
        check(dataset.x, dataset.y);
        if (options.size == 0) throw ValueError("the batch size is 0");
        return Batches(dataset, options);
    });
}

}  // namespace xgrad::datasets
