// Facts of blocks, counts of jobs and the status index: what goes in comes out, and nothing wrong
// comes out of damaged bytes.
#include "engine/task_groups.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>
#include <map>

#include "engine/varint.h"
#include "schema/conversions.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;
using Time = std::optional<int64_t>;

constexpr int64_t kMin = schema::RangeSet::kMin;
constexpr int64_t kMax = schema::RangeSet::kMax;
constexpr Key kLast{1002, 3, 5000};

std::string Encode(const std::vector<TaskFacts>& tasks, int64_t first_task = 1000) {
  BlockFactsBuilder builder;
  for (const TaskFacts& task : tasks) builder.Add(first_task++, task);
  std::string bytes;
  builder.Encode(kLast, &bytes);
  return bytes;
}

/// Makes the checksum of changed facts or counts right again.
void Seal(std::string_view key, std::string* bytes) {
  uint64_t head = 0;
  std::memcpy(&head, bytes->data(), sizeof head);
  uint64_t seed = XXH3_64bits_withSeed(key.data(), key.size(), head);
  uint64_t checksum = XXH3_64bits_withSeed(bytes->data() + 16, bytes->size() - 16, seed);
  std::memcpy(bytes->data() + 8, &checksum, sizeof checksum);
}

std::string ParseWhy(const std::string& bytes, const Key& last = kLast) {
  BlockFacts facts;
  return std::string(facts.Parse(last, bytes));
}

constexpr const char* kBadChecksum = "the facts of the block have a wrong checksum or version";
constexpr const char* kMalformed = "the facts of the block are malformed";

// ---- facts

TEST(BlockFacts, SayTheGroupOfEveryRecord) {
  struct Case {
    size_t groups;
    int width;
  };
  for (Case c : {Case{1, 0}, Case{2, 1}, Case{3, 2}, Case{4, 2}, Case{5, 4}, Case{16, 4},
                 Case{17, 8}, Case{256, 8}, Case{257, 16}, Case{1024, 16}}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < c.groups; ++i) names.push_back(fmt::format("S{}", i));
    // Never in order, every group at least once, and a last byte that is not full.
    std::vector<TaskFacts> tasks;
    size_t rows = c.groups == 1024 ? 1024 : std::min<size_t>(2 * c.groups + 1, 1023);
    for (size_t row = 0; row < rows; ++row) tasks.push_back({names[row * 7 % c.groups]});
    BlockFacts facts;
    std::string bytes = Encode(tasks, -5);
    ASSERT_EQ(facts.Parse(kLast, bytes), "") << c.groups;
    EXPECT_EQ(facts.rows(), rows);
    EXPECT_EQ(facts.first_task(), -5);
    EXPECT_EQ(facts.code_width(), c.width) << c.groups;
    EXPECT_EQ(facts.codes().size(), (rows * static_cast<size_t>(c.width) + 7) / 8);
    std::map<std::string, uint32_t> counted;
    for (uint32_t row = 0; row < rows; ++row) {
      ASSERT_LT(facts.Code(row), facts.groups().size());
      EXPECT_EQ(facts.groups()[facts.Code(row)].status, tasks[row].status) << row;
      ++counted[std::string(tasks[row].status)];
    }
    EXPECT_EQ(facts.groups().size(), counted.size());
    for (const BlockGroup& group : facts.groups()) {
      EXPECT_EQ(group.count, counted[std::string(group.status)]) << group.status;
    }
  }
}

TEST(BlockFacts, TellNullFromEmptyAndStatusFromResult) {
  std::string long_text(kMaxInlineText, 'x');
  std::string odd("\0'\xFF\n", 4);
  const std::vector<TaskFacts> tasks = {{"A", std::nullopt}, {"A", ""},  {"A", "B"},
                                        {"AB", ""},          {"", "AB"}, {"", std::nullopt},
                                        {odd, long_text}};
  BlockFacts facts;
  std::string bytes = Encode(tasks);
  ASSERT_EQ(facts.Parse(kLast, bytes), "");
  ASSERT_EQ(facts.groups().size(), tasks.size());
  for (uint32_t row = 0; row < tasks.size(); ++row) {
    const BlockGroup& group = facts.groups()[facts.Code(row)];
    EXPECT_EQ(group.status, tasks[row].status) << row;
    EXPECT_EQ(group.result, tasks[row].result) << row;
    EXPECT_EQ(group.count, 1U);
  }
}

struct Times {
  const char* name;
  std::vector<std::pair<int64_t, int64_t>> tasks;  ///< start, completion
  Time min_start;
  Time max_completion;
};
void PrintTo(const Times& times, std::ostream* out) { *out << times.name; }

class GroupTimes : public ::testing::TestWithParam<Times> {};

