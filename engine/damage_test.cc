// Damaged files: whatever byte is wrong, readers get an error or the very rows, never others.
//
// Damage may abort a process (Debian's RocksDB has its assertions on), so children do the reading.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/child_testing.h"
#include "engine/store.h"
#include "engine/testing.h"

namespace obviews::engine {
namespace {

namespace fs = std::filesystem;
using schema::Record;
using testing::Child;
using testing::ChildRegistration;
using ::testing::HasSubstr;
using testing::Model;
using testing::RandomBatch;
using testing::ReadAll;
using testing::Tell;
using testing::TemporaryDirectory;

constexpr uint64_t kCommits = 60;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> FilesEnding(const std::string& directory, const std::string& part) {
  std::vector<std::string> files;
  for (const auto& file : fs::directory_iterator(directory)) {
    if (file.path().filename().string().find(part) != std::string::npos && file.file_size() > 0) {
      files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Reads all there is, and tells how it compares with the commits the state claims to be made of.
std::string Outcome(const std::string& directory, Access access, Model* model, uint64_t* at) {
  auto store = Store::Open(directory, {.access = access});
  if (!store) return fmt::format("error {} {}", int(store.error().code), store.error().message);
  auto snapshot = (*store)->TakeSnapshot();
  if (!snapshot) {
    return fmt::format("error {} {}", int(snapshot.error().code), snapshot.error().message);
  }
  uint64_t number = (*snapshot)->stamp().number;
  if (number < *at) {
    *model = Model();
    *at = 0;
  }
  while (*at < number) RandomBatch(++*at, model);
  auto all = ReadAll(**snapshot);
  if (!all) return fmt::format("error {} {}", int(all.error().code), all.error().message);
  if (*all != model->All()) return "WRONG ROWS";
  std::string notice = (*store)->notices().empty() ? "" : (*store)->notices()[0];
  return fmt::format("commit {} {}", number, notice);
}

/// Flips bits of one file of a store and puts it right again, one after the other. Arguments:
/// directory, file, first offset, step, access. Tells a line "offset outcome" for each.
int FlipBits(const std::vector<std::string>& arguments) {
  const std::string& file = arguments[1];
  const std::string sound = ReadFile(file);
  auto access = static_cast<Access>(std::stoi(arguments[4]));
  Model model;
  uint64_t at = 0;
  for (size_t i = std::stoul(arguments[2]); i < sound.size(); i += std::stoul(arguments[3])) {
    std::string damaged = sound;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    WriteFile(file, damaged);
    std::string outcome = Outcome(arguments[0], access, &model, &at);
    WriteFile(file, sound);
    std::replace(outcome.begin(), outcome.end(), '\n', ' ');
    Tell(fmt::format("{} {}", i, outcome));
  }
  return 0;
}
const ChildRegistration kFlipBits("flip_bits", FlipBits);

struct Tally {
  int errors = 0, unchanged = 0, aborts = 0;
};

/// Every outcome of flips in `file` must be an error of damage or the whole state.
void ExpectNoWrongRows(const std::string& directory, const std::string& file, size_t step,
                       Access access, Tally* tally) {
  const std::string sound = ReadFile(file);
  const std::string whole = fmt::format("commit {} ", kCommits);
  size_t next = 0;
  while (next < sound.size()) {
    Child child("flip_bits", {directory, file, std::to_string(next), std::to_string(step),
                              std::to_string(static_cast<int>(access))});
    for (std::string line = child.Line(); !line.empty(); line = child.Line()) {
      size_t space = line.find(' ');
      next = std::stoul(line.substr(0, space)) + step;
      std::string outcome = line.substr(space + 1);
      if (outcome.rfind(whole, 0) == 0) {
        ++tally->unchanged;
      } else {
        ++tally->errors;
        EXPECT_EQ(outcome.rfind(fmt::format("error {} ", int(ErrorCode::kCorruption)), 0), 0U)
            << fs::path(file).filename() << " " << line;
      }
    }
    int end = child.Wait();
    if (end == 0) return;
    // An abort shows no rows at all. The file is as it was damaged: put it right and go on.
    EXPECT_EQ(end, -SIGABRT) << file << " offset " << next;
    ++tally->aborts;
    WriteFile(file, sound);
    next += step;
  }
}

/// A store of a series of random commits; closed, so that all is in tables, or killed, so that all
/// is in the log.
int MakeStore(const std::vector<std::string>& arguments) {
  auto store = Store::Open(arguments[0], {.access = Access::kReadWrite, .create_if_missing = true});
  if (!store) return 1;
  Model model;
  for (uint64_t i = 1; i <= kCommits; ++i) {
    if (!(*store)->Commit(RandomBatch(i, &model))) return 1;
  }
  if (arguments[1] == "closed") return (*store)->Close() ? 0 : 1;
  _exit(0);
}
const ChildRegistration kMakeStore("make_store", MakeStore);

void Make(const std::string& directory, const char* how) {
  ASSERT_EQ(Child("make_store", {directory, how}).Wait(), 0);
}

TEST(Damage, AFlippedBitInATableIsAnErrorOrHarmless) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "closed");
  Tally tally;
  for (const std::string& file : FilesEnding(tmp.Path("s"), ".sst")) {
    size_t step = std::max<size_t>(1, fs::file_size(file) / 60);
    ExpectNoWrongRows(tmp.Path("s"), file, step, Access::kFollower, &tally);
  }
  RecordProperty("aborts", tally.aborts);
  EXPECT_GT(tally.errors, tally.unchanged) << tally.aborts;
  EXPECT_EQ(tally.aborts, 0);
}

TEST(Damage, AFlippedBitInTheManifestIsAnErrorOrHarmless) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "closed");
  Tally tally;
  for (const std::string& file : FilesEnding(tmp.Path("s"), "MANIFEST")) {
    size_t step = std::max<size_t>(1, fs::file_size(file) / 1000);
    ExpectNoWrongRows(tmp.Path("s"), file, step, Access::kFollower, &tally);
  }
  EXPECT_GT(tally.errors, 0);
  EXPECT_EQ(tally.aborts, 0);
}

class DamagedLog : public ::testing::TestWithParam<Access> {};

TEST_P(DamagedLog, AFlippedBitNeverDropsACommit) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "killed");
  auto logs = FilesEnding(tmp.Path("s"), ".log");
  ASSERT_EQ(logs.size(), 1U);
  Tally tally;
  // Readers try every copy; a writer takes the log in, and so gets a copy of its own.
  if (GetParam() != Access::kReadWrite) {
    ExpectNoWrongRows(tmp.Path("s"), logs[0], fs::file_size(logs[0]) / 400, GetParam(), &tally);
    EXPECT_GT(tally.errors, 350);
    return;
  }
  const std::string sound = ReadFile(logs[0]);
  for (size_t i = 5; i < sound.size(); i += sound.size() / 25) {
    std::string copy = tmp.Path("copy");
    fs::remove_all(copy);
    fs::copy(tmp.Path("s"), copy);
    std::string damaged = sound;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    WriteFile(copy + "/" + fs::path(logs[0]).filename().string(), damaged);
    Model model;
    uint64_t at = 0;
    std::string outcome = Outcome(copy, Access::kReadWrite, &model, &at);
    EXPECT_THAT(outcome, HasSubstr(fmt::format("error {} ", int(ErrorCode::kCorruption)))) << i;
  }
}

