// How rows are read: scans, positions, and the index; see handler.h.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "plugins/mariadb/connection.h"
#include "plugins/mariadb/handler.h"
#include "plugins/mariadb/key_bounds.h"

namespace obviews::mariadb {
namespace {

/// Views from this size on are scanned in stretches, so that a scan ends soon after it is killed.
constexpr uint64_t kLargeView = 100'000;
/// Records of a stretch: some milliseconds.
constexpr uint64_t kStretchRecords = 32'768;

/// Appends what tells a value from others.
void AppendIdentity(const Value& value, std::string& out) {
  if (value.is_null()) {
    out += '-';
  } else if (value.kind() == Value::Kind::kText) {
    out += std::to_string(value.as_text().size());
    out += ':';
    out += value.as_text();
  } else {
    out += std::to_string(value.as_int());
    out += ',';
  }
}

}  // namespace

// --- Scans -------------------------------------------------------------------------------------

Result<uint64_t> Handler::CutOfScan() {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, Connection::Of(ha_thd()).Snapshot());
  OBVIEWS_ASSIGN_OR_RETURN(uint64_t count, TheInstance().views->CountAll(snapshot, target_));
  return count >= kLargeView ? kStretchRecords : 0;
}

int Handler::StartScan(std::optional<engine::Stretch> stretch, bool in_key_order, uint64_t cut_at) {
  auto snapshot = Connection::Of(ha_thd()).Snapshot();
  if (!snapshot) return Refuse(snapshot.error());
  columns_ = WantedColumns(by_index_);
  ViewScanRequest request{.target = target_, .predicate = conditions_.predicate};
  request.columns = columns_;
  for (const TextTest& test : conditions_.tests) request.columns.push_back(test.column);
  for (size_t column : grouping_) request.columns.push_back(column);
  request.stretch = stretch;
  request.in_key_order = in_key_order;
  request.cut_at = cut_at;
  writer_->Reset();
  found_.reset();
  alike_block_ = 0;
  last_block_ = 0;
  scan_ = std::make_unique<ViewScan>(*snapshot, SessionNow(), std::move(request), Stopped());
  ++TheInstance().counters.scans;
  return 0;
}

template <class Source>
int Handler::Store(Source& source, const std::vector<size_t>& columns, uchar* row) {
  // The fields point into record[0].
  my_ptrdiff_t offset = row - table->record[0];
  THD* thd = ha_thd();
  for (size_t column : columns) {
    auto value = source.Column(column);
    if (!value) return Refuse(value.error());
    Field* field = table->field[column];
    if (offset != 0) field->move_field_offset(offset);
    writer_->Store(thd, field, column, *value);
    if (offset != 0) field->move_field_offset(-offset);
  }
  ++rows_read_;
  return 0;
}

template <class Source>
int Handler::Fill(Source& source, uchar* row) {
  std::memset(row, 0, table_share->null_bytes);
  return Store(source, columns_, row);
}

int Handler::FillFromScan(uchar* row) {
  uint64_t block = scan_->Block();
  if (block != 0 && block == alike_block_) {
    alike_.Put(row);
    return Store(*scan_, varying_, row);
  }
  int error = Fill(*scan_, row);
  // Not for the only row of a block.
  if (error != 0 || block == 0 || block != std::exchange(last_block_, block)) return error;
  alike_block_ = block;
  alike_.Begin(table_share->null_bytes);
  varying_.clear();
  for (size_t column : columns_) {
    bool kept = scan_->IsAlike(column) && alike_.Keep(table->field[column], row);
    if (!kept) varying_.push_back(column);
  }
  return 0;
}

int Handler::NextRow(uchar* row) {
  if (scan_ == nullptr) return HA_ERR_END_OF_FILE;
  while (true) {
    auto more = scan_->Next();
    if (!more) return Refuse(more.error());
    if (!*more) break;
    bool accepted = true;
    for (const TextTest& test : conditions_.tests) {
      auto value = scan_->Column(test.column);
      if (!value) return Refuse(value.error());
      accepted = test.Accepts(*value);
      if (!accepted) break;
    }
    if (accepted) return FillFromScan(row);
  }
  if (Stopped()()) return HA_ERR_ABORTED_BY_USER;
  std::string warning = scan_->warning();
  if (!warning.empty()) {
    PushReadWarning(ha_thd(), ER_WARN_DATA_OUT_OF_RANGE, warning.c_str());
  }
  return HA_ERR_END_OF_FILE;
}

void Handler::EndLookup() {
  if (lookup_) TheInstance().lookups.Leave(*std::exchange(lookup_, std::nullopt));
}

void Handler::EndScan() {
  TheInstance().counters.rows_read += std::exchange(rows_read_, 0);
  scan_.reset();
  EndLookup();
  found_.reset();
  range_.reset();
  range_is_empty_ = false;
  behind_.reset();
}

