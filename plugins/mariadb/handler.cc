// Tables over views; see handler.h.
#include "plugins/mariadb/handler.h"

#include <algorithm>
#include <string_view>

#include "plugins/mariadb/connection.h"
#include "plugins/mariadb/key_bounds.h"

namespace obviews::mariadb {
namespace {

/// The server's cost of a row read in passing, in reads of a disk: records come from memory, many
/// of a block at a time.
constexpr double kScanCost = 1.0 / 2'000;
/// Of finding a place by key, and of a row read from there on.
constexpr double kSeekCost = 0.01;

/// The zone of a session, for texts of Oracle mode.
schema::Zone ZoneOf(THD* thd) {
  const Time_zone* zone = thd->variables.time_zone;
  auto parsed = schema::Zone::Parse(zone->get_name()->ptr());
  if (parsed) return *parsed;
  // SYSTEM and names that only the server knows: by the offset they have now.
  MYSQL_TIME local;
  my_time_t now = thd->query_start();
  zone->gmt_sec_to_TIME(&local, now);
  int64_t offset = SecondOf(local) - int64_t{now};
  return schema::Zone::Fixed(static_cast<int32_t>(offset / 60 * 60));
}

}  // namespace

// --- What the table is -------------------------------------------------------------------------

handler::Table_flags Handler::table_flags() const {
  return HA_CAN_TABLE_CONDITION_PUSHDOWN | HA_PARTIAL_COLUMN_READ | HA_REC_NOT_IN_SEQ |
         HA_STATS_RECORDS_IS_EXACT | HA_NO_AUTO_INCREMENT | HA_CAN_SQL_HANDLER | HA_FAST_KEY_READ |
         HA_NO_COPY_ON_ALTER | HA_BINLOG_ROW_CAPABLE | HA_BINLOG_STMT_CAPABLE |
         HA_CAN_ONLINE_BACKUPS;
}

ulong Handler::index_flags(uint /*index*/, uint /*part*/, bool /*all_parts*/) const {
  return HA_READ_NEXT | HA_READ_ORDER | HA_READ_RANGE | HA_KEYREAD_ONLY;
}

int Handler::open(const char* /*name*/, int /*mode*/, uint /*test_if_locked*/) {
  return Guard([&]() -> int {
    StoreViews* views = TheInstance().views.get();
    if (views == nullptr) return HA_ERR_NO_SUCH_TABLE;
    const TABLE_SHARE& share = *table_share;
    auto found = views->Find({share.db.str, share.db.length},
                             {share.table_name.str, share.table_name.length});
    if (!found) return Refuse(found.error());
    if (!*found) return HA_ERR_NO_SUCH_TABLE;
    target_ = **found;
    // A tenant whose mode was not known when the table was discovered has other columns now.
    bool oracle = target_.view->mode == schema::Mode::kOracle;
    bool was_oracle = share.table_charset->state & MY_CS_NOPAD;
    if (target_.view->columns.size() != share.fields || oracle != was_oracle) {
      return HA_ERR_TABLE_DEF_CHANGED;
    }
    index_ = IndexColumns(*target_.view);
    grouping_.clear();
    for (std::string_view name : target_.view->record->grouped_by) {
      int field = schema::FindField(target_.view->record->fields, name);
      for (size_t i = 0; i < target_.view->columns.size(); ++i) {
        if (target_.view->columns[i].field == field) grouping_.push_back(i);
      }
    }
    writer_.emplace(target_.view->name, ColumnsOf(*target_.view), RowWriter::Texts::kOfField);
    ref_length = sizeof(Position);
    return 0;
  });
}

int Handler::close() {
  EndScan();
  return 0;
}

int Handler::reset() {
  EndScan();
  conditions_ = {};
  return 0;
}

// --- Statements --------------------------------------------------------------------------------

int Handler::external_lock(THD* thd, int lock_type) {
  return Guard([&]() -> int {
    if (lock_type == F_UNLCK) {
      // HANDLER goes on where it was in its next statement.
      if (inited == NONE) EndScan();
      Connection::Of(thd).Unlock();
      return 0;
    }
    if (lock_type == F_WRLCK) return HA_ERR_TABLE_READONLY;
    Connection::Of(thd).Lock();
    return 0;
  });
}

int Handler::start_stmt(THD* thd, thr_lock_type lock_type) {
  return Guard([&]() -> int {
    if (lock_type >= TL_FIRST_WRITE) return HA_ERR_TABLE_READONLY;
    Connection::Of(thd).StartStatement(thd);
    return 0;
  });
}

const COND* Handler::cond_push(const COND* condition) {
  bool used = false;
  Guard([&]() -> int {
    conditions_ = {};
    if (!PushesConditions(ha_thd())) return 0;
    conditions_ = Translate(ha_thd(), table, *target_.view, const_cast<COND*>(condition));
    used = !conditions_.empty();
    return 0;
  });
  if (!used) return condition;
  ++TheInstance().counters.conditions_pushed;
  // The server tests it on every row all the same, and EXPLAIN says that it was pushed.
  return nullptr;
}

void Handler::cond_pop() { conditions_ = {}; }

vtab::Session Handler::SessionNow() {
  bool oracle = target_.view->mode == schema::Mode::kOracle;
  return TheInstance().views->SessionFor(target_, oracle ? ZoneOf(ha_thd()) : schema::Zone());
}

std::vector<size_t> Handler::WantedColumns(bool with_key) const {
  std::vector<size_t> wanted = ReadColumns();
  if (!with_key) return wanted;
  for (size_t column : index_) {
    if (std::find(wanted.begin(), wanted.end(), column) == wanted.end()) wanted.push_back(column);
  }
  return wanted;
}

// --- What the optimizer asks -------------------------------------------------------------------

int Handler::info(uint flags) {
  return Guard([&]() -> int {
    if ((flags & (HA_STATUS_VARIABLE | HA_STATUS_CONST)) == 0) return 0;
    StoreViews& views = *TheInstance().views;
    auto snapshot = Connection::Of(ha_thd()).Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    auto count = views.CountAll(*snapshot, target_);
    if (!count) return Refuse(count.error());
    stats.records = *count;
    stats.mean_rec_length = 200;
    stats.data_file_length = stats.records * stats.mean_rec_length;
    if ((flags & HA_STATUS_CONST) != 0 && table_share->keys > 0) {
      auto shape = views.ShapeOf(*snapshot, target_);
      if (!shape) return Refuse(shape.error());
      KEY& key = table->key_info[0];
      for (uint part = 0; part < key.user_defined_key_parts; ++part) {
        // Of one tenant, one job, one task.
        size_t depth = part + (target_.only_tenant() ? 1 : 0);
        uint64_t values = depth == 0 ? shape->tenants : depth == 1 ? shape->jobs : stats.records;
        key.rec_per_key[part] = static_cast<ulong>(
            std::max<uint64_t>(1, stats.records / std::max<uint64_t>(1, values)));
      }
    }
    return 0;
  });
}

ha_rows Handler::records_in_range(uint /*index*/, const key_range* low, const key_range* high,
                                  page_range* /*pages*/) {
  ha_rows rows = HA_POS_ERROR;
  Guard([&]() -> int {
    auto stretch = StretchOf(low, high);
    if (!stretch) {
      rows = 0;
      return 0;
    }
    auto snapshot = Connection::Of(ha_thd()).Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    auto count = TheInstance().views->CountInside(*snapshot, target_, *stretch);
    if (!count) return Refuse(count.error());
    rows = *count;
    // Tasks are counted by job; a range of them is no wider than its ids.
    if (target_.view->record->per_task && IsOneJob(*stretch)) {
      uint64_t width = static_cast<uint64_t>(stretch->last.task_id) -
                       static_cast<uint64_t>(stretch->first.task_id);
      if (width < rows) rows = width + 1;
    }
    return 0;
  });
  // 0 is a promise that there is none, which no count of another moment can make.
  return rows == 0 ? 1 : rows;
}

double Handler::scan_time() { return static_cast<double>(stats.records) * kScanCost + kSeekCost; }

double Handler::read_time(uint /*index*/, uint ranges, ha_rows rows) {
  return ranges * kSeekCost + static_cast<double>(rows) * kScanCost;
}

}  // namespace obviews::mariadb
