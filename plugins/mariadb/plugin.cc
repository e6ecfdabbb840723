// The plugin as its server sees it: declaration, system variables and status variables.
//
// The server's headers are GPL-2.0-only, and so is the binary that is built of this and them.
#include <fmt/format.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string_view>

#include "plugins/mariadb/base_handler.h"
#include "plugins/mariadb/connection.h"
#include "plugins/mariadb/discovery.h"
#include "plugins/mariadb/handler.h"
#include "plugins/mariadb/instance.h"
#include "plugins/mariadb/server_headers.h"
#include "plugins/mariadb/task_counts.h"

namespace {

using obviews::mariadb::Instance;
using obviews::mariadb::LogError;
using obviews::mariadb::LogNote;
using obviews::mariadb::TheInstance;

// --- System variables --------------------------------------------------------------------------

char* store_directory = nullptr;
char* system_time_zone = nullptr;
char* view_version = nullptr;
my_bool show_secrets = 0;
my_bool read_only = 0;

MYSQL_SYSVAR_STR(db, store_directory, PLUGIN_VAR_READONLY | PLUGIN_VAR_RQCMDARG,
                 "Directory of the record store whose views are shown", nullptr, nullptr, "");
MYSQL_SYSVAR_STR(system_time_zone, system_time_zone, PLUGIN_VAR_READONLY | PLUGIN_VAR_RQCMDARG,
                 "Time zone that SCNs are shown in: an offset or an IANA name", nullptr, nullptr,
                 "+08:00");
MYSQL_SYSVAR_STR(view_version, view_version, PLUGIN_VAR_READONLY | PLUGIN_VAR_RQCMDARG,
                 "Shape of the restore views: 4.2.1, 4.2.3 or 4.3.3", nullptr, nullptr, "4.2.1");
MYSQL_SYSVAR_BOOL(show_secrets, show_secrets, PLUGIN_VAR_READONLY | PLUGIN_VAR_OPCMDARG,
                  "Show passwords and secrets in URIs, which are ****** otherwise", nullptr,
                  nullptr, 0);

MYSQL_SYSVAR_BOOL(read_only, read_only, PLUGIN_VAR_READONLY | PLUGIN_VAR_OPCMDARG,
                  "Follow the store, which another process may be writing, and change nothing",
                  nullptr, nullptr, 0);

MYSQL_THDVAR_ULONG(lock_wait_timeout, PLUGIN_VAR_RQCMDARG,
                   "Seconds that a statement waits for a row that another transaction has locked",
                   nullptr, nullptr, 50, 0, 31'536'000, 0);
MYSQL_THDVAR_BOOL(condition_pushdown, PLUGIN_VAR_OPCMDARG,
                  "Let scans leave out rows that the conditions of a statement rule out", nullptr,
                  nullptr, 1);

st_mysql_sys_var* engine_variables[] = {MYSQL_SYSVAR(db),
                                        MYSQL_SYSVAR(condition_pushdown),
                                        MYSQL_SYSVAR(system_time_zone),
                                        MYSQL_SYSVAR(view_version),
                                        MYSQL_SYSVAR(show_secrets),
                                        MYSQL_SYSVAR(read_only),
                                        MYSQL_SYSVAR(lock_wait_timeout),
                                        nullptr};

// --- Status variables --------------------------------------------------------------------------

st_mysql_show_var StatusOf(const char* name, std::atomic<unsigned long long>& counter) {
  return {name, reinterpret_cast<char*>(&counter), SHOW_ULONGLONG};
}

obviews::mariadb::Counters& counters = TheInstance().counters;

st_mysql_show_var engine_status[] = {
    StatusOf("obviews_checksum_failures", counters.checksum_failures),
    StatusOf("obviews_conditions_pushed", counters.conditions_pushed),
    StatusOf("obviews_group_scans", counters.group_scans),
    StatusOf("obviews_lookups", counters.lookups),
    StatusOf("obviews_rows_read", counters.rows_read),
    StatusOf("obviews_scans", counters.scans),
    StatusOf("obviews_snapshots", counters.snapshots),
    {nullptr, nullptr, SHOW_UNDEF}};

// --- Beginning and end -------------------------------------------------------------------------

/// Whether MyRocks is in this process, which brings a RocksDB of its own. Two of them share what
/// the linker makes unique, and the server crashes when it ends.
bool HasMyRocks() {
  auto look = [](dl_phdr_info* library, size_t /*size*/, void* found) {
    if (std::strstr(library->dlpi_name, "ha_rocksdb") == nullptr) return 0;
    *static_cast<bool*>(found) = true;
    return 1;
  };
  bool found = false;
  dl_iterate_phdr(look, &found);
  return found;
}

handler* MakeHandler(handlerton* engine, TABLE_SHARE* share, MEM_ROOT* root) {
  using obviews::mariadb::FindBaseTable;
  if (share != nullptr && FindBaseTable({share->db.str, share->db.length},
                                        {share->table_name.str, share->table_name.length})) {
    return new (root) obviews::mariadb::BaseHandler(engine, share);
  }
  return new (root) obviews::mariadb::Handler(engine, share);
}

bool OpenStore(Instance& instance) {
  if (store_directory == nullptr || *store_directory == '\0') {
    LogNote("no store is set, so there are no views; start the server with --obviews-db=DIR");
    return true;
  }
  obviews::vtab::SessionSettings settings;
  settings.system_time_zone = system_time_zone;
  settings.view_version = view_version;
  settings.show_secrets = show_secrets != 0;
  auto views = obviews::mariadb::StoreViews::Open(store_directory, settings, read_only != 0);
  if (!views) {
    LogError(views.error().message);
    return false;
  }
  instance.views = *std::move(views);
  if (instance.views->writable()) {
    LogNote(fmt::format("opened the store {} for reading and writing", store_directory));
  } else {
    const std::string& why = instance.views->refused();
    if (!why.empty()) LogNote(why + "; rows cannot be changed");
    LogNote(fmt::format("following the store {} read-only", store_directory));
  }
  for (const std::string& notice : instance.views->store().notices()) LogNote(notice);
  return true;
}

int Begin(void* plugin) {
  try {
    Instance& instance = TheInstance();
    if (HasMyRocks()) {
      LogError(
          "MyRocks (ha_rocksdb) is loaded in this server. Two RocksDB libraries in one process "
          "crash it: take one of the two engines out of the server's configuration");
      return 1;
    }
    auto* engine = static_cast<handlerton*>(plugin);
    instance.engine = engine;
    if (!OpenStore(instance)) return 1;
    engine->db_type = DB_TYPE_AUTOASSIGN;
    engine->create = MakeHandler;
    engine->flags = HTON_NO_PARTITION | HTON_TEMPORARY_NOT_SUPPORTED;
    engine->create_group_by = obviews::mariadb::CountByGroups;
    obviews::mariadb::Connection::Register(engine);
    obviews::mariadb::DetachedTransactions::Register(engine);
    obviews::mariadb::RegisterDiscovery(engine);
    if (instance.views != nullptr) obviews::mariadb::MakeSchemas();
    return 0;
  } catch (const std::exception& thrown) {
    LogError(thrown.what());
    return 1;
  }
}

int End(void* /*plugin*/) {
  TheInstance().detached.Release();
  TheInstance().lookups.Clear();
  TheInstance().views.reset();
  return 0;
}

st_mysql_storage_engine engine_descriptor = {MYSQL_HANDLERTON_INTERFACE_VERSION};

}  // namespace

bool obviews::mariadb::PushesConditions(THD* thd) { return THDVAR(thd, condition_pushdown) != 0; }

std::chrono::milliseconds obviews::mariadb::LockWaitTimeout(THD* thd) {
  // NOWAIT and WAIT n set the server's variable for their statement.
  return std::chrono::seconds(
      std::min<ulong>(THDVAR(thd, lock_wait_timeout), thd->variables.lock_wait_timeout));
}

maria_declare_plugin(obviews){
    MYSQL_STORAGE_ENGINE_PLUGIN,
    &engine_descriptor,
    "OBVIEWS",
    "obviews",
    "Views of table-level recoveries over a record store",
    PLUGIN_LICENSE_GPL,
    Begin,
    End,
    0x0001,
    engine_status,
    engine_variables,
    OBVIEWS_VERSION,
    MariaDB_PLUGIN_MATURITY_EXPERIMENTAL,
} maria_declare_plugin_end;
