// The base tables a server is told of.
#include "plugins/mariadb/base_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace obviews::mariadb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const char* table) { return CreateTableText(*FindBaseTable(table)); }

TEST(BaseTablesTest, ThereIsOneForEachTableOfTheOriginal) {
  std::vector<std::string> names;
  for (const BaseTable& table : BaseTables()) names.emplace_back(table.name);
  EXPECT_THAT(names, ElementsAre("__all_recover_table_job", "__all_recover_table_job_history",
                                 "__all_import_table_job", "__all_import_table_job_history",
                                 "__all_import_table_task", "__all_import_table_task_history",
                                 "__all_restore_job", "__all_restore_progress",
                                 "__all_restore_job_history"));
  EXPECT_EQ(FindBaseTable("__all_nothing"), nullptr);
}

TEST(BaseTablesTest, EachHasOneName) {
  // By another name a server would have its locks and triggers a second time.
  EXPECT_NE(FindBaseTable("__all_restore_job"), nullptr);
  EXPECT_EQ(FindBaseTable("__ALL_RESTORE_JOB"), nullptr);
}

TEST(BaseTablesTest, ColumnsHaveTheOriginalsTypesAndDefaults) {
  struct Case {
    const char* table;
    const char* column;
  };
  for (const Case& c : {
           Case{"__all_recover_table_job",
                "`gmt_create` TIMESTAMP(6) NULL DEFAULT "
                "CURRENT_TIMESTAMP(6), "},
           Case{"__all_recover_table_job",
                "`gmt_modified` TIMESTAMP(6) NULL DEFAULT "
                "CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), "},
           Case{"__all_recover_table_job", "`job_id` BIGINT NOT NULL, "},
           Case{"__all_recover_table_job", "`import_all` TINYINT NOT NULL, "},
           Case{"__all_recover_table_job", "`restore_scn` BIGINT UNSIGNED NOT NULL, "},
           // varchar(4096): rows would be too large.
           Case{"__all_recover_table_job", "`backup_dest` TEXT NOT NULL, "},
           Case{"__all_recover_table_job", "`backup_passwd` TEXT NULL DEFAULT '', "},
           Case{"__all_recover_table_job", "`db_list` LONGTEXT NULL DEFAULT '', "},
           Case{"__all_import_table_task_history", "`task_id` BIGINT NOT NULL, "},
           Case{"__all_restore_job", "`value` LONGTEXT NULL DEFAULT '', "},
           Case{"__all_restore_progress", "`finish_bytes` BIGINT NOT NULL, "},
           Case{"__all_restore_progress", "`restore_scn` BIGINT UNSIGNED NOT NULL, "},
           Case{"__all_restore_job_history", "`restore_tenant_id` BIGINT NOT NULL DEFAULT -1, "},
           Case{"__all_restore_job_history", "`comment` VARCHAR(1024) NULL DEFAULT NULL, "},
       }) {
    EXPECT_THAT(TextOf(c.table), HasSubstr(c.column)) << c.table;
  }
  // What a view of the tenant adds is no column.
  EXPECT_THAT(TextOf("__all_restore_job"), Not(HasSubstr("readable_scn")));
}

TEST(BaseTablesTest, KeysAreTheOriginals) {
  EXPECT_THAT(TextOf("__all_recover_table_job"), HasSubstr("PRIMARY KEY (`tenant_id`,`job_id`))"));
  EXPECT_THAT(TextOf("__all_restore_job"),
              HasSubstr("PRIMARY KEY (`tenant_id`,`job_id`,`name`), "));
  EXPECT_THAT(TextOf("__all_import_table_task"),
              HasSubstr("PRIMARY KEY (`tenant_id`,`task_id`), KEY `by_job` "
                        "(`tenant_id`,`job_id`,`task_id`))"));
}

TEST(BaseTablesTest, AStatusIsOneOfTheServers) {
  EXPECT_THAT(
      TextOf("__all_import_table_task"),
      HasSubstr("`status` VARCHAR(64) NOT NULL CHECK (`status` COLLATE utf8mb4_nopad_bin IN "
                "('INIT','DOING','FINISH'))"));
  EXPECT_THAT(TextOf("__all_restore_job"),
              HasSubstr("CHECK (`name` <> 'status' OR `value` COLLATE utf8mb4_nopad_bin IN "
                        "('CREATE_TENANT',"));
}

}  // namespace
}  // namespace obviews::mariadb
