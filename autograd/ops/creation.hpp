#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

/// The same number everywhere. @throws ValueError on a number that is no integer, for int64
Variable full(const Shape& shape, double value, DType dtype = DType::float32, const Location& at = Location::current());
Variable zeros(const Shape& shape, DType dtype = DType::float32);
Variable ones(const Shape& shape, DType dtype = DType::float32);
Variable zeros_like(const Variable& v);
Variable ones_like(const Variable& v);
Variable full_like(const Variable& v, double value, const Location& at = Location::current());
/// start, start + step, ... below stop, shape (n). @throws ValueError when step is 0
Variable arange(double start, double stop, double step = 1, DType dtype = DType::float32);
/// n numbers from start to stop, both included. @throws ValueError when n is 0
Variable linspace(double start, double stop, std::size_t n, DType dtype = DType::float32);
/// base^e for n exponents from start to stop. @throws ValueError when n is 0
Variable logspace(double start, double stop, std::size_t n, double base = 10, DType dtype = DType::float32);
/// n numbers from start to stop, each the same multiple of the one before.
/// @throws ValueError when n is 0 or the ends are 0, not finite or of different signs
Variable geomspace(double start, double stop, std::size_t n, DType dtype = DType::float32);
/// The identity matrix, (n, n).
Variable eye(std::size_t n, DType dtype = DType::float32);
/// 1 on the k-th diagonal, which starts at (0, k) or (-k, 0), and 0 elsewhere: (rows, columns).
Variable eye(std::size_t rows, std::size_t columns, long k = 0, DType dtype = DType::float32);

/// A new value with the same elements; da = dy.
Variable copy(const Operand& a);
/// a itself, its elements shared, as the result of an operator: a place in the graph of its own;  da = dy.
Variable identity(const Operand& a);

}  // namespace xgrad
