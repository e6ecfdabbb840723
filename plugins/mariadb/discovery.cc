// Discovery; see discovery.h.
#include "plugins/mariadb/discovery.h"

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/mariadb/definitions.h"
#include "plugins/mariadb/instance.h"
#include "plugins/mariadb/server_headers.h"

namespace obviews::mariadb {
namespace {

/// The statement that a view's or base table's table is made from; "" if none is meant, or the
/// store cannot say; then the log does.
std::string FindTable(std::string_view schema, std::string_view table) {
  StoreViews* views = TheInstance().views.get();
  if (views == nullptr) return {};
  if (const BaseTable* base = FindBaseTable(schema, table)) return CreateTableText(*base);
  auto found = views->Find(schema, table);
  if (!found) LogStoreError(found.error());
  return found && *found ? CreateTableText(*(*found)->view) : std::string();
}

/// A schema is a folder of the data directory, in which the server runs.
void MakeSchema(const std::string& schema) {
  if (my_mkdir(schema.c_str(), 0700, MYF(0)) == 0) {
    LogNote("made schema " + schema);
  } else if (my_errno != EEXIST) {
    LogError("schema " + schema + " cannot be made: SHOW TABLES and USE will not find it");
  }
}

int DiscoverTable(handlerton* /*engine*/, THD* thd, TABLE_SHARE* share) {
  try {
    std::string sql = FindTable({share->db.str, share->db.length},
                                {share->table_name.str, share->table_name.length});
    if (sql.empty()) return HA_ERR_NO_SUCH_TABLE;
    // A tenant that was new to the store since the server began.
    MakeSchema(std::string(share->db.str, share->db.length));
    return share->init_from_sql_statement_string(thd, false, sql.data(), sql.size());
  } catch (const std::exception&) {
    return HA_ERR_OUT_OF_MEM;
  }
}

/// The server asks every engine about a table that it does not know. 0 says that there was one.
int DropTable(handlerton* /*engine*/, const char* path) {
  constexpr int kNotHere = -1;
  try {
    std::string_view name(path);
    size_t table = name.rfind('/');
    if (table == std::string_view::npos) return kNotHere;
    size_t schema = name.substr(0, table).rfind('/');
    schema = schema == std::string_view::npos ? 0 : schema + 1;
    // Names of ours are the same in file names.
    bool ours = !FindTable(name.substr(schema, table - schema), name.substr(table + 1)).empty();
    return ours ? 0 : kNotHere;
  } catch (const std::exception&) {
    return HA_ERR_OUT_OF_MEM;
  }
}

int DiscoverTableNames(handlerton* /*engine*/, LEX_CSTRING* db, MY_DIR* /*dir*/,
                       handlerton::discovered_list* result) {
  try {
    StoreViews* views = TheInstance().views.get();
    std::string_view schema(db->str, db->length);
    if (views == nullptr || !StoreViews::MayHave(schema)) return 0;
    auto found = views->ViewsOf(schema);
    if (!found) {
      LogStoreError(found.error());
      return 0;
    }
    std::vector<std::string> names;
    for (const schema::View* view : *found) names.emplace_back(view->name);
    if (schema == kSysSchema) {
      for (const BaseTable& base : BaseTables()) names.emplace_back(base.name);
    }
    for (std::string& name : names) {
      // With lower_case_table_names=1 the server has names in lower case alone.
      if (lower_case_table_names == 1) my_casedn_str(files_charset_info, name.data());
      if (result->add_table(name.data(), name.size())) return 1;
    }
    return 0;
  } catch (const std::exception&) {
    return 1;
  }
}

int DiscoverTableExistence(handlerton* /*engine*/, const char* db, const char* table) {
  try {
    return FindTable(db, table).empty() ? 0 : 1;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace

void RegisterDiscovery(handlerton* engine) {
  engine->discover_table = DiscoverTable;
  engine->discover_table_names = DiscoverTableNames;
  engine->discover_table_existence = DiscoverTableExistence;
  engine->drop_table = DropTable;
}

void MakeSchemas() {
  auto schemas = TheInstance().views->Schemas();
  if (!schemas) {
    LogStoreError(schemas.error());
    return;
  }
  for (const std::string& schema : *schemas) MakeSchema(schema);
}

}  // namespace obviews::mariadb
