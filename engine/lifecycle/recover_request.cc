// Checks in the server's order: destination and option, names and conflicts, then remaps against
// the list.
#include "engine/lifecycle/recover_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "schema/conversions.h"
#include "schema/lists.h"
#include "schema/numbers.h"
#include "schema/time_text.h"

namespace obviews::lifecycle {
namespace {

constexpr size_t kMaxDatabaseCharacters = 128;
constexpr size_t kMaxTableCharacters = 64;
constexpr size_t kMaxOracleTableCharacters = 128;
constexpr size_t kMaxGroupCharacters = 128;  // table groups and tablespaces
constexpr size_t kUriBytes = 20'480;
constexpr size_t kOptionBytes = 2'048;
constexpr size_t kPrimaryZoneBytes = 128;
constexpr uint64_t kMinUntilScn = 2;
constexpr int64_t kMaxConcurrency = 100;

using TableKey = std::pair<std::string_view, std::string_view>;
TableKey KeyOf(const TableItem& table) { return {table.database, table.table}; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
void LowerAll(std::string& name) { std::transform(name.begin(), name.end(), name.begin(), Lower); }

std::string Rendered(const std::string& name) {
  const std::string_view names[] = {name};
  return schema::RenderNameList(names);
}
std::string Rendered(const DatabaseItem& item) { return Rendered(item.database); }
std::string Rendered(const TableItem& item) {
  const schema::TableName tables[] = {{item.database, item.table}};
  return schema::RenderTableList(tables);
}
template <class Item>
std::string RenderedRemap(const Item& item) {
  return Rendered(item.source) + ':' + Rendered(item.target);
}

tl::unexpected<Error> Refuse(ServerCode code, std::string_view what, const Place& place,
                             std::string_view near = {}) {
  return Fail(StatementError(code, what, place, near));
}

tl::unexpected<Error> Conflict(const std::string& added, const std::string& there,
                               const Place& place) {
  return Refuse(ServerCode::kConflict,
                fmt::format("{} is conflict with {}", ShowInStatementError(added),
                            ShowInStatementError(there)),
                place, added);
}

std::string_view Trim(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

// Calls `visit` with the parts of `text` between separators.
template <class Visit>
void ForEachPart(std::string_view text, char separator, Visit visit) {
  for (;;) {
    const size_t at = text.find(separator);
    visit(text.substr(0, at));
    if (at == std::string_view::npos) return;
    text.remove_prefix(at + 1);
  }
}

// --- FROM, UNTIL and WITH

Result<std::string> CheckBackupUri(const RecoverTableStatement& statement) {
  const Place place = statement.from_place.value_or(Place());
  if (statement.backup_uri.size() >= kUriBytes) {
    return Refuse(ServerCode::kInvalidArgument,
                  fmt::format("FROM has {} bytes; less than {} are allowed",
                              statement.backup_uri.size(), kUriBytes),
                  place);
  }
  std::string dest;
  std::set<std::string_view> seen;
  ForEachPart(statement.backup_uri, ',', [&](std::string_view part) {
    const std::string_view path = Trim(part);
    if (path.empty() || !seen.insert(path).second) return;
    if (!dest.empty()) dest += ',';
    dest += path;
  });
  if (dest.empty() && statement.from_place) {
    return Refuse(ServerCode::kInvalidArgument, "FROM names no path", place);
  }
  return dest;
}

Status CheckUntil(const RecoverTableStatement& statement) {
  const auto* until = std::get_if<UntilScn>(&statement.until);
  if (until == nullptr || (until->scn >= kMinUntilScn && until->scn <= schema::kMaxScn)) return {};
  return Refuse(ServerCode::kInvalidArgument,
                fmt::format("UNTIL SCN is {} to {}", kMinUntilScn, schema::kMaxScn), until->place);
}

// Takes one `key=value`. Returns what is wrong with it, or "". Values may be secrets.
std::string TakeOption(std::string_view key, std::string_view value, RestoreOptions& options) {
  if (schema::SameName(key, "pool_list")) {
    options.pool_list.clear();
    ForEachPart(value, ',', [&](std::string_view part) {
      const std::string_view pool = Trim(part);
      if (!pool.empty()) options.pool_list.emplace_back(pool);
    });
  } else if (schema::SameName(key, "locality")) {
    options.locality = value;  // its own limit, 4096 bytes, is beyond the whole option's
  } else if (schema::SameName(key, "primary_zone")) {
    if (value.size() >= kPrimaryZoneBytes) {
      return fmt::format("primary_zone has {} bytes; less than {} are allowed", value.size(),
                         kPrimaryZoneBytes);
    }
    options.primary_zone = value;
  } else if (schema::SameName(key, "kms_encrypt")) {
    const bool yes = schema::SameName(value, "true") || value == "1";
    if (!yes && !schema::SameName(value, "false") && value != "0") {
      return "kms_encrypt is true or false";
    }
    options.kms_encrypt = yes;
  } else if (schema::SameName(key, "concurrency")) {
    const Result<int64_t> number = schema::ParseInt64(value);
    if (!number || *number < 0 || *number > kMaxConcurrency) {
      return fmt::format("concurrency is 0 to {}", kMaxConcurrency);
    }
    options.concurrency = static_cast<int>(*number);
  }
  return "";
}

Result<RestoreOptions> CheckRestoreOption(const RecoverTableStatement& statement) {
  const std::string_view text = statement.restore_option;
  const auto refuse = [&](std::string_view what) {
    return Refuse(ServerCode::kInvalidArgument, what, statement.option_place);
  };
  if (text.size() >= kOptionBytes) {
    return refuse(fmt::format("the option behind WITH has {} bytes; less than {} are allowed",
                              text.size(), kOptionBytes));
  }
  RestoreOptions options;
  std::string wrong;
  ForEachPart(text, '&', [&](std::string_view part) {
    const size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    std::string found = TakeOption(Trim(part.substr(0, equals)), Trim(value), options);
    if (wrong.empty()) wrong = std::move(found);
  });
  if (!wrong.empty()) return refuse(wrong);
  if (options.pool_list.empty()) return refuse("the option behind WITH needs a pool_list");
  return options;
}

// --- names

// What is wrong with a name of 1 to `limit` characters; "" if nothing is.
std::string NameFault(std::string_view kind, const std::string& name, size_t limit) {
  if (name.empty()) return fmt::format("the name of a {} is empty", kind);
  if (CountCharacters(name) > limit) {
    return fmt::format("the name of a {} has {} characters; {} are allowed", kind,
                       CountCharacters(name), limit);
  }
  if (name.back() == ' ') return fmt::format("the name of a {} ends with a space", kind);
  return "";
}

Status CheckDatabaseName(const std::string& name, const Place& place) {
  const std::string fault = NameFault("database", name, kMaxDatabaseCharacters);
  if (fault.empty()) return {};
  return Refuse(ServerCode::kWrongDatabaseName, fault, place, Rendered(name));
}

Status CheckTableName(const TableItem& item, const Place& place, schema::Mode mode) {
  OBVIEWS_RETURN_IF_ERROR(CheckDatabaseName(item.database, place));
  const size_t limit =
      mode == schema::Mode::kOracle ? kMaxOracleTableCharacters : kMaxTableCharacters;
  const std::string fault = NameFault("table", item.table, limit);
  if (fault.empty()) return {};
  const bool too_long = CountCharacters(item.table) > limit;
  return Refuse(too_long ? ServerCode::kNameTooLong : ServerCode::kWrongTableName, fault, place,
                Rendered(item));
}

// --- the list

// Items already taken, by name, to find those in conflict. Borrows the names of the items.
class ListCheck {
 public:
  ListCheck(const TargetTraits& target, const RecoverLists& lists)
      : mode_(target.mode), lists_(lists) {}

  Status Check() {
    // Databases and tables stand in lists of their own; their places tell the typed order.
    auto database = lists_.databases.begin();
    auto table = lists_.tables.begin();
    while (database != lists_.databases.end() || table != lists_.tables.end()) {
      const bool is_table =
          database == lists_.databases.end() ||
          (table != lists_.tables.end() && table->place.offset < database->place.offset);
      OBVIEWS_RETURN_IF_ERROR(is_table ? Add(*table++) : Add(*database++));
    }
    return {};
  }

  bool HasDatabase(std::string_view name) const { return databases_.contains(name); }
  bool HasTable(const TableItem& table) const { return tables_.contains(KeyOf(table)); }

 private:
  Status Add(const DatabaseItem& item) {
    OBVIEWS_RETURN_IF_ERROR(CheckDatabaseName(item.database, item.place));
    const auto [twin, added] = databases_.emplace(item.database, &item);
    if (!added) return Conflict(Rendered(item), Rendered(*twin->second), item.place);
    const auto inside = tables_.lower_bound({item.database, ""});
    if (inside != tables_.end() && inside->first.first == item.database) {
      return Conflict(Rendered(item), Rendered(*inside->second), item.place);
    }
    return {};
  }

  Status Add(const TableItem& item) {
    OBVIEWS_RETURN_IF_ERROR(CheckTableName(item, item.place, mode_));
    const auto [twin, added] = tables_.emplace(KeyOf(item), &item);
    if (!added) return Conflict(Rendered(item), Rendered(*twin->second), item.place);
    const auto around = databases_.find(item.database);
    if (around == databases_.end()) return {};
    return Conflict(Rendered(item), Rendered(*around->second), item.place);
  }

  schema::Mode mode_;
  const RecoverLists& lists_;
  std::map<std::string_view, const DatabaseItem*> databases_;
  std::map<TableKey, const TableItem*> tables_;
};

// --- remaps

// Refuses two remaps of one kind with the same source or target. `key_of` gives what is compared.
template <class Item, class KeyOfPart>
Status CheckRemapTwins(const std::vector<Item>& remaps, KeyOfPart key_of) {
  std::set<decltype(key_of(remaps.front().source))> sources;
  std::set<decltype(key_of(remaps.front().target))> targets;
  for (const Item& remap : remaps) {
    if (!sources.insert(key_of(remap.source)).second) {
      return Conflict(RenderedRemap(remap), Rendered(remap.source), remap.place);
    }
    if (!targets.insert(key_of(remap.target)).second) {
      return Conflict(RenderedRemap(remap), Rendered(remap.target), remap.place);
    }
  }
  return {};
}

std::string_view NameKey(const std::string& name) { return name; }

Status CheckGroupRemaps(std::string_view kind, const std::vector<NameRemapItem>& remaps) {
  for (const NameRemapItem& remap : remaps) {
    for (const std::string* name : {&remap.source, &remap.target}) {
      const std::string fault = NameFault(kind, *name, kMaxGroupCharacters);
      if (!fault.empty()) {
        return Refuse(ServerCode::kWrongValue, fault, remap.place, RenderedRemap(remap));
      }
    }
  }
  return CheckRemapTwins(remaps, NameKey);
}

Status CheckRemaps(const RecoverLists& lists, schema::Mode mode) {
  for (const NameRemapItem& remap : lists.database_remaps) {
    OBVIEWS_RETURN_IF_ERROR(CheckDatabaseName(remap.source, remap.place));
    OBVIEWS_RETURN_IF_ERROR(CheckDatabaseName(remap.target, remap.place));
  }
  OBVIEWS_RETURN_IF_ERROR(CheckRemapTwins(lists.database_remaps, NameKey));
  for (const TableRemapItem& remap : lists.table_remaps) {
    OBVIEWS_RETURN_IF_ERROR(CheckTableName(remap.source, remap.place, mode));
    OBVIEWS_RETURN_IF_ERROR(CheckTableName(remap.target, remap.place, mode));
  }
  OBVIEWS_RETURN_IF_ERROR(CheckRemapTwins(lists.table_remaps, KeyOf));
  OBVIEWS_RETURN_IF_ERROR(CheckGroupRemaps("table group", lists.tablegroup_remaps));
  return CheckGroupRemaps("tablespace", lists.tablespace_remaps);
}

Status CheckRemapsAgainstList(const RecoverLists& lists, const ListCheck& list) {
  const auto refuse = [](const std::string& what, const auto& remap) {
    return Refuse(ServerCode::kNotSupported, ShowInStatementError(what) + " not supported",
                  remap.place, RenderedRemap(remap));
  };
  for (const NameRemapItem& remap : lists.database_remaps) {
    if (!list.HasDatabase(remap.source)) return refuse("remap not exist recover database", remap);
    if (list.HasDatabase(remap.target)) {
      return refuse("duplicate recover database, " + remap.target, remap);
    }
  }
  for (const TableRemapItem& remap : lists.table_remaps) {
    if (!list.HasTable(remap.source)) return refuse("remap not exist recover table", remap);
    if (list.HasTable(remap.target)) {
      return refuse("duplicate recover table, " + remap.target.database + '.' + remap.target.table,
                    remap);
    }
  }
  return {};
}

// --- from the statement to the lists

void LowerNames(RecoverLists& lists) {
  const auto lower_table = [](TableItem& item) {
    LowerAll(item.database);
    LowerAll(item.table);
  };
  for (DatabaseItem& item : lists.databases) LowerAll(item.database);
  for (TableItem& item : lists.tables) lower_table(item);
  for (NameRemapItem& remap : lists.database_remaps) {
    LowerAll(remap.source);
    LowerAll(remap.target);
  }
  for (TableRemapItem& remap : lists.table_remaps) {
    lower_table(remap.source);
    lower_table(remap.target);
  }
}

std::string RenderNameRemaps(const std::vector<NameRemapItem>& remaps) {
  std::vector<schema::NameRemap> shown;
  shown.reserve(remaps.size());
  for (const NameRemapItem& remap : remaps) shown.push_back({remap.source, remap.target});
  return schema::RenderNameRemapList(shown);
}

void RenderLists(RecoverLists& lists) {
  std::vector<std::string_view> databases;
  databases.reserve(lists.databases.size());
  for (const DatabaseItem& item : lists.databases) databases.emplace_back(item.database);
  std::vector<schema::TableName> tables;
  tables.reserve(lists.tables.size());
  for (const TableItem& item : lists.tables) tables.push_back({item.database, item.table});
  std::vector<schema::TableRemap> remaps;
  remaps.reserve(lists.table_remaps.size());
  for (const TableRemapItem& remap : lists.table_remaps) {
    remaps.push_back(
        {{remap.source.database, remap.source.table}, {remap.target.database, remap.target.table}});
  }
  lists.db_list = schema::RenderNameList(databases);
  lists.table_list = schema::RenderTableList(tables);
  lists.remap_db_list = RenderNameRemaps(lists.database_remaps);
  lists.remap_table_list = schema::RenderTableRemapList(remaps);
  lists.remap_tablegroup_list = RenderNameRemaps(lists.tablegroup_remaps);
  lists.remap_tablespace_list = RenderNameRemaps(lists.tablespace_remaps);
}

Status CheckNoPartitions(const RecoverTableStatement& statement) {
  constexpr std::string_view kWhat = "recover table of a partition not supported";
  if (!statement.partitions.empty()) {
    const PartitionItem& item = statement.partitions.front();
    const schema::PartitionName names[] = {{item.database, item.table, item.partition}};
    return Refuse(ServerCode::kNotSupported, kWhat, item.place, schema::RenderPartitionList(names));
  }
  if (!statement.partition_remaps.empty()) {
    const PartitionItem& item = statement.partition_remaps.front().source;
    const schema::PartitionName names[] = {{item.database, item.table, item.partition}};
    return Refuse(ServerCode::kNotSupported, kWhat, statement.partition_remaps.front().place,
                  schema::RenderPartitionList(names));
  }
  return {};
}

RecoverLists ItemsOf(const RecoverTableStatement& statement) {
  RecoverLists lists;
  lists.import_all = statement.import_all;
  lists.databases = statement.databases;
  lists.tables = statement.tables;
  lists.database_remaps = statement.database_remaps;
  lists.table_remaps = statement.table_remaps;
  lists.tablegroup_remaps = statement.tablegroup_remaps;
  lists.tablespace_remaps = statement.tablespace_remaps;
  return lists;
}

bool IsTimeText(std::string_view text) {
  return text.find_first_not_of("0123456789-:. T") == std::string_view::npos;
}

// ScnOfUntilTime, with an error that says only what is wrong.
Result<uint64_t> ReadUntilTime(std::string_view text, const schema::Zone& zone) {
  const auto refuse = [](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("UNTIL TIME {}", what));
  };
  constexpr size_t kDate = 10;
  if (!IsTimeText(text) || text.size() <= kDate || text[kDate] != ' ') {
    return refuse("is not a time of the form YYYY-MM-DD HH:MM:SS.ffffff");
  }
  const auto scn = schema::ParseMySqlScn(text, zone);
  if (!scn) return refuse(scn.error().message);
  if (scn->first < kMinUntilScn) return refuse("is the beginning of 1970: no backup reaches it");
  return scn->first;
}

}  // namespace

Result<RecoverLists> CheckRecoverRequest(const RecoverTableStatement& statement,
                                         const TargetTraits& target) {
  OBVIEWS_ASSIGN_OR_RETURN(std::string backup_dest, CheckBackupUri(statement));
  OBVIEWS_RETURN_IF_ERROR(CheckUntil(statement));
  OBVIEWS_ASSIGN_OR_RETURN(RestoreOptions options, CheckRestoreOption(statement));
  OBVIEWS_RETURN_IF_ERROR(CheckNoPartitions(statement));

  RecoverLists lists = ItemsOf(statement);
  if (target.lower_case_names && target.mode == schema::Mode::kMySql) LowerNames(lists);
  ListCheck list(target, lists);
  OBVIEWS_RETURN_IF_ERROR(list.Check());
  OBVIEWS_RETURN_IF_ERROR(CheckRemaps(lists, target.mode));
  if (lists.import_all) {
    lists = RecoverLists();
    lists.import_all = true;
  } else {
    OBVIEWS_RETURN_IF_ERROR(CheckRemapsAgainstList(lists, list));
    RenderLists(lists);
  }
  lists.backup_dest = std::move(backup_dest);
  lists.restore_option = statement.restore_option;
  lists.options = std::move(options);
  return lists;
}

Result<uint64_t> ScnOfUntilTime(std::string_view text, const schema::Zone& zone) {
  Result<uint64_t> scn = ReadUntilTime(text, zone);
  if (scn) return scn;
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: {}", static_cast<int>(ServerCode::kInvalidArgument), scn.error().message));
}

Result<uint64_t> ScnOfUntilTime(const UntilTime& until, const schema::Zone& zone) {
  Result<uint64_t> scn = ReadUntilTime(until.text, zone);
  if (scn) return scn;
  return Refuse(ServerCode::kInvalidArgument, scn.error().message, until.place);
}

}  // namespace obviews::lifecycle
