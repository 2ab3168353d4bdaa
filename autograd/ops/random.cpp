#include <xgrad/autograd/ops/random.hpp>

#include <xgrad/autograd/capture.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/ops/detail/random_parts.hpp>
#include <xgrad/autograd/random_log.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace xgrad {

namespace {

std::uint64_t capture_number() { return thread_state.creations == nullptr ? 0 : thread_state.creations->number(); }

}  // namespace

Rng::State::State(std::uint64_t seed) : generator(seed), made_in_capture(capture_number()) {}

Rng::Rng(const Rng& other) : state_(std::make_shared<State>(other.state())) {
    state_->made_in_capture = capture_number();
}

Rng& Rng::operator=(const Rng& other) {
    if (this == &other) return *this;
    State& own = state();
    const std::uint64_t made_in = own.made_in_capture;
    own = other.state();
    own.made_in_capture = made_in;
    return *this;
}

Rng::State& Rng::watched_state() const {
    if (thread_state.capture != nullptr)
        thread_state.capture->refuse("a generator of random numbers is used in it otherwise than by random_...()");
    return thread_state.random_log == nullptr ? *state_ : thread_state.random_log->state_of(state_);
}

double Rng::normal() {
    State& now = state();
    if (now.has_spare) {
        now.has_spare = false;
        return now.spare;
    }
    const double radius = std::sqrt(-2 * std::log(1 - uniform())), angle = 2 * std::numbers::pi * uniform();
    now.spare = radius * std::sin(angle);
    now.has_spare = true;
    return radius * std::cos(angle);
}

double Rng::exponential() { return -std::log1p(-uniform()); }

std::uint64_t Rng::below(std::uint64_t n) {
    if (n == 0) throw ValueError("Rng::below: n is 0");
    const std::uint64_t limit = max() - (max() % n + 1) % n;
    std::uint64_t bits = (*this)();
    while (bits > limit) bits = (*this)();
    return bits % n;
}

/// Drawing as an instruction of replay(): new numbers in each run, from the generator of the first.
struct Redraw {
    template <class Fill>
    static void note(const Rng& rng, const Variable& v, const Fill& fill, std::span<const Variable* const> sources) {
        detail::Capture& capture = *thread_state.capture;
        if (thread_state.random_log != nullptr) return capture.refuse("a checkpoint in it draws random numbers");
        if (rng.state_->made_in_capture == capture.number())
            return capture.refuse("a generator of random numbers is made in it; make it before");
        const auto again = [v, fill, state = rng.state_] {
            Variable to = v;
            Rng own(state);
            fill(to, own);
        };
        capture.add(std::make_unique<detail::Call<decltype(again)>>("random", true, again), sources, std::span(&v, 1));
    }
};

namespace {

using namespace detail;

/// A value that fill(v, rng) fills, drawing from rng and reading `sources`.
template <class Fill>
Variable drawn(const Shape& shape, DType dtype, Rng& rng, const Fill& fill,
               std::initializer_list<const Variable*> sources = {}) {
    Variable v = Variable::empty(shape, dtype);
    {
        const Capture::Pause pause;
        fill(v, rng);
    }
    if (thread_state.capture != nullptr) [[unlikely]]
        Redraw::note(rng, v, fill, std::span(sources.begin(), sources.size()));
    return v;
}

void check_real(DType dtype) {
    if (!is_floating(dtype)) throw DTypeError("gives real numbers, not int64; see random_integers()");
}

/// The same as drawn(), element by element.
template <class F>
Variable generate(const Shape& shape, DType dtype, Rng& rng, const F& draw) {
    return drawn(shape, dtype, rng, [draw](Variable& v, Rng& from) {
        visit(v.dtype(), [&](auto number) {
            using T = decltype(number);
            std::generate_n(v.mutable_data<T>(), v.size(), [&] { return static_cast<T>(draw(from)); });
        });
    });
}

/// The same from the numbers of an array: draw(number, rng), as the function `name`.
template <class F>
Variable for_each_number(const char* name, const Location& at, const Variable& numbers, Rng& rng, const F& draw) {
    located(name, at, [&] {
        if (!is_floating(numbers.dtype()))
            throw DTypeError(fmt::format("needs real numbers, not {}", to_string(numbers.dtype())));
    });
    const auto fill = [=](Variable& v, Rng& r) {
        located(name, at, [&] {
            visit_floating(v.dtype(), [&](auto number) {
                using T = decltype(number);
                const auto from = numbers.span<T>();
                std::transform(from.begin(), from.end(), v.mutable_data<T>(),
                               [&](T x) { return static_cast<T>(draw(static_cast<double>(x), r)); });
            });
        });
    };
    return drawn(numbers.shape(), numbers.dtype(), rng, fill, {&numbers});
}

}  // namespace

