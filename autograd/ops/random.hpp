#pragma once

#include <xgrad/autograd/thread_state.hpp>
#include <xgrad/autograd/variable.hpp>

#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace xgrad {

/// A source of random numbers, passed to whatever draws from it. The generator is the Mersenne twister mt19937_64 of
/// the C++ standard and the distributions are computed here. A seed gives the same bits, uniform() and below() on every
/// platform, to the last digit. What needs a logarithm or a sine (normal(), exponential()) takes those of the
/// platform's mathematical library: the same numbers from run to run, and elsewhere the same up to their rounding (in
/// rare cases others, where a draw is kept or not for its last digit: random_gamma(), random_poisson() and the like).
class Rng {
public:
    explicit Rng(std::uint64_t seed = 0) : state_(std::make_shared<State>(seed)) {}
    /// An independent generator in the same state.
    Rng(const Rng& other);
    Rng& operator=(const Rng& other);
    ~Rng() = default;

    /// 64 random bits.
    std::uint64_t operator()() { return state().generator(); }
    /// A number in [0, 1): 53 random bits.
    double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
    /// Mean 0, standard deviation 1 (Box & Muller 1958).
    double normal();
    /// Mean 1: the time to the next event when one is due per unit of time.
    double exponential();
    /// An integer in [0, n), without bias (rejection). @throws ValueError when n is 0
    std::uint64_t below(std::uint64_t n);

    // What the standard's shuffle and distributions ask of a generator.
    using result_type = std::uint64_t;
    static constexpr result_type min() { return std::mt19937_64::min(); }
    static constexpr result_type max() { return std::mt19937_64::max(); }

private:
    friend class RandomLog;
    friend struct Redraw;
    struct State {
        explicit State(std::uint64_t seed);
        std::mt19937_64 generator;
        std::uint64_t made_in_capture;  // its number, 0 for none
        double spare = 0;               // normal() makes two at a time
        bool has_spare = false;
    };
    /// The state to draw from: a replay has a copy of its own (random_log.hpp).
    State& state() const {
        const bool is_watched = thread_state.random_log != nullptr || thread_state.capture != nullptr;
        return is_watched ? watched_state() : *state_;
    }
    State& watched_state() const;
    explicit Rng(std::shared_ptr<State> state) : state_(std::move(state)) {}

    std::shared_ptr<State> state_;
};

/// Independent numbers in [low, high). @throws ValueError when low > high or one is infinite; DTypeError on int64
Variable random_uniform(const Shape& shape, Rng& rng, double low = 0, double high = 1, DType dtype = DType::float32,
                        const Location& at = Location::current());
/// Independent normal numbers. @throws ValueError when stddev < 0; DTypeError, as all that give real numbers, on int64
Variable random_normal(const Shape& shape, Rng& rng, double mean = 0, double stddev = 1, DType dtype = DType::float32,
                       const Location& at = Location::current());
/// Normal numbers, each drawn again while it is further than two standard deviations from the mean.
Variable random_truncated_normal(const Shape& shape, Rng& rng, double mean = 0, double stddev = 1,
                                 DType dtype = DType::float32, const Location& at = Location::current());
/// Independent exponential numbers of mean 1 / rate. @throws ValueError unless rate > 0
Variable random_exponential(const Shape& shape, Rng& rng, double rate = 1, DType dtype = DType::float32,
                            const Location& at = Location::current());
/// Independent integers in [low, high), int64. @throws ValueError unless low < high
Variable random_integers(const Shape& shape, Rng& rng, std::int64_t low, std::int64_t high,
                         const Location& at = Location::current());
/// One class for each row of logits, with the probabilities softmax(logits): (..., classes) -> (...), int64. By the
/// Gumbel trick: the largest of logits - log(exponential).
/// @throws ShapeError without classes; DTypeError on int64; ValueError on a NaN, or where no class is possible
Variable random_categorical(const Variable& logits, Rng& rng, const Location& at = Location::current());
/// 1 with the given probability, else 0. @throws ValueError unless 0 <= probability <= 1
Variable random_bernoulli(const Shape& shape, Rng& rng, double probability, DType dtype = DType::float32,
                          const Location& at = Location::current());
/// The same with a probability for each element, of their shape and type; no gradient.
/// @throws ValueError unless all are in [0, 1]; DTypeError on int64
Variable random_bernoulli(const Variable& probabilities, Rng& rng, const Location& at = Location::current());
/// Independent numbers of Laplace's distribution, exp(-|x - mean| / scale) / (2 scale). @throws ValueError if scale < 0
Variable random_laplace(const Shape& shape, Rng& rng, double mean = 0, double scale = 1, DType dtype = DType::float32,
                        const Location& at = Location::current());
/// Independent numbers of Gumbel's distribution, mode - scale log(exponential). @throws ValueError if scale < 0
Variable random_gumbel(const Shape& shape, Rng& rng, double mode = 0, double scale = 1, DType dtype = DType::float32,
                       const Location& at = Location::current());
/// Independent numbers of the gamma distribution, of mean `concentration` times `scale` (Marsaglia & Tsang 2000).
/// @throws ValueError unless both are above 0 and finite
Variable random_gamma(const Shape& shape, Rng& rng, double concentration, double scale = 1,
                      DType dtype = DType::float32, const Location& at = Location::current());
/// Independent numbers of the beta distribution in [0, 1], of mean a / (a + b). @throws ValueError unless both are
/// above 0
Variable random_beta(const Shape& shape, Rng& rng, double a, double b, DType dtype = DType::float32,
                     const Location& at = Location::current());
/// A number of events for each rate, the mean number: of the rates' shape and type; no gradient. (Hoermann 1993,
/// "The transformed rejection method for generating Poisson random variables".)
/// @throws ValueError on a rate that is negative, NaN or infinite; DTypeError on int64
Variable random_poisson(const Variable& rates, Rng& rng, const Location& at = Location::current());

struct ChoiceOptions {
    bool replace = true;               ///< whether one may be chosen again
    std::vector<double> weights = {};  ///< of each; by default all are as likely
};
/// Integers in [0, n), chosen at random, int64. With take() a sample of rows.
/// @throws ValueError when n is 0, when there are fewer to choose from than asked for and none may be chosen again, or
///         unless there is one weight for each, none negative, with a finite sum above 0
Variable random_choice(std::size_t n, const Shape& shape, Rng& rng, const ChoiceOptions& options = {},
                       const Location& at = Location::current());
/// 0 .. n-1 in random order (Fisher & Yates), int64.
Variable random_permutation(std::size_t n, Rng& rng, const Location& at = Location::current());

}  // namespace xgrad
