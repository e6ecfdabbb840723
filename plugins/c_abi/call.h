// What every function of the C interface does the same way: no exception leaves it, errors become
// the host's, structs of other sizes are taken.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <type_traits>

#include "plugins/c_abi/handles.h"
#include "plugins/include/obviews_plugin.h"
#include "schema/status.h"

namespace obviews::c_abi {

/// Largest struct that a host may give; a size above it is no size.
inline constexpr uint32_t kMaxStructSize = 4096;

/// Hands an error to the host, if it wants it, and returns its code.
int32_t Report(obviews_error** to, const Error& error) noexcept;
int32_t ReportOutOfMemory(obviews_error** to) noexcept;
int32_t ReportForked(obviews_error** to) noexcept;
void FreeError(obviews_error* error) noexcept;

/// Runs the body of a function, which returns a Status.
template <class Body>
int32_t Call(obviews_error** error, const Body& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    if (!Handles::Instance().Enter()) return ReportForked(error);
    Status status = body();
    return status ? OBVIEWS_OK : Report(error, status.error());
  } catch (const std::bad_alloc&) {
    return ReportOutOfMemory(error);
  } catch (const std::exception& exception) {
    try {
      return Report(error, {ErrorCode::kInternal, exception.what()});
    } catch (...) {
      return ReportOutOfMemory(error);
    }
  } catch (...) {
    return ReportOutOfMemory(error);
  }
}

/// kInvalidArgument "`what` is NULL" for a pointer that is.
inline Status CheckGiven(const void* pointer, std::string_view what) {
  if (pointer != nullptr) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is NULL", what));
}

/// Where a result goes: NULL or 0 until there is one.
template <class T>
Status ClearResult(T* result, std::string_view what) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(result, what));
  *result = T{};
  return {};
}

/// Whether a struct may have this size.
Status CheckSize(uint32_t size, std::string_view what);

/// A struct of the host as this version knows it: what it is too short for is 0. NULL is all 0.
/// kInvalidArgument if it says something that this version does not know.
template <class Struct>
Result<Struct> Take(const Struct* given, std::string_view what) {
  static_assert(std::is_trivially_copyable_v<Struct> && offsetof(Struct, size) == 0);
  Struct taken{};
  if (given == nullptr) return taken;
  OBVIEWS_RETURN_IF_ERROR(CheckSize(given->size, what));
  std::memcpy(&taken, given, std::min<size_t>(given->size, sizeof(Struct)));
  const char* bytes = reinterpret_cast<const char*>(given);
  for (size_t i = sizeof(Struct); i < given->size; ++i) {
    if (bytes[i] != 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} has {} bytes, and what is set behind the first {} is of a newer "
                              "version of obviews than this library",
                              what, given->size, sizeof(Struct)));
    }
  }
  return taken;
}

/// Fills a struct of the host as far as it goes; what this version does not know becomes 0.
template <class Struct>
Status Give(const Struct& made, Struct* to, std::string_view what) {
  static_assert(std::is_trivially_copyable_v<Struct> && offsetof(Struct, size) == 0);
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(to, what));
  uint32_t size = to->size;
  OBVIEWS_RETURN_IF_ERROR(CheckSize(size, what));
  std::memset(to, 0, size);
  std::memcpy(to, &made, std::min<size_t>(size, sizeof(Struct)));
  to->size = size;
  return {};
}

/// kInvalidArgument if bits are set that mean nothing.
inline Status CheckFlags(uint32_t flags, uint32_t known, std::string_view what) {
  if ((flags & ~known) == 0) return {};
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} has flags this library does not know: {:#x}", what, flags & ~known));
}

/// A text of the host; NULL is empty. kInvalidArgument for a size without data.
Result<std::string_view> TextOf(const obviews_text& text, std::string_view what);
inline obviews_text ToText(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace obviews::c_abi
