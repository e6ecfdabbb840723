// Scans as a host makes them: what rows they have, in which form, and how they were found.
#include <cmath>
#include <limits>
#include <memory>

#include "loaded.h"

namespace obviews::c_abi {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A condition with all it points to.
struct Condition {
  obviews_predicate node = Sized<obviews_predicate>();
  std::vector<obviews_value> literals;
  std::vector<std::shared_ptr<Condition>> parts;
  std::vector<const obviews_predicate*> children;

  const obviews_predicate* get() {
    node.literals = literals.data();
    node.literal_count = literals.size();
    children.clear();
    for (const auto& part : parts) children.push_back(part->get());
    node.children = children.data();
    node.child_count = children.size();
    return &node;
  }
};
using ConditionPtr = std::shared_ptr<Condition>;

ConditionPtr Leaf(uint32_t kind, uint32_t column, std::vector<obviews_value> literals,
                  uint32_t op = OBVIEWS_EQ) {
  auto made = std::make_shared<Condition>();
  made->node.kind = kind;
  made->node.column = column;
  made->node.op = op;
  made->literals = std::move(literals);
  return made;
}
ConditionPtr Of(uint32_t kind, std::vector<ConditionPtr> parts) {
  auto made = std::make_shared<Condition>();
  made->node.kind = kind;
  made->parts = std::move(parts);
  return made;
}

/// A store of six tasks, INIT and DOING by turns.
class ScanTest : public CAbiTest {
 protected:
  void SetUp() override {
    LoadTasks(6);
    store_ = Open();
    session_ = OpenSession(store_);
    task_ = ColumnOf(session_, kTasks, "TASK_ID");
    table_ = ColumnOf(session_, kTasks, "SRC_TABLE");
    status_ = ColumnOf(session_, kTasks, "STATUS");
    partition_ = ColumnOf(session_, kTasks, "SRC_PARTITION");
  }
  void TearDown() override {
    Do(Reader()->session_close, session_);
    Do(Reader()->store_close, store_);
  }

