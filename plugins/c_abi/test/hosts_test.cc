// Hosts in C and Python read what dump-views reads, and write what obviewsctl verifies.
#include <sstream>

#include "loaded.h"

namespace obviews::c_abi {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// Sanitizers must be in a program from its start, and Python is not built with them.
bool CanRunPython() { return std::string(OBVIEWS_SANITIZE).empty(); }

class HostsTest : public CAbiTest {
 protected:
  static e2e::Ran CHost(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), OBVIEWS_LIBRARY);
    return e2e::Run(OBVIEWS_C_HOST, arguments);
  }
  static e2e::Ran Python(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {OBVIEWS_C_ABI_TEST "/host.py", OBVIEWS_LIBRARY});
    return e2e::Run("/usr/bin/python3", arguments);
  }
  /// What dump-views prints of every view, and each host too.
  void ExpectTheSameRows(const std::string& tenant) const {
    std::istringstream views(CHost({"views", db(), tenant}).out);
    int count = 0;
    for (std::string line; std::getline(views, line); ++count) {
      std::string view = line.substr(0, line.find('\t'));
      std::string expected = Dump({"-B", "--tenant", tenant, view}).out;
      EXPECT_EQ(CHost({"texts", db(), view, tenant}).out, expected) << view;
      EXPECT_EQ(CHost({"values", db(), view, tenant}).out, expected) << view;
      if (CanRunPython()) {
        EXPECT_EQ(Python({"values", db(), view, tenant}).out, expected) << view;
      }
    }
    EXPECT_GE(count, 8);
  }
};

TEST_F(HostsTest, ReadWhatDumpViewsReads) {
  LoadDocument();
  ASSERT_EQ(Ctl("simulate", {"--tables", "20", "--speed", "0", "--fail-rate", "0.2"}).code, 0);
  // Progress is told for the time of a snapshot; here everything has ended.
  for (const char* tenant : {"sys", "1016", "1018"}) ExpectTheSameRows(tenant);
}

TEST_F(HostsTest, TakeARecoveryFromItsStartToHistory) {
  e2e::Ran ran = CHost({"recover", db()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "listener: recovery 1\n1 live\n0 live\n");
  EXPECT_EQ(Query("SELECT TENANT_ID, JOB_ID, STATUS, RESULT FROM CDB_OB_RECOVER_TABLE_JOB_HISTORY"),
            "1\t1\tCOMPLETED\tSUCCEESS\n1002\t1\tCOMPLETED\tSUCCEESS\n");
  EXPECT_EQ(Query("SELECT TASK_ID, TARGET_TABLE, STATUS FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY"),
            "1\torders_old\tFINISH\n2\titems_old\tFINISH\n");
  EXPECT_EQ(Query("SELECT COUNT(*) FROM CDB_OB_RESTORE_HISTORY"), "1\n");
  EXPECT_EQ(Query("SELECT COUNT(*) FROM CDB_OB_RECOVER_TABLE_JOBS"), "0\n");
  e2e::Ran verified = Ctl("verify");
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("0 damaged, 0 problems, 0 notices"));
}

TEST_F(HostsTest, PythonFindsRowsByConditionsAndIsRefusedMisuse) {
  if (!CanRunPython()) GTEST_SKIP() << "Python is built without sanitizers";
  LoadDocument();
  EXPECT_EQ(Python({"doing", db()}).out, "1047\tt1\n");
  e2e::Ran ran = Python({"misuse", db()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("error 11: the host was built for version 0 of the C interface"));
  EXPECT_THAT(ran.out, HasSubstr("error 12: this process was forked"));
}

TEST_F(HostsTest, TheExampleIsThatOfTheDocumentation) {
  LoadDocument();
  e2e::Ran ran = e2e::Run(OBVIEWS_C_EXAMPLE, {db()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "1047 t1\n");
  EXPECT_THAT(e2e::Run(OBVIEWS_C_EXAMPLE, {Path("none")}).err, HasSubstr("error 4: "));
  std::string example = e2e::ReadFile(OBVIEWS_C_ABI_TEST "/example.c");
  ASSERT_FALSE(example.empty());
  EXPECT_THAT(e2e::ReadFile(OBVIEWS_DOCS "/c_abi.md"), HasSubstr("```c\n" + example + "```\n"));
}

TEST_F(HostsTest, TheLibraryShowsItsEntryPointAlone) {
  e2e::Ran ran = e2e::Run("/usr/bin/nm", {"-D", "--defined-only", OBVIEWS_LIBRARY});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(ran.out.find(' ')), " T obviews_plugin\n");
}

}  // namespace
}  // namespace obviews::c_abi
