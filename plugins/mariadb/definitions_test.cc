// The tables a server is told of.
#include "plugins/mariadb/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace obviews::mariadb {
namespace {

using schema::Catalog;
using schema::Mode;
using ::testing::HasSubstr;

const schema::View& ViewOf(const char* name, Mode mode = Mode::kMySql) {
  const schema::View* view = Catalog::Get().FindDefinition(name, mode);
  EXPECT_NE(view, nullptr) << name;
  return *view;
}

std::string SqlTypeOf(const char* view, const char* column, Mode mode = Mode::kMySql) {
  const schema::View& definition = ViewOf(view, mode);
  ColumnType type = TypeOf(definition, static_cast<size_t>(definition.FindColumn(column)));
  return type.sql + (type.nullable ? "" : " NOT NULL");
}

TEST(DefinitionsTest, TypesAreTheCatalogsUnlessAServerRefusesThem) {
  struct Case {
    const char* view;
    const char* column;
    Mode mode;
    const char* type;
  };
  for (const Case& c : {
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "TENANT_ID", Mode::kMySql, "BIGINT NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "IMPORT_ALL", Mode::kMySql, "TINYINT NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "RESTORE_SCN", Mode::kMySql,
                "BIGINT UNSIGNED NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "RESTORE_SCN_DISPLAY", Mode::kMySql, "DATETIME(6)"},
           // Holds fewer times than a record, so NULL although the catalog says NOT NULL.
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "START_TIMESTAMP", Mode::kMySql, "TIMESTAMP(6)"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "STATUS", Mode::kMySql, "VARCHAR(64) NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "BACKUP_DEST", Mode::kMySql, "TEXT NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_JOBS", "TABLE_LIST", Mode::kMySql, "LONGTEXT"},
           // varchar(4096) in the catalog, but part of the key.
           Case{"CDB_OB_IMPORT_TABLE_TASK_HISTORY", "TASK_ID", Mode::kMySql, "BIGINT NOT NULL"},
           Case{"CDB_OB_RECOVER_TABLE_PROGRESS", "PERCENT", Mode::kMySql, "DECIMAL(6,2)"},
           Case{"DBA_OB_RECOVER_TABLE_JOBS", "RESTORE_SCN_DISPLAY", Mode::kOracle, "VARCHAR(64)"},
           Case{"DBA_OB_RECOVER_TABLE_JOBS", "START_TIMESTAMP", Mode::kOracle, "VARCHAR(256)"},
           // An empty text is NULL in Oracle mode.
           Case{"DBA_OB_RECOVER_TABLE_JOBS", "STATUS", Mode::kOracle, "VARCHAR(64)"},
           Case{"DBA_OB_RECOVER_TABLE_JOBS", "TABLE_LIST", Mode::kOracle, "LONGTEXT"},
       }) {
    EXPECT_EQ(SqlTypeOf(c.view, c.column, c.mode), c.type) << c.view << "." << c.column;
  }
}

TEST(DefinitionsTest, EveryViewHasAnIndexOverItsKey) {
  EXPECT_THAT(CreateTableText(ViewOf("CDB_OB_IMPORT_TABLE_TASKS")),
              HasSubstr("PRIMARY KEY (`TENANT_ID`,`JOB_ID`,`TASK_ID`)) ENGINE=OBVIEWS"));
  EXPECT_THAT(CreateTableText(ViewOf("DBA_OB_IMPORT_TABLE_TASKS", Mode::kOracle)),
              HasSubstr("PRIMARY KEY (`JOB_ID`,`TASK_ID`)"));
  EXPECT_THAT(CreateTableText(ViewOf("CDB_OB_RESTORE_HISTORY")),
              HasSubstr("PRIMARY KEY (`TENANT_ID`,`JOB_ID`)"));
  // Several rows have one key.
  EXPECT_THAT(CreateTableText(ViewOf("CDB_OB_IMPORT_TABLE_TASK_SUMMARY")),
              HasSubstr("KEY `by_job` (`TENANT_ID`,`JOB_ID`)"));
}

TEST(DefinitionsTest, TextsCompareAsInTheModeOfTheirTenant) {
  EXPECT_THAT(CreateTableText(ViewOf("DBA_OB_IMPORT_TABLE_TASKS")),
              HasSubstr("COLLATE=utf8mb4_general_ci"));
  EXPECT_THAT(CreateTableText(ViewOf("DBA_OB_IMPORT_TABLE_TASKS", Mode::kOracle)),
              HasSubstr("COLLATE=utf8mb4_nopad_bin"));
}

TEST(DefinitionsTest, NoRowIsLargerThanAServerTakes) {
  constexpr size_t kMaxRow = 65'535;
  constexpr size_t kBytesOfCharacter = 4;
  for (auto shape :
       {schema::RestoreShape::k421, schema::RestoreShape::k423, schema::RestoreShape::k433}) {
    for (const schema::View& view : Catalog::Get(shape).views()) {
      size_t bytes = 0;
      for (size_t i = 0; i < view.columns.size(); ++i) {
        std::string sql = TypeOf(view, i).sql;
        bool varchar = sql.starts_with("VARCHAR(");
        bytes += varchar ? 2 + kBytesOfCharacter * std::stoul(sql.substr(8)) : 12;
      }
      EXPECT_LT(bytes, kMaxRow) << view.name;
    }
  }
}

}  // namespace
}  // namespace obviews::mariadb
