// Reading a base table: rows of a snapshot together with a transaction's own changes, in the order
// of their keys. Knows no server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "plugins/mariadb/base_rows.h"
#include "schema/value.h"

namespace obviews::mariadb {

/// Changes of one record kind, as engine::Transaction has them; nullopt: deleted.
using OwnChanges = std::map<engine::Key, std::optional<schema::Record>>;

/// What a transaction has done to the rows of one table. Borrowed.
struct OwnRows {
  const OwnChanges* changes = nullptr;  ///< nullptr: nothing
  /// Whether a live record that is deleted there only leaves: its twin was put into history. Until
  /// the commit its rows are met, and may be deleted, as in the original.
  std::function<bool(const engine::Key&)> leaves = {};
  /// Whether a row of such a record was deleted.
  std::function<bool(const RowKey&)> is_gone = {};

  /// Whether what a snapshot has of a record no longer counts.
  bool Hides(const engine::Key& key) const {
    return changes != nullptr && changes->contains(key) && !leaves(key);
  }
};

/// One end of a range over the names of a record's pairs.
struct NameBound {
  RowKey key;
  bool inclusive = true;
};

/// The rows a cursor walks over.
struct BaseRange {
  engine::Stretch records;
  std::optional<NameBound> low = {};   ///< pairs before it are left out
  std::optional<NameBound> high = {};  ///< and those behind it

  static BaseRange All();
  bool Contains(const RowKey& key) const;
};

/// Rows of one base table. Not thread-safe. Keeps its snapshot alive.
class BaseCursor {
 public:
  /// `table` must outlive it; of `own`, which may be nullptr, what is in the range is copied:
  /// changes that are made while it walks are not met. `columns`: those that will be asked for.
  BaseCursor(std::shared_ptr<const engine::Snapshot> snapshot, const BaseTable& table,
             BaseRange range, const std::vector<size_t>& columns, const OwnRows& own);

  /// Moves to the next row. False at the end. Errors: damage.
  Result<bool> Next();
  /// REQUIRES: there is a present row.
  const RowKey& key() const { return key_; }
  /// A time is an Int, its microseconds since the epoch. A text lives until Next, or until the
  /// column is asked for again.
  Result<Value> Column(size_t column);

 private:
  /// Moves to the next record of either side; false at the end.
  Result<bool> NextRecord();
  Result<bool> NextStored();
  bool Wants(const RowKey& key) const;
  /// Makes the rows of an own change, or of a stored record that may have any number of them.
  void Expand(const schema::Record& record);

  std::shared_ptr<const engine::Snapshot> snapshot_;
  const BaseTable& table_;
  BaseRange range_;
  std::unique_ptr<engine::RecordCursor> stored_;
  bool stored_ends_ = false;
  bool stored_is_next_ = false;  ///< a stored record was moved to and not yet given out
  std::vector<std::pair<engine::Key, std::optional<schema::Record>>> own_;
  size_t own_at_ = 0;
  std::set<engine::Key> leaving_;
  std::function<bool(const RowKey&)> is_gone_;
  bool in_place_ = false;  ///< the present row is read from the stored record
  std::vector<BaseRow> rows_;
  size_t row_at_ = 0;
  RowKey key_;
  std::string text_;
};

/// The key of the task with this id, by a transaction's own changes (nullptr: none) over a
/// snapshot. Errors: damage.
Result<std::optional<engine::Key>> FindTask(const engine::Snapshot& snapshot,
                                            schema::RecordKind kind, int64_t tenant_id,
                                            int64_t task_id, const OwnRows& own);

/// The value of a row's column, borrowed.
Value ValueOf(const schema::FieldValue& value);

}  // namespace obviews::mariadb
