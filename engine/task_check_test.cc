// What verify says of blocks, facts, the indexes of live tasks and the counts: every tampering is
// named, and nothing else.
#include "engine/task_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/raw_testing.h"
#include "engine/task_testing.h"
#include "engine/varint.h"

namespace obviews::engine {
namespace {

using schema::Record;
using schema::RecordKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace testing;  // NOLINT(google-build-using-namespace): the helpers of this folder

std::string Bytes(const Key& key) { return std::string(AsView(EncodeKey(key))); }

/// A job of 1500 history tasks in two blocks, ids 1..1500, and live tasks 2001 (DOING), 2002 and
/// 2003 (FINISH).
class TaskCheckTest : public ::testing::Test {
 protected:
  TaskCheckTest() {
    auto store = OpenStore(directory());
    std::vector<Record> tasks = PastTasks(1002, 3, 1, 1500);
    for (int64_t id : {2001, 2002, 2003}) {
      tasks.push_back(Task(1002, 3, id, id == 2001 ? "DOING" : "FINISH"));
      tasks.back().Set("start_ts", id * 10);
      tasks.back().Set("completion_ts", id == 2001 ? -1 : id * 100);
    }
    PutAll(*store, tasks);
    EXPECT_TRUE(store->Close());
  }

  std::vector<std::string> Damage() {
    auto store = OpenStore(directory(), Access::kReadOnly);
    auto report = store->Verify();
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report.value_or(VerifyReport()).damage;
  }

  /// The counts of the job, changed.
  void ChangeCounts(RecordKind kind, const std::function<void(JobCounts&)>& change) {
    RawStore raw(directory());
    std::string key = CountsKey(1002, 3, kind);
    JobCounts counts;
    ASSERT_TRUE(DecodeCounts(key, raw.Get(kTaskCountsFamily, key), &counts));
    change(counts);
    raw.Put(kTaskCountsFamily, key, EncodeCounts(key, counts));
  }
  uint32_t GroupOf(const char* status) {
    RawStore raw(directory());
    std::string key = CountsKey(1002, 3, kLive);
    JobCounts counts;
    EXPECT_TRUE(DecodeCounts(key, raw.Get(kTaskCountsFamily, key), &counts));
    return counts.Find(status, "").id;
  }

  std::string directory() const { return tmp_.Path("s"); }

