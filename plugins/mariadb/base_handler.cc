// Base tables; see base_handler.h.
#include "plugins/mariadb/base_handler.h"

#include <algorithm>
#include <utility>

#include "plugins/mariadb/connection.h"

namespace obviews::mariadb {
namespace {

/// What print_error has a code and a text for.
constexpr int kRefused = HA_ERR_LAST + 2;

/// See handler.cc. A record is read and made a row in one go here.
constexpr double kScanCost = 1.0 / 1'000;
constexpr double kSeekCost = 0.01;

}  // namespace

// --- Errors ------------------------------------------------------------------------------------

int BaseHandler::RefuseChange(Error error) {
  switch (error.code) {
    case ErrorCode::kLockTimeout:
      return HA_ERR_LOCK_WAIT_TIMEOUT;
    case ErrorCode::kDeadlock:
      ha_thd()->mark_transaction_to_rollback(true);
      return HA_ERR_LOCK_DEADLOCK;
    case ErrorCode::kInterrupted:
      return HA_ERR_ABORTED_BY_USER;
    default:
      return Refuse(std::move(error));
  }
}

int BaseHandler::RefuseValue(const ValueFault& fault) {
  bool long_text = fault.kind == ValueFault::Kind::kTooLong;
  error_code_ = long_text ? ER_DATA_TOO_LONG : ER_WARN_DATA_OUT_OF_RANGE;
  error_text_ = base_->columns[fault.column].name;
  return kRefused;
}

void BaseHandler::print_error(int error, myf flags) {
  if (error != kRefused) {
    TableHandler::print_error(error, flags);
    return;
  }
  ulong row = ha_thd()->get_stmt_da()->current_row_for_warning();
  my_error(error_code_, flags, error_text_.c_str(), row);
}

// --- What the table is -------------------------------------------------------------------------

// Rows alone go to the binary log: what a statement changes hangs on what others commit meanwhile.
handler::Table_flags BaseHandler::table_flags() const {
  return HA_CAN_TABLE_CONDITION_PUSHDOWN | HA_PARTIAL_COLUMN_READ | HA_REC_NOT_IN_SEQ |
         HA_NO_AUTO_INCREMENT | HA_FAST_KEY_READ | HA_NO_COPY_ON_ALTER | HA_BINLOG_ROW_CAPABLE |
         HA_CAN_ONLINE_BACKUPS | HA_CAN_SKIP_LOCKED;
}

ulong BaseHandler::index_flags(uint index, uint /*part*/, bool /*all_parts*/) const {
  const BaseTable* table =
      base_ != nullptr
          ? base_
          : FindBaseTable({table_share->db.str, table_share->db.length},
                          {table_share->table_name.str, table_share->table_name.length});
  if (table == nullptr || index >= table->keys.size() || !table->keys[index].ordered) {
    return HA_ONLY_WHOLE_INDEX | HA_KEY_SCAN_NOT_ROR;
  }
  return HA_READ_NEXT | HA_READ_ORDER | HA_READ_RANGE | HA_KEYREAD_ONLY;
}

const char* BaseHandler::index_type(uint index) {
  return (index_flags(index, 0, true) & HA_ONLY_WHOLE_INDEX) != 0 ? "HASH" : "BTREE";
}

int BaseHandler::open(const char* /*name*/, int /*mode*/, uint /*test_if_locked*/) {
  return Guard([&]() -> int {
    if (TheInstance().views == nullptr) return HA_ERR_NO_SUCH_TABLE;
    const TABLE_SHARE& share = *table_share;
    base_ = FindBaseTable({share.db.str, share.db.length},
                          {share.table_name.str, share.table_name.length});
    if (base_ == nullptr) return HA_ERR_NO_SUCH_TABLE;
    writer_.emplace(base_->name, ColumnsOf(*base_), RowWriter::Texts::kOwn);
    ref_length = sizeof(Position);
    return 0;
  });
}

int BaseHandler::close() {
  EndScan();
  return 0;
}

int BaseHandler::reset() {
  EndScan();
  present_.reset();
  condition_ = nullptr;
  return 0;
}

// --- Statements --------------------------------------------------------------------------------

THR_LOCK_DATA** BaseHandler::store_lock(THD* /*thd*/, THR_LOCK_DATA** to, thr_lock_type type) {
  if (type != TL_IGNORE) lock_type_ = type;
  return to;
}

int BaseHandler::external_lock(THD* thd, int lock_type) {
  return Guard([&]() -> int {
    Connection& connection = Connection::Of(thd);
    if (lock_type == F_UNLCK) {
      if (inited == NONE) EndScan();
      writes_ = false;
      connection.Unlock();
      return 0;
    }
    // There are no locks that readers share: LOCK IN SHARE MODE locks as FOR UPDATE does.
    bool shared = lock_type_ == TL_READ_WITH_SHARED_LOCKS || lock_type_ == TL_READ_SKIP_LOCKED;
    if (lock_type == F_WRLCK && !TheInstance().views->writable()) return HA_ERR_TABLE_READONLY;
    writes_ = lock_type == F_WRLCK || (shared && TheInstance().views->writable());
    connection.Lock();
    if (!writes_) return 0;
    auto changes = connection.Change(thd);
    if (changes) return 0;
    connection.Unlock();
    return Refuse(std::move(changes).error());
  });
}

int BaseHandler::start_stmt(THD* thd, thr_lock_type lock_type) {
  return Guard([&]() -> int {
    Connection& connection = Connection::Of(thd);
    connection.StartStatement(thd);
    bool changes_rows = lock_type >= TL_FIRST_WRITE;
    if (changes_rows && !TheInstance().views->writable()) return HA_ERR_TABLE_READONLY;
    writes_ =
        changes_rows || (lock_type == TL_READ_WITH_SHARED_LOCKS && TheInstance().views->writable());
    if (!writes_) return 0;
    auto changes = connection.Change(thd);
    return changes ? 0 : Refuse(std::move(changes).error());
  });
}

const COND* BaseHandler::cond_push(const COND* condition) {
  // It is tested twice on a row that is locked, so what has effects or is another each time is not
  // for here.
  table_map known = table->pos_in_table_list->get_map();
  auto* tested = const_cast<COND*>(condition);
  bool harmless =
      (tested->used_tables() & ~known) == 0 && !tested->with_subquery() && !tested->is_expensive();
  condition_ = harmless ? condition : nullptr;
  return condition;
}

OwnRows BaseHandler::Own() const {
  const Connection& connection = Connection::Of(ha_thd());
  OwnRows own;
  if (connection.open_transaction() == nullptr) return own;
  own.changes = &connection.open_transaction()->changes(kind());
  own.leaves = [&connection, kind = kind()](const engine::Key& key) {
    return connection.Leaves(kind, key);
  };
  own.is_gone = [&connection, table = base_](const RowKey& key) {
    return connection.IsDeleted(*table, key);
  };
  return own;
}

Result<std::shared_ptr<const engine::Snapshot>> BaseHandler::Snapshot() const {
  return Connection::Of(ha_thd()).Snapshot();
}

// --- What the optimizer asks -------------------------------------------------------------------

int BaseHandler::info(uint flags) {
  return Guard([&]() -> int {
    if ((flags & HA_STATUS_ERRKEY) != 0) errkey = 0;
    if ((flags & (HA_STATUS_VARIABLE | HA_STATUS_CONST)) == 0) return 0;
    auto snapshot = Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    auto counted = TheInstance().views->CountBase(*snapshot, *base_->record);
    if (!counted) return Refuse(counted.error());
    // 1 and below would be promises.
    stats.records = std::max<uint64_t>(2, counted->records);
    if (base_->shape == BaseShape::kPairs) stats.records *= kPairsOfJob;
    stats.mean_rec_length = 200;
    stats.data_file_length = stats.records * stats.mean_rec_length;
    if ((flags & HA_STATUS_CONST) == 0) return 0;
    for (uint i = 0; i < table_share->keys; ++i) {
      KEY& key = table->key_info[i];
      uint64_t jobs = std::max<uint64_t>(1, counted->jobs);
      for (uint part = 0; part < key.user_defined_key_parts; ++part) {
        bool whole = part + 1 == key.user_defined_key_parts;
        uint64_t rows = whole ? 1 : part == 0 ? stats.records / 2 : stats.records / jobs;
        key.rec_per_key[part] = static_cast<ulong>(std::max<uint64_t>(1, rows));
      }
    }
    return 0;
  });
}

ha_rows BaseHandler::records_in_range(uint index, const key_range* low, const key_range* high,
                                      page_range* /*pages*/) {
  ha_rows rows = HA_POS_ERROR;
  Guard([&]() -> int {
    uint before = std::exchange(active_index, index);
    auto range = RangeOf(low, high);
    active_index = before;
    rows = 1;
    if (!range) return 0;
    const auto& [first, last] = range->records;
    auto snapshot = Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    auto counted = TheInstance().views->CountInside(*snapshot, *base_->record, range->records);
    if (!counted) return Refuse(counted.error());
    rows = std::max<uint64_t>(1, *counted);
    if (base_->shape == BaseShape::kPairs && !(range->low && range->high)) rows *= kPairsOfJob;
    if (first.tenant_id == last.tenant_id && first.job_id == last.job_id) {
      uint64_t width = static_cast<uint64_t>(last.task_id) - static_cast<uint64_t>(first.task_id);
      if (base_->record->per_task && width < rows) rows = width + 1;
    }
    return 0;
  });
  return rows;
}

double BaseHandler::scan_time() {
  return static_cast<double>(stats.records) * kScanCost + kSeekCost;
}

double BaseHandler::read_time(uint /*index*/, uint ranges, ha_rows rows) {
  return ranges * kSeekCost + static_cast<double>(rows) * kScanCost;
}

}  // namespace obviews::mariadb
