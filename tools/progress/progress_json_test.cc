// The JSON of a recovery, and what it says of figures that are not known.
#include "tools/progress/progress_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/progress/testing.h"

namespace obviews::tools {
namespace {

using nlohmann::json;
using testing::AtWork;
using testing::kStart;
using testing::Shown;

const schema::Zone kZone = schema::Zone::Fixed(8 * 3600);

TEST(ProgressJsonTest, HasAllOfARecovery) {
  auto facts = AtWork();
  facts.slowest.resize(1);
  facts.table_failures.resize(1);
  facts.samples.clear();
  const std::string text = RecoveryJson(Shown(facts), kZone);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ("\n" + nlohmann::ordered_json::parse(text).dump(1) + "\n", R"(
{
 "tenant_id": 1,
 "job_id": 5,
 "target_tenant_name": "shop",
 "target_tenant_id": 1002,
 "stage": "IMPORT",
 "ended": false,
 "percent": 79.94,
 "stage_percent": 61.12,
 "rate": "13.3 tables/s",
 "start": "2023-11-15T06:13:20.000000+08:00",
 "as_of": "2023-11-15T06:23:20.000000+08:00",
 "elapsed_seconds": 600,
 "eta": "2023-11-15T06:28:12.617801+08:00",
 "eta_low": "2023-11-15T06:27:44.115962+08:00",
 "eta_high": "2023-11-15T06:28:43.972546+08:00",
 "tables_total": 10000,
 "tables_finished": 6100,
 "tables_failed": 12,
 "tables_running": 3,
 "tables_not_begun": 3885,
 "bytes_total": 12884901888,
 "bytes_finished": 12884901888,
 "stalled_seconds": 0,
 "waiting_for": "table `db`.`items` and 2 others; 3885 not begun",
 "retry": null,
 "moves": true,
 "stages": [
  {
   "stage": "PREPARE",
   "percent": 100.0,
   "start": "2023-11-15T06:13:20.000000+08:00",
   "end": "2023-11-15T06:13:21.000000+08:00"
  },
  {
   "stage": "RESTORE",
   "percent": 100.0,
   "start": "2023-11-15T06:13:21.000000+08:00",
   "end": "2023-11-15T06:15:32.000000+08:00"
  },
  {
   "stage": "ACTIVATE",
   "percent": 100.0,
   "start": "2023-11-15T06:15:32.000000+08:00",
   "end": "2023-11-15T06:15:36.000000+08:00"
  },
  {
   "stage": "LIST",
   "percent": 100.0,
   "start": "2023-11-15T06:15:36.000000+08:00",
   "end": "2023-11-15T06:15:40.000000+08:00"
  },
  {
   "stage": "IMPORT",
   "percent": 61.12,
   "start": "2023-11-15T06:15:40.000000+08:00",
   "end": null
  },
  {
   "stage": "FINISH",
   "percent": 0.0,
   "start": null,
   "end": null
  }
 ],
 "slowest_tables": [
  {
   "table": "`db`.`orders`",
   "start": "2023-11-15T06:22:00.000000+08:00",
   "elapsed_seconds": 80
  }
 ],
 "failures": [
  {
   "what": "`db`.`t1`",
   "is_table": true,
   "reason": "result:-5020(), addr:127.0.0.1:2882, trace_id:YB42-1"
  }
 ],
 "unknown": {}
}
)");
}

TEST(ProgressJsonTest, WhatIsNotKnownIsNullWithItsReason) {
  engine::progress::RecoveryFacts facts;
  facts.sys = AtWork().sys;
  const json out = json::parse(RecoveryJson(Shown(facts), kZone));
  const char* why = "the recover job of tenant shop is not in this store";
  for (const char* name : {"stage", "percent", "eta"}) {
    EXPECT_TRUE(out[name].is_null()) << name;
    EXPECT_EQ(out["unknown"][name], why) << name;
  }
  EXPECT_TRUE(out["stages"][1]["percent"].is_null());
  EXPECT_FALSE(out["unknown"].contains("start"));
}

TEST(ProgressJsonTest, BytesThatAreNoTextAreKeptAsInAllJson) {
  auto facts = AtWork();
  facts.user->target_tenant_name = "a\xff\"\n";
  EXPECT_EQ(json::parse(RecoveryJson(Shown(facts), kZone))["target_tenant_name"],
            "a\xEE\xBF\xBF\"\n");
}

TEST(ProgressJsonTest, SeveralAreAnArrayOfLines) {
  RecoverySight sight;
  EXPECT_EQ(RecoveriesJson(sight, kZone), "[]\n");
  sight.recoveries = {Shown(AtWork()), Shown(testing::Ended())};
  const std::string text = RecoveriesJson(sight, kZone);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(json::parse(text).size(), 2U);
}

TEST(IsoTimeTest, HasTheOffsetOfItsZone) {
  EXPECT_EQ(IsoTime(kStart + 7, kZone), "2023-11-15T06:13:20.000007+08:00");
  EXPECT_EQ(IsoTime(kStart, schema::Zone::Fixed(-(3 * 3600 + 1800))),
            "2023-11-14T18:43:20.000000-03:30");
  EXPECT_EQ(IsoTime(INT64_MAX, kZone), "");
}

}  // namespace
}  // namespace obviews::tools
