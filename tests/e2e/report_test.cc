// dump-views report as people run it: which recovery, where the page goes, and what is refused.
// What the page does in a browser is tested beside its sources.
#include <filesystem>

#include "stores.h"
#include "tools/report/page.h"

namespace obviews::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportTest : public StoreTest {
 protected:
  void SetUp() override {
    if (tools::PageTemplate().empty()) GTEST_SKIP() << "built without reports";
  }
  void Simulate(const std::string& tenants) const {
    Ran ran = Ctl("simulate", {"--speed", "0", "--tenants", tenants, "--tables", "12",
                               "--fail-rate", "0.3", "--seed", "5"});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  Ran Report(std::vector<std::string> arguments, const Given& given = {}) const {
    arguments.insert(arguments.begin(), "report");
    return Dump(std::move(arguments), given);
  }
};

TEST_F(ReportTest, MakesOnePageOfTheOnlyRecoveryAndReplacesAnOldOne) {
  Simulate("1");
  const std::string page = Write("report.html", "an old one");
  Ran ran = Report({"-o", page});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out + ran.err, "");
  const std::string html = ReadFile(page);
  EXPECT_THAT(html, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(html, HasSubstr("\"tenant\":\"sim_tenant_1\""));
  EXPECT_THAT(html, HasSubstr("\"stage\":{\"value\":\"COMPLETED\"}"));
  EXPECT_THAT(html, Not(HasSubstr(std::string(tools::kDataMarker))));
  EXPECT_THAT(Report({"-o", "-", "--job", "1002/2"}).out, HasSubstr("\"job\":\"1/1\""));
}

TEST_F(ReportTest, OfSeveralRecoveriesOneMustBeNamed) {
  Simulate("2");
  Ran ran = Report({"-o", Path("report.html")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("ERROR: a report is of one recovery; name it with --job: "));
  EXPECT_THAT(ran.err, HasSubstr("1/2"));
  EXPECT_FALSE(std::filesystem::exists(Path("report.html")));
  EXPECT_EQ(Report({"-o", Path("report.html"), "--job", "1/2"}).code, 0);
  EXPECT_EQ(Report({"-o", Path("own.html"), "--tenant", "sim_tenant_2"}).code, 0);
  EXPECT_THAT(ReadFile(Path("own.html")), HasSubstr("\"tenant\":\"sim_tenant_2\""));
  Ran others = Report({"-o", Path("x.html"), "--tenant", "sim_tenant_2", "--job", "1002/1"});
  EXPECT_EQ(others.code, 1);
  EXPECT_THAT(others.err, HasSubstr("no recovery has a job 1002/1"));
}

TEST_F(ReportTest, RefusesWhatItCannotDo) {
  Simulate("1");
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  };
  const Case cases[] = {
      {{}, 2, "ERROR: --output is required; see --help\n"},
      {{"-o", "x.html", "--job", "one"}, 2, "\"one\" is no job: TENANT_ID/JOB_ID is expected"},
      {{"-o", "x.html", "--job", "1/99"}, 1, "no recovery has a job 1/99"},
      {{"-o", "/no/such/folder/x.html"}, 1, "cannot write \"/no/such/folder/x.html\": "},
      {{"-o", "/dev/full"}, 1, "No space left on device"},
      {{"-o", "x.html", "--json"}, 2, "do not go with report"},
  };
  for (const Case& c : cases) {
    Ran ran = Report(c.arguments);
    EXPECT_EQ(ran.code, c.code) << c.message;
    EXPECT_THAT(ran.err, HasSubstr(c.message));
  }
  EXPECT_EQ(DumpViews({"--db", Path("none"), "report", "-o", Path("x.html")}).code, 3);
}

TEST_F(ReportTest, WhatTheRecordsDoNotSayIsUnknownAndNotZero) {
  ASSERT_EQ(LoadText(ReadFile(DataPath("document.md")), {}, "document.md").code, 0);
  Ran ran = Report({"-o", "-", "--job", "1010/3"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\"eta\":{\"why\":"));
  EXPECT_THAT(ran.out, HasSubstr("\"tablesTotal\":{\"why\":"));
}

TEST_F(ReportTest, AReaderThatGoesAwayEndsItQuietly) {
  Simulate("1");
  Given early;
  early.stop_reading_at = 100;
  Ran ran = Report({"-o", "-"}, early);
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace obviews::e2e
