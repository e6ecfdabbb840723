// An executor without a server: it pretends to restore and import, in real time or faster. For
// demonstrations and tests.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/tenants.h"

namespace obviews::lifecycle {

/// A time that stands still until somebody moves it on. Thread-safe.
class VirtualClock {
 public:
  explicit VirtualClock(int64_t start_usec) : now_usec_(start_usec) {}
  /// Microseconds since the epoch.
  int64_t now_usec() const { return now_usec_.load(); }
  void Set(int64_t usec) { now_usec_.store(usec); }

 private:
  std::atomic<int64_t> now_usec_;
};

struct SimulatorOptions {
  uint64_t seed = 1;
  /// Tables of `*.*`, and of all the `db.*` of one recovery together; not negative.
  int64_t tables_per_tenant = 10;
  /// Rates are from 0 to 1, of all pieces of work of that kind.
  double fail_rate = 0;          ///< imports of a table that fail for good
  double restore_fail_rate = 0;  ///< restores that fail for good
  /// Work that stalls: half of it takes ten times as long, half fails once with a retryable error
  /// before it goes on. How it ends does not change.
  double stall_rate = 0;
  double speed = 1;  ///< times real time; 0 or infinity: as fast as possible
  /// Sizes of tables are spread log-normally.
  double median_rows = 20'000;
  double spread = 1.2;  ///< standard deviation of the logarithm
  /// Tells the modes of target tenants, which auxiliary tenants share; borrowed. None: MySQL mode.
  TenantResolver* tenants = nullptr;
  /// Borrowed. If there is one, work takes the time of this clock, `speed` of it, and goes on in
  /// RunNext alone: whole recoveries in a moment, the same each time.
  VirtualClock* clock = nullptr;
};

/// How work goes follows from the seed, the names of the target tenant and of the table, and the
/// job's id alone, not from the order of calls: the same commands with the same seed end in the
/// same records, times apart, whatever happened meanwhile.
///
/// All calls back are made by one thread of this object, none after the destructor, which drops the
/// work that still runs. Work that is begun again begins anew. Thread-safe.
class Simulator final : public Executor {
 public:
  explicit Simulator(const SimulatorOptions& options);
  /// REQUIRES: not called from a call back.
  ~Simulator() override;
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  void RestoreAuxTenant(const RestoreWork& work,
                        std::function<void(const RestoreProgress&)> progress,
                        Done<AuxTenant> done) override;
  void ActivateAuxTenant(const AuxWork& work, Done<std::monostate> done) override;
  void ListTables(const ListWork& work, Done<std::vector<ListedTable>> done) override;
  void ImportTable(const ImportWork& work, Done<ImportCounts> done) override;
  void AbortImport(const ImportWork& work) override;
  void DropAuxTenant(const AuxWork& work, Done<std::monostate> done) override;

  /// With a clock of its own only: moves it on to what is due next and does that. False, and time
  /// stands still, if nothing runs.
  bool RunNext();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obviews::lifecycle
