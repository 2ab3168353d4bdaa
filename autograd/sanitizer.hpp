#pragma once

// Which sanitizer this is compiled with: g++ tells by a macro, clang by a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XGRAD_ADDRESS_SANITIZER
#elif __has_feature(thread_sanitizer)
#define XGRAD_THREAD_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define XGRAD_ADDRESS_SANITIZER
#elif defined(__SANITIZE_THREAD__)
#define XGRAD_THREAD_SANITIZER
#endif
