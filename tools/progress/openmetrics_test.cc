// The exposition: its whole text once, and its grammar by a strict reader of OpenMetrics 1.0.
#include "tools/progress/openmetrics.h"

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using testing::AtWork;
using testing::Ended;
using testing::Shown;

RecoverySight SightOf(std::vector<ShownRecovery> recoveries) {
  RecoverySight sight;
  sight.recoveries = std::move(recoveries);
  sight.taken_usec = testing::kNow;
  return sight;
}

/// What breaks the rules of the format; "" if nothing does.
std::string Fault(const std::string& text) {
  static const std::regex kMeta("# (TYPE|UNIT|HELP) ([a-z_]+) (.+)");
  static const std::regex kSample(
      R"re(([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})? (-?[0-9]+(?:\.[0-9]+)?))re");
  if (!text.ends_with("# EOF\n")) return "no end";
  std::istringstream lines(text.substr(0, text.size() - 6));
  std::map<std::string, std::string> types;
  std::set<std::string> samples;
  std::string family;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, kMeta)) {
      const std::string kind = match[1];
      if (kind == "TYPE") {
        family = match[2];
        if (!types.emplace(family, match[3]).second) return "twice: " + line;
        if (match[3] != "gauge" && match[3] != "stateset") return "type: " + line;
      }
      if (match[2] != family) return "not of " + family + ": " + line;
      if (kind == "UNIT" && !family.ends_with("_" + match[3].str())) return "unit: " + line;
    } else if (std::regex_match(line, match, kSample)) {
      if (match[1] != family) return "not of " + family + ": " + line;
      if (!samples.insert(match[1].str() + match[2].str()).second) return "twice: " + line;
      const bool state = types[family] == "stateset";
      if (state && match[3] != "0" && match[3] != "1") return "state: " + line;
      if (state && line.find(family + "=\"") == std::string::npos) return "no state: " + line;
    } else {
      return "line: " + line;
    }
  }
  return "";
}

