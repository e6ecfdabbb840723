// Counting by groups; see task_counts.h.
#include "plugins/mariadb/task_counts.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "plugins/mariadb/conditions.h"
#include "plugins/mariadb/connection.h"
#include "plugins/mariadb/fields.h"
#include "virtual_tables/group_rows.h"

// The server's headers come last; see there.
#include "plugins/mariadb/table_handler.h"

namespace obviews::mariadb {
namespace {

using vtab::GroupRows;

/// What an ORDER BY goes by.
struct SortKey {
  Field* field = nullptr;  ///< nullptr: a count
  size_t count = 0;        ///< its place among what is shown
  bool descending = false;
};

/// What is to be counted, and how.
struct Task {
  TABLE* table = nullptr;
  TenantView target;
  Item* condition = nullptr;  ///< nullptr: all tasks
  std::vector<Item*> shown;   ///< columns and COUNT(), in the order of the answer's fields
  std::vector<Field*> grouping;
  std::vector<SortKey> order;
  std::vector<size_t> columns;  ///< those of the view that have to be known
  bool by_job = false;
  /// Without GROUP BY and DISTINCT the answer is one row, also where nothing is counted.
  bool is_one_row = false;
};

/// Reads what a statement asks for.
class Reader {
 public:
  explicit Reader(const Query& query) : query_(query) {}

  /// nullopt: it asks for more than groups know.
  std::optional<Task> Read() {
    TABLE_LIST* from = query_.from;
    if (from->next_local != nullptr || from->table == nullptr) return std::nullopt;
    SELECT_LEX* select = from->select_lex;
    if (select == nullptr || select->join == nullptr || select->join->table_count != 1 ||
        select->olap != UNSPECIFIED_OLAP_TYPE || select->have_window_funcs()) {
      return std::nullopt;
    }
    // The server loses count of the rows behind a LIMIT (10.11).
    if ((select->join->select_options & OPTION_FOUND_ROWS) != 0) return std::nullopt;
    task_.table = from->table;
    // The server asks about tables of this engine alone.
    const TenantView* shown = static_cast<TableHandler*>(from->table->file)->view();
    if (shown == nullptr || !shown->view->record->per_task) return std::nullopt;
    task_.target = *shown;
    if (!ReadCondition() || !ReadGrouping() || !ReadShown() || !ReadOrder()) return std::nullopt;
    if (query_.group_by != nullptr) return query_.distinct ? std::nullopt : Take();
    // A GROUP BY that the optimizer has taken away has no row where nothing is counted, and may
    // show columns that it does not group by.
    if (select->group_list.elements != 0) return std::nullopt;
    task_.is_one_row = has_counts_;
    return query_.distinct != has_counts_ ? Take() : std::nullopt;
  }

 private:
  std::optional<Task> Take() { return std::move(task_); }

  /// The field an expression is, if groups know it; it is noted as wanted.
  Field* Known(Item* item) {
    Item* real = item->real_item();
    if (real->type() != Item::FIELD_ITEM) return nullptr;
    Field* field = static_cast<Item_field*>(real)->field;
    if (field == nullptr || field->table != task_.table) return nullptr;
    size_t column = field->field_index;
    GroupRows::Part part = GroupRows::PartOf(*task_.target.view, column);
    // A BLOB in a row is where its text lies.
    if (part == GroupRows::Part::kNone || (field->flags & BLOB_FLAG) != 0) return nullptr;
    task_.by_job = task_.by_job || part == GroupRows::Part::kJob;
    auto noted = std::find(task_.columns.begin(), task_.columns.end(), column);
    if (noted == task_.columns.end()) task_.columns.push_back(column);
    return field;
  }

  bool ReadCondition() {
    Item* condition = query_.where;
    task_.condition = condition;
    if (condition == nullptr) return true;
    // Other tables, and what differs from one look to the next, such as RAND().
    if ((condition->used_tables() & ~task_.table->map) != 0 || condition->with_subquery()) {
      return false;
    }
    List<Item_field> fields;
    condition->walk(&Item::collect_item_field_processor, false, &fields);
    List_iterator_fast<Item_field> each(fields);
    while (Item* field = each++) {
      if (Known(field) == nullptr) return false;
    }
    return true;
  }

