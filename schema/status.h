// Errors as values: what failed, where, and what the user can do. Used by every layer.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace obviews {

/// What kind of failure this is. Tools map kinds to exit codes (docs/exit-codes in README).
enum class ErrorCode : uint8_t {
  kInvalidArgument,  ///< the caller's input is wrong: a statement, a row, a zone, a value
  kNotFound,         ///< no such view, column, tenant or record
  kConflict,         ///< a record is no longer what the change was made for; nothing was changed
  kStoreMissing,     ///< the directory is missing, empty or not a record store
  kStoreLocked,      ///< another process holds the store for writing
  kStoreUnreadable,  ///< permissions or I/O keep the store from being read or written
  kUndecided,        ///< writing failed; whether the change is kept shows at the next opening
  kStoreNewer,       ///< the store was written in a format this build does not know
  kCorruption,       ///< stored bytes are damaged; never shown as rows
  kLockTimeout,      ///< another transaction holds a record for too long; it may be tried again
  kDeadlock,         ///< transactions wait for each other: this one must be rolled back
  kInterrupted,      ///< whoever waited was told to stop
  kInternal,         ///< a bug here
};

/// A failure. `message` is one sentence or more for a person: what failed, on which key or place,
/// and what to do about it. It never holds a secret.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

/// A value or an Error. `Result<void>` is spelt Status.
template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// Makes the error alternative: `return Fail(ErrorCode::kNotFound, "...");`
[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> Fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace obviews

// Returns from the enclosing function with the error of `expr`, a Status or Result, if it has one.
#define OBVIEWS_RETURN_IF_ERROR(expr)                                               \
  do {                                                                              \
    auto obviews_status = (expr);                                                   \
    if (!obviews_status) return ::obviews::Fail(std::move(obviews_status).error()); \
  } while (false)

#define OBVIEWS_CONCAT_INNER(a, b) a##b
#define OBVIEWS_CONCAT(a, b) OBVIEWS_CONCAT_INNER(a, b)

// `OBVIEWS_ASSIGN_OR_RETURN(auto x, F());` binds the value of a Result or returns its error.
// NOLINTBEGIN(bugprone-macro-parentheses): `lhs` may be a declaration.
#define OBVIEWS_ASSIGN_OR_RETURN(lhs, expr)                                               \
  auto OBVIEWS_CONCAT(obviews_result_, __LINE__) = (expr);                                \
  if (!OBVIEWS_CONCAT(obviews_result_, __LINE__)) {                                       \
    return ::obviews::Fail(std::move(OBVIEWS_CONCAT(obviews_result_, __LINE__)).error()); \
  }                                                                                       \
  lhs = std::move(*OBVIEWS_CONCAT(obviews_result_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)
