#pragma once

/// Every operator function.
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/decompositions.hpp>
#include <xgrad/autograd/ops/determinant.hpp>
#include <xgrad/autograd/ops/diagonal.hpp>
#include <xgrad/autograd/ops/einsum.hpp>
#include <xgrad/autograd/ops/gather.hpp>
#include <xgrad/autograd/ops/index.hpp>
#include <xgrad/autograd/ops/join.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/linear.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/pseudoinverse.hpp>
#include <xgrad/autograd/ops/random.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/scan.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>
#include <xgrad/autograd/ops/softmax.hpp>
#include <xgrad/autograd/ops/solve.hpp>
#include <xgrad/autograd/ops/sort.hpp>
#include <xgrad/autograd/ops/special.hpp>
#include <xgrad/autograd/ops/statistics.hpp>
#include <xgrad/autograd/ops/vectors.hpp>
