// What people see of a recovery: whole outputs, at several widths and from partial records.
#include "tools/progress/recovery_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/progress/progress_page.h"
#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using engine::progress::RecoverFacts;
using engine::progress::RecoveryFacts;
using testing::AtWork;
using testing::Ended;
using testing::kNow;
using testing::kSecond;
using testing::kStart;
using testing::LoadedStore;
using testing::Shown;

std::string Draw(const ShownRecovery& recovery, size_t width, bool utf8 = true) {
  TreeOptions options;
  options.canvas = {width, utf8};
  return "\n" + Render(RecoveryTree(recovery, options, WidthMeter()), /*colours=*/false);
}

TEST(RecoveryTreeTest, OneAtWorkOn80Columns) {
  EXPECT_EQ(Draw(Shown(AtWork()), 80), R"(
recovery 1/5 of tenant shop (1002)                              IMPORT   79.94 %
├─ began      2023-11-14 22:13:20 (+00:00), 10:00 ago
├─ prepare    done       22:13:20      0:01
├─ restore    done       22:13:21      2:11  [████████████████████]  100 %
│             12.00GB
├─ activate   done       22:15:32      0:04
├─ list       done       22:15:36      0:04
├─ import     running    22:15:40      7:40  [████████████░░░░░░░░]   61 %
│  │          6,100 of 10,000 tables, 12 failed, 3 running, 3,885 not begun;
│  │          13.3 tables/s
│  ├─ running  `db`.`orders` for 1:20, `db`.`items` for 0:02 and 1 more
│  └─ failed   12 tables
│     ├─ 7: result:-5020() OB_ERR_TABLE_EXIST: `db`.`t1`, `db`.`t2`, `db`.`t3`
│     │  and 4 more
│     ├─ 3: Table '...' doesn't exist: `db`.`gone1`, `db`.`gone2`, `db`.`gone3`
│     ├─ reasons are those of 10 of them
│     └─ all: SELECT SRC_DATABASE, SRC_TABLE, COMMENT FROM
│        CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID = 1002 AND JOB_ID = 3 AND
│        RESULT IN ('FAILED', 'FAIL')
├─ finish     not begun
├─ ends       in 4:52, at about 22:28:12, between 22:27:44 and 22:28:43
└─ waits for  table `db`.`items` and 2 others; 3885 not begun
)");
}

TEST(RecoveryTreeTest, OneAtWorkOn120Columns) {
  EXPECT_EQ(Draw(Shown(AtWork()), 120), R"(
recovery 1/5 of tenant shop (1002)                                                  IMPORT   79.94 %
├─ began      2023-11-14 22:13:20 (+00:00), 10:00 ago
├─ prepare    done       22:13:20      0:01
├─ restore    done       22:13:21      2:11  [████████████████████]  100 %  12.00GB
├─ activate   done       22:15:32      0:04
├─ list       done       22:15:36      0:04
├─ import     running    22:15:40      7:40  [████████████░░░░░░░░]   61 %
│  │          6,100 of 10,000 tables, 12 failed, 3 running, 3,885 not begun; 13.3 tables/s
│  ├─ running  `db`.`orders` for 1:20, `db`.`items` for 0:02 and 1 more
│  └─ failed   12 tables
│     ├─ 7: result:-5020() OB_ERR_TABLE_EXIST: `db`.`t1`, `db`.`t2`, `db`.`t3` and 4 more
│     ├─ 3: Table '...' doesn't exist: `db`.`gone1`, `db`.`gone2`, `db`.`gone3`
│     ├─ reasons are those of 10 of them
│     └─ all: SELECT SRC_DATABASE, SRC_TABLE, COMMENT FROM CDB_OB_IMPORT_TABLE_TASKS WHERE TENANT_ID = 1002 AND JOB_ID =
│        3 AND RESULT IN ('FAILED', 'FAIL')
├─ finish     not begun
├─ ends       in 4:52, at about 22:28:12, between 22:27:44 and 22:28:43
└─ waits for  table `db`.`items` and 2 others; 3885 not begun
)");
}

