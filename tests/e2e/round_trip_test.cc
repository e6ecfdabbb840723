// What the tools print they read back: random records through every format and through the export.
#include <nlohmann/json.hpp>

#include "schema/catalog.h"
#include "stores.h"

namespace obviews::e2e {
namespace {

using engine::testing::RandomRecord;
using schema::Record;
using schema::RecordKind;

/// Records of every kind with legal, odd values. Live ones before their history, so that each key
/// is in one of the two.
std::vector<Record> RandomRecords(uint64_t seed, int rounds) {
  std::mt19937_64 random(seed);
  std::vector<Record> records;
  for (bool history : {false, true}) {
    for (const schema::RecordType& type : schema::RecordTypes()) {
      if (type.history != history) continue;
      for (int i = 0; i < rounds; ++i) {
        records.push_back(RandomRecord(type.kind, random));
        // Held as a text, but no server writes other than a number there, and load takes no other.
        if (type.kind != RecordKind::kRestoreJob) continue;
        records.back().Set("restore_scn", std::to_string(random() % schema::kMaxScn));
      }
    }
  }
  return records;
}

class RoundTripTest : public StoreTest {
 protected:
  void SetUp() override { Fill(RandomRecords(20230821, LongTests() ? 1000 : 25)); }

  std::string PrintWhole(const std::string& db, const std::string& view,
                         const std::string& format) const {
    Ran ran = DumpViews({"--db", db, "--show-secrets", format, view});
    EXPECT_EQ(ran.code, 0) << view << " " << ran.err;
    return ran.out;
  }
};

std::vector<std::string> CdbViews() {
  std::vector<std::string> names;
  for (const schema::View& view : schema::Catalog::Get().views()) {
    // Rows of the views of our own are worked out, not loaded.
    if (view.scope == schema::Scope::kCdb && !view.own) names.emplace_back(view.name);
  }
  return names;
}

class FormatRoundTripTest : public RoundTripTest,
                            public ::testing::WithParamInterface<const char*> {};

TEST_P(FormatRoundTripTest, AWholeViewLoadsBackEqualInEveryShownColumn) {
  const std::string format = GetParam();
  const std::string copy = Path("copy");
  for (const std::string& view : CdbViews()) {
    std::string printed = PrintWhole(db(), view, format);
    ASSERT_GT(printed.size(), 1000U) << view;
    Ran loaded = Obviewsctl({"load", "--db", copy, "--view", view, Write(view + ".txt", printed)});
    ASSERT_EQ(loaded.code, 0) << view << "\n" << loaded.err;
    EXPECT_TRUE(PrintWhole(copy, view, format) == printed) << view << " differs as " << format;
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, FormatRoundTripTest,
                         ::testing::Values("-B", "--csv", "--json", "--jsonl"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(RoundTripTest, AnExportLoadsBackLosslessly) {
  Ran exported = Ctl("export");
  ASSERT_EQ(exported.code, 0) << exported.err;
  Ran loaded = Obviewsctl({"load", "--db", Path("copy"), Write("e.jsonl", exported.out)});
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  EXPECT_TRUE(Obviewsctl({"export", "--db", Path("copy")}).out == exported.out);
}

TEST_F(RoundTripTest, AnExportThroughAPipeLoadsBack) {
  Ran exported = Ctl("export");
  Given pipe;
  pipe.input = exported.out;
  Ran loaded = Obviewsctl({"load", "--db", Path("copy"), "-"}, pipe);
  ASSERT_EQ(loaded.code, 0) << loaded.err;
  Ran named = Obviewsctl({"load", "--db", Path("copy2"), "/dev/stdin"}, pipe);
  ASSERT_EQ(named.code, 0) << named.err;
  EXPECT_TRUE(Obviewsctl({"export", "--db", Path("copy")}).out == exported.out);
  EXPECT_TRUE(Obviewsctl({"export", "--db", Path("copy2")}).out == exported.out);
}

TEST_F(RoundTripTest, EveryLineOfAnExportIsJson) {
  std::istringstream lines(Ctl("export").out);
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  }
  EXPECT_GT(count, 100U);
}

/// Texts without what people's formats cannot hold: controls, blanks at the ends, invalid UTF-8,
/// pictures of controls, the word NULL.
TEST_F(StoreTest, ListingsForPeopleLoadBackWhenTheirTextsArePrintable) {
  std::vector<Record> records;
  const std::string texts[] = {"",        "`a`.`b`", "a|b",  "x: y", "\"q\" 'r'",     "50%, 60%",
                               "表 数据", "🗄",    "\\G;", "-- c", "*** 1. row ***"};
  int64_t task = 1000;
  for (const std::string& text : texts) {
    Record record = engine::testing::Task(1002, 3, ++task);
    for (const char* field : {"src_database", "src_table", "target_table", "comment"}) {
      record.Set(field, text);
    }
    records.push_back(std::move(record));
  }
  Fill(records);
  for (const char* format : {"-E", "-t"}) {
    Ran printed = Dump({format, "CDB_OB_IMPORT_TABLE_TASKS"});
    std::string copy = Path(std::string("copy") + format);
    Ran loaded = Obviewsctl({"load", "--db", copy, "--view", "CDB_OB_IMPORT_TABLE_TASKS",
                             Write(std::string("listing") + format, printed.out)});
    ASSERT_EQ(loaded.code, 0) << loaded.err;
    EXPECT_EQ(DumpViews({"--db", copy, format, "CDB_OB_IMPORT_TABLE_TASKS"}).out, printed.out);
  }
}

TEST_F(StoreTest, AMaskedExportHoldsNoSecret) {
  Record job = engine::testing::Job(RecordKind::kRecoverJob, 1002, 1);
  job.Set("backup_passwd", "SECRETpw1");
  job.Set("external_kms_info", "SECRETkms");
  job.Set("backup_dest", "oss://b/d?host=h&access_id=SECRETid&access_key=SECRETkey");
  Record restore = engine::testing::Job(RecordKind::kRestoreJob, 1, 2);
  restore.Set("passwd_array", "SECRETpw2");
  restore.Set("backup_dest", "s3://b?access_key=SECRETkey2&x=1");
  restore.Set("other_pairs", schema::EncodePairs({{"kms_info", "SECRETpair", false},
                                                  {"odd", "s3://b?access_key=SECRETkey3", false}}));
  Fill({job, restore});
  Ran plain = Ctl("export");
  EXPECT_NE(plain.out.find("SECRETpair"), std::string::npos);
  Ran masked = Ctl("export", {"--mask"});
  EXPECT_EQ(masked.code, 0);
  EXPECT_EQ(masked.out.find("SECRET"), std::string::npos) << masked.out;
  EXPECT_NE(masked.out.find("host=h"), std::string::npos) << masked.out;
}

}  // namespace
}  // namespace obviews::e2e