TEST_P(DamagedLog, AFlippedLengthOrTypeIsToldFromATornTail) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "killed");
  std::string log = FilesEnding(tmp.Path("s"), ".log")[0];
  const std::string sound = ReadFile(log);
  int flips = 0;
  for (size_t at = 0; at + 7 <= sound.size();) {
    if (32768 - at % 32768 < 7) {
      at += 32768 - at % 32768;
      continue;
    }
    for (int bit : {0, 8, 12, 14, 16, 17, 18, 19, 23}) {
      std::string damaged = sound;
      size_t byte = at + 4 + static_cast<size_t>(bit / 8);
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit % 8));
      WriteFile(log, damaged);
      Model model;
      uint64_t commits = 0;
      std::string outcome = Outcome(tmp.Path("s"), GetParam(), &model, &commits);
      EXPECT_THAT(outcome, HasSubstr(fmt::format("error {} ", int(ErrorCode::kCorruption))))
          << "bit " << bit << " of length and type at " << at;
      ++flips;
    }
    at += 7 + (static_cast<unsigned char>(sound[at + 4]) |
               static_cast<size_t>(static_cast<unsigned char>(sound[at + 5])) << 8);
  }
  EXPECT_GT(flips, static_cast<int>(kCommits));
}

TEST_P(DamagedLog, ATornTailIsAShorterStoreWithANotice) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "killed");
  std::string name = fs::path(FilesEnding(tmp.Path("s"), ".log")[0]).filename();
  uint64_t size = fs::file_size(tmp.Path("s") + "/" + name);
  uint64_t shortest = kCommits;
  for (uint64_t cut : std::vector<uint64_t>{1, 6, 7, 8, 30, 1000, size / 2, size - 3}) {
    std::string copy = tmp.Path("copy");
    fs::remove_all(copy);
    fs::copy(tmp.Path("s"), copy);
    fs::resize_file(fs::path(copy) / name, size - cut);
    Model model;
    uint64_t at = 0;
    std::string outcome = Outcome(copy, GetParam(), &model, &at);
    EXPECT_EQ(outcome.rfind("commit ", 0), 0U) << cut << ": " << outcome;
    EXPECT_THAT(outcome, HasSubstr(fmt::format("its write-ahead log {} ends in the middle of a "
                                               "commit, which is left out",
                                               name)));
    EXPECT_LT(at, kCommits);
    EXPECT_LE(at, shortest);
    shortest = at;
  }
}

