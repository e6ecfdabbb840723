// How rows of base tables are read: scans, positions, and the indexes; see base_handler.h.
#include <cstring>
#include <functional>
#include <utility>

#include "plugins/mariadb/base_handler.h"
#include "plugins/mariadb/connection.h"
#include "plugins/mariadb/key_bounds.h"

namespace obviews::mariadb {
namespace {

uint64_t HashOf(const std::string& name) { return std::hash<std::string>()(name); }

}  // namespace

// --- Rows --------------------------------------------------------------------------------------

template <class Source>
int BaseHandler::Fill(Source source, uchar* row) {
  // The fields point into record[0].
  my_ptrdiff_t offset = row - table->record[0];
  std::memset(row, 0, table_share->null_bytes);
  for (uint column = 0; column < table_share->fields; ++column) {
    if (!bitmap_is_set(table->read_set, column)) continue;
    Result<Value> value = source(column);
    if (!value) return Refuse(std::move(value).error());
    Field* field = table->field[column];
    if (offset != 0) field->move_field_offset(offset);
    writer_->Store(ha_thd(), field, column, *value);
    if (offset != 0) field->move_field_offset(-offset);
  }
  ++rows_read_;
  return 0;
}

Result<std::optional<schema::Record>> BaseHandler::ReadStored(const engine::Snapshot& snapshot,
                                                              const engine::Key& key) const {
  auto stored = snapshot.Get(kind(), key);
  if (stored) return std::optional(*std::move(stored));
  if (stored.error().code == ErrorCode::kNotFound) return std::optional<schema::Record>();
  return Fail(std::move(stored).error());
}

Result<bool> BaseHandler::LockRow(engine::Transaction& changes, const engine::Key& key) {
  bool skips = lock_type_ == TL_WRITE_SKIP_LOCKED || lock_type_ == TL_READ_SKIP_LOCKED;
  if (skips) changes.SetLockTimeout(std::chrono::milliseconds(0));
  Status locked = changes.Lock(kind(), key);
  if (skips) changes.SetLockTimeout(LockWaitTimeout(ha_thd()));
  if (skips && !locked && locked.error().code == ErrorCode::kLockTimeout) return false;
  OBVIEWS_RETURN_IF_ERROR(std::move(locked));
  return true;
}

Result<std::optional<schema::Record>> BaseHandler::ReadLocked(const engine::Key& key) {
  Connection& connection = Connection::Of(ha_thd());
  OBVIEWS_ASSIGN_OR_RETURN(engine::Transaction * changes, connection.Change(ha_thd()));
  OBVIEWS_ASSIGN_OR_RETURN(bool locked, LockRow(*changes, key));
  if (!locked) return std::optional<schema::Record>();
  if (!connection.Leaves(kind(), key)) return changes->Get(kind(), key);
  OBVIEWS_ASSIGN_OR_RETURN(auto newest, TheInstance().views->TakeSnapshot());
  return ReadStored(*newest, key);
}

Result<std::optional<BaseRow>> BaseHandler::Read(const RowKey& key) {
  std::optional<schema::Record> record;
  OwnRows own = Own();
  if (writes_) {
    OBVIEWS_ASSIGN_OR_RETURN(record, ReadLocked(key.record));
  } else if (own.Hides(key.record)) {
    record = own.changes->at(key.record);
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, Snapshot());
    OBVIEWS_ASSIGN_OR_RETURN(record, ReadStored(*snapshot, key.record));
  }
  bool gone = own.changes != nullptr && own.leaves(key.record) && own.is_gone(key);
  if (!record || gone) return std::optional<BaseRow>();
  return FindRow(*base_, *record, key.name);
}

int BaseHandler::Find(const RowKey& key, uchar* row) {
  ++TheInstance().counters.lookups;
  auto found = Read(key);
  if (!found) return RefuseChange(std::move(found).error());
  if (!*found) return HA_ERR_KEY_NOT_FOUND;
  present_ = key;
  return Fill([&](size_t column) -> Result<Value> { return ValueOf((**found)[column]); }, row);
}

int BaseHandler::FindTaskRow(const RowKey& key, uchar* row) {
  auto task = [&]() -> Result<std::optional<engine::Key>> {
    const auto& [tenant_id, job_id, task_id] = key.record;
    Connection& connection = Connection::Of(ha_thd());
    if (!writes_) {
      OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, Snapshot());
      return FindTask(*snapshot, kind(), tenant_id, task_id, Own());
    }
    OBVIEWS_ASSIGN_OR_RETURN(engine::Transaction * changes, connection.Change(ha_thd()));
    OBVIEWS_ASSIGN_OR_RETURN(bool locked, LockRow(*changes, key.record));
    if (!locked) return std::optional<engine::Key>();
    OBVIEWS_ASSIGN_OR_RETURN(auto newest, TheInstance().views->TakeSnapshot());
    return FindTask(*newest, kind(), tenant_id, task_id, Own());
  }();
  if (!task) return RefuseChange(std::move(task).error());
  return *task ? Find({**task, {}}, row) : HA_ERR_KEY_NOT_FOUND;
}

