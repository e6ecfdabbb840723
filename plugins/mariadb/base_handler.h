// A table of the server over one base table: rows are read of a state of the store together with
// the transaction's own changes, and changed in that transaction. What a table is and what the
// optimizer asks is in base_handler.cc, how rows are read in base_reads.cc, and changed in
// base_writes.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/mariadb/base_cursor.h"
#include "plugins/mariadb/base_rows.h"
#include "plugins/mariadb/fields.h"

// Has the server's headers, which come last.
#include "plugins/mariadb/table_handler.h"

namespace obviews::mariadb {

/// Pairs of a restore job, roughly, for estimates.
inline constexpr uint64_t kPairsOfJob = 20;

class BaseHandler final : public TableHandler {
 public:
  BaseHandler(handlerton* engine, TABLE_SHARE* share) : TableHandler(engine, share) {}

  Table_flags table_flags() const override;
  ulong index_flags(uint index, uint part, bool all_parts) const override;
  const char* index_type(uint index) override;

  int open(const char* name, int mode, uint test_if_locked) override;
  int close() override;
  int reset() override;
  THR_LOCK_DATA** store_lock(THD* thd, THR_LOCK_DATA** to, thr_lock_type type) override;
  int external_lock(THD* thd, int lock_type) override;
  int start_stmt(THD* thd, thr_lock_type lock_type) override;

  int rnd_init(bool scan) override;
  int rnd_end() override;
  int rnd_next(uchar* row) override;
  int rnd_pos(uchar* row, uchar* position) override;
  void position(const uchar* row) override;

  int index_init(uint index, bool sorted) override;
  int index_end() override;
  int index_read_map(uchar* row, const uchar* key, key_part_map parts,
                     ha_rkey_function find) override;
  int index_next(uchar* row) override;
  int index_next_same(uchar* row, const uchar* key, uint length) override;
  int index_first(uchar* row) override;
  int index_last(uchar* row) override;
  int read_range_first(const key_range* start, const key_range* end, bool equal,
                       bool sorted) override;

  int write_row(const uchar* row) override;
  int update_row(const uchar* before, const uchar* after) override;
  int delete_row(const uchar* row) override;
  int truncate() override;

  int info(uint flags) override;
  ha_rows records_in_range(uint index, const key_range* low, const key_range* high,
                           page_range* pages) override;
  double scan_time() override;
  double read_time(uint index, uint ranges, ha_rows rows) override;

  const COND* cond_push(const COND* condition) override;
  void cond_pop() override { condition_ = nullptr; }

  void print_error(int error, myf flags) override;

 private:
  /// Positions of rows: the record, and the hash of the name of its pair.
  struct Position {
    engine::Key key;
    uint64_t name = 0;
  };

  /// An error as the server's; a transaction that must end is marked so.
  int RefuseChange(Error error);
  int RefuseValue(const ValueFault& fault);

  const BaseKey& index() const { return base_->keys[active_index]; }
  schema::RecordKind kind() const { return base_->record->kind; }
  /// What the transaction has done to this table.
  OwnRows Own() const;
  /// The record that a snapshot has, if any.
  Result<std::optional<schema::Record>> ReadStored(const engine::Snapshot& snapshot,
                                                   const engine::Key& key) const;
  /// Locks a row of a record. False if another transaction has it and the statement skips those.
  Result<bool> LockRow(engine::Transaction& changes, const engine::Key& key);
  /// The record as the transaction has it, locked.
  Result<std::optional<schema::Record>> ReadLocked(const engine::Key& key);
  Result<std::shared_ptr<const engine::Snapshot>> Snapshot() const;

  int StartCursor(BaseRange range);
  int NextRow(uchar* row);
  /// Reads the row of a key, locked if the statement locks what it finds.
  int Find(const RowKey& key, uchar* row);
  int FindTaskRow(const RowKey& key, uchar* row);
  int FindLast(std::optional<BaseRange> range, uchar* row);
  Result<std::optional<BaseRow>> Read(const RowKey& key);
  template <class Source>
  int Fill(Source source, uchar* row);
  /// Whether the condition of the statement, if it was given, accepts the row just filled.
  bool Accepts() const;
  void EndScan();

  /// The first values of an index.
  struct KeyParts {
    std::vector<int64_t> numbers;
    std::optional<std::string> name;
  };
  /// From the server's form of a key.
  KeyParts ReadKey(const uchar* key, key_part_map parts) const;
  int FindExact(const KeyParts& parts, uchar* row);
  /// The rows between two keys of the index; nullopt: none can be there.
  std::optional<BaseRange> RangeOf(const key_range* low, const key_range* high) const;

  BaseRow ReadRow(const uchar* row) const;
  /// Locks the row of a key, and says whether there is one.
  Result<bool> LockNew(engine::Transaction& changes, const RowKey& key);
  Status Put(engine::Transaction& changes, const BaseRow& row);
  Status Remove(engine::Transaction& changes, const RowKey& key);
  int Replace(engine::Transaction& changes, const RowKey& old_key, const BaseRow& values);

  const BaseTable* base_ = nullptr;
  std::optional<RowWriter> writer_;

  bool writes_ = false;  ///< the statement may change rows: those it finds are locked
  thr_lock_type lock_type_ = TL_UNLOCK;
  const COND* condition_ = nullptr;

  std::unique_ptr<BaseCursor> cursor_;
  /// The row given to the server last. Stays when its scan ends: a row that is met as a duplicate
  /// is looked up and then changed.
  std::optional<RowKey> present_;
  std::optional<BaseRange> range_;  ///< of read_range_first, for the read it makes
  bool range_is_empty_ = false;
  bool exact_ = false;  ///< the index was read for one key: rows behind it are yet to be looked for

  uint64_t rows_read_ = 0;  ///< not yet in the counters
  unsigned error_code_ = 0;
  std::string error_text_;
};

}  // namespace obviews::mariadb