  bool ReadGrouping() {
    for (ORDER* part = query_.group_by; part != nullptr; part = part->next) {
      Field* field = Known(*part->item);
      if (field == nullptr) return false;
      task_.grouping.push_back(field);
    }
    return true;
  }

  bool ReadShown() {
    List_iterator_fast<Item> each(*query_.select);
    while (Item* item = each++) {
      // The answer has no field for it.
      if (item->const_item()) return false;
      if (item->type() == Item::SUM_FUNC_ITEM) {
        auto* sum = static_cast<Item_sum*>(item);
        if (sum->sum_func() != Item_sum::COUNT_FUNC) return false;
        Item* counted = sum->get_arg(0);
        if (!counted->basic_const_item() && Known(counted) == nullptr) return false;
        has_counts_ = true;
      } else {
        Field* field = Known(item);
        if (field == nullptr) return false;
        bool grouped =
            std::find(task_.grouping.begin(), task_.grouping.end(), field) != task_.grouping.end();
        // SELECT DISTINCT groups by what it shows.
        if (!grouped && query_.group_by != nullptr) return false;
        if (!grouped) task_.grouping.push_back(field);
        has_plain_ = true;
      }
      task_.shown.push_back(item);
    }
    // Without GROUP BY, columns beside counts are those of any row.
    return query_.group_by != nullptr || !has_plain_ || !has_counts_;
  }

  bool ReadOrder() {
    for (ORDER* part = query_.order_by; part != nullptr; part = part->next) {
      SortKey key;
      key.descending = part->direction == ORDER::ORDER_DESC;
      Item* item = (*part->item)->real_item();
      if (item->type() == Item::SUM_FUNC_ITEM) {
        auto shown = std::find(task_.shown.begin(), task_.shown.end(), item);
        if (shown == task_.shown.end()) return false;
        key.count = static_cast<size_t>(shown - task_.shown.begin());
      } else {
        key.field = Known(item);
        const auto& grouping = task_.grouping;
        if (std::find(grouping.begin(), grouping.end(), key.field) == grouping.end()) return false;
      }
      task_.order.push_back(key);
    }
    return true;
  }

  const Query& query_;
  Task task_;
  bool has_counts_ = false;
  bool has_plain_ = false;
};

/// The answer: one row for each group.
class TaskCounts final : public group_by_handler {
 public:
  TaskCounts(THD* thd, Task task)
      : group_by_handler(thd, TheInstance().engine), task_(std::move(task)) {}

  int init_scan() override {
    return TableHandler::Guard([&]() -> int {
      groups_.clear();
      by_hash_.clear();
      next_ = 0;
      if (task_.is_one_row) groups_.push_back(EmptyGroup());
      int error = CountAll();
      if (error == 0) Sort();
      return error;
    });
  }

  int next_row() override {
    return TableHandler::Guard([&]() -> int {
      if (next_ == groups_.size()) return HA_ERR_END_OF_FILE;
      const Group& group = groups_[next_++];
      std::memcpy(task_.table->record[0], group.row.data(), group.row.size());
      for (size_t i = 0; i < task_.shown.size(); ++i) {
        Field* field = table->field[i];
        if (task_.shown[i]->type() == Item::SUM_FUNC_ITEM) {
          field->set_notnull();
          field->store(static_cast<longlong>(group.counts[i]), true);
        } else {
          // save_in_field would take the value from where it is to go.
          task_.shown[i]->real_item()->save_org_in_field(field, nullptr);
        }
      }
      return 0;
    });
  }

  int end_scan() override {
    groups_.clear();
    by_hash_.clear();
    return 0;
  }

  void print_error(int error, myf flag) override { task_.table->file->print_error(error, flag); }

 private:
  /// Rows that the server takes for one.
  struct Group {
    std::vector<uchar> row;        ///< of the view's table: one of them
    std::vector<uint64_t> counts;  ///< by place among what is shown
  };

  Group EmptyGroup() const {
    const uchar* row = task_.table->record[0];
    return {{row, row + task_.table->s->reclength}, std::vector<uint64_t>(task_.shown.size())};
  }