TEST_P(GroupTimes, AreThoseThatAViewCanShow) {
  std::vector<TaskFacts> tasks;
  TaskGroup counted;
  int64_t bounds[4] = {kMax, kMin, kMax, kMin};
  for (auto [start, completion] : GetParam().tasks) {
    tasks.push_back({"S", std::nullopt, start, completion});
    AddTo(counted, tasks.back());
    bounds[0] = std::min(bounds[0], start);
    bounds[1] = std::max(bounds[1], start);
    bounds[2] = std::min(bounds[2], completion);
    bounds[3] = std::max(bounds[3], completion);
  }
  EXPECT_EQ(counted.count, tasks.size());
  EXPECT_EQ(counted.min_start, GetParam().min_start);
  EXPECT_EQ(counted.max_completion, GetParam().max_completion);
  BlockFacts facts;
  std::string bytes = Encode(tasks);
  ASSERT_EQ(facts.Parse(kLast, bytes), "");
  EXPECT_EQ(facts.groups()[0].min_start, GetParam().min_start);
  EXPECT_EQ(facts.groups()[0].max_completion, GetParam().max_completion);
  // What a scan skips by is the raw times.
  EXPECT_EQ(facts.min_start(), bounds[0]);
  EXPECT_EQ(facts.max_start(), bounds[1]);
  EXPECT_EQ(facts.min_completion(), bounds[2]);
  EXPECT_EQ(facts.max_completion(), bounds[3]);
}

INSTANTIATE_TEST_SUITE_P(
    TaskGroups, GroupTimes,
    ::testing::Values(Times{"OneTask", {{100, 200}}, 100, 200},
                      Times{"SmallestAndLargest", {{100, 200}, {50, 900}, {70, 300}}, 50, 900},
                      Times{"NotDone", {{100, -1}}, 100, std::nullopt},
                      Times{"OneIsDone", {{100, -1}, {300, 400}}, 100, 400},
                      Times{"BeforeTheEpoch", {{-5, -2}}, -5, -2},
                      Times{"NeverShown", {{kMin, kMax}, {kMax, kMin}}, std::nullopt, std::nullopt},
                      Times{"ShownBesideNeverShown", {{kMin, kMax}, {7, 8}}, 7, 8},
                      Times{"FirstAndLastShown",
                            {{schema::kMinLocalUsec, schema::kMaxLocalUsec}},
                            schema::kMinLocalUsec,
                            schema::kMaxLocalUsec},
                      Times{"JustOutside",
                            {{schema::kMinLocalUsec - 1, schema::kMaxLocalUsec + 1}},
                            std::nullopt,
                            std::nullopt}),
    [](const auto& info) { return std::string(info.param.name); });

std::vector<TaskFacts> SomeTasks() {
  return {{"INIT", std::nullopt, 5, -1},
          {"FINISH", "SUCCEESS", 10, 20},
          {"FINISH", "FAILED", kMin, kMax},
          {"FINISH", "SUCCEESS", 7, 70}};
}

TEST(BlockFacts, EveryFlippedBitAndEveryCutIsNoticed) {
  std::string bytes = Encode(SomeTasks());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(ParseWhy(flipped), kBadChecksum) << bit;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ParseWhy(bytes.substr(0, size)), kBadChecksum) << size;
  }
  EXPECT_EQ(ParseWhy(bytes + '\0'), kBadChecksum);
  EXPECT_EQ(ParseWhy(bytes, {1002, 3, 5001}), kBadChecksum) << "those of another block";
  EXPECT_EQ(ParseWhy(bytes), "");
}

TEST(BlockFacts, SealedNonsenseIsRefused) {
  EncodedKey key = EncodeKey(kLast);
  // Offsets: width 1, rows 2, then from 16: five signed numbers, the number of groups.
  std::string sound = Encode({{"AB"}, {"CD"}});
  size_t groups = 16;
  for (int i = 0; i < 5; ++i) {
    while ((sound[groups] & 0x80) != 0) ++groups;
    ++groups;
  }
  ASSERT_EQ(sound[groups], 2);
  struct Case {
    const char* what;
    size_t at;
    char byte;
  };
  for (const Case& c :
       {Case{"no groups", groups, 0}, Case{"more groups than records", groups, 3},
        Case{"more groups than are there", groups, 2 + 1}, Case{"codes too wide", 1, 2},
        Case{"codes too narrow", 1, 0}, Case{"no records", 2, 0},
        Case{"records without codes", 2, 9}, Case{"a status longer than all", groups + 1, 120}}) {
    std::string bytes = sound;
    bytes[c.at] = c.byte;
    Seal(AsView(key), &bytes);
    EXPECT_EQ(ParseWhy(bytes), kMalformed) << c.what;
  }
  for (size_t size = 16; size < sound.size(); ++size) {
    std::string bytes = sound.substr(0, size);
    Seal(AsView(key), &bytes);
    EXPECT_EQ(ParseWhy(bytes), kMalformed) << "cut at " << size;
  }
  std::string longer = sound + '\0';
  Seal(AsView(key), &longer);
  EXPECT_EQ(ParseWhy(longer), kMalformed);
}

// ---- counts

