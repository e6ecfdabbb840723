// Export lines: lossless there and back, masked on demand, and strict when read.
#include "tools/loader/record_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing.h"

namespace obviews::tools {
namespace {

using engine::Tenant;
using schema::Record;
using schema::RecordKind;
using ::testing::HasSubstr;

std::string Line(const Record& record, bool mask = false) {
  StringSink sink;
  WriteRecordJson(sink, record, mask);
  return sink.text();
}

TEST(RecordJsonTest, EveryRecordReadsBackEqual) {
  std::mt19937_64 random(7);
  for (const schema::RecordType& type : schema::RecordTypes()) {
    for (int i = 0; i < 50; ++i) {
      Record record = engine::testing::RandomRecord(type.kind, random);
      auto read = ReadRecordJson(Line(record), "in:1:1");
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_TRUE(std::get<Record>(*read) == record) << Line(record);
    }
  }
}

TEST(RecordJsonTest, EveryTenantReadsBackEqual) {
  for (const Tenant& tenant :
       {Tenant{1, "sys", true, schema::Mode::kMySql},
        Tenant{1002, "\xFF\"\n", true, schema::Mode::kOracle}, Tenant{1004, "", false, {}}}) {
    StringSink sink;
    WriteTenantJson(sink, tenant);
    auto read = ReadRecordJson(sink.text(), "in:1:1");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(std::get<Tenant>(*read), tenant);
  }
}

TEST(RecordJsonTest, FieldsNotNamedAreUnset) {
  auto read = ReadRecordJson(
      R"({"obviews_record":1,"kind":"import_task","tenant_id":1002,"job_id":3,"task_id":7})", "in");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(std::get<Record>(*read), engine::testing::Task(1002, 3, 7, ""));
}

struct BadLine {
  const char* line;
  const char* reason;
};

TEST(RecordJsonTest, WrongLinesSayWhere) {
  const BadLine cases[] = {
      {"[1]", "not a JSON object"},
      {"{", "not a JSON object"},
      {R"({"obviews_record":2,"kind":"tenant","id":1})", "newer"},
      {R"({"obviews_record":"1","kind":"tenant","id":1})", "obviews_record is no number"},
      {R"({"obviews_record":1})", "without a kind"},
      {R"({"obviews_record":1,"kind":"cake"})", "unknown kind of record 'cake'"},
      {R"({"obviews_record":1,"kind":"tenant"})", "without an id"},
      {R"({"obviews_record":1,"kind":"tenant","id":0})", "not above 0"},
      {R"({"obviews_record":1,"kind":"tenant","id":2,"mode":"x"})", "neither mysql nor oracle"},
      {R"({"obviews_record":1,"kind":"import_task","wings":2})", "has no field 'wings'"},
      {R"({"obviews_record":1,"kind":"import_task","job_id":"3"})", "job_id is no 64-bit integer"},
      {R"({"obviews_record":1,"kind":"import_task","job_id":9223372036854775808})",
       "job_id is no 64-bit integer"},
      {R"({"obviews_record":1,"kind":"import_task","status":3})", "status is no string"},
      {R"({"obviews_record":1,"kind":"restore_job","other_pairs":[["a"]]})",
       "other_pairs is no array of [name, value]"},
      {R"({"obviews_record":1,"kind":"recover_job","restore_scn":-1})",
       "restore_scn is no unsigned 64-bit integer"},
      {R"({"obviews_record":1,"kind":"recover_job","restore_scn":4611686018427387904})",
       "restore_scn"},
  };
  for (const BadLine& bad : cases) {
    auto read = ReadRecordJson(bad.line, "f.jsonl:9:1");
    ASSERT_FALSE(read) << bad.line;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(read.error().message, ::testing::StartsWith("f.jsonl:9:1: "));
    EXPECT_THAT(read.error().message, HasSubstr(bad.reason));
  }
}

TEST(RecordJsonTest, MaskingHidesSecretsAndNothingElse) {
  Record record(RecordKind::kRestoreJob);
  record.Set("tenant_id", int64_t{1});
  record.Set("job_id", int64_t{2});
  record.Set("passwd_array", std::string("SECRET"));
  record.Set("backup_dest", std::string("oss://b?host=h&access_key=SECRET"));
  record.Set("other_pairs",
             schema::EncodePairs(
                 {{"kms_info", "SECRET", false}, {"note", "plain", false}, {"none", "", true}}));
  EXPECT_THAT(Line(record), HasSubstr("SECRET"));
  const std::string masked = Line(record, true);
  EXPECT_THAT(masked, ::testing::Not(HasSubstr("SECRET")));
  EXPECT_THAT(masked, HasSubstr("host=h"));
  EXPECT_THAT(masked, HasSubstr(R"(["note","plain"],["none",null])"));
}

}  // namespace
}  // namespace obviews::tools
