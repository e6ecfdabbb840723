// The words; see words.h.
#include "engine/progress/words.h"

#include <fmt/format.h>

#include <array>

namespace obviews::engine::progress {
namespace {

class Waiting {
 public:
  Waiting(const RecoveryFacts& facts, const RecoveryProgress& progress, std::string_view missing)
      : facts_(facts), progress_(progress), missing_(missing) {}

  std::string Wait() const {
    if (!progress_.stage.known()) return fmt::format("unknown: {}", progress_.stage.why);
    switch (*progress_.stage.value) {
      case Stage::kPrepare:
        return facts_.user ? "the recover job to begin" : "the recover job of the target tenant";
      case Stage::kRestore:
        return WaitForRestore();
      case Stage::kActivate:
        return fmt::format("auxiliary tenant {} to become a primary one", AuxName());
      case Stage::kList:
        return "the list of tables to import";
      case Stage::kImport:
        return WaitForImport();
      case Stage::kFinish:
        return WaitForFinish();
      default:
        return "the work that runs to stop";
    }
  }

 private:
  std::string AuxName() const {
    for (const auto* job : {&facts_.user, &facts_.sys}) {
      if (*job && !(*job)->aux_tenant_name.empty()) return (*job)->aux_tenant_name;
    }
    return facts_.restore ? facts_.restore->tenant_name : "";
  }

  std::string WaitForRestore() const {
    if (!facts_.restore) {
      return fmt::format("the restore of auxiliary tenant {}, whose job is not in this store",
                         AuxName());
    }
    if (facts_.restore->failed) return "the recover job to see that the restore failed";
    std::string wait = fmt::format("the restore of auxiliary tenant {}", AuxName());
    if (!facts_.restore->status.empty()) wait += fmt::format(", at {}", facts_.restore->status);
    return wait;
  }

  std::string WaitForImport() const {
    if (!facts_.import) return "the import, whose job is not in this store";
    if (!progress_.tables_left.known()) {
      return fmt::format("{}; {}",
                         facts_.running_table.empty()
                             ? "tables to be imported"
                             : fmt::format("table {}", facts_.running_table),
                         progress_.tables_left.why);
    }
    int64_t running = *progress_.tables_running.value;
    int64_t left = *progress_.tables_left.value;
    if (running == 0 && left == 0) return "the import job to end";
    std::string wait;
    if (running > 0 && !facts_.running_table.empty()) {
      wait = fmt::format("table {}", facts_.running_table);
      if (running > 1) wait += fmt::format(" and {}", Plural(running - 1, "other"));
    } else if (running > 0) {
      wait = Plural(running, "table");
    } else {
      return fmt::format("{} to begin", Plural(left, "table"));
    }
    return left > 0 ? fmt::format("{}; {} not begun", wait, left) : wait;
  }

  std::string WaitForFinish() const {
    if (facts_.import && !facts_.import->history && !facts_.import->status.empty()) {
      return "the import job to end";
    }
    if (!facts_.sys && !facts_.user) return fmt::format("unknown: {}", missing_);
    if (facts_.user && !facts_.user->ended()) {
      return "the recover job to see that the import ended";
    }
    return "the sys tenant's job to see that the target tenant's ended";
  }

  const RecoveryFacts& facts_;
  const RecoveryProgress& progress_;
  std::string_view missing_;
};

}  // namespace

std::string Plural(int64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string BytesRate(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return unit == 0 ? fmt::format("{:.0f}{}/s", bytes, kUnits[unit])
                   : fmt::format("{:.2f}{}/s", bytes, kUnits[unit]);
}

std::string TablesRate(double per_second) {
  if (per_second >= 1) return fmt::format("{:.1f} tables/s", per_second);
  if (per_second * 60 >= 1) return fmt::format("{:.1f} tables/min", per_second * 60);
  return fmt::format("{:.1f} tables/h", per_second * 3600);
}

std::string WaitingFor(const RecoveryFacts& facts, const RecoveryProgress& progress,
                       std::string_view missing) {
  return Waiting(facts, progress, missing).Wait();
}

}  // namespace obviews::engine::progress
