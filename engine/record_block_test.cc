// Blocks: what goes in comes out, whatever it is, and nothing wrong comes out of damaged bytes.
#include "engine/record_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/testing.h"

namespace obviews::engine {
namespace {

using schema::FieldType;
using schema::FieldValue;
using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RandomRecord;

const schema::RecordType& Type() { return GetRecordType(RecordKind::kImportTaskHistory); }

std::vector<BlockRow> Rows(const std::vector<Record>& records) {
  std::vector<BlockRow> out;
  for (const Record& record : records) out.emplace_back(record);
  return out;
}

struct Encoded {
  std::string bytes;
  std::vector<BlockText> texts;
  size_t count = 0;
};
Encoded Encode(const std::vector<Record>& records) {
  Encoded out;
  out.count = EncodeBlock(Rows(records), &out.bytes, &out.texts);
  return out;
}

/// Fields `from` of job (1002, 3), task ids as given.
std::vector<Record> Tasks(const std::vector<int64_t>& ids,
                          const std::function<void(size_t, Record&)>& set) {
  std::vector<Record> out;
  for (size_t row = 0; row < ids.size(); ++row) {
    Record record(RecordKind::kImportTaskHistory);
    record.Set("tenant_id", int64_t{1002});
    record.Set("job_id", int64_t{3});
    record.Set("task_id", ids[row]);
    set(row, record);
    out.push_back(std::move(record));
  }
  return out;
}
std::vector<int64_t> Ids(size_t count, int64_t step = 1) {
  std::vector<int64_t> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(1000 + static_cast<int64_t>(i) * step);
  return ids;
}

/// What a view says of a field.
FieldValue Read(const RecordView& view, size_t field) {
  if (view.IsNull(field)) return std::monostate{};
  switch (Type().fields[field].type) {
    case FieldType::kText:
    case FieldType::kPairs:
      if (view.IsExternal(field)) return "external of " + std::to_string(view.External(field).size);
      return std::string(view.Text(field));
    case FieldType::kUint:
      return static_cast<uint64_t>(view.Int(field));
    default:
      return view.Int(field);
  }
}
FieldValue Expected(const FieldValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || text->size() <= kMaxInlineText) return value;
  return "external of " + std::to_string(text->size());
}

/// Packs all records, into as many blocks as that takes.
void ExpectRoundTrip(std::vector<Record> records) {
  while (!records.empty()) {
    Encoded encoded = Encode(records);
    RecordBlock block;
    ASSERT_EQ(block.Parse(Type(), records[encoded.count - 1].key(), encoded.bytes, FieldSet::All()),
              "");
    ASSERT_EQ(block.rows(), encoded.count);
    std::vector<BlockRow> rows;
    for (uint32_t row = 0; row < block.rows(); ++row) {
      RecordView view(block, row);
      EXPECT_EQ(view.key(), records[row].key());
      for (size_t field = 0; field < Type().fields.size(); ++field) {
        ASSERT_EQ(Read(view, field), Expected(records[row][field]))
            << "row " << row << " field " << Type().fields[field].name;
      }
      rows.emplace_back(block, row);
    }
    // Its rows make the same block again.
    std::string again;
    std::vector<BlockText> texts;
    EXPECT_EQ(EncodeBlock(rows, &again, &texts), encoded.count);
    EXPECT_EQ(again, encoded.bytes);
    EXPECT_THAT(texts, IsEmpty());
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(encoded.count));
  }
}

TEST(RecordBlock, KeepsRandomRecordsOfEveryFill) {
  std::mt19937_64 random(7);
  for (size_t rows : {1, 2, 3, 7, 8, 9, 63, 64, 65, 200, 257}) {
    std::vector<Record> records;
    for (size_t row = 0; row < rows; ++row) {
      Record record = RandomRecord(RecordKind::kImportTaskHistory, random);
      record.Set("tenant_id", int64_t{1002});
      record.Set("job_id", int64_t{3});
      record.Set("task_id", static_cast<int64_t>(1000 + row * row));
      records.push_back(std::move(record));
    }
    ExpectRoundTrip(records);
  }
}

