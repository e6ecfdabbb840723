// A table of the server over one view: the server's cursor methods in terms of scans and lookups.
// Read-only. No method lets an exception out. What a table is and what the optimizer asks is in
// handler.cc, how rows are read in handler_reads.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/mariadb/alike_columns.h"
#include "plugins/mariadb/conditions.h"
#include "plugins/mariadb/fields.h"
#include "plugins/mariadb/view_scan.h"

// Has the server's headers, which come last.
#include "plugins/mariadb/table_handler.h"

namespace obviews::mariadb {

class Handler final : public TableHandler {
 public:
  Handler(handlerton* engine, TABLE_SHARE* share) : TableHandler(engine, share) {}

  const TenantView* view() const override { return &target_; }

  Table_flags table_flags() const override;
  ulong index_flags(uint index, uint part, bool all_parts) const override;
  const char* index_type(uint /*index*/) override { return "BTREE"; }

  int open(const char* name, int mode, uint test_if_locked) override;
  int close() override;
  int reset() override;
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

  int info(uint flags) override;
  ha_rows records_in_range(uint index, const key_range* low, const key_range* high,
                           page_range* pages) override;
  double scan_time() override;
  double read_time(uint index, uint ranges, ha_rows rows) override;

  const COND* cond_push(const COND* condition) override;
  void cond_pop() override;

 private:
  /// Positions of rows: the key, and what tells rows of one key apart.
  struct Position {
    engine::Key key;
    uint64_t identity = 0;
  };

  /// The columns whose values the statement reads, and those that rows are told apart by.
  std::vector<size_t> WantedColumns(bool with_key) const;
  vtab::Session SessionNow();

  /// Records between two looks at whether the statement was killed; 0 for small views.
  Result<uint64_t> CutOfScan();
  int StartScan(std::optional<engine::Stretch> stretch, bool in_key_order, uint64_t cut_at);
  int NextRow(uchar* row);
  /// Finds the one row of a key. REQUIRES: a view of stored records.
  int Find(const engine::Key& key, uchar* row);
  /// The last row whose key is inside.
  int FindLast(const std::optional<engine::Stretch>& stretch, uchar* row);
  int FindLastByScan(uchar* row);
  /// Finds the row of a key that has this identity, of any view.
  int FindByScan(const engine::Key& key, uint64_t identity, uchar* row);
  /// Stores columns of a row whose NULL bits are set or cleared for all others.
  template <class Source>
  int Store(Source& source, const std::vector<size_t>& columns, uchar* row);
  template <class Source>
  int Fill(Source& source, uchar* row);
  /// Fills a row with the present one of the scan.
  int FillFromScan(uchar* row);
  void EndScan();
  void EndLookup();

  /// The first values of an index, from the server's form of a key.
  std::vector<int64_t> ReadKey(const uchar* key, key_part_map parts) const;
  std::optional<engine::Stretch> StretchOf(const key_range* low, const key_range* high) const;
  /// What tells the present row from others of its key; 0 where the key does.
  Result<uint64_t> IdentityOf(ViewScan& scan) const;

  TenantView target_;
  std::vector<size_t> index_;     ///< the index's columns
  std::vector<size_t> grouping_;  ///< columns that tell rows of one key apart
  std::optional<RowWriter> writer_;
  Conditions conditions_;

  std::unique_ptr<ViewScan> scan_;
  std::optional<LookupPool::Lookup> lookup_;
  std::optional<engine::Key> found_;  ///< the row is not the scan's: its key
  std::vector<size_t> columns_;       ///< those that rows are filled with
  bool by_index_ = false;
  std::optional<engine::Stretch> range_;  ///< of read_range_first, for the read it makes
  bool range_is_empty_ = false;
  std::optional<engine::Stretch> behind_;  ///< the keys behind an exact one, for index_next

  AlikeColumns alike_;           ///< of a block of rows
  std::vector<size_t> varying_;  ///< the other columns of that block
  uint64_t alike_block_ = 0;     ///< which it is; 0: none
  uint64_t last_block_ = 0;      ///< that of the row before

  uint64_t rows_read_ = 0;  ///< not yet in the counters
};

}  // namespace obviews::mariadb