 private:
  TemporaryDirectory tmp_;
};

TEST_F(TaskCheckTest, SaysNothingOfASoundStore) { EXPECT_THAT(Damage(), IsEmpty()); }

// ---- counts

TEST_F(TaskCheckTest, NamesAWrongCount) {
  ChangeCounts(kHistory, [](JobCounts& counts) { --counts.groups[0].count; });
  EXPECT_THAT(Damage(), ElementsAre("column family task_counts: counts of the history tasks of job "
                                    "(1002, 3): STATUS 'FINISH', RESULT 'SUCCEESS': 1499 are kept, "
                                    "1500 are there"));
}

TEST_F(TaskCheckTest, NamesWrongTimes) {
  ChangeCounts(kHistory, [](JobCounts& counts) { counts.groups[0].min_start = 5; });
  ChangeCounts(kLive, [](JobCounts& counts) { counts.Find("FINISH", "").max_completion.reset(); });
  EXPECT_THAT(
      Damage(),
      ElementsAre("column family task_counts: counts of the live tasks of job (1002, 3): STATUS "
                  "'FINISH', RESULT '': times none and none are kept, 20020 and 200300 are there",
                  "column family task_counts: counts of the history tasks of job (1002, 3): STATUS "
                  "'FINISH', RESULT 'SUCCEESS': times 5 and none are kept, 0 and none are there"));
}

TEST_F(TaskCheckTest, NamesGroupsThatAreMissingOrTooMany) {
  ChangeCounts(kHistory, [](JobCounts& counts) {
    counts.groups[0].result.reset();
    counts.Find("INIT", "").count = 7;
  });
  EXPECT_THAT(Damage(),
              UnorderedElementsAre(
                  "column family task_counts: counts of the history tasks of job (1002, 3): STATUS "
                  "'FINISH', RESULT NULL: 1500 are kept, 0 are there",
                  "column family task_counts: counts of the history tasks of job (1002, 3): STATUS "
                  "'INIT', RESULT '': 7 are kept, 0 are there",
                  "column family task_counts: counts of the history tasks of job (1002, 3): STATUS "
                  "'FINISH', RESULT 'SUCCEESS': none is kept, 1500 are there"));
}

TEST_F(TaskCheckTest, NamesCountsThatAreMissing) {
  RawStore(directory()).Delete(kTaskCountsFamily, CountsKey(1002, 3, kHistory));
  EXPECT_THAT(Damage(), ElementsAre("column family task_counts: none for the history tasks of job "
                                    "(1002, 3)"));
}

TEST_F(TaskCheckTest, NamesCountsOfAJobThatIsNotThere) {
  {
    RawStore raw(directory());
    JobCounts counts;
    counts.Find("FINISH", std::nullopt).count = 2;
    std::string key = CountsKey(1004, 9, kLive);
    raw.Put(kTaskCountsFamily, key, EncodeCounts(key, counts));
  }
  EXPECT_THAT(Damage(), ElementsAre("column family task_counts: counts of the live tasks of job "
                                    "(1004, 9): STATUS 'FINISH', RESULT NULL: 2 are kept, 0 are "
                                    "there"));
}

TEST_F(TaskCheckTest, NamesCountsThatCannotBeRead) {
  {
    RawStore raw(directory());
    std::string key = CountsKey(1002, 3, kLive);
    std::string bytes = raw.Get(kTaskCountsFamily, key);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    raw.Put(kTaskCountsFamily, key, bytes);
    raw.Put(kTaskCountsFamily, "odd", "");
  }
  EXPECT_THAT(Damage(),
              UnorderedElementsAre("column family task_counts: the counts of the live tasks of "
                                   "job (1002, 3) are damaged",
                                   "column family task_counts: a malformed key of 3 bytes"));
}

// ---- facts

TEST_F(TaskCheckTest, NamesFactsThatAreMissing) {
  RawStore(directory()).Delete(kTaskFactsFamily, Bytes({1002, 3, 1024}));
  EXPECT_THAT(Damage(), ElementsAre("block of import_task_history ending at (1002, 3, 1024): it "
                                    "has no facts in column family task_facts"));
}

TEST_F(TaskCheckTest, NamesFactsOfNoBlock) {
  {
    RawStore raw(directory());
    raw.Put(kTaskFactsFamily, Bytes({1002, 3, 1200}),
            raw.Get(kTaskFactsFamily, Bytes({1002, 3, 1024})));
    raw.Put(kTaskFactsFamily, "odd", "");
  }
  EXPECT_THAT(Damage(),
              UnorderedElementsAre("column family task_facts: facts of the block of "
                                   "import_task_history ending at (1002, 3, 1200), which is not "
                                   "there",
                                   "column family task_facts: a key of 3 bytes"));
}

TEST_F(TaskCheckTest, NamesFactsThatAreWrong) {
  struct Case {
    const char* what;
    std::function<void(std::string&)> change;
  };
  for (const Case& c : {Case{"flipped", [](std::string& bytes) { bytes[20] ^= 1; }},
                        Case{"cut", [](std::string& bytes) { bytes.resize(30); }},
                        Case{"empty", [](std::string& bytes) { bytes.clear(); }},
                        Case{"sound, of other tasks", [](std::string& bytes) {
                               BlockFactsBuilder builder;
                               for (int64_t task = 1; task <= 1024; ++task) {
                                 builder.Add(task, {"FINISH", "FAILED"});
                               }
                               bytes.clear();
                               builder.Encode({1002, 3, 1024}, &bytes);
                             }}}) {
    std::string before;
    {
      RawStore raw(directory());
      before = raw.Get(kTaskFactsFamily, Bytes({1002, 3, 1024}));
      std::string bytes = before;
      c.change(bytes);
      raw.Put(kTaskFactsFamily, Bytes({1002, 3, 1024}), bytes);
    }
    EXPECT_THAT(Damage(), ElementsAre("block of import_task_history ending at (1002, 3, 1024): its "
                                      "facts in column family task_facts are not those of its "
                                      "records"))
        << c.what;
    RawStore(directory()).Put(kTaskFactsFamily, Bytes({1002, 3, 1024}), before);
  }
}

TEST_F(TaskCheckTest, NamesABlockThatIsDamagedAndBlamesNoCount) {
  {
    RawStore raw(directory());
    std::string bytes = raw.Get(FamilyOf(kHistory), Bytes({1002, 3, 1024}));
    bytes[40] = static_cast<char>(bytes[40] ^ 1);
    raw.Put(FamilyOf(kHistory), Bytes({1002, 3, 1024}), bytes);
  }
  EXPECT_THAT(Damage(), ElementsAre("block of import_task_history ending at (1002, 3, 1024): its "
                                    "checksum is wrong"));
}

TEST_F(TaskCheckTest, NamesFactsOfABlockThatWasLost) {
  RawStore(directory()).Delete(FamilyOf(kHistory), Bytes({1002, 3, 1024}));
  EXPECT_THAT(
      Damage(),
      UnorderedElementsAre("column family task_facts: facts of the block of import_task_history "
                           "ending at (1002, 3, 1024), which is not there",
                           "column family task_counts: counts of the history tasks of job (1002, "
                           "3): STATUS 'FINISH', RESULT 'SUCCEESS': 1500 are kept, 476 are there"));
}

// ---- the status index

StatusEntry Entry(uint32_t group, int64_t task) { return {1002, 3, group, task * 10, task}; }

std::string CompletionBytes(int64_t completion) {
  std::string out;
  PutSigned(&out, completion);
  return out;
}

TEST_F(TaskCheckTest, NamesAMissingStatusEntry) {
  uint32_t group = GroupOf("FINISH");
  RawStore(directory()).Delete(kTaskStatusFamily, StatusKey(Entry(group, 2002)));
  EXPECT_THAT(Damage(), ElementsAre("column family task_status: 2 entries for 3 tasks"));
}

TEST_F(TaskCheckTest, NamesAStatusEntryOfNoTask) {
  uint32_t group = GroupOf("FINISH");
  {
    RawStore raw(directory());
    raw.Put(kTaskStatusFamily, StatusKey(Entry(group, 77)), CompletionBytes(-1));
    raw.Put(kTaskStatusFamily, "odd", "");
  }
  EXPECT_THAT(Damage(),
              UnorderedElementsAre("column family task_status: leads to import_task (1002, 3, "
                                   "77), which is not there",
                                   "column family task_status: a malformed entry of 3 bytes"));
}

TEST_F(TaskCheckTest, NamesAStatusEntryWithOtherTimes) {
  uint32_t group = GroupOf("FINISH");
  RawStore(directory()).Put(kTaskStatusFamily, StatusKey(Entry(group, 2002)), CompletionBytes(5));
  EXPECT_THAT(Damage(), ElementsAre("column family task_status: the entry of import_task (1002, 3, "
                                    "2002) has other times than it"));
}

TEST_F(TaskCheckTest, NamesASecondStatusEntry) {
  uint32_t group = GroupOf("FINISH");
  {
    RawStore raw(directory());
    StatusEntry second = Entry(group, 2002);
    second.start = 7;
    raw.Put(kTaskStatusFamily, StatusKey(second), CompletionBytes(200200));
  }
  EXPECT_THAT(Damage(), ElementsAre("column family task_status: the entry of import_task (1002, 3, "
                                    "2002) has other times than it",
                                    "column family task_status: 4 entries for 3 tasks"));
}

TEST_F(TaskCheckTest, NamesAStatusEntryOfAnotherGroup) {
  uint32_t group = GroupOf("FINISH");
  uint32_t other = GroupOf("DOING");
  {
    RawStore raw(directory());
    raw.Delete(kTaskStatusFamily, StatusKey(Entry(group, 2002)));
    raw.Put(kTaskStatusFamily, StatusKey(Entry(other, 2002)), CompletionBytes(200200));
  }
  EXPECT_THAT(Damage(), ElementsAre("column family task_status: the entry of import_task (1002, 3, "
                                    "2002) is of another group than it"));
}

}  // namespace
}  // namespace obviews::engine