std::string NameOf(Access access) {
  return access == Access::kReadWrite  ? "ReadWrite"
         : access == Access::kReadOnly ? "ReadOnly"
                                       : "Follower";
}

INSTANTIATE_TEST_SUITE_P(Damage, DamagedLog,
                         ::testing::Values(Access::kReadWrite, Access::kReadOnly,
                                           Access::kFollower),
                         [](const auto& info) { return NameOf(info.param); });

TEST(Damage, RoomTheFileSystemMadeAfterTheLogIsATornTail) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "killed");
  std::string log = FilesEnding(tmp.Path("s"), ".log")[0];
  std::string sound = ReadFile(log);
  WriteFile(log, sound + std::string(100000, '\0'));
  Model model;
  uint64_t at = 0;
  EXPECT_THAT(Outcome(tmp.Path("s"), Access::kFollower, &model, &at),
              HasSubstr(fmt::format("commit {} ", kCommits)));
  // Empty room in the middle is no such thing.
  sound.replace(sound.size() / 2, 5000, 5000, '\0');
  WriteFile(log, sound);
  EXPECT_THAT(Outcome(tmp.Path("s"), Access::kFollower, &model, &at),
              HasSubstr(fmt::format("error {} ", int(ErrorCode::kCorruption))));
}

TEST(Damage, ALogThatEndsTooEarlyBeforeAnotherIsDamage) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "killed");
  std::string log = FilesEnding(tmp.Path("s"), ".log")[0];
  std::string sound = ReadFile(log);
  WriteFile(tmp.Path("s") + "/999999.log", sound);
  fs::resize_file(log, sound.size() - 5);
  Model model;
  uint64_t at = 0;
  for (Access access : {Access::kReadWrite, Access::kReadOnly, Access::kFollower}) {
    EXPECT_THAT(Outcome(tmp.Path("s"), access, &model, &at),
                HasSubstr("999999.log goes on after it: the commits between are lost"));
  }
}