  /// A scan that shows TASK_ID alone.
  obviews_scan_options Tasks() const {
    auto options = ScanOf(kTasks);
    options.flags = OBVIEWS_SCAN_COLUMNS;
    options.columns = &task_;
    options.column_count = 1;
    return options;
  }
  std::vector<std::string> TasksWith(const ConditionPtr& condition) const {
    auto options = Tasks();
    options.predicate = condition->get();
    return RowsOf(session_, options);
  }
  /// What is wrong with a condition.
  std::string Refused(const obviews_predicate* predicate) const {
    auto options = Tasks();
    options.predicate = predicate;
    obviews_scan* scan = nullptr;
    Said said = Try(Reader()->scan_open, session_, nullptr, &options, &scan);
    EXPECT_EQ(said.code, OBVIEWS_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(scan, nullptr);
    return said.message;
  }

  obviews_store* store_ = nullptr;
  obviews_session* session_ = nullptr;
  uint32_t task_ = 0;
  uint32_t table_ = 0;
  uint32_t status_ = 0;
  uint32_t partition_ = 0;
};

TEST_F(ScanTest, ShowsTheColumnsThatWereNamedInTheirOrder) {
  const uint32_t columns[] = {table_, task_, table_};
  auto options = Tasks();
  options.columns = columns;
  options.column_count = 3;
  options.flags |= OBVIEWS_SCAN_LIMIT;
  options.limit = 2;
  EXPECT_THAT(RowsOf(session_, options), ElementsAre("table_1 1 table_1", "table_2 2 table_2"));
  options.column_count = 0;
  EXPECT_THAT(RowsOf(session_, options), ElementsAre("", ""));
}

TEST_F(ScanTest, LimitAndOffset) {
  auto options = Tasks();
  options.offset = 4;
  EXPECT_THAT(RowsOf(session_, options), ElementsAre("5", "6"));
  options.flags |= OBVIEWS_SCAN_LIMIT;
  options.limit = 1;
  EXPECT_THAT(RowsOf(session_, options), ElementsAre("5"));
  options.limit = 0;
  EXPECT_THAT(RowsOf(session_, options), IsEmpty());
}

TEST_F(ScanTest, ConditionsOfEveryKind) {
  auto doing = Leaf(OBVIEWS_COMPARE, status_, {TextValue("DOING")});
  EXPECT_THAT(TasksWith(doing), ElementsAre("2", "4", "6"));
  EXPECT_THAT(TasksWith(Of(OBVIEWS_NOT, {doing})), ElementsAre("1", "3", "5"));
  auto late = Leaf(OBVIEWS_COMPARE, task_, {IntValue(4)}, OBVIEWS_GT);
  EXPECT_THAT(TasksWith(Of(OBVIEWS_AND, {doing, late})), ElementsAre("6"));
  EXPECT_THAT(TasksWith(Of(OBVIEWS_OR, {doing, late})), ElementsAre("2", "4", "5", "6"));
  EXPECT_THAT(TasksWith(Of(OBVIEWS_OR, {})), IsEmpty());
  EXPECT_EQ(TasksWith(Of(OBVIEWS_AND, {})).size(), 6U);
  EXPECT_THAT(TasksWith(Leaf(OBVIEWS_IN, task_, {IntValue(1), IntValue(9), TextValue("3")})),
              ElementsAre("1", "3"));
  EXPECT_THAT(TasksWith(Leaf(OBVIEWS_IN, task_, {})), IsEmpty());
  EXPECT_THAT(TasksWith(Leaf(OBVIEWS_LIKE, table_, {TextValue("TABLE\\__")})), IsEmpty());
  auto like = Leaf(OBVIEWS_LIKE, table_, {TextValue("TABLE\\_5")});
  like->node.escape = '\\';
  EXPECT_THAT(TasksWith(like), ElementsAre("5"));
  EXPECT_EQ(TasksWith(Leaf(OBVIEWS_IS_NULL, partition_, {})).size(), 6U);
}

TEST_F(ScanTest, ConstantsOfEveryKind) {
  obviews_value value{};
  auto below = [&] { return TasksWith(Leaf(OBVIEWS_COMPARE, task_, {value}, OBVIEWS_LT)).size(); };
  EXPECT_EQ(below(), 0U) << "NULL";
  value.kind = OBVIEWS_UINT;
  value.as.unsigned_integer = UINT64_MAX;
  EXPECT_EQ(below(), 6U);
  value.as.unsigned_integer = 3;
  EXPECT_EQ(below(), 2U);
  value.kind = OBVIEWS_REAL;
  value.as.real = 3.5;
  EXPECT_EQ(below(), 3U);
  value.as.real = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(below(), 0U);
  value.as.real = std::numeric_limits<double>::infinity();
  EXPECT_EQ(below(), 6U);
  value = TextValue({"x\0y", 3});
  value.kind = OBVIEWS_BLOB;
  EXPECT_EQ(below(), 6U);
}

TEST_F(ScanTest, TextsMayHoldZeroBytes) {
  auto named = [&](std::string_view name) {
    return TasksWith(Leaf(OBVIEWS_COMPARE, table_, {TextValue(name)}));
  };
  EXPECT_THAT(named("table_1"), ElementsAre("1"));
  EXPECT_THAT(named({"table_1\0", 8}), IsEmpty());
}

TEST_F(ScanTest, RefusesConditionsThatAreNone) {
  auto refused = [&](const ConditionPtr& condition) { return Refused(condition->get()); };
  EXPECT_EQ(refused(Leaf(0, 0, {})), "a predicate has the kind 0, which is none");
  EXPECT_EQ(refused(Leaf(8, 0, {})), "a predicate has the kind 8, which is none");
  EXPECT_EQ(refused(Leaf(OBVIEWS_IS_NULL, 29, {})),
            "a predicate is of column 29, and CDB_OB_IMPORT_TABLE_TASKS has 29");
  EXPECT_EQ(refused(Leaf(OBVIEWS_IS_NULL, UINT32_MAX, {})),
            "a predicate is of column 4294967295, and CDB_OB_IMPORT_TABLE_TASKS has 29");
  EXPECT_EQ(refused(Leaf(OBVIEWS_COMPARE, 0, {IntValue(1)}, 6)),
            "a predicate compares by 6, which is no operator");
  EXPECT_EQ(refused(Leaf(OBVIEWS_COMPARE, 0, {})), "a predicate of kind 4 has 0 literals");
  EXPECT_EQ(refused(Leaf(OBVIEWS_LIKE, 0, {IntValue(1)})),
            "a predicate has a LIKE whose pattern is no OBVIEWS_TEXT");
  EXPECT_EQ(refused(Of(OBVIEWS_NOT, {})), "a predicate of kind 3 has 0 children");
  obviews_value odd{};
  odd.kind = 6;
  EXPECT_EQ(refused(Leaf(OBVIEWS_IN, 0, {odd})),
            "a predicate has a literal of kind 6, which is none");
  odd.kind = OBVIEWS_TEXT;
  odd.as.text = {nullptr, 5};
  EXPECT_EQ(refused(Leaf(OBVIEWS_IN, 0, {odd})), "a literal has a size and no data");
  odd.as.text = {"", SIZE_MAX};
  EXPECT_EQ(refused(Leaf(OBVIEWS_IN, 0, {odd})), "a literal has an impossible size");
  auto like = Leaf(OBVIEWS_LIKE, 0, {TextValue("x")});
  like->node.escape = 0x110000;
  EXPECT_EQ(refused(like), "a predicate has the escape 0x110000, which is no character");
}

TEST_F(ScanTest, RefusesConditionsWithoutEnd) {
  obviews_predicate node = Sized<obviews_predicate>();
  EXPECT_THAT(Refused(&node), HasSubstr("has the kind 0"));
  // One that is its own child.
  const obviews_predicate* self[] = {&node, &node};
  node.kind = OBVIEWS_NOT;
  node.children = self;
  node.child_count = 1;
  EXPECT_EQ(Refused(&node), "a predicate has more than 200 levels");
  node.kind = OBVIEWS_AND;
  node.child_count = 2;
  EXPECT_EQ(Refused(&node), "a predicate has more than 200 levels");
  node.kind = OBVIEWS_OR;
  node.children = nullptr;
  EXPECT_EQ(Refused(&node), "a predicate has NULL for children");
  const obviews_predicate* none[] = {nullptr};
  node.children = none;
  EXPECT_EQ(Refused(&node), "a predicate has NULL for child 0");
  node = Sized<obviews_predicate>();
  node.kind = OBVIEWS_IN;
  node.literal_count = SIZE_MAX;
  EXPECT_EQ(Refused(&node), "a predicate has more than 1000000 literals");
  node.literal_count = 1;
  EXPECT_EQ(Refused(&node), "a predicate has NULL for literals");
  // Ten thousand levels, and a hundred thousand children.
  std::vector<obviews_predicate> chain(10'000, Sized<obviews_predicate>());
  std::vector<const obviews_predicate*> next(chain.size());
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    next[i] = &chain[i + 1];
    chain[i].kind = OBVIEWS_NOT;
    chain[i].children = &next[i];
    chain[i].child_count = 1;
  }
  chain.back().kind = OBVIEWS_AND;
  EXPECT_EQ(Refused(chain.data()), "a predicate has more than 200 levels");
  obviews_predicate leaf = Sized<obviews_predicate>();
  leaf.kind = OBVIEWS_AND;
  std::vector<const obviews_predicate*> many(100'000, &leaf);
  node = Sized<obviews_predicate>();
  node.kind = OBVIEWS_AND;
  node.children = many.data();
  node.child_count = many.size();
  EXPECT_EQ(Refused(&node), "a predicate has more than 100000 nodes");
}

TEST_F(ScanTest, TakesTheDeepestConditionsThereMayBe) {
  ConditionPtr deep = Leaf(OBVIEWS_COMPARE, task_, {IntValue(3)});
  for (int level = 1; level < OBVIEWS_MAX_PREDICATE_DEPTH; ++level) deep = Of(OBVIEWS_AND, {deep});
  EXPECT_THAT(TasksWith(deep), ElementsAre("3"));
  ConditionPtr ors = Leaf(OBVIEWS_COMPARE, task_, {IntValue(3)});
  for (int level = 1; level < OBVIEWS_MAX_PREDICATE_DEPTH; ++level) ors = Of(OBVIEWS_OR, {ors});
  EXPECT_THAT(TasksWith(ors), ElementsAre("3"));
}

TEST_F(ScanTest, RefusesOptionsThatAreNone) {
  obviews_scan* scan = nullptr;
  auto refused = [&](const obviews_scan_options& options) {
    return Try(Reader()->scan_open, session_, nullptr, &options, &scan).message;
  };
  auto options = Tasks();
  options.view = "CDB_OB_IMPORT_TABLE_TASK";
  EXPECT_EQ(refused(options),
            "no such view: CDB_OB_IMPORT_TABLE_TASK; did you mean CDB_OB_IMPORT_TABLE_TASKS?");
  options = Tasks();
  const uint32_t wrong = 29;
  options.columns = &wrong;
  EXPECT_EQ(refused(options), "CDB_OB_IMPORT_TABLE_TASKS has no column 29: there are 29");
  options.columns = nullptr;
  EXPECT_EQ(refused(options), "columns is NULL");
  options = Tasks();
  options.column_count = SIZE_MAX;
  EXPECT_EQ(refused(options), "18446744073709551615 columns are more than 4096");
  options = Tasks();
  options.flags = 0;
  EXPECT_EQ(refused(options), "columns go with OBVIEWS_SCAN_COLUMNS");
  options = Tasks();
  options.limit = 1;
  EXPECT_EQ(refused(options), "a limit goes with OBVIEWS_SCAN_LIMIT");
  options = Tasks();
  options.flags |= 16;
  EXPECT_EQ(refused(options), "obviews_scan_options has flags this library does not know: 0x10");
  EXPECT_EQ(scan, nullptr);
}

TEST_F(ScanTest, BatchesAreAsLargeAsTheHostSays) {
  auto options = Tasks();
  obviews_scan* scan = OpenScan(session_, options);
  std::vector<uint64_t> sizes;
  const obviews_batch* batch = nullptr;
  do {
    Do(Reader()->fetch, scan, 4, &batch);
    sizes.push_back(batch->row_count);
  } while (batch->row_count > 0);
  EXPECT_THAT(sizes, ElementsAre(4U, 2U, 0U));
  Do(Reader()->fetch, scan, 4, &batch);
  EXPECT_EQ(batch->row_count, 0U) << "the end stays";
  const obviews_text_batch* texts = nullptr;
  EXPECT_EQ(Try(Reader()->fetch_texts, scan, 4, &texts).message,
            "the scan was opened without OBVIEWS_SCAN_TEXTS: use fetch");
  Do(Reader()->scan_close, scan);
}

TEST_F(ScanTest, TextsAreTheSameRows) {
  auto options = ScanOf(kTasks);
  options.flags = OBVIEWS_SCAN_TEXTS;
  obviews_scan* scan = OpenScan(session_, options);
  std::vector<std::string> rows;
  const obviews_text_batch* batch = nullptr;
  while (true) {
    Do(Reader()->fetch_texts, scan, 4, &batch);
    if (batch->row_count == 0) break;
    for (uint64_t row = 0; row < batch->row_count; ++row) {
      std::string& text = rows.emplace_back();
      for (uint32_t c = 0; c < batch->column_count; ++c) {
        const obviews_text_column& column = batch->columns[c];
        const obviews_text& cell = column.texts[row * column.step];
        text += (c == 0 ? "" : " ") + (cell.data == nullptr ? "NULL" : std::string(ToView(cell)));
      }
    }
  }
  EXPECT_EQ(rows, RowsOf(session_, ScanOf(kTasks)));
  const obviews_batch* values = nullptr;
  EXPECT_EQ(Try(Reader()->fetch, scan, 4, &values).message,
            "the scan was opened with OBVIEWS_SCAN_TEXTS: use fetch_texts");
  Do(Reader()->scan_close, scan);
}

TEST_F(ScanTest, ExplainsItself) {
  auto condition =
      Of(OBVIEWS_AND,
         {Leaf(OBVIEWS_COMPARE, ColumnOf(session_, kTasks, "TENANT_ID"), {IntValue(1002)}),
          Leaf(OBVIEWS_COMPARE, ColumnOf(session_, kTasks, "JOB_ID"), {IntValue(3)}),
          Leaf(OBVIEWS_LIKE, table_, {TextValue("%1")})});
  auto options = Tasks();
  options.predicate = condition->get();
  for (uint32_t flags : {0U, static_cast<uint32_t>(OBVIEWS_SCAN_TEXTS)}) {
    options.flags = OBVIEWS_SCAN_COLUMNS | flags;
    obviews_scan* scan = OpenScan(session_, options);
    const obviews_batch* batch = nullptr;
    const obviews_text_batch* texts = nullptr;
    if (flags == 0) {
      Do(Reader()->fetch, scan, 0, &batch);
    } else {
      Do(Reader()->fetch_texts, scan, 0, &texts);
    }
    const obviews_explanation* explained = nullptr;
    Do(Reader()->explain, scan, &explained);
    EXPECT_STREQ(explained->view, kTasks);
    EXPECT_STREQ(explained->access_path, "range");
    ASSERT_EQ(explained->range_count, 1U);
    EXPECT_EQ(ToView(explained->ranges[0]), "TENANT_ID 1002, JOB_ID 3");
    ASSERT_EQ(explained->pushed_count, 2U);
    EXPECT_EQ(ToView(explained->pushed[0]), "TENANT_ID = 1002");
    ASSERT_EQ(explained->residual_count, 1U);
    EXPECT_EQ(ToView(explained->residual[0]), "SRC_TABLE LIKE '%1'");
    EXPECT_EQ(explained->records_read, 6U);
    EXPECT_EQ(explained->records_returned, 1U);
    EXPECT_STREQ(explained->warning, "");
    Do(Reader()->scan_close, scan);
  }
}

TEST_F(ScanTest, CountsRows) {
  auto doing = Leaf(OBVIEWS_COMPARE, status_, {TextValue("DOING")});
  auto options = ScanOf(kTasks);
  uint64_t rows = 0;
  Do(Reader()->count_rows, session_, nullptr, &options, &rows);
  EXPECT_EQ(rows, 6U);
  options.predicate = doing->get();
  Do(Reader()->count_rows, session_, nullptr, &options, &rows);
  EXPECT_EQ(rows, 3U);
}

TEST_F(ScanTest, ASnapshotStaysWhileTheStoreMovesOn) {
  obviews_snapshot* before = nullptr;
  Do(Reader()->snapshot_take, store_, &before);
  auto info = Sized<obviews_snapshot_info>();
  Do(Reader()->snapshot_info, before, &info);
  uint64_t commits = info.commits;
  EXPECT_GT(commits, 0U);
  EXPECT_GE(info.taken_usec, info.committed_usec);
  LoadTasks(8);
  auto options = ScanOf(kTasks);
  uint64_t rows = 0;
  Do(Reader()->count_rows, session_, before, &options, &rows);
  EXPECT_EQ(rows, 6U);
  Do(Reader()->count_rows, session_, nullptr, &options, &rows);
  EXPECT_EQ(rows, 8U);
  obviews_store* other = Open();
  obviews_session* stranger = OpenSession(other);
  EXPECT_EQ(Try(Reader()->count_rows, stranger, before, &options, &rows).message,
            "session and snapshot are of different stores");
  Do(Reader()->session_close, stranger);
  Do(Reader()->store_close, other);
  Do(Reader()->snapshot_close, before);
}

TEST_F(ScanTest, ASessionIsItsTenants) {
  obviews_session* user = OpenSession(store_, "1002");
  auto info = Sized<obviews_session_info>();
  Do(Reader()->session_info, user, &info);
  EXPECT_EQ(info.tenant_id, 1002);
  EXPECT_EQ(info.oracle_mode, 0U);
  EXPECT_STREQ(info.notice, "");
  EXPECT_EQ(RowsOf(user, ScanOf("DBA_OB_IMPORT_TABLE_TASKS")).size(), 6U);
  obviews_scan* scan = nullptr;
  auto options = ScanOf(kTasks);
  EXPECT_EQ(Try(Reader()->scan_open, user, nullptr, &options, &scan).code, OBVIEWS_ERROR_NOT_FOUND);
  Do(Reader()->session_close, user);
  obviews_session* nobody = OpenSession(store_, "1004");
  Do(Reader()->session_info, nobody, &info);
  EXPECT_THAT(info.notice, HasSubstr("the store has no records of tenant 1004"));
  Do(Reader()->session_close, nobody);
}

}  // namespace
}  // namespace obviews::c_abi
