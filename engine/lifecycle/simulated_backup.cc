// Making up tables and failures; see simulated_backup.h.
#include "engine/lifecycle/simulated_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <unordered_map>
#include <utility>

#include "schema/lists.h"

namespace obviews::lifecycle {
namespace {

constexpr int64_t kTablesOfDatabase = 1000;  ///< of those made up for `*.*`
constexpr double kMostRows = 1e9;

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators": the output function.
constexpr uint64_t SplitMix(uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// `` `a`<by>`b` `` -> a, b: the names are what stands between the outermost backticks.
std::optional<std::pair<std::string_view, std::string_view>> SplitPair(std::string_view text,
                                                                       std::string_view by) {
  size_t at = text.find(by);
  if (at == std::string_view::npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + by.size()));
}

std::string_view WithoutBackticks(std::string_view text) {
  if (text.size() >= 2 && text.front() == '`' && text.back() == '`') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

using Names = std::unordered_map<std::string, std::string>;

/// Source to target of a remap list. Tables are held as they stand in a list, without the outermost
/// backticks: `` db`.`tb ``.
Names ReadRemaps(std::string_view list) {
  Names remaps;
  for (std::string_view item : schema::SplitList(list)) {
    if (auto names = SplitPair(WithoutBackticks(item), "`:`")) {
      remaps.emplace(names->first, names->second);
    }
  }
  return remaps;
}

/// Makes the tables of one recovery.
class Listing {
 public:
  Listing(const SimulatorOptions& options, const ListWork& work)
      : options_(options),
        work_(work),
        databases_(ReadRemaps(work.remap_db_list)),
        tables_(ReadRemaps(work.remap_table_list)),
        groups_(work.remap_tablegroup_list, "tg"),
        spaces_(work.remap_tablespace_list, "ts") {}

  std::vector<ListedTable> Make() {
    if (work_.import_all) {
      for (int64_t i = 0; i < options_.tables_per_tenant; ++i) {
        Add(fmt::format("db_{}", i / kTablesOfDatabase + 1), fmt::format("table_{}", i + 1));
      }
      return std::move(made_);
    }
    std::vector<std::string_view> databases = schema::SplitList(work_.db_list);
    for (size_t i = 0; i < databases.size(); ++i) AddDatabase(databases, i);
    for (std::string_view item : schema::SplitList(work_.table_list)) {
      if (auto name = SplitPair(WithoutBackticks(item), "`.`")) Add(name->first, name->second);
    }
    return std::move(made_);
  }

 private:
  /// Names that some tables have: those that are remapped, or one that is not.
  class Some {
   public:
    Some(std::string_view remaps, std::string_view name) : remaps_(ReadRemaps(remaps)) {
      for (std::string_view item : schema::SplitList(remaps)) {
        if (auto names = SplitPair(WithoutBackticks(item), "`:`")) {
          sources_.emplace_back(names->first);
        }
      }
      if (sources_.empty()) sources_.emplace_back(name);
    }
    void Give(const SimulatedChance& chance, std::optional<std::string>& source,
              std::optional<std::string>& target) const {
      constexpr uint64_t kOneIn = 4;
      if (chance.OneOf(kOneIn) != 0) return;
      source = sources_[chance.With("which").OneOf(sources_.size())];
      auto remap = remaps_.find(*source);
      target = remap == remaps_.end() ? *source : remap->second;
    }

   private:
    Names remaps_;
    std::vector<std::string> sources_;
  };

  /// Its share of the tables there are.
  void AddDatabase(const std::vector<std::string_view>& databases, size_t index) {
    const auto count = static_cast<int64_t>(databases.size());
    const auto place = static_cast<int64_t>(index);
    int64_t tables = options_.tables_per_tenant / count;
    if (place < options_.tables_per_tenant % count) ++tables;
    for (int64_t i = 0; i < tables; ++i) {
      Add(WithoutBackticks(databases[index]), fmt::format("table_{}", i + 1));
    }
  }

  void Add(std::string_view database, std::string_view table) {
    SimulatedChance chance = ChanceOf(options_, work_.recovery, database, table);
    ListedTable made = SimulatedSizes(options_, chance);
    made.source_database = database;
    made.source_table = table;
    made.target_database = database;
    made.target_table = table;
    if (auto remap = tables_.find(fmt::format("{}`.`{}", database, table));
        remap != tables_.end()) {
      if (auto name = SplitPair(remap->second, "`.`")) {
        made.target_database = name->first;
        made.target_table = name->second;
      }
    } else if (auto whole = databases_.find(std::string(database)); whole != databases_.end()) {
      made.target_database = whole->second;
    }
    groups_.Give(chance.With("tablegroup"), made.source_tablegroup, made.target_tablegroup);
    spaces_.Give(chance.With("tablespace"), made.source_tablespace, made.target_tablespace);
    made_.push_back(std::move(made));
  }

  const SimulatorOptions& options_;
  const ListWork& work_;
  Names databases_;
  Names tables_;
  Some groups_;
  Some spaces_;
  std::vector<ListedTable> made_;
};

}  // namespace

SimulatedChance SimulatedChance::With(std::string_view text) const {
  // FNV-1a, so that it is the same wherever this is built; std::hash need not be.
  uint64_t hash = 0xCBF29CE484222325U;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return With(hash);
}

SimulatedChance SimulatedChance::With(uint64_t number) const {
  return SimulatedChance(SplitMix(SplitMix(state_) ^ number));
}

uint64_t SimulatedChance::Number() const { return SplitMix(state_); }

double SimulatedChance::Share() const {
  return static_cast<double>(Number() >> 11U) * 0x1p-53;  // as many bits as a double holds
}

double SimulatedChance::Normal() const {
  const double radius = std::sqrt(-2 * std::log(1 - With("radius").Share()));
  return radius * std::cos(2 * std::numbers::pi * With("angle").Share());
}

SimulatedChance ChanceOf(const SimulatorOptions& options, const Recovery& recovery) {
  return SimulatedChance(options.seed)
      .With(recovery.target_tenant_name)
      .With(static_cast<uint64_t>(recovery.sys_job_id));
}

SimulatedChance ChanceOf(const SimulatorOptions& options, const Recovery& recovery,
                         std::string_view database, std::string_view table) {
  return ChanceOf(options, recovery).With(database).With(table);
}

std::vector<ListedTable> SimulatedTables(const SimulatorOptions& options, const ListWork& work) {
  return Listing(options, work).Make();
}

ListedTable SimulatedSizes(const SimulatorOptions& options, const SimulatedChance& chance) {
  ListedTable table;
  const double rows = options.median_rows * std::exp(options.spread * chance.With("rows").Normal());
  table.rows = static_cast<int64_t>(std::clamp(rows, 0.0, kMostRows));
  table.bytes = table.rows * static_cast<int64_t>(32 + chance.With("width").OneOf(256));
  table.columns = static_cast<int64_t>(2 + chance.With("columns").OneOf(30));
  table.indexes = static_cast<int64_t>(chance.With("indexes").OneOf(4));
  table.constraints = static_cast<int64_t>(chance.With("constraints").OneOf(3));
  const SimulatedChance others = chance.With("others");
  table.ref_constraints = others.OneOf(5) == 0 ? 1 : 0;
  table.triggers = others.With("triggers").OneOf(20) == 0 ? 1 : 0;
  return table;
}

std::optional<WorkError> SimulatedImportError(const SimulatorOptions& options,
                                              const ImportWork& work) {
  SimulatedChance chance =
      ChanceOf(options, work.recovery, work.source_database, work.source_table).With("import");
  if (!chance.Happens(options.fail_rate)) return std::nullopt;
  switch (chance.With("error").OneOf(5)) {
    case 0:
      return WorkError{-5020, fmt::format("Table '{}' already exists", work.target_table)};
    case 1:
      return WorkError{-5019, fmt::format("Table '{}.{}' doesn't exist", work.source_database,
                                          work.source_table)};
    case 2:
      return WorkError{-4007, "create table with such option: \"a\\b\" not supported"};
    case 3:
      return WorkError{-4018, "Entry not exist: 100% `of` the index, d'accord?\tsecond try"};
    default:
      return WorkError{-4016, ""};
  }
}

std::optional<WorkError> SimulatedRestoreError(const SimulatorOptions& options,
                                               const Recovery& recovery) {
  SimulatedChance chance = ChanceOf(options, recovery).With("restore");
  if (!chance.Happens(options.restore_fail_rate)) return std::nullopt;
  return WorkError{-4018,
                   "STORAGE : OB_ENTRY_NOT_EXIST(-4018) on 127.0.0.1:2882 with traceid "
                   "Y0-0000000000000000-0-0"};
}

}  // namespace obviews::lifecycle