TEST(RecordBlock, KeepsEveryShapeOfIntegers) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  struct Case {
    const char* name;
    std::function<int64_t(size_t)> total;
    std::function<int64_t(size_t)> imported;
  };
  for (const Case& c : {
           Case{"constants", [](size_t) { return 5; }, [](size_t) { return -5; }},
           Case{"strides", [](size_t i) { return 3 * i; }, [](size_t i) { return 100 - 7 * i; }},
           Case{"extremes", [=](size_t i) { return i % 2 ? kMax : kMin; },
                [=](size_t i) { return i % 3 ? kMin : kMax; }},
           Case{"one bit", [](size_t i) { return i % 7 == 0; },
                [](size_t i) { return i % 5 == 0; }},
           Case{"four bits", [](size_t i) { return i * i % 13; }, [](size_t i) { return i % 3; }},
           Case{"three bytes", [](size_t i) { return i * 7919 % 9999999; },
                [](size_t i) { return i * 104729 % 9999999; }},
           Case{"mostly unset", [](size_t i) { return i % 9 ? -1 : 1692191329492389 + i * i; },
                [](size_t i) { return i % 9 ? 0 : 1692191329492389 + i * i * i; }},
           Case{"near another", [](size_t i) { return 1692191329492389 + i * i * 977; },
                [](size_t i) { return 1692191329492389 + i * i * 977 + i % 50; }},
           Case{"near another, or unset",
                [](size_t i) { return 1692191329492389 + i * i * i * 977; },
                [](size_t i) { return i % 4 ? 1692191329492389 + i * i * i * 977 + i % 50 : -1; }},
       }) {
    SCOPED_TRACE(c.name);
    ExpectRoundTrip(Tasks(Ids(300, 3), [&](size_t row, Record& record) {
      record.Set("total_rows", c.total(row));
      record.Set("imported_rows", c.imported(row));
    }));
  }
}

TEST(RecordBlock, KeepsEveryShapeOfTexts) {
  struct Case {
    const char* name;
    std::function<FieldValue(size_t)> table;
    std::function<FieldValue(size_t)> target;
  };
  auto number = [](size_t i) { return "orders_" + std::to_string(1000000 + i); };
  std::string nul("a\0b", 3);
  for (const Case& c : {
           Case{"constants", [](size_t) { return "t"; }, [](size_t) { return ""; }},
           Case{"all NULL", [](size_t) { return FieldValue(); },
                [](size_t) { return FieldValue(); }},
           Case{"a prefix", number, number},
           Case{"a prefix, some NULL",
                [&](size_t i) { return i % 3 ? FieldValue(number(i)) : FieldValue(); },
                [&](size_t i) { return i % 3 ? FieldValue(number(i)) : FieldValue(); }},
           Case{"NULL and empty", [](size_t i) { return i % 2 ? FieldValue("") : FieldValue(); },
                [](size_t i) { return i % 2 ? FieldValue() : FieldValue(""); }},
           Case{"few", [&](size_t i) { return "db" + std::to_string(i % 5); },
                [&](size_t i) { return i % 5 ? FieldValue(nul) : FieldValue(); }},
           Case{"of all lengths", [](size_t i) { return std::string(i, 'x'); },
                [](size_t i) { return std::string(300 - i, 'y'); }},
           Case{"long", [](size_t i) { return std::string(400, 'x') + std::to_string(i); },
                [](size_t i) { return std::string(i * 10 + 2000, 'z'); }},
       }) {
    SCOPED_TRACE(c.name);
    ExpectRoundTrip(Tasks(Ids(300), [&](size_t row, Record& record) {
      record.Set("src_table", c.table(row));
      record.Set("target_table", c.target(row));
    }));
  }
}

TEST(RecordBlock, NamesTheTextsThatLiveBesideIt) {
  auto records = Tasks(Ids(10), [](size_t row, Record& record) {
    if (row % 4 == 1) record.Set("comment", std::string(5000 + row, 'c'));
    if (row % 4 == 2) record.Set("comment", std::monostate{});
  });
  Encoded encoded = Encode(records);
  ASSERT_EQ(encoded.texts.size(), 3U);
  EXPECT_EQ(encoded.texts[1].row, 5U);
  EXPECT_EQ(encoded.texts[1].text.size, 5005U);
  ExpectRoundTrip(records);
  RecordBlock block;
  ASSERT_EQ(block.Parse(Type(), records.back().key(), encoded.bytes, FieldSet::All()), "");
  EXPECT_EQ(RecordView(block, 5).ExternalTexts().size(), 1U);
  EXPECT_THAT(RecordView(block, 4).ExternalTexts(), IsEmpty());
}

TEST(RecordBlock, FindsTasksById) {
  for (int64_t step : {1, 3}) {
    auto ids = Ids(100, step);
    ids.back() += 5;  // no stride
    auto records = Tasks(ids, [](size_t, Record&) {});
    Encoded encoded = Encode(records);
    RecordBlock block;
    ASSERT_EQ(block.Parse(Type(), records.back().key(), encoded.bytes, FieldSet()), "");
    for (int64_t id = 990; id < ids.back() + 3; ++id) {
      auto expected =
          static_cast<uint32_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
      EXPECT_EQ(block.LowerBound(id), expected) << id;
    }
  }
}

