// The simulator: the same work ends the same way in any order, failures are as frequent as asked
// for, and whoever began a piece of work is told of its end exactly once.
#include "engine/lifecycle/simulator.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace obviews::lifecycle {
namespace {

using namespace std::chrono_literals;

using Table = ListedTable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Recovery RecoveryOf(int64_t sys_job_id, const std::string& tenant = "shop") {
  Recovery recovery;
  recovery.sys_job_id = sys_job_id;
  recovery.restore_job_id = sys_job_id;
  recovery.target_tenant_id = 1000 + 2 * sys_job_id;
  recovery.target_tenant_name = tenant;
  recovery.aux_tenant_name = fmt::format("AUX_RECOVER$169210699589625{}", sys_job_id);
  return recovery;
}

RestoreWork RestoreOf(int64_t sys_job_id) {
  RestoreWork work;
  work.recovery = RecoveryOf(sys_job_id);
  return work;
}

AuxWork AuxOf(int64_t sys_job_id) { return {RecoveryOf(sys_job_id), 0}; }

ListWork AllTablesOf(const Recovery& recovery) {
  ListWork work;
  work.recovery = recovery;
  work.import_all = true;
  return work;
}

ImportWork ImportOf(const Recovery& recovery, const Table& table, int64_t task_id) {
  ImportWork work;
  work.recovery = recovery;
  work.task_id = task_id;
  work.source_database = table.source_database;
  work.source_table = table.source_table;
  work.target_database = table.target_database;
  work.target_table = table.target_table;
  return work;
}

TEST(VirtualTime, WorkTakesItsTimeAndGoesOnOnlyWhenTold) {
  constexpr int64_t kStart = 1'700'000'000'000'000;
  VirtualClock clock(kStart);
  SimulatorOptions options;
  options.clock = &clock;
  Simulator simulator(options);
  bool active = false;
  bool listed = false;
  simulator.ActivateAuxTenant(AuxOf(1), [&](const auto&) { active = true; });
  simulator.ListTables(AllTablesOf(RecoveryOf(1)), [&](const auto&) { listed = true; });
  EXPECT_FALSE(active || listed);
  EXPECT_TRUE(simulator.RunNext());
  EXPECT_TRUE(listed && !active);
  EXPECT_EQ(clock.now_usec(), kStart + 500'000);
  EXPECT_TRUE(simulator.RunNext());
  EXPECT_TRUE(active);
  EXPECT_EQ(clock.now_usec(), kStart + 1'000'000);
  EXPECT_FALSE(simulator.RunNext());
  EXPECT_EQ(clock.now_usec(), kStart + 1'000'000);
}

/// Waits for one end of one piece of work.
template <class T>
class Awaited {
 public:
  Done<T> done() {
    return [state = state_](WorkResult<T> result) { state->set_value(std::move(result)); };
  }
  WorkResult<T> Get() { return state_->get_future().get(); }

 private:
  std::shared_ptr<std::promise<WorkResult<T>>> state_ =
      std::make_shared<std::promise<WorkResult<T>>>();
};

std::vector<Table> List(Simulator& simulator, const ListWork& work) {
  Awaited<std::vector<Table>> awaited;
  simulator.ListTables(work, awaited.done());
  auto tables = awaited.Get();
  return tables ? *tables : std::vector<Table>();
}

std::vector<std::string> Names(const std::vector<Table>& tables) {
  std::vector<std::string> names;
  for (const Table& table : tables) {
    names.push_back(fmt::format("{}.{} {}.{}", table.source_database, table.source_table,
                                table.target_database, table.target_table));
  }
  return names;
}

std::string Line(const WorkResult<ImportCounts>& result) {
  if (!result) return fmt::format("{} {}", result.error().code, result.error().comment);
  return fmt::format("{} bytes {} rows {} indexes {} constraints", result->bytes, result->rows,
                     result->indexes, result->constraints);
}

/// How each table's import ends, by name, as begun by several threads in an order of theirs. A
/// retryable error is answered by another try.
std::map<std::string, std::string> ImportAll(const SimulatorOptions& options, unsigned threads,
                                             bool backwards) {
  Simulator simulator(options);
  const Recovery recovery = RecoveryOf(1);
  std::vector<Table> tables = List(simulator, AllTablesOf(recovery));
  if (backwards) std::reverse(tables.begin(), tables.end());
  std::mutex mutex;
  std::map<std::string, std::string> ends;
  std::latch left(static_cast<std::ptrdiff_t>(tables.size()));
  std::function<void(size_t)> begin = [&](size_t i) {
    simulator.ImportTable(ImportOf(recovery, tables[i], static_cast<int64_t>(i) + 1),
                          [&, i](const WorkResult<ImportCounts>& result) {
                            if (!result && result.error().code == -4012) return begin(i);
                            std::lock_guard lock(mutex);
                            EXPECT_TRUE(ends.emplace(tables[i].source_table, Line(result)).second);
                            left.count_down();
                          });
  };
  std::vector<std::jthread> workers;
  for (unsigned worker = 0; worker < threads; ++worker) {
    workers.emplace_back([&, worker] {
      for (size_t i = worker; i < tables.size(); i += threads) begin(i);
    });
  }
  left.wait();
  return ends;
}

TEST(Simulator, TheSameSeedEndsTheSameWhateverTheOrder) {
  SimulatorOptions options{.seed = 7, .tables_per_tenant = 400, .fail_rate = 0.1, .speed = 0};
  const auto ends = ImportAll(options, 1, false);
  EXPECT_EQ(ends.size(), 400U);
  EXPECT_EQ(ImportAll(options, 1, true), ends);
  EXPECT_EQ(ImportAll(options, 4, false), ends);
  options.stall_rate = 0.3;
  EXPECT_EQ(ImportAll(options, 2, true), ends);
  options.seed = 8;
  EXPECT_NE(ImportAll(options, 1, false), ends);
}

TEST(Simulator, FailuresAreAsFrequentAsAskedFor) {
  for (auto [rate, least, most] : {std::tuple(0.0, 0, 0), std::tuple(0.02, 20, 65),
                                   std::tuple(0.5, 930, 1070), std::tuple(1.0, 2000, 2000)}) {
    SimulatorOptions options{.tables_per_tenant = 2000, .fail_rate = rate, .speed = 0};
    auto ends = ImportAll(options, 1, false);
    auto failed = std::count_if(ends.begin(), ends.end(),
                                [](const auto& end) { return end.second.starts_with("-"); });
    EXPECT_GE(failed, least) << rate;
    EXPECT_LE(failed, most) << rate;
  }
}

TEST(Simulator, ErrorsHaveFinalCodesAndTextsThatMustNotBreakAnything) {
  SimulatorOptions options{.tables_per_tenant = 300, .fail_rate = 1, .speed = 0};
  std::set<std::string> codes;
  bool quoted = false;
  for (const auto& [table, end] : ImportAll(options, 1, false)) {
    codes.insert(end.substr(0, end.find(' ')));
    quoted |= end.find('\'') != std::string::npos;
  }
  EXPECT_THAT(codes, ElementsAre("-4007", "-4016", "-4018", "-5019", "-5020"));
  EXPECT_TRUE(quoted);
}

TEST(Simulator, StalledWorkMayFailOnceWithARetryableError) {
  Simulator simulator({.tables_per_tenant = 100, .stall_rate = 1, .speed = 0});
  const Recovery recovery = RecoveryOf(1);
  int retries = 0;
  for (int64_t task = 1; task <= 100; ++task) {
    Table table;
    table.source_table = fmt::format("t{}", task);
    for (int attempt = 1;; ++attempt) {
      Awaited<ImportCounts> awaited;
      simulator.ImportTable(ImportOf(recovery, table, task), awaited.done());
      auto result = awaited.Get();
      if (result) break;
      EXPECT_EQ(result.error().code, -4012);
      ASSERT_EQ(attempt, 1);
      ++retries;
    }
  }
  EXPECT_GT(retries, 25);
  EXPECT_LT(retries, 75);
}

TEST(Simulator, EveryTableOfABackupIsMadeUp) {
  Simulator simulator({.tables_per_tenant = 1002, .speed = 0});
  auto tables = List(simulator, AllTablesOf(RecoveryOf(1)));
  ASSERT_EQ(tables.size(), 1002U);
  EXPECT_EQ(Names({tables.front(), tables.back()}),
            (std::vector<std::string>{"db_1.table_1 db_1.table_1",
                                      "db_2.table_1002 "
                                      "db_2.table_1002"}));
  std::set<int64_t> sizes;
  for (const Table& table : tables) {
    sizes.insert(table.bytes);
    EXPECT_GE(table.rows, 0);
    EXPECT_GE(table.columns, 2);
  }
  EXPECT_GT(sizes.size(), 900U);
}

TEST(Simulator, ListsNameTheTablesAndRemapsTheirTargets) {
  struct Case {
    const char* db_list;
    const char* table_list;
    const char* remap_db_list;
    const char* remap_table_list;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {"", "`a`.`t1`,`a`.`t2`", "", "`a`.`t1`:`b`.`x`", {"a.t1 b.x", "a.t2 a.t2"}},
      {"`a`,`b`",
       "",
       "`b`:`c`",
       "",
       {"a.table_1 a.table_1", "a.table_2 a.table_2", "b.table_1 c.table_1"}},
      {"`a`",
       "`b`.`odd,na.me`",
       "",
       "`b`.`odd,na.me`:`b`.`even`",
       {"a.table_1 a.table_1", "a.table_2 a.table_2", "a.table_3 a.table_3", "b.odd,na.me b.even"}},
      {"", "", "", "", {}},
      {"", "no backticks", "", "", {}},
  };
  Simulator simulator({.tables_per_tenant = 3, .speed = 0});
  for (const Case& c : cases) {
    ListWork work;
    work.recovery = RecoveryOf(1);
    work.db_list = c.db_list;
    work.table_list = c.table_list;
    work.remap_db_list = c.remap_db_list;
    work.remap_table_list = c.remap_table_list;
    EXPECT_EQ(Names(List(simulator, work)), c.names) << c.db_list << " " << c.table_list;
  }
}

TEST(Simulator, SomeTablesHaveATableGroupAndItIsRemapped) {
  Simulator simulator({.tables_per_tenant = 200, .speed = 0});
  ListWork work = AllTablesOf(RecoveryOf(1));
  work.remap_tablegroup_list = "`g1`:`n1`,`g2`:`n2`";
  std::set<std::string> groups;
  std::set<std::string> spaces;
  for (const Table& table : List(simulator, work)) {
    groups.insert(table.source_tablegroup.value_or("-") + ":" +
                  table.target_tablegroup.value_or("-"));
    spaces.insert(table.source_tablespace.value_or("-") + ":" +
                  table.target_tablespace.value_or("-"));
  }
  EXPECT_THAT(groups, ElementsAre("-:-", "g1:n1", "g2:n2"));
  EXPECT_THAT(spaces, ElementsAre("-:-", "ts:ts"));
}

TEST(Simulator, ARestoreGoesThroughItsStatusesWithGrowingFigures) {
  Simulator simulator({.speed = 0});
  std::vector<std::string> statuses;
  std::vector<int64_t> bytes;
  RestoreProgress last;
  Awaited<AuxTenant> awaited;
  simulator.RestoreAuxTenant(
      RestoreOf(3),
      [&](const RestoreProgress& progress) {
        EXPECT_EQ(progress.aux_tenant_id, 1'000'008);
        if (statuses.empty() || statuses.back() != progress.status) {
          statuses.emplace_back(progress.status);
        }
        if (progress.finish_bytes) bytes.push_back(*progress.finish_bytes);
        last = progress;
      },
      awaited.done());
  auto tenant = awaited.Get();
  ASSERT_TRUE(tenant);
  EXPECT_EQ(tenant->id, 1'000'008);
  EXPECT_THAT(statuses, ElementsAre("RESTORE_PRE", "RESTORE_CREATE_INIT_LS",
                                    "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
                                    "RESTORE_WAIT_LS", "POST_CHECK", "UPGRADE"));
  EXPECT_TRUE(std::is_sorted(bytes.begin(), bytes.end()));
  EXPECT_GT(std::set<int64_t>(bytes.begin(), bytes.end()).size(), 5U);
  EXPECT_EQ(last.finish_bytes, last.total_bytes);
  EXPECT_EQ(last.finish_ls_count, last.ls_count);
  EXPECT_EQ(last.finish_tablet_count, last.tablet_count);
}

class OracleTenants final : public TenantResolver {
  Result<TargetTenant> Resolve(std::string_view name) override {
    return TargetTenant{1002, std::string(name), schema::Mode::kOracle, false};
  }
};

TEST(Simulator, AnAuxiliaryTenantHasTheModeOfItsTarget) {
  OracleTenants tenants;
  Simulator simulator({.speed = 0, .tenants = &tenants});
  Awaited<AuxTenant> awaited;
  simulator.RestoreAuxTenant(
      RestoreOf(1), [](const RestoreProgress&) {}, awaited.done());
  auto tenant = awaited.Get();
  ASSERT_TRUE(tenant);
  EXPECT_EQ(tenant->mode, schema::Mode::kOracle);
}

TEST(Simulator, ARestoreMayFail) {
  Simulator simulator({.restore_fail_rate = 1, .speed = 0});
  Awaited<AuxTenant> awaited;
  simulator.RestoreAuxTenant(
      RestoreOf(1), [](const RestoreProgress&) {}, awaited.done());
  auto tenant = awaited.Get();
  ASSERT_FALSE(tenant);
  EXPECT_EQ(tenant.error().code, -4018);
  EXPECT_THAT(tenant.error().comment, HasSubstr("STORAGE : OB_ENTRY_NOT_EXIST(-4018)"));
}

TEST(Simulator, DroppingTheTenantEndsWhatRunsOnIt) {
  Simulator simulator({.speed = 1e-6});  // nothing ends by itself
  Awaited<AuxTenant> restore;
  Awaited<ImportCounts> import;
  simulator.RestoreAuxTenant(
      RestoreOf(1), [](const RestoreProgress&) {}, restore.done());
  simulator.ImportTable(ImportOf(RecoveryOf(1), {}, 5), import.done());
  std::atomic<bool> other_ended = false;
  simulator.ImportTable(ImportOf(RecoveryOf(2), {}, 5), [&](const auto&) { other_ended = true; });
  simulator.DropAuxTenant(AuxOf(1), [](const auto&) {});
  EXPECT_EQ(restore.Get().error().code, -5157);
  EXPECT_EQ(import.Get().error().code, -5157);
  EXPECT_FALSE(other_ended);
  Awaited<std::monostate> later;
  simulator.ActivateAuxTenant(AuxOf(1), later.done());
  EXPECT_EQ(later.Get().error().code, -5157);
}

TEST(Simulator, ATenantThatIsGoneIsDroppedAgainWithoutError) {
  Simulator simulator({.speed = 0});
  for (int i = 0; i < 2; ++i) {
    Awaited<std::monostate> dropped;
    simulator.DropAuxTenant(AuxOf(1), dropped.done());
    EXPECT_TRUE(dropped.Get());
  }
}

TEST(Simulator, AbortEndsThatImportAlone) {
  Simulator simulator({.speed = 1e-6});
  Awaited<ImportCounts> aborted;
  std::atomic<bool> other_ended = false;
  simulator.ImportTable(ImportOf(RecoveryOf(1), {}, 5), aborted.done());
  simulator.ImportTable(ImportOf(RecoveryOf(1), {}, 6), [&](const auto&) { other_ended = true; });
  simulator.AbortImport(ImportOf(RecoveryOf(1), {}, 5));
  EXPECT_EQ(aborted.Get().error().code, -4072);
  simulator.AbortImport(ImportOf(RecoveryOf(1), {}, 7));  // none of that id
  EXPECT_FALSE(other_ended);
}

TEST(Simulator, WorkTakesItsTimeAndSpeedShortensIt) {
  for (double speed : {1.0, 10.0}) {
    Simulator simulator({.speed = speed});
    const auto start = std::chrono::steady_clock::now();
    Awaited<std::monostate> activated;
    simulator.ActivateAuxTenant(AuxOf(1), activated.done());
    EXPECT_TRUE(activated.Get());
    EXPECT_GE(std::chrono::steady_clock::now() - start, 1000ms / speed) << speed;
  }
}

TEST(Simulator, EveryEndIsToldOnceWhileOthersAbortAndDrop) {
  constexpr int64_t kRecoveries = 8;
  constexpr int64_t kTasks = 200;
  std::vector<std::atomic<int>> told(kRecoveries * kTasks);
  {
    Simulator simulator({.fail_rate = 0.1, .stall_rate = 0.1, .speed = 2000});
    std::vector<std::jthread> threads;
    std::latch ended(kRecoveries * kTasks);
    for (int64_t r = 0; r < kRecoveries; ++r) {
      threads.emplace_back([&, r] {
        for (int64_t task = 0; task < kTasks; ++task) {
          Table table;
          table.source_table = fmt::format("t{}", task);
          const ImportWork work = ImportOf(RecoveryOf(r + 1), table, task + 1);
          simulator.ImportTable(work, [&, r, task](const auto&) {
            if (told[static_cast<size_t>(r * kTasks + task)]++ == 0) ended.count_down();
          });
          if (task % 3 == 0) simulator.AbortImport(work);
          if (task == kTasks / 2 && r % 2 == 0) {
            simulator.DropAuxTenant(AuxOf(r + 1), [](const auto&) {});
          }
        }
      });
    }
    ended.wait();
  }
  for (const auto& times : told) EXPECT_EQ(times, 1);
}

TEST(Simulator, NothingIsToldAfterTheDestructor) {
  std::atomic<bool> gone = false;
  std::atomic<int> late = 0;
  auto tell = [&](const auto&) { late += gone ? 1 : 0; };
  for (int round = 0; round < 20; ++round) {
    gone = false;
    {
      Simulator simulator({.speed = 1000});
      for (int64_t task = 1; task <= 50; ++task) {
        simulator.ImportTable(ImportOf(RecoveryOf(1), {}, task), tell);
      }
      simulator.RestoreAuxTenant(RestoreOf(2), tell, tell);
      std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
    }
    gone = true;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(late, 0);
}

TEST(Simulator, ACallBackMayBeginMoreWork) {
  Simulator simulator({.speed = 0});
  std::promise<int> finished;
  int count = 0;
  std::function<void()> again = [&] {
    simulator.ImportTable(ImportOf(RecoveryOf(1), {}, count + 1), [&](const auto&) {
      if (++count == 100) return finished.set_value(count);
      again();
    });
  };
  again();
  EXPECT_EQ(finished.get_future().get(), 100);
}

}  // namespace
}  // namespace obviews::lifecycle