TEST(RecoveryTreeTest, OneAtWorkOn40ColumnsOfAscii) {
  EXPECT_EQ(Draw(Shown(AtWork()), 40, /*utf8=*/false), R"(
recovery 1/5 of tenant shop (1002)
IMPORT   79.94 %
|- began      2023-11-14 22:13:20
|             (+00:00), 10:00 ago
|- prepare    done           0:01
|- restore    done           2:11  100 %
|             12.00GB
|- activate   done           0:04
|- list       done           0:04
|- import     running        7:40   61 %
|  |          6,100 of 10,000 tables, 12
|  |          failed, 3 running, 3,885
|  |          not begun; 13.3 tables/s
|  |- running  `db`.`orders` for 1:20,
|  |           `db`.`items` for 0:02 and
|  |           1 more
|  `- failed   12 tables
|     |- 7: result:-5020()
|     |  OB_ERR_TABLE_EXIST: `db`.`t1`,
|     |  `db`.`t2`, `db`.`t3` and 4 more
|     |- 3: Table '...' doesn't exist:
|     |  `db`.`gone1`, `db`.`gone2`,
|     |  `db`.`gone3`
|     |- reasons are those of 10 of them
|     `- all: SELECT SRC_DATABASE,
|        SRC_TABLE, COMMENT FROM
|        CDB_OB_IMPORT_TABLE_TASKS WHERE
|        TENANT_ID = 1002 AND JOB_ID = 3
|        AND RESULT IN ('FAILED',
|        'FAIL')
|- finish     not begun
|- ends       in 4:52, at about
|             22:28:12, between 22:27:44
|             and 22:28:43
`- waits for  table `db`.`items` and 2
              others; 3885 not begun
)");
}

TEST(RecoveryTreeTest, NoLineIsWiderThanTheCanvas) {
  const WidthMeter meter;
  for (size_t width = Canvas::kLeastWidth; width < 200; ++width) {
    for (const RecoveryFacts& facts : {AtWork(), Ended()}) {
      TreeOptions options;
      options.canvas.width = width;
      for (const StyledLine& line : RecoveryTree(Shown(facts), options, meter)) {
        EXPECT_LE(WidthOf(line, meter), width) << Render({&line, 1}, false);
      }
    }
  }
}

TEST(RecoveryTreeTest, OneThatFailedSaysWhere) {
  RecoveryFacts facts = Ended();
  facts.sys->status = facts.user->status = "FAILED";
  facts.user->comment = facts.sys->comment = "import succeed table count: 0, failed table count: 3";
  facts.import->result = "FAILED";
  facts.import->comment = facts.user->comment;
  EXPECT_EQ(Draw(Shown(facts), 80), R"(
recovery 1/5 of tenant shop (1002)                              FAILED   99.00 %
├─ began     2023-11-14 22:13:20 (+00:00)
├─ ended     2023-11-14 22:28:20 (+00:00), after 15:00
├─ prepare   done       22:13:20      0:01
├─ restore   done       22:13:21      2:11  [████████████████████]  100 %
│            12.00GB
├─ activate  done       22:15:32      0:04
├─ list      done       22:15:36      0:04
├─ import    failed     22:15:40     12:38  [████████████████████]  100 %
│  │         9,997 of 10,000 tables, 3 failed
│  └─ failed  3 tables
│     └─ 3: result:-5020() OB_ERR_TABLE_EXIST: `db`.`t1`, `db`.`t2`, `db`.`t3`
├─ finish    not begun
└─ failed    import: import succeed table count: 0, failed table count: 3
)");
}

TEST(RecoveryTreeTest, AStallIsToldLoudly) {
  RecoveryFacts facts = AtWork();
  facts.tasks.last_completion = kStart + 200 * kSecond;
  facts.samples.clear();
  TreeOptions options;
  const std::string text =
      Render(RecoveryTree(Shown(facts, kNow + 7200 * kSecond), options, WidthMeter()), true);
  EXPECT_THAT(text, ::testing::HasSubstr("\x1b[1;31mstalled\x1b[0m"));
  EXPECT_THAT(text, ::testing::HasSubstr("nothing has moved for 2:"));
}

TEST(RecoveryTreeTest, OnlyTheRowOfSys) {
  RecoveryFacts facts;
  facts.sys = AtWork().sys;
  EXPECT_EQ(Draw(Shown(facts), 80), R"(
recovery 1/5 of tenant shop (1002)                               stage not known
├─ began      2023-11-14 22:13:20 (+00:00), 10:00 ago
├─ as of      2023-11-14 22:23:20 (+00:00): it was loaded, and moves only by
│             another load
├─ prepare    not known  22:13:20
├─ restore    not known
├─ activate   not known
├─ list       not known
├─ import     not known
├─ finish     not known
├─ ends       not known: the recover job of tenant shop is not in this store
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  not known: the recover job of tenant shop is not in this store
)");
}

TEST(RecoveryTreeTest, ARestoreWithoutAnImport) {
  RecoveryFacts facts;
  facts.restore = AtWork().restore;
  facts.restore->ended = false;
  facts.restore->end.reset();
  facts.restore->bytes_finished = *facts.restore->bytes_total / 2;
  EXPECT_EQ(Draw(Shown(facts), 80), R"(
recovery 1010/4                                                RESTORE   23.27 %
├─ began      not known: the recover job, which says when the recovery began, is
│             not in this store
├─ as of      2023-11-14 22:23:20 (+00:00): it was loaded, and moves only by
│             another load
├─ prepare    done
├─ restore    running    22:13:21      9:59  [█████████░░░░░░░░░░░]   49 %
│             6.00GB of 12.00GB; 10.26MB/s
├─ activate   not begun
├─ list       not begun
├─ import     not begun
├─ finish     not begun
├─ ends       not known: no table was imported yet, and no past recovery says
│             the pace
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  the restore of auxiliary tenant AUX_RECOVER$1692618864733548
)");
}

TEST(RecoveryTreeTest, HistoryAlone) {
  RecoveryFacts facts = Ended();
  facts.restore.reset();
  facts.import.reset();
  facts.tasks = {};
  facts.table_failures.clear();
  EXPECT_EQ(Draw(Shown(facts), 80), R"(
recovery 1/5 of tenant shop (1002)                           COMPLETED  100.00 %
├─ began     2023-11-14 22:13:20 (+00:00)
├─ ended     2023-11-14 22:28:20 (+00:00), after 15:00
├─ prepare   done       22:13:20
├─ restore   done                           [████████████████████]  100 %
├─ activate  done
├─ list      done
├─ import    done                           [████████████████████]  100 %
│            tables not known: the tasks are not in this store
└─ finish    done
)");
}

TEST(RecoveryTreeTest, StoredTextsDoNotSteerTheTerminal) {
  RecoveryFacts facts = AtWork();
  facts.user->target_tenant_name = "sh\x1b[2Jop";
  facts.table_failures[0].reason = "bad\r\n\xff \xc2\x9b";
  const std::string text = Draw(Shown(facts), 120);
  EXPECT_THAT(text, ::testing::HasSubstr("of tenant sh\\x1b[2Jop (1002)"));
  EXPECT_THAT(text, ::testing::HasSubstr("bad\\x0d\\x0a\\xff \\xc2\\x9b"));
}

TEST(RecoveryTreeTest, ATenantIsShownTheViewsItHas) {
  TreeOptions options;
  options.for_sys = false;
  options.canvas.width = 200;
  EXPECT_THAT(Render(RecoveryTree(Shown(AtWork()), options, WidthMeter()), false),
              ::testing::HasSubstr("FROM DBA_OB_IMPORT_TABLE_TASKS WHERE JOB_ID = 3 AND"));
}

// ---- through a store

/// All recoveries that a store shows, at a time of 2023.
std::string PageOf(LoadedStore& store, int64_t now_usec) {
  TreeOptions options;
  options.zone = schema::Zone::Fixed(8 * 3600);
  auto wanted = [](const engine::progress::RecoveryRef&) { return false; };
  return "\n" + Render(ProgressPage(store.Look(now_usec), wanted, options, WidthMeter()), false);
}

TEST(RecoveryTreeTest, TheListingsOfTheDocument) {
  LoadedStore store;
  store.LoadFile(std::string(OBVIEWS_TEST_DATA) + "/document.md", kNow);
  EXPECT_EQ(PageOf(store, kNow), R"(
recovery 1/1 of tenant backup_tenant                             stage not known
├─ began      2023-06-01 06:00:00 (+08:00), 167d 00:23:20 ago
├─ as of      2023-11-15 06:23:20 (+08:00): it was loaded, and moves only by
│             another load
├─ prepare    not known  06:00:00
├─ restore    not known
├─ activate   not known
├─ list       not known
├─ import     not known
├─ finish     not known
├─ ends       not known: the recover job of tenant backup_tenant is not in this
│             store
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  not known: the recover job of tenant backup_tenant is not in this
              store

recovery 1002/3 of tenant 1002                          IMPORT  at least 50.00 %
├─ began      not known: the recover job, which says when the recovery began, is
│             not in this store
├─ as of      2023-11-15 06:23:20 (+08:00): it was loaded, and moves only by
│             another load
├─ prepare    done
├─ restore    done                           [████████████████████]  100 %
├─ activate   done
├─ list       done
├─ import     running    21:08:49  90d 09:14:30
│  │          tables not known: the import job, which says how many tables there
│  │          are, is not in this store
│  └─ running  `test`.`t1` for 90d 09:14:30
├─ finish     not begun
├─ ends       not known: how many tables are imported is not known
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  table `test`.`t1`; the import job, which says how many tables
              there are, is not in this store

recovery 1010/3 of tenant 1010                          IMPORT  at least 50.00 %
├─ began      not known: the recover job, which says when the recovery began, is
│             not in this store
├─ as of      2023-11-15 06:23:20 (+08:00): it was loaded, and moves only by
│             another load
├─ prepare    done
├─ restore    done                           [████████████████████]  100 %
├─ activate   done
├─ list       done       17:59:28
├─ import     running  tables not known: the tasks are not in this store
├─ finish     not begun
├─ ends       not known: how many tables are imported is not known
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  tables to be imported; the tasks are not in this store

recovery 1016/2 of tenant OBT (1016)                    RESTORE  at least 1.00 %
├─ began      2023-08-21 19:54:25 (+08:00), 85d 10:28:55 ago
├─ as of      2023-11-15 06:23:20 (+08:00): it was loaded, and moves only by
│             another load
├─ prepare    done       19:54:25
├─ restore    running  bytes not known: no restore job is in this store
├─ activate   not begun
├─ list       not begun
├─ import     not begun
├─ finish     not begun
├─ ends       not known: the restore job is not in this store
├─ stalled    not known: one look at a recovery does not tell whether it moves
└─ waits for  the restore of auxiliary tenant AUX_RECOVER$1692618864733548,
              whose job is not in this store
)");
}

TEST(RecoveryTreeTest, TwoPastesOfARestore) {
  auto listing = [](const std::string& finished) {
    return "TENANT_ID\tJOB_ID\tRESTORE_TENANT_NAME\tRESTORE_TENANT_ID\tSTATUS\tTOTAL_BYTES\t"
           "FINISH_BYTES\n1010\t8\tAUX_RECOVER$1692618864733548\t1010\tRESTORING\t1099511627776\t" +
           finished + "\n";
  };
  LoadedStore store;
  store.LoadTsv(listing("1000000000"), "CDB_OB_RESTORE_PROGRESS", kNow);
  store.LoadTsv(listing("500000000000"), "CDB_OB_RESTORE_PROGRESS", kNow + 3600 * kSecond);
  EXPECT_EQ(PageOf(store, kNow + 7200 * kSecond), R"(
recovery 1010/8                                                RESTORE   21.25 %
├─ began      not known: the recover job, which says when the recovery began, is
│             not in this store
├─ as of      2023-11-15 07:23:20 (+08:00): it was loaded, and moves only by
│             another load
├─ prepare    done
├─ restore    running                        [█████████░░░░░░░░░░░]   45 %
│             465.66GB of 1.00TB; 132.19MB/s
├─ activate   not begun
├─ list       not begun
├─ import     not begun
├─ finish     not begun
├─ ends       not known: no table was imported yet, and no past recovery says
│             the pace
└─ waits for  the restore of auxiliary tenant AUX_RECOVER$1692618864733548, at
              RESTORING
)");
}

// ---- lines

TEST(EndedRecoveryTest, IsALineOrTwo) {
  TreeOptions options;
  options.canvas.width = 120;
  const WidthMeter meter;
  EXPECT_EQ(Render(EndedRecovery(Shown(Ended()), options, meter), false),
            "recovery 1/5 of tenant shop (1002)  COMPLETED  2023-11-14 22:28:20 after 15:00, 9,997 "
            "of 10,000 tables, 3 failed\n");
  options.canvas.width = 60;
  EXPECT_EQ(Render(EndedRecovery(Shown(Ended()), options, meter), false),
            "recovery 1/5 of tenant shop (1002)  COMPLETED  2023-11-14\n  22:28:20 after 15:00, "
            "9,997 of 10,000 tables, 3 failed\n");
}

TEST(RecoveryNewsTest, IsOneLineWithoutTimes) {
  EXPECT_EQ(RecoveryNews(Shown(AtWork()), true),
            "recovery 1/5 of tenant shop (1002): IMPORT 79.94 %, 6,100 of 10,000 tables, 12 "
            "failed, 3 running, 3,885 not begun");
  EXPECT_EQ(RecoveryNews(Shown(AtWork()), true), RecoveryNews(Shown(AtWork(), kNow + 1), true));
  EXPECT_EQ(
      RecoveryNews(Shown(Ended()), true),
      "recovery 1/5 of tenant shop (1002): COMPLETED 100.00 %, 9,997 of 10,000 tables, 3 failed");
}

}  // namespace
}  // namespace obviews::tools
