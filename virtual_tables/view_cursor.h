// A scan of one view: plan, cursor, filter, and values on demand. Every host reads views through
// this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/store.h"
#include "schema/value.h"
#include "virtual_tables/plan.h"

namespace obviews::vtab {

/// What a scan is asked for.
struct ScanRequest {
  const schema::View* view = nullptr;  ///< must outlive the scan; catalogs live for ever
  Predicate predicate = {};            ///< default: every row
  std::optional<uint64_t> limit = {};  ///< rows returned at most
  uint64_t offset = 0;                 ///< rows skipped first
  bool in_key_order = false;           ///< rows must come in key order, whatever that costs
};

/// What a scan did, for explain.
struct ScanStats {
  uint64_t records_read = 0;      ///< fetched from storage
  uint64_t records_decoded = 0;   ///< of which a value was shown, to the host or to a condition
  uint64_t records_returned = 0;  ///< handed to the host as rows
};

/// Rows of one view in key order (TENANT_ID, JOB_ID, TASK_ID), or by the task index, which a
/// request may rule out, in the order (TENANT_ID, TASK_ID). Not thread-safe. Keeps its snapshot
/// alive.
class ViewCursor {
 public:
  ViewCursor(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
             ScanRequest request);
  ~ViewCursor();
  ViewCursor(ViewCursor&&) noexcept;
  ViewCursor& operator=(ViewCursor&&) noexcept;

  /// Moves to the next row. False at the end. Errors: damage, naming family and key.
  Result<bool> Next();

  /// The value of a column of the present row. Its text lives until Next, or until the column is
  /// asked for again.
  Result<Value> Column(size_t column);

  const schema::View& view() const;
  const Plan& plan() const;
  ScanStats stats() const;
  /// Times that showed as NULL because no text can hold them: one line, or "".
  std::string warning() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obviews::vtab