Variable random_uniform(const Shape& shape, Rng& rng, double low, double high, DType dtype, const Location& at) {
    return located("random_uniform", at, [&] {
        check_real(dtype);
        if (!(low <= high)) throw ValueError(fmt::format("nothing in [{}, {})", low, high));
        if (!std::isfinite(high - low)) throw ValueError(fmt::format("[{}, {}) is too wide", low, high));
        return drawn(shape, dtype, rng, [=](Variable& v, Rng& from) {
            visit(v.dtype(), [&](auto number) {
                using T = decltype(number);
                T last = static_cast<T>(high);  // not reached, where the type rounds up either
                if constexpr (std::is_floating_point_v<T>) last = std::nextafter(last, static_cast<T>(low));
                std::generate_n(v.mutable_data<T>(), v.size(),
                                [&] { return std::min(static_cast<T>(low + (high - low) * from.uniform()), last); });
            });
        });
    });
}

Variable random_normal(const Shape& shape, Rng& rng, double mean, double stddev, DType dtype, const Location& at) {
    return located("random_normal", at, [&] {
        check_real(dtype);
        if (!(stddev >= 0)) throw ValueError(fmt::format("stddev {} is below 0", stddev));
        return generate(shape, dtype, rng, [=](Rng& r) { return mean + stddev * r.normal(); });
    });
}

Variable random_truncated_normal(const Shape& shape, Rng& rng, double mean, double stddev, DType dtype,
                                 const Location& at) {
    return located("random_truncated_normal", at, [&] {
        check_real(dtype);
        return generate(shape, dtype, rng, [=](Rng& r) {
            double z = r.normal();
            while (std::abs(z) > 2) z = r.normal();
            return mean + stddev * z;
        });
    });
}

Variable random_exponential(const Shape& shape, Rng& rng, double rate, DType dtype, const Location& at) {
    return located("random_exponential", at, [&] {
        check_real(dtype);
        if (!(rate > 0)) throw ValueError(fmt::format("rate {} is not above 0", rate));
        return generate(shape, dtype, rng, [=](Rng& r) { return r.exponential() / rate; });
    });
}

Variable random_integers(const Shape& shape, Rng& rng, std::int64_t low, std::int64_t high, const Location& at) {
    return located("random_integers", at, [&] {
        if (low >= high) throw ValueError(fmt::format("nothing in [{}, {})", low, high));
        const auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        return drawn(shape, DType::int64, rng, [=](Variable& v, Rng& r) {
            std::generate_n(v.mutable_data<std::int64_t>(), v.size(), [&] {
                return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + r.below(range));
            });
        });
    });
}

Variable random_categorical(const Variable& logits, Rng& rng, const Location& at) {
    return located("random_categorical", at, [&] {
        if (logits.rank() == 0 || logits.shape().back() == 0)
            throw ShapeError(fmt::format("{} has no classes along its last axis", to_string(logits.shape())));
        const auto draw_classes = [logits](Variable& v, Rng& r) {
            const std::size_t classes = logits.shape().back();
            visit_floating(logits.dtype(), [&](auto number) {
                const auto* row = logits.data<decltype(number)>();
                std::generate_n(v.mutable_data<std::int64_t>(), v.size(), [&] {
                    std::int64_t best = -1;
                    double highest = -std::numeric_limits<double>::infinity();
                    for (std::size_t i = 0; i < classes; ++i) {
                        const double score = static_cast<double>(row[i]) - std::log(r.exponential());
                        if (!(score > highest)) continue;
                        highest = score;
                        best = static_cast<std::int64_t>(i);
                    }
                    if (best < 0 || std::any_of(row, row + classes, [](auto x) { return std::isnan(x); }))
                        throw ValueError("a row of logits holds a NaN, or no class has a probability above 0");
                    row += classes;
                    return best;
                });
            });
        };
        return drawn(Shape(logits.shape().begin(), logits.shape().end() - 1), DType::int64, rng, draw_classes,
                     {&logits});
    });
}

Variable random_bernoulli(const Shape& shape, Rng& rng, double probability, DType dtype, const Location& at) {
    return located("random_bernoulli", at, [&] {
        if (!(probability >= 0 && probability <= 1))
            throw ValueError(fmt::format("probability {} is outside [0, 1]", probability));
        return generate(shape, dtype, rng, [=](Rng& r) { return r.uniform() < probability ? 1 : 0; });
    });
}

