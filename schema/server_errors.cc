// See server_errors.h.
#include "schema/server_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace obviews::schema {
namespace {

constexpr ServerError kFinalErrors[] = {
    {server_error::kInvalidArgument, "OB_INVALID_ARGUMENT"},
    {server_error::kInitTwice, "OB_INIT_TWICE"},
    {server_error::kNotInit, "OB_NOT_INIT"},
    {server_error::kNotSupported, "OB_NOT_SUPPORTED"},
    {server_error::kErrSys, "OB_ERR_SYS"},
    {server_error::kErrUnexpected, "OB_ERR_UNEXPECTED"},
    {server_error::kEntryExist, "OB_ENTRY_EXIST"},
    {server_error::kEntryNotExist, "OB_ENTRY_NOT_EXIST"},
    {server_error::kCanceled, "OB_CANCELED"},
    {server_error::kStateNotMatch, "OB_STATE_NOT_MATCH"},
    {server_error::kVersionNotMatch, "OB_VERSION_NOT_MATCH"},
    {server_error::kOpNotAllow, "OB_OP_NOT_ALLOW"},
    {server_error::kHashExist, "OB_HASH_EXIST"},
    {server_error::kHashNotExist, "OB_HASH_NOT_EXIST"},
    {server_error::kTablespaceNotExist, "OB_TABLESPACE_NOT_EXIST"},
    {server_error::kTableNotExist, "OB_TABLE_NOT_EXIST"},
    {server_error::kErrTableExist, "OB_ERR_TABLE_EXIST"},
    {server_error::kTablegroupNotExist, "OB_TABLEGROUP_NOT_EXIST"},
    {server_error::kErrBadDatabase, "OB_ERR_BAD_DATABASE"},
    {server_error::kTenantNotExist, "OB_TENANT_NOT_EXIST"},
    {server_error::kErrInvalidTenantName, "OB_ERR_INVALID_TENANT_NAME"},
    {server_error::kTenantHasBeenDropped, "OB_TENANT_HAS_BEEN_DROPPED"},
    {server_error::kLsRestoreFailed, "OB_LS_RESTORE_FAILED"},
};

/// A byte of a UTF-8 character that is not its first.
bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::span<const ServerError> FinalErrors() { return kFinalErrors; }

bool IsRetryable(int code) {
  return std::none_of(std::begin(kFinalErrors), std::end(kFinalErrors),
                      [&](const ServerError& error) { return error.code == code; });
}

std::string_view CutComment(std::string_view text) {
  if (text.size() <= kMaxCommentBytes) return text;
  constexpr size_t kMostContinuations = 3;
  for (size_t back = 0; back <= kMostContinuations; ++back) {
    if (!IsContinuation(text[kMaxCommentBytes - back])) {
      return text.substr(0, kMaxCommentBytes - back);
    }
  }
  return text.substr(0, kMaxCommentBytes);  // not UTF-8: any place is as good
}

std::string FailureComment(int code, std::string_view extra, std::string_view addr,
                           std::string_view trace_id) {
  std::string text =
      fmt::format("result:{}({}), addr:{}, trace_id:{}", code, extra, addr, trace_id);
  text.resize(CutComment(text).size());
  return text;
}

}  // namespace obviews::schema