int Handler::rnd_init(bool scan) {
  by_index_ = false;
  scan_.reset();
  EndLookup();
  if (scan) return 0;  // a condition may still be pushed: the scan begins with the first row
  columns_ = WantedColumns(false);
  return 0;
}

int Handler::rnd_end() {
  EndScan();
  return 0;
}

int Handler::rnd_next(uchar* row) {
  return Guard([&]() -> int {
    if (scan_ == nullptr) {
      auto cut_at = CutOfScan();
      if (!cut_at) return Refuse(cut_at.error());
      int started = StartScan(std::nullopt, false, *cut_at);
      if (started != 0) return started;
    }
    return NextRow(row);
  });
}

// --- Positions ---------------------------------------------------------------------------------

Result<uint64_t> Handler::IdentityOf(ViewScan& scan) const {
  if (grouping_.empty()) return 0;
  std::string text;
  for (size_t column : grouping_) {
    OBVIEWS_ASSIGN_OR_RETURN(Value value, scan.Column(column));
    AppendIdentity(value, text);
  }
  return std::hash<std::string>()(text);
}

void Handler::position(const uchar* /*row*/) {
  Guard([&]() -> int {
    Position at;
    if (found_) {
      at.key = *found_;
    } else if (scan_ != nullptr) {
      auto key = scan_->Key();
      auto identity = IdentityOf(*scan_);
      if (key) at.key = *key;
      if (identity) at.identity = *identity;
    }
    std::memcpy(ref, &at, sizeof(at));
    return 0;
  });
}

int Handler::rnd_pos(uchar* row, uchar* position) {
  return Guard([&]() -> int {
    Position at;
    std::memcpy(&at, position, sizeof(at));
    if (target_.view->record->derived) return FindByScan(at.key, at.identity, row);
    return Find(at.key, row);
  });
}

int Handler::Find(const engine::Key& key, uchar* row) {
  if (!lookup_) {
    auto snapshot = Connection::Of(ha_thd()).Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    columns_ = WantedColumns(by_index_);
    lookup_ =
        TheInstance().lookups.Take(*snapshot, target_, columns_, [&] { return SessionNow(); });
  }
  scan_.reset();
  ++TheInstance().counters.lookups;
  auto found = lookup_->rows->Find(key);
  if (!found) return Refuse(found.error());
  if (!*found) return HA_ERR_KEY_NOT_FOUND;
  found_ = key;
  return Fill(*lookup_->rows, row);
}

int Handler::FindByScan(const engine::Key& key, uint64_t identity, uchar* row) {
  Conditions none;
  std::swap(none, conditions_);
  int started = StartScan(engine::Stretch{key, key}, true, 0);
  std::swap(none, conditions_);
  if (started != 0) return started;
  while (true) {
    auto more = scan_->Next();
    if (!more) return Refuse(more.error());
    if (!*more) return HA_ERR_KEY_NOT_FOUND;
    auto present = IdentityOf(*scan_);
    if (!present) return Refuse(present.error());
    if (*present == identity) return Fill(*scan_, row);
  }
}

// --- The index ---------------------------------------------------------------------------------

int Handler::index_init(uint index, bool /*sorted*/) {
  active_index = index;
  by_index_ = true;
  scan_.reset();
  EndLookup();
  return 0;
}

int Handler::index_end() {
  EndScan();
  by_index_ = false;
  active_index = MAX_KEY;
  return 0;
}

std::vector<int64_t> Handler::ReadKey(const uchar* key, key_part_map parts) const {
  std::vector<int64_t> values;
  for (size_t i = 0; i < index_.size() && (parts & (key_part_map{1} << i)) != 0; ++i) {
    values.push_back(sint8korr(key + i * sizeof(int64_t)));
  }
  return values;
}

std::optional<engine::Stretch> Handler::StretchOf(const key_range* low,
                                                  const key_range* high) const {
  std::vector<int64_t> low_parts;
  std::vector<int64_t> high_parts;
  std::optional<KeyBound> first;
  std::optional<KeyBound> last;
  if (low != nullptr) {
    low_parts = ReadKey(low->key, low->keypart_map);
    first = KeyBound{low_parts, low->flag != HA_READ_AFTER_KEY};
  }
  if (high != nullptr) {
    high_parts = ReadKey(high->key, high->keypart_map);
    last = KeyBound{high_parts, high->flag != HA_READ_BEFORE_KEY};
  }
  return MakeStretch(target_.only_tenant(), target_.view->record->per_task, first, last);
}

int Handler::read_range_first(const key_range* start, const key_range* end, bool equal,
                              bool sorted) {
  int prepared = Guard([&]() -> int {
    range_ = StretchOf(start, end);
    range_is_empty_ = !range_;
    return 0;
  });
  if (prepared != 0) return prepared;
  int error = handler::read_range_first(start, end, equal, sorted);
  range_.reset();
  range_is_empty_ = false;
  return error;
}