TEST(JobCounts, GiveNewGroupsTheSmallestFreeNumber) {
  JobCounts counts;
  EXPECT_EQ(counts.Find("A", std::nullopt).id, 0U);
  EXPECT_EQ(counts.Find("A", "").id, 1U);
  EXPECT_EQ(counts.Find("B", "x").id, 2U);
  EXPECT_EQ(counts.Find("A", std::nullopt).id, 0U) << "found again";
  std::erase_if(counts.groups, [](const JobCounts::Group& group) { return group.id == 1; });
  EXPECT_EQ(counts.Find("C", std::nullopt).id, 1U);
  EXPECT_EQ(counts.Find("D", std::nullopt).id, 3U);
  EXPECT_EQ(counts.groups.size(), 4U);
}

JobCounts SomeCounts() {
  JobCounts counts;
  for (const TaskFacts& task : SomeTasks()) AddTo(counts.Find(task.status, task.result), task);
  counts.Find("", std::string(70000, 'r')).count = UINT64_MAX;
  counts.groups[0].id = UINT32_MAX;
  return counts;
}

TEST(JobCounts, ComeBackAsTheyWere) {
  std::string key = CountsKey(1002, 3, RecordKind::kImportTask);
  for (const JobCounts& counts : {JobCounts(), SomeCounts()}) {
    JobCounts back;
    back.Find("left over", std::nullopt);
    ASSERT_TRUE(DecodeCounts(key, EncodeCounts(key, counts), &back));
    ASSERT_EQ(back.groups.size(), counts.groups.size());
    for (size_t i = 0; i < back.groups.size(); ++i) {
      EXPECT_EQ(back.groups[i].id, counts.groups[i].id);
      EXPECT_EQ(back.groups[i].status, counts.groups[i].status);
      EXPECT_EQ(back.groups[i].result, counts.groups[i].result);
      EXPECT_EQ(back.groups[i].count, counts.groups[i].count);
      EXPECT_EQ(back.groups[i].min_start, counts.groups[i].min_start);
      EXPECT_EQ(back.groups[i].max_completion, counts.groups[i].max_completion);
    }
  }
}

TEST(JobCounts, EveryFlippedBitAndEveryCutIsNoticed) {
  std::string key = CountsKey(1002, 3, RecordKind::kImportTask);
  JobCounts counts = SomeCounts();
  counts.groups.pop_back();
  std::string bytes = EncodeCounts(key, counts);
  JobCounts back;
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeCounts(key, flipped, &back)) << bit;
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(DecodeCounts(key, cut, &back)) << size;
    if (size < 17) continue;
    Seal(key, &cut);
    EXPECT_FALSE(DecodeCounts(key, cut, &back)) << "sealed, " << size;
  }
  EXPECT_FALSE(DecodeCounts(CountsKey(1002, 3, RecordKind::kImportTaskHistory), bytes, &back));
  EXPECT_TRUE(DecodeCounts(key, bytes, &back));
}

// ---- keys

TEST(CountsKeys, SortByTenantAndJobLiveFirst) {
  std::vector<std::string> keys;
  for (int64_t tenant : {kMin, int64_t{-1}, int64_t{1002}, kMax}) {
    for (int64_t job : {kMin, int64_t{0}, int64_t{3}, kMax}) {
      for (RecordKind kind : {RecordKind::kImportTask, RecordKind::kImportTaskHistory}) {
        keys.push_back(CountsKey(tenant, job, kind));
        int64_t tenant_back = 0;
        int64_t job_back = 0;
        RecordKind kind_back{};
        ASSERT_TRUE(DecodeCountsKey(keys.back(), &tenant_back, &job_back, &kind_back));
        EXPECT_TRUE(tenant_back == tenant && job_back == job && kind_back == kind);
      }
    }
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  int64_t number = 0;
  RecordKind kind{};
  EXPECT_FALSE(DecodeCountsKey(keys[0].substr(1), &number, &number, &kind));
  EXPECT_FALSE(DecodeCountsKey(keys[0] + "x", &number, &number, &kind));
  EXPECT_FALSE(DecodeCountsKey(CountsKey(1, 1, RecordKind::kRecoverJob), &number, &number, &kind));
}

TEST(StatusKeys, SortByGroupAndStart) {
  std::vector<std::string> keys;
  for (int64_t job : {kMin, int64_t{3}, kMax}) {
    for (uint32_t group : {0U, 1U, 255U, 256U, UINT32_MAX}) {
      for (int64_t start : {kMin, int64_t{-1}, int64_t{5}, kMax}) {
        for (int64_t task : {kMin, int64_t{0}, kMax}) {
          keys.push_back(StatusKey({1002, job, group, start, task}));
          StatusEntry back;
          ASSERT_TRUE(DecodeStatusKey(keys.back(), &back));
          EXPECT_TRUE(back.tenant_id == 1002 && back.job_id == job && back.group == group &&
                      back.start == start && back.task_id == task);
        }
      }
    }
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  StatusEntry entry;
  EXPECT_FALSE(DecodeStatusKey(keys[0].substr(1), &entry));
  EXPECT_FALSE(DecodeStatusKey(keys[0] + "x", &entry));
}

}  // namespace
}  // namespace obviews::engine