TEST(Damage, AMissingOrShortTableIsAnError) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "closed");
  for (const std::string& file : FilesEnding(tmp.Path("s"), ".sst")) {
    const std::string sound = ReadFile(file);
    Model model;
    uint64_t at = 0;
    for (Access access : {Access::kReadWrite, Access::kReadOnly, Access::kFollower}) {
      fs::remove(file);
      std::string outcome = Outcome(tmp.Path("s"), access, &model, &at);
      EXPECT_THAT(outcome, HasSubstr(fmt::format("error {} ", int(ErrorCode::kCorruption))));
      EXPECT_THAT(outcome, HasSubstr("a file of the store is missing"));
      EXPECT_THAT(outcome, HasSubstr(fs::path(file).filename().string()));
      WriteFile(file, sound.substr(0, sound.size() - 9));
      EXPECT_THAT(Outcome(tmp.Path("s"), access, &model, &at),
                  HasSubstr(fmt::format("error {} ", int(ErrorCode::kCorruption))));
      WriteFile(file, sound);
    }
    EXPECT_THAT(Outcome(tmp.Path("s"), Access::kFollower, &model, &at),
                HasSubstr(fmt::format("commit {} ", kCommits)));
  }
}

TEST(Damage, ABadBlockNamesItsFamily) {
  TemporaryDirectory tmp;
  Make(tmp.Path("s"), "closed");
  // The largest table is the text family's; records of other families read well beside it.
  auto files = FilesEnding(tmp.Path("s"), ".sst");
  auto largest = *std::max_element(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return fs::file_size(a) < fs::file_size(b);
  });
  std::string bytes = ReadFile(largest);
  // Past the first block, which holds the commit stamp that opening reads.
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(largest, bytes);
  auto store = Store::Open(tmp.Path("s"), {});
  ASSERT_TRUE(store) << store.error().message;
  auto report = (*store)->Verify();
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->damage.empty());
  auto stats = (*store)->Stats();
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(stats.error().message, HasSubstr("column family text"));
}

TEST(Damage, VerifyGoesOnBehindABadBlockAndBlamesNothingElse) {
  TemporaryDirectory tmp;
  constexpr int kTasks = 20000;
  {
    auto store = Store::Open(
        tmp.Path("s"), {.access = Access::kReadWrite, .create_if_missing = true, .sync = false});
    ASSERT_TRUE(store);
    Batch batch;
    for (int i = 0; i < kTasks; ++i) batch.Put(testing::Task(1002, 3, 1000 + i));
    batch.Put(testing::Job(schema::RecordKind::kImportJob, 1002, 3));
    ASSERT_TRUE((*store)->Commit(batch));
  }
  // The largest table is that of the tasks; its middle is one of its data blocks.
  auto files = FilesEnding(tmp.Path("s"), ".sst");
  auto largest = *std::max_element(files.begin(), files.end(), [](const auto& a, const auto& b) {
    return fs::file_size(a) < fs::file_size(b);
  });
  std::string bytes = ReadFile(largest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(largest, bytes);
  auto store = Store::Open(tmp.Path("s"), {});
  ASSERT_TRUE(store) << store.error().message;
  auto report = (*store)->Verify();
  ASSERT_TRUE(report);
  ASSERT_EQ(report->damage.size(), 1U) << ::testing::PrintToString(report->damage);
  EXPECT_THAT(
      report->damage[0],
      ::testing::MatchesRegex("column family import_task: what lies between "
                              "\\(1002, 3, [0-9]+\\) and \\(1002, 3, [0-9]+\\) cannot be read: "
                              ".*"));
  // One block of 32 KiB is lost, and nothing else.
  EXPECT_GT(report->records, kTasks * 9 / 10);
  EXPECT_LT(report->records, kTasks + 1);
}

}  // namespace
}  // namespace obviews::engine
