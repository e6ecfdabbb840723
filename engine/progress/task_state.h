// What has become of a table, by its task: the one rule that counts, failures and reports go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace obviews::engine::progress {

/// Reports carry the numbers: do not change them.
enum class TaskState : uint8_t { kWaiting = 0, kRunning = 1, kFinished = 2, kFailed = 3 };

/// By STATUS and RESULT; a NULL RESULT is no failure.
inline TaskState TaskStateOf(std::string_view status, std::optional<std::string_view> result) {
  if (status == "INIT") return TaskState::kWaiting;
  if (status != "FINISH") return TaskState::kRunning;
  return result == "FAILED" || result == "FAIL" ? TaskState::kFailed : TaskState::kFinished;
}

}  // namespace obviews::engine::progress
