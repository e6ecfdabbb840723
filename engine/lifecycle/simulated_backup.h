// What the simulator pretends a backup to hold and how work on it goes: pure functions of a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/simulator.h"

namespace obviews::lifecycle {

/// Numbers that follow from a seed and what was mixed in, and are spread evenly. A value type.
class SimulatedChance {
 public:
  explicit SimulatedChance(uint64_t seed) : state_(seed) {}

  SimulatedChance With(std::string_view text) const;
  SimulatedChance With(uint64_t number) const;

  uint64_t Number() const;  ///< any
  double Share() const;     ///< at least 0, below 1
  bool Happens(double rate) const { return Share() < rate; }
  /// From 0 to count - 1. REQUIRES: count > 0.
  uint64_t OneOf(uint64_t count) const { return Number() % count; }
  /// Normally distributed about 0 with deviation 1.
  double Normal() const;

 private:
  uint64_t state_;
};

/// The chance of everything that happens to one recovery.
SimulatedChance ChanceOf(const SimulatorOptions& options, const Recovery& recovery);
/// The chance of one of its tables, by the name in the source.
SimulatedChance ChanceOf(const SimulatorOptions& options, const Recovery& recovery,
                         std::string_view database, std::string_view table);

/// The tables that the lists of an import job name, remapped. `*.*` and `db.*` name tables that are
/// made up; what is not written in backticks, as the lists are, names none.
std::vector<ListedTable> SimulatedTables(const SimulatorOptions& options, const ListWork& work);

/// Sizes of one table, without its names.
ListedTable SimulatedSizes(const SimulatorOptions& options, const SimulatedChance& chance);

/// Why the import of a table fails for good; nullopt if it does not.
std::optional<WorkError> SimulatedImportError(const SimulatorOptions& options,
                                              const ImportWork& work);
/// The same of a restore.
std::optional<WorkError> SimulatedRestoreError(const SimulatorOptions& options,
                                               const Recovery& recovery);

}  // namespace obviews::lifecycle
