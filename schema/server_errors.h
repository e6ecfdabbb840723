// Error codes of the server that jobs and statements meet, which of them end a job, and the COMMENT
// a failure leaves.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace obviews::schema {

/// The server's codes under the server's names, without its `OB_`. Negative, as messages show them.
namespace server_error {
inline constexpr int kInvalidArgument = -4002;
inline constexpr int kInitTwice = -4005;
inline constexpr int kNotInit = -4006;
inline constexpr int kNotSupported = -4007;
inline constexpr int kErrSys = -4015;
inline constexpr int kErrUnexpected = -4016;
inline constexpr int kEntryExist = -4017;
inline constexpr int kEntryNotExist = -4018;
inline constexpr int kCanceled = -4072;
inline constexpr int kStateNotMatch = -4109;
inline constexpr int kVersionNotMatch = -4143;
inline constexpr int kOpNotAllow = -4179;
inline constexpr int kHashExist = -4200;
inline constexpr int kHashNotExist = -4201;
inline constexpr int kTablespaceNotExist = -4354;
inline constexpr int kErrParseSql = -5001;
inline constexpr int kErrParserSyntax = -5006;
inline constexpr int kTableNotExist = -5019;
inline constexpr int kErrTableExist = -5020;
inline constexpr int kTablegroupNotExist = -5151;
inline constexpr int kErrBadDatabase = -5154;
inline constexpr int kTenantNotExist = -5157;
inline constexpr int kErrInvalidTenantName = -5160;
inline constexpr int kWrongDbName = -5162;
inline constexpr int kWrongTableName = -5163;
inline constexpr int kErrTooLongIdent = -5179;
inline constexpr int kErrWrongValue = -5241;
inline constexpr int kTenantHasBeenDropped = -5685;
inline constexpr int kBackupConflictValue = -9066;
inline constexpr int kLsRestoreFailed = -9094;
}  // namespace server_error

/// A code and its whole name, such as "OB_CANCELED".
struct ServerError {
  int code = 0;
  std::string_view name;
};

/// The errors that end a job or task (BEHAVIOUR §5), by falling code.
std::span<const ServerError> FinalErrors();

/// Whether work that failed with `code` is tried again, and status, RESULT and COMMENT stay as they
/// are: with every code but those of FinalErrors.
bool IsRetryable(int code);

/// Bytes of a COMMENT at most.
inline constexpr size_t kMaxCommentBytes = 1024;

/// The text, cut to kMaxCommentBytes. No UTF-8 character is cut in two.
std::string_view CutComment(std::string_view text);

/// COMMENT of a failed job or task without a text of its own:
/// `result:<code>(<extra>), addr:<addr>, trace_id:<trace_id>`, cut as by CutComment. `extra` is
/// normally empty.
std::string FailureComment(int code, std::string_view extra, std::string_view addr,
                           std::string_view trace_id);

}  // namespace obviews::schema
