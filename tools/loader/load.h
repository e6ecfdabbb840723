// `obviewsctl load`: files of rows or of exported records into a store, all of them or none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/store.h"
#include "tools/loader/detect.h"
#include "tools/loader/view_rows.h"

namespace obviews::tools {

struct LoadOptions {
  ViewRowOptions rows;
  InputFormat format = InputFormat::kAuto;
  bool skip_bad = false;  ///< load what is good and count what is not
  /// Records of one commit. Below this a load is one atomic change; above it, several.
  size_t commit_records = 200'000;
  size_t commit_bytes = size_t{256} << 20;
};

struct LoadReport {
  uint64_t rows = 0;  ///< read, bad ones not counted
  uint64_t bad_rows = 0;
  engine::CommitResult records;
  std::vector<engine::Tenant> tenants;  ///< new, or known better than before
};

/// Who is told what while a load goes on.
struct LoadListener {
  std::function<void(const std::string& message)> warning;
  std::function<void(const std::string& message)> bad_row;  ///< with skip_bad
  /// `done` and `total` bytes of input (0: not known), over both passes.
  std::function<void(uint64_t rows, uint64_t done, uint64_t total)> progress;
};

/// Loads `paths` (`-`: standard input). Reads everything once to check it and find its tenants, and
/// a second time to write it, so that one bad row leaves the store as it was. `open_store` is
/// called only after the first reading found no error: a load that fails creates nothing.
Result<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options,
                             const LoadListener& listener,
                             const std::function<Result<engine::Store*>()>& open_store,
                             const std::vector<engine::Tenant>& known_tenants);

}  // namespace obviews::tools
