// What a host does for a table recovery: the work itself, as the scheduler asks for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "schema/catalog.h"

namespace obviews::lifecycle {

/// Why a piece of work failed. Whether it is tried again depends on the code
/// (schema::IsRetryable).
struct WorkError {
  int code = 0;  ///< the server's, negative
  std::string
      comment;  ///< shown as COMMENT; "": the usual `result:<code>(), addr:..., trace_id:...`
};
template <class T>
using WorkResult = tl::expected<T, WorkError>;
/// Called once for each piece of work, from any thread, also before the call that began the work
/// returns.
template <class T>
using Done = std::function<void(WorkResult<T>)>;

/// The recovery that a piece of work belongs to.
struct Recovery {
  int64_t sys_job_id = 0;      ///< of the recover job in the sys tenant
  int64_t restore_job_id = 0;  ///< of the restore job in the sys tenant
  int64_t target_tenant_id = 0;
  std::string target_tenant_name;
  std::string aux_tenant_name;
};

/// What the auxiliary tenant is restored from.
struct RestoreWork {
  Recovery recovery;
  std::string backup_dest;
  std::string restore_option;
  uint64_t restore_scn = 0;  ///< nanoseconds since the epoch
  /// Secrets: not for any log.
  std::optional<std::string> backup_passwd;
  std::optional<std::string> external_kms_info;
};

/// How far a restore is. Figures that are not known yet stay as they were.
struct RestoreProgress {
  int64_t aux_tenant_id = 0;
  /// A status of the restore job in the auxiliary tenant (schema::Machine::kAuxRestoreJob), not
  /// before the one told last.
  std::string_view status;
  std::optional<int64_t> total_bytes;
  std::optional<int64_t> finish_bytes;
  std::optional<int64_t> ls_count;
  std::optional<int64_t> finish_ls_count;
  std::optional<int64_t> tablet_count;
  std::optional<int64_t> finish_tablet_count;
};

/// A restored auxiliary tenant.
struct AuxTenant {
  int64_t id = 0;
  schema::Mode mode = schema::Mode::kMySql;
  bool lower_case_names = false;
};

/// Work on an auxiliary tenant that is there.
struct AuxWork {
  Recovery recovery;
  int64_t aux_tenant_id = 0;  ///< 0: it was never created
};

/// What is to be imported, as the import job says it (BEHAVIOUR §7).
struct ListWork {
  Recovery recovery;
  int64_t aux_tenant_id = 0;
  bool import_all = false;
  std::string db_list;
  std::string table_list;
  std::string remap_db_list;
  std::string remap_table_list;
  std::string remap_tablegroup_list;
  std::string remap_tablespace_list;
};

/// A table to import, with its name after all remaps.
struct ListedTable {
  std::string source_database;
  std::string source_table;
  std::optional<std::string> source_tablegroup;
  std::optional<std::string> source_tablespace;
  std::string target_database;
  std::string target_table;
  std::optional<std::string> target_tablegroup;
  std::optional<std::string> target_tablespace;
  int64_t columns = 0;
  int64_t bytes = 0;
  int64_t rows = 0;
  int64_t indexes = 0;
  int64_t constraints = 0;
  int64_t ref_constraints = 0;
  int64_t triggers = 0;
};

struct ImportWork {
  Recovery recovery;
  int64_t aux_tenant_id = 0;
  int64_t import_job_id = 0;
  int64_t task_id = 0;
  std::string source_database;
  std::string source_table;
  std::string target_database;
  std::string target_table;
};

/// What of a table arrived.
struct ImportCounts {
  int64_t bytes = 0;
  int64_t rows = 0;
  int64_t indexes = 0;
  int64_t constraints = 0;
};

/// Does the work of recoveries. Every member begins a piece of work and returns soon; how it went
/// is told to `done`. Work that was begun before, by a scheduler that stopped or crashed, may be
/// begun again: it goes on, or says at once how it went. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Creates and restores the auxiliary tenant. `progress` may be called until `done` is, in order,
  /// from one thread at a time.
  virtual void RestoreAuxTenant(const RestoreWork& work,
                                std::function<void(const RestoreProgress&)> progress,
                                Done<AuxTenant> done) = 0;
  /// Makes the auxiliary tenant a primary one.
  virtual void ActivateAuxTenant(const AuxWork& work, Done<std::monostate> done) = 0;
  /// Names the tables to import, in the order of their tasks. One that cannot be imported fails all
  /// (BEHAVIOUR §5 has the comments).
  virtual void ListTables(const ListWork& work, Done<std::vector<ListedTable>> done) = 0;
  virtual void ImportTable(const ImportWork& work, Done<ImportCounts> done) = 0;
  /// Ends an import soon. Its `done` is called all the same, and ignored by who aborted it.
  virtual void AbortImport(const ImportWork& work) = 0;
  /// Drops the auxiliary tenant, whatever it is doing: a restore that runs ends with -5157. One
  /// that is gone already is a success.
  virtual void DropAuxTenant(const AuxWork& work, Done<std::monostate> done) = 0;
};

}  // namespace obviews::lifecycle
