// Errors of the world travel as absl::Status; SUPERION_CHECK is for our own bugs only.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "fmt/format.h"

#ifndef ABSL_USES_STD_STRING_VIEW
// Lets status.message() be an argument of fmt::format: Debian's Abseil has a string_view of its own.
template <>
struct fmt::formatter<absl::string_view> : fmt::formatter<fmt::string_view> {
  template <typename Context>
  auto format(absl::string_view text, Context& context) const {
    return fmt::formatter<fmt::string_view>::format(fmt::string_view(text.data(), text.size()), context);
  }
};
#endif

#define SUPERION_CONCAT_(a, b) a##b
#define SUPERION_CONCAT(a, b) SUPERION_CONCAT_(a, b)

#define SUPERION_RETURN_IF_ERROR(expression)             \
  do {                                                   \
    absl::Status superion_status_ = (expression);        \
    if (!superion_status_.ok()) return superion_status_; \
  } while (false)

// SUPERION_ASSIGN_OR_RETURN(auto x, F());  expands to two statements: not inside an unbraced if.
#define SUPERION_ASSIGN_OR_RETURN(lhs, expression) \
  SUPERION_ASSIGN_OR_RETURN_(SUPERION_CONCAT(superion_or_, __LINE__), lhs, expression)
#define SUPERION_ASSIGN_OR_RETURN_(tmp, lhs, expression) \
  auto tmp = (expression);                               \
  if (!tmp.ok()) return std::move(tmp).status();         \
  lhs = std::move(tmp).value()

#define SUPERION_CHECK(condition)                                                        \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)

namespace superion {

// absl::InvalidArgumentError(fmt::format(...)) in one word; the same for the other codes we use.
template <typename... A>
absl::Status InvalidArgument(fmt::format_string<A...> f, A&&... a) {
  return absl::InvalidArgumentError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status NotFound(fmt::format_string<A...> f, A&&... a) {
  return absl::NotFoundError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status FailedPrecondition(fmt::format_string<A...> f, A&&... a) {
  return absl::FailedPreconditionError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status Unavailable(fmt::format_string<A...> f, A&&... a) {
  return absl::UnavailableError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status DataLoss(fmt::format_string<A...> f, A&&... a) {
  return absl::DataLossError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status ResourceExhausted(fmt::format_string<A...> f, A&&... a) {
  return absl::ResourceExhaustedError(fmt::format(f, std::forward<A>(a)...));
}
template <typename... A>
absl::Status Internal(fmt::format_string<A...> f, A&&... a) {
  return absl::InternalError(fmt::format(f, std::forward<A>(a)...));
}

}  // namespace superion