TEST(RecordBlock, TakesAsManyAsFit) {
  auto taken = [](const std::vector<Record>& records) {
    std::string bytes;
    std::vector<BlockText> texts;
    size_t count = EncodeBlock(Rows(records), &bytes, &texts);
    RecordBlock block;
    EXPECT_EQ(block.Parse(Type(), records[count - 1].key(), bytes, FieldSet::All()), "");
    EXPECT_EQ(block.rows(), count);
    return count;
  };
  EXPECT_EQ(taken(Tasks(Ids(3000), [](size_t, Record&) {})), size_t{kMaxBlockRows});
  EXPECT_EQ(taken(Tasks(Ids(100),
                        [](size_t, Record& record) {
                          record.Set("comment", std::string(4000, 'c'));
                          record.Set("result", "SUCCEESS");
                        })),
            kMaxBlockText / 4008 + 1);
  // What lives elsewhere takes no room.
  EXPECT_EQ(taken(Tasks(Ids(100),
                        [](size_t, Record& record) {
                          record.Set("comment", std::string(kMaxBlockText * 2, 'c'));
                        })),
            100U);
}

TEST(RecordBlock, TakesFewBytesForTasksAsTheyAre) {
  auto records = Tasks(Ids(1024, 3), [](size_t row, Record& record) {
    record.Set("src_database", "db_" + std::to_string(row % 200));
    record.Set("target_database", "db_" + std::to_string(row % 200));
    record.Set("src_table", "orders_" + std::to_string(1000000 + row));
    record.Set("target_table", "orders_" + std::to_string(1000000 + row));
    record.Set("status", "FINISH");
    record.Set("result", row % 50 ? "SUCCEESS" : "FAILED");
    record.Set("start_ts", static_cast<int64_t>(1692191329492389 + row * row * 1371));
    record.Set("completion_ts", static_cast<int64_t>(1692191331992389 + row * row * 1371 + row));
  });
  EXPECT_LT(Encode(records).bytes.size() / records.size(), 18U);
}

TEST(RecordBlock, EveryFlippedBitIsFoundOrHarmless) {
  std::mt19937_64 random(11);
  std::vector<Record> records;
  for (int64_t row = 0; row < 20; ++row) {
    Record record = RandomRecord(RecordKind::kImportTaskHistory, random);
    record.Set("tenant_id", int64_t{1002});
    record.Set("job_id", int64_t{3});
    record.Set("task_id", 1000 + row * row);
    records.push_back(std::move(record));
  }
  Encoded encoded = Encode(records);
  RecordBlock block;
  for (size_t at = 0; at < encoded.bytes.size() - kUnpackSlack; ++at) {
    std::string bytes = encoded.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    EXPECT_NE(block.Parse(Type(), records.back().key(), bytes, FieldSet::All()), "") << at;
  }
}

TEST(RecordBlock, SaysWhatIsWrong) {
  auto records = Tasks(Ids(50), [](size_t row, Record& record) {
    record.Set("comment", "comment " + std::to_string(row));
  });
  Encoded encoded = Encode(records);
  Key last = records.back().key();
  auto parse = [&](std::string_view bytes, Key key) {
    RecordBlock block;
    return std::string(block.Parse(Type(), key, bytes, FieldSet::All()));
  };
  std::string payload = encoded.bytes;
  payload[payload.size() - kUnpackSlack - 1] ^= 1;
  std::string version = encoded.bytes;
  version[0] = 9;
  EXPECT_EQ(parse(encoded.bytes, last), "");
  EXPECT_EQ(parse(encoded.bytes.substr(0, 20), last), "the block is truncated");
  EXPECT_EQ(parse(encoded.bytes.substr(0, 60), last), "the block is truncated");
  EXPECT_EQ(parse(encoded.bytes + "x", last), "its columns have a wrong size");
  EXPECT_EQ(parse(encoded.bytes, {1002, 4, last.task_id}), "its checksum is wrong");
  EXPECT_EQ(parse(payload, last), "the checksum of a column is wrong");
  EXPECT_EQ(parse(version, last), "the block has a version this build does not know");
}

TEST(RecordBlock, LooksOnlyAtTheColumnsAskedFor) {
  auto records = Tasks(Ids(50), [](size_t row, Record& record) {
    record.Set("comment", "comment " + std::to_string(row));
  });
  Encoded encoded = Encode(records);
  // The comment is the last column.
  encoded.bytes[encoded.bytes.size() - kUnpackSlack - 1] ^= 1;
  FieldSet status;
  status.Add(static_cast<size_t>(schema::FindField(Type().fields, "status")));
  RecordBlock block;
  EXPECT_EQ(block.Parse(Type(), records.back().key(), encoded.bytes, status), "");
}

}  // namespace
}  // namespace obviews::engine
