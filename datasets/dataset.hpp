#pragma once

#include <xgrad/autograd/location.hpp>
#include <xgrad/autograd/ops/random.hpp>
#include <xgrad/autograd/recording.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

namespace xgrad::datasets {

struct SplitOptions {
    std::optional<double> fraction = {};    ///< of the samples, for the first part, to the nearest number; or
    std::optional<std::size_t> count = {};  ///< how many samples go to the first part
    Rng* shuffle = nullptr;                 ///< draws which ones; null keeps the order
};

/// Samples and what is to be learnt of them. The first axis of both counts the samples. All parts of it are copies,
/// without history.
struct Dataset {
    Variable x;  ///< (n, ...): the inputs
    Variable y;  ///< (n, ...): labels (n) of int64, one-hot rows, values

    Dataset() = default;
    /// @throws ShapeError unless both have as many samples; ValueError when one is an empty Variable
    Dataset(Variable inputs, Variable targets, const Location& at = Location::current());

    /// How many samples.
    std::size_t size() const { return x ? x.shape()[0] : 0; }
    /// The first n. @throws ValueError when there are fewer
    Dataset take(std::size_t n, const Location& at = Location::current()) const;
    /// All samples in two parts: auto [train, test] = data.split({.fraction = 0.8, .shuffle = &rng}).
    /// @throws ValueError unless one of fraction (in [0, 1]) and count (up to size()) is given
    std::pair<Dataset, Dataset> split(const SplitOptions& options, const Location& at = Location::current()) const;
    /// All samples in an order drawn by `rng`.
    Dataset shuffled(Rng& rng, const Location& at = Location::current()) const;
    /// {f(x), y}: f takes all inputs at once, and is not recorded.
    template <class F>
    Dataset map(F&& f, const Location& at = Location::current()) const {
        const NoGrad no_grad;
        return {f(x), y, at};
    }
    /// {x, one-hot rows of y}. @throws IndexError on a label outside [0, classes); DTypeError unless y is int64
    Dataset one_hot(std::size_t classes, const Location& at = Location::current()) const;
};

struct BatchOptions {
    std::size_t size = 32;
    Rng* shuffle =
        nullptr;  ///< draws a new order at every begin(), so each loop over the range is an epoch; null: none
    bool drop_last = false;  ///< leave out a last batch of fewer samples
};

struct Batch {
    Variable x, y;
};

/// The batches of a dataset, gathered one by one as the loop goes on. See batches().
class Batches {
public:
    Batches(Dataset dataset, const BatchOptions& options) : data_(std::move(dataset)), options_(options) {}

    /// How many batches a loop gives.
    std::size_t size() const;

    class Iterator {
    public:
        using value_type = Batch;
        using difference_type = std::ptrdiff_t;

        const Batch& operator*() const { return batch_; }
        const Batch* operator->() const { return &batch_; }
        Iterator& operator++();
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return start_ >= stop_; }

    private:
        friend class Batches;
        Iterator(const Batches& batches, Variable order);
        void gather();

        const Batches* batches_;
        Variable order_;  ///< places of the samples, int64; empty when they are taken as they stand
        std::size_t start_ = 0, stop_ = 0;
        Batch batch_;
    };
    Iterator begin() const;
    std::default_sentinel_t end() const { return {}; }

private:
    Dataset data_;
    BatchOptions options_;
};

/// The samples in batches, for a loop over an epoch; an empty dataset gives none. A batch is a copy: it may be kept.
///
///     for (const auto& [x, y] : batches(train, {.size = 32, .shuffle = &rng})) ...
///
/// @throws ValueError when the size is 0; ShapeError when x and y differ in their number of samples
Batches batches(const Dataset& dataset, const BatchOptions& options = {}, const Location& at = Location::current());

}  // namespace xgrad::datasets