// --- Scans -------------------------------------------------------------------------------------

int BaseHandler::StartCursor(BaseRange range) {
  auto snapshot = Snapshot();
  if (!snapshot) return Refuse(snapshot.error());
  writer_->Reset();
  present_.reset();
  cursor_ = std::make_unique<BaseCursor>(*snapshot, *base_, std::move(range), ReadColumns(), Own());
  ++TheInstance().counters.scans;
  return 0;
}

bool BaseHandler::Accepts() const {
  return condition_ == nullptr || const_cast<COND*>(condition_)->val_bool();
}

int BaseHandler::NextRow(uchar* row) {
  if (cursor_ == nullptr) return HA_ERR_END_OF_FILE;
  auto stopped = Stopped();
  while (!stopped()) {
    auto more = cursor_->Next();
    if (!more) return Refuse(more.error());
    if (!*more) return HA_ERR_END_OF_FILE;
    int error = Fill([&](size_t column) { return cursor_->Column(column); }, row);
    if (error != 0) return error;
    present_ = cursor_->key();
    if (!writes_) return 0;
    // What the statement does not want need not be locked.
    if (row == table->record[0] && !Accepts()) continue;
    error = Find(cursor_->key(), row);
    // It may have gone since the snapshot.
    if (error != HA_ERR_KEY_NOT_FOUND) return error;
  }
  return HA_ERR_ABORTED_BY_USER;
}

void BaseHandler::EndScan() {
  TheInstance().counters.rows_read += std::exchange(rows_read_, 0);
  cursor_.reset();
  range_.reset();
  range_is_empty_ = false;
  exact_ = false;
}

int BaseHandler::rnd_init(bool /*scan*/) {
  // A condition may still be pushed: the scan begins with the first row.
  cursor_.reset();
  return 0;
}

int BaseHandler::rnd_end() {
  EndScan();
  return 0;
}

int BaseHandler::rnd_next(uchar* row) {
  return Guard([&]() -> int {
    if (cursor_ == nullptr) {
      int started = StartCursor(BaseRange::All());
      if (started != 0) return started;
    }
    return NextRow(row);
  });
}

// --- Positions ---------------------------------------------------------------------------------

void BaseHandler::position(const uchar* /*row*/) {
  Position at;
  if (present_) at = {present_->record, HashOf(present_->name)};
  std::memcpy(ref, &at, sizeof(at));
}

int BaseHandler::rnd_pos(uchar* row, uchar* position) {
  return Guard([&]() -> int {
    Position at;
    std::memcpy(&at, position, sizeof(at));
    if (base_->shape != BaseShape::kPairs) return Find({at.key, {}}, row);
    auto snapshot = Snapshot();
    if (!snapshot) return Refuse(snapshot.error());
    BaseCursor pairs(*snapshot, *base_, {{at.key, at.key}}, ReadColumns(), Own());
    while (true) {
      auto more = pairs.Next();
      if (!more) return Refuse(more.error());
      if (!*more) return HA_ERR_KEY_NOT_FOUND;
      if (HashOf(pairs.key().name) == at.name) return Find(pairs.key(), row);
    }
  });
}

// --- The indexes -------------------------------------------------------------------------------

int BaseHandler::index_init(uint index, bool /*sorted*/) {
  active_index = index;
  cursor_.reset();
  exact_ = false;
  return 0;
}

int BaseHandler::index_end() {
  EndScan();
  active_index = MAX_KEY;
  return 0;
}

BaseHandler::KeyParts BaseHandler::ReadKey(const uchar* key, key_part_map parts) const {
  KeyParts read;
  for (size_t i = 0; i < index().columns.size() && (parts & (key_part_map{1} << i)) != 0; ++i) {
    if (base_->shape == BaseShape::kPairs && index().columns[i] == base_->name_column) {
      size_t size = uint2korr(key);
      read.name = std::string(reinterpret_cast<const char*>(key) + HA_KEY_BLOB_LENGTH, size);
    } else {
      read.numbers.push_back(sint8korr(key));
      key += sizeof(int64_t);
    }
  }
  return read;
}

std::optional<BaseRange> BaseHandler::RangeOf(const key_range* low, const key_range* high) const {
  struct Side {
    KeyParts parts;
    std::optional<KeyBound> bound;
    std::optional<NameBound> name;
  };
  auto read = [&](const key_range* end, ha_rkey_function exclusive, Side& side) {
    if (end == nullptr) return;
    side.parts = ReadKey(end->key, end->keypart_map);
    bool inclusive = end->flag != exclusive;
    // A bound that names a pair is inside of a record.
    side.bound = KeyBound{side.parts.numbers, inclusive || side.parts.name.has_value()};
    if (!side.parts.name) return;
    RowKey key{{side.parts.numbers[0], side.parts.numbers[1], 0}, *side.parts.name};
    side.name = NameBound{std::move(key), inclusive};
  };
  Side first;
  Side last;
  read(low, HA_READ_AFTER_KEY, first);
  read(high, HA_READ_BEFORE_KEY, last);
  auto stretch = MakeStretch(std::nullopt, base_->record->per_task, first.bound, last.bound);
  if (!stretch) return std::nullopt;
  return BaseRange{*stretch, std::move(first.name), std::move(last.name)};
}

