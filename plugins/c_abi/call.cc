// Errors and structs on the way in and out; see call.h.
#include "plugins/c_abi/call.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace obviews::c_abi {
namespace {

constexpr int32_t CodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return OBVIEWS_ERROR_INVALID_ARGUMENT;
    case ErrorCode::kNotFound:
      return OBVIEWS_ERROR_NOT_FOUND;
    case ErrorCode::kConflict:
    case ErrorCode::kLockTimeout:
    case ErrorCode::kDeadlock:
      return OBVIEWS_ERROR_CONFLICT;
    case ErrorCode::kStoreMissing:
      return OBVIEWS_ERROR_STORE_MISSING;
    case ErrorCode::kStoreLocked:
      return OBVIEWS_ERROR_STORE_LOCKED;
    case ErrorCode::kStoreUnreadable:
    case ErrorCode::kUndecided:
      return OBVIEWS_ERROR_STORE_UNREADABLE;
    case ErrorCode::kStoreNewer:
      return OBVIEWS_ERROR_STORE_NEWER;
    case ErrorCode::kCorruption:
      return OBVIEWS_ERROR_CORRUPTION;
    case ErrorCode::kInterrupted:  // of transactions alone, which this interface has not
    case ErrorCode::kInternal:
      break;
  }
  return OBVIEWS_ERROR_INTERNAL;
}

/// An error a host holds.
class HeldError final : public Object {
 public:
  HeldError(int32_t code, std::string message) : message_(std::move(message)) {
    error_ = {code, 0, message_.c_str()};
  }
  obviews_error* get() { return &error_; }

 private:
  std::string message_;
  obviews_error error_;
};

// What must be told without memory, or without a lock. Never written to.
const obviews_error kOutOfMemory = {OBVIEWS_ERROR_OUT_OF_MEMORY, 0, "out of memory"};
const obviews_error kForked = {
    OBVIEWS_ERROR_FORKED, 0,
    "this process was forked from one that used obviews, whose threads it does not have: it must "
    "call exec() before it uses obviews, or be forked before its parent does"};

int32_t ReportConstant(obviews_error** to, const obviews_error& error) {
  if (to != nullptr) *to = const_cast<obviews_error*>(&error);
  return error.code;
}

}  // namespace

int32_t ReportOutOfMemory(obviews_error** to) noexcept { return ReportConstant(to, kOutOfMemory); }
int32_t ReportForked(obviews_error** to) noexcept { return ReportConstant(to, kForked); }

int32_t Report(obviews_error** to, const Error& error) noexcept {
  int32_t code = CodeOf(error.code);
  if (to == nullptr) return code;
  try {
    auto held = std::make_shared<HeldError>(code, error.message);
    obviews_error* given = held->get();
    Handles::Instance().AddError(reinterpret_cast<uintptr_t>(given), std::move(held));
    *to = given;
    return code;
  } catch (const std::exception&) {
    return ReportOutOfMemory(to);
  }
}

void FreeError(obviews_error* error) noexcept {
  if (error == nullptr || !Handles::Instance().Enter()) return;
  Handles::Instance().RemoveError(reinterpret_cast<uintptr_t>(error));
}

Status CheckSize(uint32_t size, std::string_view what) {
  // Every struct has at least a size and one word behind it.
  constexpr uint32_t kLeast = 2 * sizeof(uint32_t);
  if (size >= kLeast && size <= kMaxStructSize) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} has the size {}: set it to sizeof the struct", what, size));
}

Result<std::string_view> TextOf(const obviews_text& text, std::string_view what) {
  if (text.data == nullptr && text.size > 0) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} has a size and no data", what));
  }
  if (text.size > static_cast<size_t>(std::numeric_limits<ptrdiff_t>::max())) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} has an impossible size", what));
  }
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

}  // namespace obviews::c_abi