Variable random_bernoulli(const Variable& probabilities, Rng& rng, const Location& at) {
    return for_each_number("random_bernoulli", at, probabilities, rng, [](double p, Rng& r) {
        if (!(p >= 0 && p <= 1)) throw ValueError(fmt::format("probability {} is outside [0, 1]", p));
        return r.uniform() < p ? 1.0 : 0.0;
    });
}

Variable random_laplace(const Shape& shape, Rng& rng, double mean, double scale, DType dtype, const Location& at) {
    return located("random_laplace", at, [&] {
        check_real(dtype);
        if (!(scale >= 0)) throw ValueError(fmt::format("scale {} is below 0", scale));
        return generate(shape, dtype, rng, [=](Rng& r) {
            const double sign = (r() & 1U) == 0 ? -1 : 1;
            return mean + sign * scale * r.exponential();
        });
    });
}

Variable random_gumbel(const Shape& shape, Rng& rng, double mode, double scale, DType dtype, const Location& at) {
    return located("random_gumbel", at, [&] {
        check_real(dtype);
        if (!(scale >= 0)) throw ValueError(fmt::format("scale {} is below 0", scale));
        return generate(shape, dtype, rng, [=](Rng& r) { return mode - scale * std::log(positive_exponential(r)); });
    });
}

Variable random_gamma(const Shape& shape, Rng& rng, double concentration, double scale, DType dtype,
                      const Location& at) {
    return located("random_gamma", at, [&] {
        check_real(dtype);
        if (!(concentration > 0 && scale > 0 && std::isfinite(concentration) && std::isfinite(scale)))
            throw ValueError(
                fmt::format("concentration {} and scale {} are not above 0 and finite", concentration, scale));
        return generate(shape, dtype, rng,
                        [=](Rng& r) { return scale * std::exp(log_gamma_number(concentration, r)); });
    });
}

Variable random_beta(const Shape& shape, Rng& rng, double a, double b, DType dtype, const Location& at) {
    return located("random_beta", at, [&] {
        check_real(dtype);
        if (!(a > 0 && b > 0 && std::isfinite(a) && std::isfinite(b)))
            throw ValueError(fmt::format("a {} and b {} are not above 0 and finite", a, b));
        // By logarithms, since for small a and b both numbers may vanish.
        return generate(shape, dtype, rng, [=](Rng& r) {
            const double x = log_gamma_number(a, r), y = log_gamma_number(b, r);
            return 1 / (1 + std::exp(y - x));
        });
    });
}

Variable random_poisson(const Variable& rates, Rng& rng, const Location& at) {
    return for_each_number("random_poisson", at, rates, rng, [](double rate, Rng& r) {
        if (!(rate >= 0 && rate < std::numeric_limits<double>::infinity()))
            throw ValueError(fmt::format("rate {} is negative or not finite", rate));
        return rate < 10 ? few_events(rate, r) : many_events(rate, r);
    });
}

Variable random_choice(std::size_t n, const Shape& shape, Rng& rng, const ChoiceOptions& options, const Location& at) {
    return located("random_choice", at, [&] {
        const std::vector<double>& weights = options.weights;
        if (n == 0) throw ValueError("nothing to choose from");
        if (!options.replace && shape.elements() > n)
            throw ValueError(fmt::format("{} different ones of {}", shape.elements(), n));
        if (!weights.empty()) {
            const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
            if (weights.size() != n) throw ValueError(fmt::format("{} weights for {}", weights.size(), n));
            if (std::any_of(weights.begin(), weights.end(), [](double w) { return !(w >= 0); }) || !(total > 0) ||
                !std::isfinite(total))
                throw ValueError("weights that are negative, or without a finite sum above 0");
            const auto likely =
                static_cast<std::size_t>(std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; }));
            if (!options.replace && shape.elements() > likely)
                throw ValueError(fmt::format("{} different ones of {} with a weight", shape.elements(), likely));
        }
        return drawn(shape, DType::int64, rng, [n, options](Variable& v, Rng& r) {
            auto* const chosen = v.mutable_data<std::int64_t>();
            if (options.replace)
                choose_with_replacement(n, options.weights, chosen, v.size(), r);
            else
                choose_different(n, options.weights, chosen, v.size(), r);
        });
    });
}

Variable random_permutation(std::size_t n, Rng& rng, const Location& at) {
    return located("random_permutation", at, [&] {
        return drawn({n}, DType::int64, rng, [n](Variable& v, Rng& r) {
            auto* const order = v.mutable_data<std::int64_t>();
            std::iota(order, order + n, std::int64_t{0});
            for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[r.below(i)]);
        });
    });
}

}  // namespace xgrad
