// A scan of one view: plan, cursor, filter, and values on demand. Every host reads views through
// this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
  /// The columns that will be asked for; the others are not read. Default: all.
  std::optional<std::vector<size_t>> columns = {};
  std::optional<uint64_t> limit = {};  ///< rows returned at most
  uint64_t offset = 0;                 ///< rows skipped first
  bool in_key_order = false;           ///< rows must come in key order, whatever that costs
  /// Only what lies in a stretch, such as Snapshot::Split makes, in key order.
  std::optional<engine::Stretch> stretch = {};
};

/// What a scan did, for explain.
struct ScanStats {
  uint64_t records_read = 0;      ///< looked at in storage; see RecordCursor::records_read
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
  /// asked for again. Errors: damage; kInternal for a column the request did not name.
  Result<Value> Column(size_t column);

  /// How many rows are left. Shows no value unless a condition needs one, and looks at no record
  /// where keys and groups decide. Ends the scan.
  Result<uint64_t> CountRest();

  /// Accepted records of one block, for readers that take columns whole; they count as shown. Live
  /// until the cursor moves. `block` is nullptr, and the cursor does not move, where the view's
  /// records are not kept in blocks.
  struct Rows {
    const engine::RecordBlock* block = nullptr;
    std::span<const uint32_t> rows;
    bool end = false;  ///< no rows are left
  };
  Result<Rows> NextRows();

  const schema::View& view() const;
  const Plan& plan() const;
  ScanStats stats() const;
  /// Times that showed as NULL because no text can hold them: one line, or "".
  std::string warning() const;
  uint64_t out_of_range_count() const;
  const std::string& first_out_of_range() const;
  const std::optional<Materialiser::Place>& first_out_of_range_at() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Rows of one view by their keys, one after the other; cheaper than a scan for each. Not
/// thread-safe. Keeps its snapshot alive. REQUIRES: a view of stored records; those of views that
/// are worked out are found by scans alone.
class RowLookup {
 public:
  /// `view` must outlive it. `columns`: those that will be asked for; default all.
  RowLookup(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
            const schema::View& view, const std::optional<std::vector<size_t>>& columns = {});

  /// Whether the view has a row of this key. Errors: damage.
  Result<bool> Find(const schema::Key& key);
  /// A value of the row found, as ViewCursor::Column has it. REQUIRES: a column asked for.
  Result<Value> Column(size_t column) { return shower_.Show(records_->record(), column); }

 private:
  std::shared_ptr<const engine::Snapshot> snapshot_;
  std::optional<int64_t> tenant_id_;  ///< the only one whose rows the view has
  Materialiser shower_;
  std::unique_ptr<engine::RecordLookup> records_;
};

/// The warning about `count` times that showed as NULL; "" for none.
std::string DescribeOutOfRange(uint64_t count, const std::string& first);

/// How many rows a request finds: from the counts of tasks that the store keeps where they say it
/// all, else by scanning. Errors: damage.
Result<uint64_t> CountRows(const std::shared_ptr<const engine::Snapshot>& snapshot,
                           const Session& session, const ScanRequest& request);

}  // namespace obviews::vtab