  int CountAll() {
    auto* file = static_cast<TableHandler*>(task_.table->file);
    auto snapshot = Connection::Of(thd).Snapshot();
    if (!snapshot) return file->Refuse(snapshot.error());
    ++TheInstance().counters.group_scans;
    vtab::GroupRequest request{.view = task_.target.view, .by_job = task_.by_job};
    if (task_.condition != nullptr) {
      request.predicate =
          Translate(thd, task_.table, *task_.target.view, task_.condition).predicate;
    }
    // Texts of groups have no times: the zone is any.
    GroupRows rows(*snapshot, TheInstance().views->SessionFor(task_.target, {}), request);
    RowWriter writer(task_.target.view->name, ColumnsOf(*task_.target.view),
                     RowWriter::Texts::kOfField);
    auto stopped = StoppedOf(thd);
    while (!stopped()) {
      auto more = rows.Next();
      if (!more) return file->Refuse(more.error());
      if (!*more) return 0;
      std::memset(task_.table->record[0], 0, task_.table->s->null_bytes);
      for (size_t column : task_.columns) {
        writer.Store(thd, task_.table->field[column], column, rows.Column(column));
      }
      if (task_.condition != nullptr && !task_.condition->val_bool()) {
        if (thd->is_error()) return HA_ERR_GENERIC;
        continue;
      }
      Add(rows.count());
    }
    return HA_ERR_ABORTED_BY_USER;
  }

  void Add(uint64_t count) {
    Group& group = GroupOfRow();
    for (size_t i = 0; i < task_.shown.size(); ++i) {
      if (task_.shown[i]->type() != Item::SUM_FUNC_ITEM) continue;
      Item* counted = static_cast<Item_sum*>(task_.shown[i])->get_arg(0);
      if (!counted->is_null()) group.counts[i] += count;
    }
  }

  /// That of the present row of the table, made if there is none.
  Group& GroupOfRow() {
    if (task_.is_one_row) return groups_.front();
    Hasher hasher;
    for (Field* field : task_.grouping) field->hash(&hasher);
    uint32 hash = hasher.finalize();
    auto [first, last] = by_hash_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (IsPresent(groups_[at->second])) return groups_[at->second];
    }
    by_hash_.emplace(hash, groups_.size());
    groups_.push_back(EmptyGroup());
    return groups_.back();
  }

  void Sort() {
    if (task_.order.empty()) return;
    by_hash_.clear();
    std::stable_sort(groups_.begin(), groups_.end(), [&](const Group& a, const Group& b) {
      for (const SortKey& key : task_.order) {
        int order = Compare(key, a, b);
        if (order != 0) return key.descending ? order > 0 : order < 0;
      }
      return false;
    });
  }

  /// NULL comes before all values.
  int Compare(const SortKey& key, const Group& a, const Group& b) const {
    if (key.field == nullptr) {
      uint64_t left = a.counts[key.count];
      uint64_t right = b.counts[key.count];
      return left < right ? -1 : left > right ? 1 : 0;
    }
    const uchar* record = task_.table->record[0];
    bool left_null = key.field->is_null(a.row.data() - record);
    bool right_null = key.field->is_null(b.row.data() - record);
    if (left_null || right_null) return static_cast<int>(right_null) - static_cast<int>(left_null);
    auto at = static_cast<size_t>(key.field->ptr - record);
    return key.field->cmp(a.row.data() + at, b.row.data() + at);
  }

  bool IsPresent(const Group& group) const {
    my_ptrdiff_t offset = group.row.data() - task_.table->record[0];
    return std::all_of(task_.grouping.begin(), task_.grouping.end(), [&](Field* field) {
      bool null = field->is_null();
      if (null != field->is_null(offset)) return false;
      return null || field->cmp_offset(offset) == 0;
    });
  }

  Task task_;
  std::vector<Group> groups_;
  std::unordered_multimap<uint32, size_t> by_hash_;
  size_t next_ = 0;
};

}  // namespace

group_by_handler* CountByGroups(THD* thd, Query* query) {
  try {
    if (TheInstance().views == nullptr || !PushesConditions(thd)) return nullptr;
    auto task = Reader(*query).Read();
    if (!task) return nullptr;
    auto counts = std::make_unique<TaskCounts>(thd, *std::move(task));
    // All is done here: the server keeps what it is left with in a temporary table whose order and
    // columns it then loses (10.11).
    query->group_by = nullptr;
    query->order_by = nullptr;
    query->distinct = false;
    query->where = nullptr;
    return counts.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace obviews::mariadb
