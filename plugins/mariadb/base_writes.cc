// How rows of base tables are changed; see base_handler.h.
#include <utility>

#include "plugins/mariadb/base_handler.h"
#include "plugins/mariadb/connection.h"

namespace obviews::mariadb {

BaseRow BaseHandler::ReadRow(const uchar* row) const {
  my_ptrdiff_t offset = row - table->record[0];
  BaseRow values;
  for (size_t i = 0; i < base_->columns.size(); ++i) {
    Field* field = table->field[i];
    if (offset != 0) field->move_field_offset(offset);
    values.push_back(ReadField(field, base_->columns[i].type.kind));
    if (offset != 0) field->move_field_offset(-offset);
  }
  return values;
}

Result<bool> BaseHandler::LockNew(engine::Transaction& changes, const RowKey& key) {
  OBVIEWS_RETURN_IF_ERROR(changes.Lock(kind(), key.record));
  if (base_->record->per_task) {
    // Another job of the tenant may have a task of this id.
    OBVIEWS_ASSIGN_OR_RETURN(auto newest, TheInstance().views->TakeSnapshot());
    OBVIEWS_ASSIGN_OR_RETURN(
        auto task, FindTask(*newest, kind(), key.record.tenant_id, key.record.task_id, Own()));
    return task.has_value();
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto record, changes.Get(kind(), key.record));
  return record && FindRow(*base_, *record, key.name);
}

Status BaseHandler::Put(engine::Transaction& changes, const BaseRow& row) {
  OBVIEWS_ASSIGN_OR_RETURN(auto record, changes.Get(kind(), KeyOf(*base_, row).record));
  return changes.Put(WithRow(*base_, std::move(record), row));
}

Status BaseHandler::Remove(engine::Transaction& changes, const RowKey& key) {
  OBVIEWS_ASSIGN_OR_RETURN(auto record, changes.Get(kind(), key.record));
  if (!record) return {};
  auto left = WithoutRow(*base_, *std::move(record), key.name);
  if (!left) return changes.Delete(kind(), key.record);
  return changes.Put(*std::move(left));
}

int BaseHandler::write_row(const uchar* row) {
  return Guard([&]() -> int {
    BaseRow values = ReadRow(row);
    if (auto fault = FindFault(*base_, values)) return RefuseValue(*fault);
    auto changes = Connection::Of(ha_thd()).Change(ha_thd());
    if (!changes) return RefuseChange(std::move(changes).error());
    auto present = LockNew(**changes, KeyOf(*base_, values));
    if (!present) return RefuseChange(std::move(present).error());
    if (*present) {
      errkey = 0;
      return HA_ERR_FOUND_DUPP_KEY;
    }
    Status put = Put(**changes, values);
    return put ? 0 : RefuseChange(std::move(put).error());
  });
}

int BaseHandler::update_row(const uchar* before, const uchar* after) {
  return Guard([&]() -> int {
    if (!present_) return HA_ERR_KEY_NOT_FOUND;
    auto changes = Connection::Of(ha_thd()).Change(ha_thd());
    if (!changes) return RefuseChange(std::move(changes).error());
    auto held = Read(*present_);
    if (!held) return RefuseChange(std::move(held).error());
    if (!*held) return HA_ERR_RECORD_DELETED;
    // Columns that stay as they are keep what the record has, which a field may not hold.
    BaseRow values = **held;
    BaseRow old_values = ReadRow(before);
    BaseRow new_values = ReadRow(after);
    bool differs = false;
    for (uint i = 0; i < table_share->fields; ++i) {
      if (!bitmap_is_set(table->write_set, i)) continue;
      bool known = bitmap_is_set(table->read_set, i);
      if (known && old_values[i] == new_values[i]) continue;
      values[i] = std::move(new_values[i]);
      differs = true;
    }
    if (!differs) return HA_ERR_RECORD_IS_THE_SAME;
    if (auto fault = FindFault(*base_, values)) return RefuseValue(*fault);
    return Replace(**changes, *present_, values);
  });
}

int BaseHandler::Replace(engine::Transaction& changes, const RowKey& old_key,
                         const BaseRow& values) {
  RowKey key = KeyOf(*base_, values);
  if (key != old_key) {
    // A task keeps its row where only its job is another one.
    bool same_task = base_->record->per_task && key.record.tenant_id == old_key.record.tenant_id &&
                     key.record.task_id == old_key.record.task_id;
    auto present = same_task ? Result<bool>(false) : LockNew(changes, key);
    if (!present) return RefuseChange(std::move(present).error());
    if (*present) {
      errkey = 0;
      return HA_ERR_FOUND_DUPP_KEY;
    }
    Status removed = Remove(changes, old_key);
    if (!removed) return RefuseChange(std::move(removed).error());
  }
  Status put = Put(changes, values);
  if (!put) return RefuseChange(std::move(put).error());
  present_ = std::move(key);
  return 0;
}

int BaseHandler::delete_row(const uchar* /*row*/) {
  return Guard([&]() -> int {
    if (!present_) return HA_ERR_KEY_NOT_FOUND;
    auto changes = Connection::Of(ha_thd()).Change(ha_thd());
    if (!changes) return RefuseChange(std::move(changes).error());
    Status removed = Remove(**changes, *present_);
    if (removed) Connection::Of(ha_thd()).NoteDeleted(*base_, *present_);
    return removed ? 0 : RefuseChange(std::move(removed).error());
  });
}

int BaseHandler::truncate() {
  return Guard([&]() -> int {
    auto changes = Connection::Of(ha_thd()).Change(ha_thd());
    if (!changes) return RefuseChange(std::move(changes).error());
    auto snapshot = TheInstance().views->TakeSnapshot();
    if (!snapshot) return Refuse(snapshot.error());
    BaseCursor rows(*snapshot, *base_, BaseRange::All(), {}, {});
    auto stopped = Stopped();
    while (!stopped()) {
      auto more = rows.Next();
      if (!more) return Refuse(more.error());
      if (!*more) return 0;
      Status locked = (*changes)->Lock(kind(), rows.key().record);
      Status removed = locked ? Remove(**changes, rows.key()) : std::move(locked);
      if (!removed) return RefuseChange(std::move(removed).error());
    }
    return HA_ERR_ABORTED_BY_USER;
  });
}

}  // namespace obviews::mariadb