int Handler::index_first(uchar* row) {
  return Guard([&]() -> int {
    if (range_is_empty_) return HA_ERR_END_OF_FILE;
    auto stretch = range_ ? range_ : StretchOf(nullptr, nullptr);
    auto cut_at = CutOfScan();
    if (!cut_at) return Refuse(cut_at.error());
    int started = StartScan(stretch, true, *cut_at);
    return started != 0 ? started : NextRow(row);
  });
}

int Handler::index_read_map(uchar* row, const uchar* key, key_part_map parts,
                            ha_rkey_function find) {
  return Guard([&]() -> int {
    if (range_is_empty_) return HA_ERR_KEY_NOT_FOUND;
    std::vector<int64_t> values = ReadKey(key, parts);
    KeyBound inclusive{values, true};
    KeyBound exclusive{values, false};
    auto tenant = target_.only_tenant();
    bool tasks = target_.view->record->per_task;
    std::optional<engine::Stretch> stretch;
    switch (find) {
      case HA_READ_KEY_EXACT:
      case HA_READ_PREFIX:
        stretch = MakeStretch(tenant, tasks, inclusive, inclusive);
        break;
      case HA_READ_KEY_OR_NEXT:
        stretch = MakeStretch(tenant, tasks, inclusive, std::nullopt);
        break;
      case HA_READ_AFTER_KEY:
        stretch = MakeStretch(tenant, tasks, exclusive, std::nullopt);
        break;
      case HA_READ_PREFIX_LAST:
        return FindLast(MakeStretch(tenant, tasks, inclusive, inclusive), row);
      case HA_READ_PREFIX_LAST_OR_PREV:
      case HA_READ_KEY_OR_PREV:
        return FindLast(MakeStretch(tenant, tasks, std::nullopt, inclusive), row);
      case HA_READ_BEFORE_KEY:
        return FindLast(MakeStretch(tenant, tasks, std::nullopt, exclusive), row);
      default:
        return HA_ERR_WRONG_COMMAND;
    }
    behind_.reset();
    if (range_) {
      stretch = range_;
    } else if (find == HA_READ_KEY_EXACT) {
      behind_ = MakeStretch(tenant, tasks, exclusive, std::nullopt);
    }
    if (!stretch) return HA_ERR_KEY_NOT_FOUND;
    if (!target_.view->record->derived && stretch->first == stretch->last) {
      scan_.reset();
      return Find(stretch->first, row);
    }
    // The rows of one job are not so many.
    auto cut_at = find == HA_READ_KEY_EXACT ? Result<uint64_t>(0) : CutOfScan();
    if (!cut_at) return Refuse(cut_at.error());
    int started = StartScan(stretch, true, *cut_at);
    if (started != 0) return started;
    int error = NextRow(row);
    return error == HA_ERR_END_OF_FILE ? HA_ERR_KEY_NOT_FOUND : error;
  });
}

int Handler::index_next(uchar* row) {
  return Guard([&]() -> int {
    int error = NextRow(row);
    if (error != HA_ERR_END_OF_FILE || !behind_) return error;
    auto stretch = std::exchange(behind_, std::nullopt);
    auto cut_at = CutOfScan();
    if (!cut_at) return Refuse(cut_at.error());
    int started = StartScan(stretch, true, *cut_at);
    return started != 0 ? started : NextRow(row);
  });
}

// A scan that was begun with an exact key has no other rows.
int Handler::index_next_same(uchar* row, const uchar* /*key*/, uint /*length*/) {
  return Guard([&]() -> int { return NextRow(row); });
}

int Handler::index_last(uchar* row) {
  return Guard([&]() -> int { return FindLast(StretchOf(nullptr, nullptr), row); });
}

int Handler::FindLast(const std::optional<engine::Stretch>& stretch, uchar* row) {
  if (!stretch) return HA_ERR_KEY_NOT_FOUND;
  // Cursors go forward only: keys are walked over, and no value is shown.
  int started = StartScan(stretch, true, kStretchRecords);
  if (started != 0) return started;
  if (target_.view->record->derived) return FindLastByScan(row);
  auto last = scan_->LastKey();
  if (!last) return Refuse(last.error());
  if (Stopped()()) return HA_ERR_ABORTED_BY_USER;
  if (!*last) return HA_ERR_KEY_NOT_FOUND;
  return Find(**last, row);
}

int Handler::FindLastByScan(uchar* row) {
  std::optional<Position> last;
  while (true) {
    auto more = scan_->Next();
    if (!more) return Refuse(more.error());
    if (!*more) break;
    auto key = scan_->Key();
    auto identity = IdentityOf(*scan_);
    if (!key) return Refuse(key.error());
    if (!identity) return Refuse(identity.error());
    last = Position{*key, *identity};
  }
  if (Stopped()()) return HA_ERR_ABORTED_BY_USER;
  if (!last) return HA_ERR_KEY_NOT_FOUND;
  return FindByScan(last->key, last->identity, row);
}

}  // namespace obviews::mariadb
