#pragma once

#include <xgrad/autograd/ops/random.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

/// What the functions of random.hpp draw their numbers by.
namespace xgrad::detail {

/// An exponential number that is not 0, for its logarithm.
double positive_exponential(Rng& r);
/// The logarithm of a number of the gamma distribution, which for small concentrations may itself be below every
/// positive number.
double log_gamma_number(double concentration, Rng& r);
/// The number of events in a unit of time: for rates below 10, and for others.
double few_events(double rate, Rng& r);
double many_events(double rate, Rng& r);

/// `count` of 0 .. n-1, each by itself. Without weights all are as likely.
void choose_with_replacement(std::size_t n, const std::vector<double>& weights, std::int64_t* chosen, std::size_t count,
                             Rng& r);
/// `count` different ones of 0 .. n-1.
void choose_different(std::size_t n, const std::vector<double>& weights, std::int64_t* chosen, std::size_t count,
                      Rng& r);

}  // namespace xgrad::detail