int BaseHandler::read_range_first(const key_range* start, const key_range* end, bool equal,
                                  bool sorted) {
  if (index().ordered) {
    int prepared = Guard([&]() -> int {
      range_ = RangeOf(start, end);
      range_is_empty_ = !range_;
      return 0;
    });
    if (prepared != 0) return prepared;
  }
  int error = handler::read_range_first(start, end, equal, sorted);
  range_.reset();
  range_is_empty_ = false;
  return error;
}

int BaseHandler::index_first(uchar* row) {
  return Guard([&]() -> int {
    if (range_is_empty_) return HA_ERR_END_OF_FILE;
    int started = StartCursor(range_ ? *range_ : BaseRange::All());
    return started != 0 ? started : NextRow(row);
  });
}

int BaseHandler::index_read_map(uchar* row, const uchar* key, key_part_map parts,
                                ha_rkey_function find) {
  return Guard([&]() -> int {
    if (range_is_empty_) return HA_ERR_KEY_NOT_FOUND;
    key_range at{key, 0, parts, HA_READ_KEY_EXACT};
    key_range outside{key, 0, parts, HA_READ_AFTER_KEY};
    std::optional<BaseRange> range;
    exact_ = false;
    switch (find) {
      case HA_READ_KEY_EXACT:
      case HA_READ_PREFIX: {
        KeyParts read = ReadKey(key, parts);
        size_t count = read.numbers.size() + (read.name ? 1 : 0);
        if (count == index().columns.size()) return FindExact(read, row);
        range = RangeOf(&at, &at);
        break;
      }
      case HA_READ_KEY_OR_NEXT:
        range = RangeOf(&at, nullptr);
        break;
      case HA_READ_AFTER_KEY:
        range = RangeOf(&outside, nullptr);
        break;
      case HA_READ_PREFIX_LAST:
        return FindLast(RangeOf(&at, &at), row);
      case HA_READ_PREFIX_LAST_OR_PREV:
      case HA_READ_KEY_OR_PREV:
        return FindLast(RangeOf(nullptr, &at), row);
      case HA_READ_BEFORE_KEY:
        outside.flag = HA_READ_BEFORE_KEY;
        return FindLast(RangeOf(nullptr, &outside), row);
      default:
        return HA_ERR_WRONG_COMMAND;
    }
    if (range_) {
      range = range_;
    } else {
      exact_ = find == HA_READ_KEY_EXACT;
    }
    if (!range) return HA_ERR_KEY_NOT_FOUND;
    int started = StartCursor(*std::move(range));
    if (started != 0) return started;
    int error = NextRow(row);
    return error == HA_ERR_END_OF_FILE ? HA_ERR_KEY_NOT_FOUND : error;
  });
}

int BaseHandler::FindExact(const KeyParts& parts, uchar* row) {
  cursor_.reset();
  exact_ = !range_;
  RowKey key{{parts.numbers[0], parts.numbers[1], 0}, parts.name.value_or("")};
  if (!index().ordered) {
    exact_ = false;
    key.record = {parts.numbers[0], 0, parts.numbers[1]};
    return FindTaskRow(key, row);
  }
  if (parts.numbers.size() > 2) key.record.task_id = parts.numbers[2];
  return Find(key, row);
}

int BaseHandler::index_next(uchar* row) {
  return Guard([&]() -> int {
    auto last = present_;
    int error = NextRow(row);
    if (error != HA_ERR_END_OF_FILE || !exact_ || !last) return error;
    exact_ = false;
    BaseRange behind = BaseRange::All();
    behind.records.first = last->record;
    behind.low = NameBound{*last, false};
    int started = StartCursor(std::move(behind));
    return started != 0 ? started : NextRow(row);
  });
}

// A scan that was begun with an exact key has no other rows.
int BaseHandler::index_next_same(uchar* row, const uchar* /*key*/, uint /*length*/) {
  return Guard([&]() -> int { return NextRow(row); });
}

int BaseHandler::index_last(uchar* row) {
  return Guard([&]() -> int { return FindLast(BaseRange::All(), row); });
}

int BaseHandler::FindLast(std::optional<BaseRange> range, uchar* row) {
  if (!range) return HA_ERR_KEY_NOT_FOUND;
  // Cursors go forward only.
  int started = StartCursor(*std::move(range));
  if (started != 0) return started;
  std::optional<RowKey> last;
  auto stopped = Stopped();
  while (!stopped()) {
    auto more = cursor_->Next();
    if (!more) return Refuse(more.error());
    if (!*more) {
      cursor_.reset();
      return last ? Find(*last, row) : HA_ERR_KEY_NOT_FOUND;
    }
    last = cursor_->key();
  }
  return HA_ERR_ABORTED_BY_USER;
}

}  // namespace obviews::mariadb