TEST(OpenMetricsTest, TellsWhatIsKnown) {
  const std::string text = OpenMetrics(SightOf({Shown(AtWork())}));
  EXPECT_EQ(Fault(text), "");
  EXPECT_EQ("\n" + text, R"(
# TYPE obviews_recovery_progress_ratio gauge
# UNIT obviews_recovery_progress_ratio ratio
# HELP obviews_recovery_progress_ratio How much of the recovery is done; 1 only when it is COMPLETED.
obviews_recovery_progress_ratio{tenant_id="1",job_id="5",target_tenant="shop"} 0.7994
# TYPE obviews_recovery_stage_progress_ratio gauge
# UNIT obviews_recovery_stage_progress_ratio ratio
# HELP obviews_recovery_stage_progress_ratio How much of its stage is done.
obviews_recovery_stage_progress_ratio{tenant_id="1",job_id="5",target_tenant="shop"} 0.6112
# TYPE obviews_recovery_stage stateset
# HELP obviews_recovery_stage Where the recovery is.
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="PREPARE"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="RESTORE"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="ACTIVATE"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="LIST"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="IMPORT"} 1
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="FINISH"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="CANCELING"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="COMPLETED"} 0
obviews_recovery_stage{tenant_id="1",job_id="5",target_tenant="shop",obviews_recovery_stage="FAILED"} 0
# TYPE obviews_recovery_start_timestamp_seconds gauge
# UNIT obviews_recovery_start_timestamp_seconds seconds
# HELP obviews_recovery_start_timestamp_seconds When the recovery began.
obviews_recovery_start_timestamp_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 1700000000.000000
# TYPE obviews_recovery_as_of_timestamp_seconds gauge
# UNIT obviews_recovery_as_of_timestamp_seconds seconds
# HELP obviews_recovery_as_of_timestamp_seconds The time that the figures are of: that of the look, of the last load or of the end.
obviews_recovery_as_of_timestamp_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 1700000600.000000
# TYPE obviews_recovery_elapsed_seconds gauge
# UNIT obviews_recovery_elapsed_seconds seconds
# HELP obviews_recovery_elapsed_seconds From its beginning to that time.
obviews_recovery_elapsed_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 600
# TYPE obviews_recovery_eta_timestamp_seconds gauge
# UNIT obviews_recovery_eta_timestamp_seconds seconds
# HELP obviews_recovery_eta_timestamp_seconds When it will end, estimated.
obviews_recovery_eta_timestamp_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 1700000892.617801
# TYPE obviews_recovery_eta_low_timestamp_seconds gauge
# UNIT obviews_recovery_eta_low_timestamp_seconds seconds
# HELP obviews_recovery_eta_low_timestamp_seconds The estimated end is hardly before.
obviews_recovery_eta_low_timestamp_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 1700000864.115962
# TYPE obviews_recovery_eta_high_timestamp_seconds gauge
# UNIT obviews_recovery_eta_high_timestamp_seconds seconds
# HELP obviews_recovery_eta_high_timestamp_seconds The estimated end is hardly after.
obviews_recovery_eta_high_timestamp_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 1700000923.972546
# TYPE obviews_recovery_stalled_seconds gauge
# UNIT obviews_recovery_stalled_seconds seconds
# HELP obviews_recovery_stalled_seconds Since when nothing moved, if that is longer than its pace explains; else 0.
obviews_recovery_stalled_seconds{tenant_id="1",job_id="5",target_tenant="shop"} 0
# TYPE obviews_recovery_tables gauge
# HELP obviews_recovery_tables Tables of the recovery by status.
obviews_recovery_tables{tenant_id="1",job_id="5",target_tenant="shop",status="finished"} 6100
obviews_recovery_tables{tenant_id="1",job_id="5",target_tenant="shop",status="failed"} 12
obviews_recovery_tables{tenant_id="1",job_id="5",target_tenant="shop",status="running"} 3
obviews_recovery_tables{tenant_id="1",job_id="5",target_tenant="shop",status="not_begun"} 3885
# TYPE obviews_recovery_tables_listed gauge
# HELP obviews_recovery_tables_listed Tables that the recovery imports, all together.
obviews_recovery_tables_listed{tenant_id="1",job_id="5",target_tenant="shop"} 10000
# TYPE obviews_recovery_restore_finished_bytes gauge
# UNIT obviews_recovery_restore_finished_bytes bytes
# HELP obviews_recovery_restore_finished_bytes Bytes of the auxiliary tenant that are restored.
obviews_recovery_restore_finished_bytes{tenant_id="1",job_id="5",target_tenant="shop"} 12884901888
# TYPE obviews_recovery_restore_size_bytes gauge
# UNIT obviews_recovery_restore_size_bytes bytes
# HELP obviews_recovery_restore_size_bytes Bytes of the auxiliary tenant.
obviews_recovery_restore_size_bytes{tenant_id="1",job_id="5",target_tenant="shop"} 12884901888
# TYPE obviews_look_timestamp_seconds gauge
# UNIT obviews_look_timestamp_seconds seconds
# HELP obviews_look_timestamp_seconds When this was read.
obviews_look_timestamp_seconds 1700000600.000000
# EOF
)");
}

TEST(OpenMetricsTest, WhatIsNotKnownHasNoSample) {
  engine::progress::RecoveryFacts facts;
  facts.sys = AtWork().sys;
  const std::string text = OpenMetrics(SightOf({Shown(facts)}));
  EXPECT_EQ(Fault(text), "");
  EXPECT_EQ(text.find("ratio"), std::string::npos);
  EXPECT_EQ(text.find("eta"), std::string::npos);
  EXPECT_NE(text.find("obviews_recovery_elapsed_seconds{"), std::string::npos);
}

TEST(OpenMetricsTest, ManyRecoveriesShareTheirMetrics) {
  auto other = AtWork();
  other.sys->key.job_id = 6;
  const std::string text = OpenMetrics(SightOf({Shown(AtWork()), Shown(other)}));
  EXPECT_EQ(Fault(text), "");
}

TEST(OpenMetricsTest, LabelsAreEscaped) {
  auto facts = AtWork();
  facts.user->target_tenant_name = "a\"b\\c\nd\xff";
  const std::string text = OpenMetrics(SightOf({Shown(facts)}));
  EXPECT_EQ(Fault(text), "");
  EXPECT_NE(text.find("target_tenant=\"a\\\"b\\\\c\\nd\xEE\xBF\xBF\""), std::string::npos);
}

TEST(OpenMetricsTest, WithoutRecoveriesThereIsTheTimeOfTheLook) {
  EXPECT_EQ("\n" + OpenMetrics(SightOf({})), R"(
# TYPE obviews_look_timestamp_seconds gauge
# UNIT obviews_look_timestamp_seconds seconds
# HELP obviews_look_timestamp_seconds When this was read.
obviews_look_timestamp_seconds 1700000600.000000
# EOF
)");
}

}  // namespace
}  // namespace obviews::tools
