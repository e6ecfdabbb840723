// `obviewsctl load`: files of rows or of exported records into a store, all of them or none.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/lifecycle/live_recoveries.h"
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
  /// When the rows were shown, microseconds since the epoch: the time of the progress samples that
  /// the load leaves. Default: now.
  std::optional<int64_t> shown_usec;
};

struct LoadReport {
  uint64_t rows = 0;  ///< read, bad ones not counted
  uint64_t bad_rows = 0;
  uint64_t stale_rows = 0;  ///< live rows of jobs and tasks whose history the store has: not loaded
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

/// What a store knows about tenants before a load.
struct KnownTenants {
  std::vector<engine::Tenant> registered;
  int64_t highest_id = 0;          ///< of the registry and of all records
  lifecycle::LiveRecoveries live;  ///< rows of these are refused, as bad ones are
};

/// Reads that off a snapshot: a seek per tenant, not a scan.
Result<KnownTenants> FindKnownTenants(const engine::Snapshot& snapshot);

/// Leaves a progress sample of every recovery the rows are of, but those driven in this store.
///
/// Loads `paths` (`-`: standard input). Reads everything once to check it and find its tenants, and
/// a second time to write it, so that one bad row leaves the store as it was. A live row of a view
/// whose history row came before it (in the store or the input) is older and is left out, with a
/// warning; exported records are taken as they are. `open_store` is called only after the first
/// reading found no error and a row: a load that fails or has nothing to write creates nothing.
/// Nothing to load is an error (kInvalidArgument), unless some input holds a result said to be
/// empty: `Empty set`, `[]`, or column names without rows.
Result<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options,
                             const LoadListener& listener,
                             const std::function<Result<engine::Store*>()>& open_store,
                             const KnownTenants& known);

}  // namespace obviews::tools
