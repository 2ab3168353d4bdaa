#pragma once

#include <cstddef>

/// c = a b for n x n matrices in three plain loops, compiled for one number at a time whatever the flags of the build:
/// the yardstick that xgrad-doctor measures matrix products with.
template <class T>
void plain_matmul(std::size_t n, const T* a, const T* b, T* c);
