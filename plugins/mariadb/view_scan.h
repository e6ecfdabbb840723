// A scan of a view for a server: stretch by stretch, so that it can be stopped in between. Knows no
// server.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "plugins/mariadb/store_views.h"
#include "virtual_tables/block_values.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::mariadb {

/// What a scan is asked for.
struct ViewScanRequest {
  TenantView target;
  vtab::Predicate predicate = {};               ///< rows that do not satisfy it may be left out
  std::vector<size_t> columns = {};             ///< those that will be asked for
  std::optional<engine::Stretch> stretch = {};  ///< only rows with keys inside
  bool in_key_order = false;
  /// Records between two looks at whether to stop; 0: the scan is not cut.
  uint64_t cut_at = 0;
};

/// Rows of one view. Not thread-safe. Keeps its snapshot alive.
class ViewScan {
 public:
  ViewScan(std::shared_ptr<const engine::Snapshot> snapshot, vtab::Session session,
           ViewScanRequest request, std::function<bool()> stopped);

  /// Moves to the next row. False at the end, and soon after `stopped` says so. Errors: damage.
  Result<bool> Next();
  /// The key of the last row; nullopt if there is none, and soon after `stopped` says so. Looks at
  /// the end first where the scan is cut. In place of Next; ends the scan. Errors: as Next.
  Result<std::optional<engine::Key>> LastKey();
  /// See ViewCursor::Column; times of MySQL mode are microseconds where rows are kept in blocks,
  /// see TimeForm. The key columns are always among those asked for.
  Result<Value> Column(size_t column) {
    return block_ == 0 ? cursor_->Column(column) : values_->Show(rows_[row_], column);
  }
  /// Tells the block of the present row from others of the scan; 0: rows are not kept in blocks.
  uint64_t Block() const { return block_; }
  /// Whether all rows of the block show the same. REQUIRES: a block.
  bool IsAlike(size_t column) const { return values_->IsAlike(column); }
  /// The key of the present row.
  Result<engine::Key> Key();

  /// Times that showed as NULL because no text can hold them: one line, or "".
  std::string warning() const;

 private:
  Status Start();
  /// Begins with the next stretch; false if there is none.
  bool Continue();
  /// Moves on in the present stretch; false at its end.
  Result<bool> NextInStretch();
  /// Turns to the next block of the stretch; false at its end, and where there are no blocks.
  Result<bool> NextBlock();
  void NoteOutOfRange();

  std::shared_ptr<const engine::Snapshot> snapshot_;
  vtab::Session session_;
  ViewScanRequest request_;
  std::function<bool()> stopped_;
  std::vector<size_t> index_;
  bool started_ = false;
  std::vector<engine::Stretch> stretches_;  ///< those to come, the last one first
  std::optional<vtab::ViewCursor> cursor_;
  bool in_blocks_ = true;                    ///< until it turns out that there are none
  uint64_t block_ = 0;                       ///< blocks so far
  std::span<const uint32_t> rows_;           ///< of the present one
  size_t row_ = 0;                           ///< which of them is the present row
  std::optional<vtab::BlockValues> values_;  ///< where there are blocks
  uint64_t out_of_range_ = 0;
  std::string first_;
};

}  // namespace obviews::mariadb
