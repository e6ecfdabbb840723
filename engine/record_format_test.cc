// Record bytes: what goes in comes out, one field at a time, and no damaged byte goes unnoticed.
#include "engine/record_format.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;

Record SampleTask() {
  Record task(RecordKind::kImportTask);
  task.Set("tenant_id", int64_t{1002});
  task.Set("job_id", int64_t{3});
  task.Set("task_id", int64_t{1047});
  task.Set("src_database", "test");
  task.Set("src_table", std::string("t\0`,\xFF", 5));
  task.Set("status", "DOING");
  task.Set("start_ts", int64_t{1692191329492389});
  task.Set("gmt_create", int64_t{-1});
  task.Set("total_bytes", std::numeric_limits<int64_t>::min());
  task.Set("imported_bytes", std::numeric_limits<int64_t>::max());
  return task;
}

std::string Encode(const Record& record, std::vector<ExternalText>* texts) {
  std::string bytes;
  EncodeRecord(record, &bytes, texts);
  return bytes;
}
std::string Encode(const Record& record) {
  std::vector<ExternalText> texts;
  return Encode(record, &texts);
}

size_t FieldOf(const RecordView& view, std::string_view name) {
  return static_cast<size_t>(schema::FindField(view.type().fields, name));
}

TEST(RecordFormat, EveryFieldComesBackAsItWas) {
  Record task = SampleTask();
  std::string bytes = Encode(task);
  RecordView view;
  ASSERT_EQ(view.Parse(task.type(), task.key(), bytes), "");
  for (size_t i = 0; i < task.size(); ++i) {
    SCOPED_TRACE(task.type().fields[i].name);
    EXPECT_EQ(view.IsNull(i), std::holds_alternative<std::monostate>(task[i]));
    if (const auto* number = std::get_if<int64_t>(&task[i])) {
      EXPECT_EQ(view.Int(i), *number);
    }
    if (const auto* text = std::get_if<std::string>(&task[i])) {
      EXPECT_EQ(view.Text(i), *text);
    }
  }
}

TEST(RecordFormat, IntegersOfEverySizeComeBack) {
  std::vector<int64_t> values = {0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, -32769};
  for (int shift = 15; shift < 64; ++shift) {
    for (int64_t delta : {-1, 0, 1}) {
      auto value = static_cast<int64_t>((uint64_t{1} << shift) + static_cast<uint64_t>(delta));
      values.push_back(value);
      values.push_back(static_cast<int64_t>(-static_cast<uint64_t>(value)));
    }
  }
  for (int64_t value : values) {
    Record task = SampleTask();
    task.Set("total_rows", value);
    std::string bytes = Encode(task);
    RecordView view;
    ASSERT_EQ(view.Parse(task.type(), task.key(), bytes), "");
    EXPECT_EQ(view.Int(FieldOf(view, "total_rows")), value);
  }
}

TEST(RecordFormat, IsCompact) {
  // Fewer bytes than the 29 shown columns take as 8-byte integers and texts.
  EXPECT_LE(Encode(SampleTask()).size(), 160U);
}

TEST(RecordFormat, LongTextsStandOutsideTheRecord) {
  struct Case {
    size_t size;
    bool external;
  };
  for (const Case& c :
       {Case{kMaxInlineText, false}, Case{kMaxInlineText + 1, true}, Case{size_t{1} << 20, true}}) {
    Record job(RecordKind::kRecoverJob);
    job.Set("table_list", std::string(c.size, 'x'));
    std::vector<ExternalText> texts;
    std::string bytes = Encode(job, &texts);
    RecordView view;
    ASSERT_EQ(view.Parse(job.type(), job.key(), bytes), "");
    size_t field = FieldOf(view, "table_list");
    EXPECT_EQ(view.IsExternal(field), c.external) << c.size;
    ASSERT_EQ(texts.size(), c.external ? 1U : 0U);
    if (c.external) {
      EXPECT_EQ(view.External(field).size, c.size);
      EXPECT_EQ(view.External(field).hash, HashText(std::string(c.size, 'x')));
      EXPECT_LT(bytes.size(), 200U);
    }
  }
}

TEST(RecordFormat, EveryFlippedBitIsNoticed) {
  Record task = SampleTask();
  const std::string bytes = Encode(task);
  for (size_t byte = 0; byte < bytes.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      RecordView view;
      EXPECT_NE(view.Parse(task.type(), task.key(), damaged), "") << byte << ":" << bit;
    }
  }
}

TEST(RecordFormat, EveryTruncationIsNoticed) {
  Record task = SampleTask();
  const std::string bytes = Encode(task);
  for (size_t size = 0; size < bytes.size(); ++size) {
    RecordView view;
    EXPECT_NE(view.Parse(task.type(), task.key(), bytes.substr(0, size)), "") << size;
  }
}

TEST(RecordFormat, SaysWhatIsWrong) {
  Record task = SampleTask();
  std::string bytes = Encode(task);
  RecordView view;
  std::string newer = bytes;
  newer[0] = 2;
  EXPECT_EQ(view.Parse(task.type(), task.key(), newer),
            "the record has a version this build does not know");
  EXPECT_EQ(view.Parse(task.type(), Key{1002, 3, 1048}, bytes), "its checksum is wrong");
  EXPECT_EQ(view.Parse(schema::GetRecordType(RecordKind::kImportTaskHistory), task.key(), bytes),
            "it is a record of another kind");
  EXPECT_EQ(view.Parse(task.type(), task.key(), bytes.substr(0, 8)), "the record is truncated");
}

TEST(RecordFormat, RandomBytesAreNeverARecord) {
  std::mt19937_64 random(11);
  const auto& type = schema::GetRecordType(RecordKind::kImportTask);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    RecordView view;
    ASSERT_NE(view.Parse(type, Key{1, 2, 3}, bytes), "");
  }
}

TEST(Key, OrderOfBytesIsOrderOfTriples) {
  std::vector<Key> ordered = {{std::numeric_limits<int64_t>::min(), 0, 0},
                              {-1, 5, 5},
                              {0, 0, 0},
                              {1, -1, 9},
                              {1, 0, 0},
                              {1, 0, 1},
                              {1, 1, -7},
                              {1002, 3, 1047},
                              {std::numeric_limits<int64_t>::max(), 0, 0}};
  for (size_t i = 0; i + 1 < ordered.size(); ++i) {
    EncodedKey a = EncodeKey(ordered[i]);
    EncodedKey b = EncodeKey(ordered[i + 1]);
    EXPECT_LT(AsView(a), AsView(b)) << i;
    Key back;
    ASSERT_TRUE(DecodeKey(AsView(a), &back));
    EXPECT_EQ(back, ordered[i]);
  }
}

}  // namespace
}  // namespace obviews::engine
