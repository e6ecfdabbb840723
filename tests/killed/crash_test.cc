// Kills a process that writes recoveries, again and again, and checks what it leaves: no damage,
// nothing half done, nothing lost that it said was done; and that another process goes on from
// there. In some rounds files cannot grow, as on a full disk.
//
//   crash [--rounds N] [--seed S]     default 10 and 1; the same seed does the same as far as a
//   race
//                                     with the kill allows
//
// Exit code 0 if every round was well, 1 with a line for everything that was not.
#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "crash_writer.h"
#include "engine/child_testing.h"
#include "engine/lifecycle/invariants_testing.h"
#include "engine/lifecycle/job_store.h"
#include "engine/testing.h"

namespace obviews::crash {
namespace {

using engine::testing::Child;
using engine::testing::TemporaryDirectory;
using lifecycle::kSysTenant;
using lifecycle::testing::BrokenInvariants;
using lifecycle::testing::LifeWatch;
using lifecycle::testing::Records;
using schema::Record;
using schema::RecordKind;
using std::chrono::milliseconds;

/// Rounds on one store; then a new one is begun.
constexpr int kRoundsOfStore = 8;
/// A recovery that takes this long hangs.
constexpr milliseconds kPatience{120'000};

struct Options {
  int rounds = 10;
  uint64_t seed = 1;
};

/// What the writers of one store said is safe, and what is wrong with it.
class Ledger {
 public:
  explicit Ledger(std::vector<std::string>* complaints) : complaints_(*complaints) {}

  /// A line of a writer. Without the end of its line it may be half a line.
  void Note(const std::string& line) {
    size_t at = line.find(' ');
    std::string word = line.substr(0, at);
    if (word == "error" || word == "refused") {
      ++errors_;
      last_error_ = line;
      return;
    }
    if (at == std::string::npos) return;
    int64_t job = std::stoll(line.substr(at + 1));
    if (word == "start") started_.insert(job);
    if (word == "cancel") canceled_.insert(job);
    if (word == "history") ended_[job] = line.substr(line.rfind(' ') + 1);
    ++facts_;
  }

  void Complain(std::string what) { complaints_.push_back(std::move(what)); }

  /// Everything that was said, held against a state of the store.
  void Check(const Records& records) {
    for (int64_t job : started_) {
      const Record* sys = records.FindEither(RecordKind::kRecoverJob, {kSysTenant, job, 0});
      if (sys == nullptr) Complain(fmt::format("job {} was started, and is not there", job));
    }
    for (const auto& [job, status] : ended_) {
      const Record* sys = records.Find(RecordKind::kRecoverJobHistory, {kSysTenant, job, 0});
      if (sys == nullptr || sys->Text("status") != status) {
        Complain(fmt::format("job {} was in history as {}, and is not", job, status));
      }
    }
    for (int64_t job : canceled_) {
      auto users = records.StartedBy(RecordKind::kRecoverJob, {kSysTenant, job, 0});
      std::string_view status = users.empty() ? "" : users.front()->Text("status");
      if (status == "CANCELING" || status == "FAILED") continue;
      Complain(fmt::format("job {} was canceled, and its user job is {}", job, status));
    }
  }

  uint64_t errors() const { return errors_; }
  const std::string& last_error() const { return last_error_; }
  uint64_t facts() const { return facts_; }

 private:
  std::vector<std::string>& complaints_;
  std::set<int64_t> started_;
  std::set<int64_t> canceled_;
  std::map<int64_t, std::string> ended_;
  uint64_t errors_ = 0;
  uint64_t facts_ = 0;
  std::string last_error_;
};

/// One store, and the rounds it goes through.
class Victim {
 public:
  Victim(uint64_t seed, std::vector<std::string>* complaints)
      : random_(seed), ledger_(complaints) {}

  void Round(bool full_disk, bool finish) {
    if (full_disk) {
      FillDisk();
    } else {
      KillSoon();
    }
    Check(finish);
  }
  uint64_t facts() const { return ledger_.facts(); }

 private:
  std::string Directory() const { return tmp_.Path("s"); }
  std::vector<std::string> Arguments(uint64_t file_bytes) {
    return {Directory(), std::to_string(random_() % 1'000'000), std::to_string(file_bytes)};
  }

  void KillSoon() {
    Child writer(kWriterName, Arguments(0));
    std::string first = writer.Line();
    if (first != "ready") return ledger_.Complain("the writer did not begin: " + first);
    milliseconds after(1 + random_() % 400);
    std::atomic<bool> killed{false};
    std::thread killer([&] {
      std::this_thread::sleep_for(after);
      writer.Kill();
      killed = true;
    });
    std::vector<std::string> seen;
    std::thread reader([&] { seen = Follow(killed); });
    for (std::string line = writer.Line(); !line.empty(); line = writer.Line()) ledger_.Note(line);
    killer.join();
    reader.join();
    for (std::string& line : seen) ledger_.Complain("beside the writer: " + line);
  }

  /// Reads beside the writer until it is killed; what was not well.
  std::vector<std::string> Follow(const std::atomic<bool>& killed) const {
    auto store = engine::Store::Open(Directory(), {.access = engine::Access::kFollower});
    if (!store) return {store.error().message};
    LifeWatch watch;
    while (!killed) {
      auto snapshot = (*store)->TakeSnapshot();
      if (!snapshot) return {snapshot.error().message};
      for (const auto& broken : {BrokenInvariants(**snapshot), watch.Look(**snapshot)}) {
        if (!broken.empty()) return broken;
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    return {};
  }

  /// The writer goes on for a while after the disk is full; then it is killed, or told to stop.
  void FillDisk() {
    uint64_t before = ledger_.errors();
    Child writer(kWriterName, Arguments((100 + random_() % 400) << 10));
    std::string first = writer.Line();
    if (first != "ready") return ledger_.Complain("the writer did not begin: " + first);
    while (ledger_.errors() < before + 20) {
      std::string line = writer.Line();
      if (line.empty()) return ledger_.Complain("the writer ended before the disk was full");
      ledger_.Note(line);
    }
    if (ledger_.last_error().find("no room on the disk") == std::string::npos) {
      ledger_.Complain("the error names no full disk: " + ledger_.last_error());
    }
    if (random_() % 2 == 0) {
      writer.Kill();
      return;
    }
    std::thread reader([&] {
      for (std::string line = writer.Line(); !line.empty(); line = writer.Line()) {
        ledger_.Note(line);
      }
    });
    int code = writer.Finish();
    reader.join();
    if (code != 0) ledger_.Complain(fmt::format("the writer on a full disk ended with {}", code));
  }

  void Check(bool finish) {
    auto store = engine::Store::Open(
        Directory(),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    if (!store) return ledger_.Complain(store.error().message);
    CheckState(**store);
    auto report = (*store)->Verify();
    if (!report) return ledger_.Complain(report.error().message);
    for (const std::string& line : report->damage) ledger_.Complain("damage: " + line);
    for (const std::string& line : report->problems) ledger_.Complain("problem: " + line);
    if (finish) Finish(**store);
  }

  void CheckState(engine::Store& store) {
    auto snapshot = store.TakeSnapshot();
    if (!snapshot) return ledger_.Complain(snapshot.error().message);
    for (const std::string& line : BrokenInvariants(**snapshot)) ledger_.Complain(line);
    for (const std::string& line : watch_.Look(**snapshot)) ledger_.Complain(line);
    if (auto records = Records::Read(**snapshot)) ledger_.Check(*records);
  }

  /// Goes on where the writer stopped, until all is in history.
  void Finish(engine::Store& store) {
    lifecycle::JobStore jobs(store, {});
    lifecycle::Simulator simulator(WorkOptions(0));
    lifecycle::RecoverTableScheduler scheduler(jobs, simulator, DriveOptions());
    if (!scheduler.Start()) return ledger_.Complain("the scheduler does not start");
    if (!scheduler.WaitUntilIdle(kPatience)) ledger_.Complain("a recovery does not end");
    scheduler.Stop();
    CheckState(store);
    auto snapshot = store.TakeSnapshot();
    if (!snapshot) return ledger_.Complain(snapshot.error().message);
    auto records = Records::Read(**snapshot);
    if (!records) return ledger_.Complain(records.error().message);
    for (RecordKind kind : {RecordKind::kRecoverJob, RecordKind::kImportJob,
                            RecordKind::kImportTask, RecordKind::kRestoreJob}) {
      for (const auto& [key, record] : records->Of(kind)) {
        ledger_.Complain(lifecycle::testing::NameOf(record) + " is live at the end");
      }
    }
  }

  std::mt19937_64 random_;
  TemporaryDirectory tmp_;
  Ledger ledger_;
  LifeWatch watch_;
};

int Run(const Options& options) {
  std::mt19937_64 random(options.seed);
  std::vector<std::string> complaints;
  std::unique_ptr<Victim> victim;
  uint64_t facts = 0;
  for (int round = 1; round <= options.rounds && complaints.empty(); ++round) {
    if (victim == nullptr) victim = std::make_unique<Victim>(random(), &complaints);
    bool full_disk = round % 5 == 0;
    bool last = round % kRoundsOfStore == 0 || round == options.rounds;
    victim->Round(full_disk, last || round % 3 == 0);
    for (const std::string& line : complaints) {
      fmt::print(stderr, "round {} of seed {}: {}\n", round, options.seed, line);
    }
    if (!last) continue;
    facts += victim->facts();
    victim.reset();
  }
  if (!complaints.empty()) return 1;
  fmt::print("crash: {} rounds, {} facts told before a kill, none lost\n", options.rounds, facts);
  return 0;
}

bool ParseNumber(std::string_view text, uint64_t* number) {
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), *number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace
}  // namespace obviews::crash

int main(int argc, char** argv) {
  using namespace obviews;
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == engine::testing::kChildFlag) {
    auto work = engine::testing::ChildWorks().find(words[1]);
    if (work == engine::testing::ChildWorks().end()) return 126;
    return work->second({words.begin() + 2, words.end()});
  }
  crash::Options options;
  for (size_t i = 0; i < words.size(); i += 2) {
    uint64_t number = 0;
    bool known = words[i] == "--rounds" || words[i] == "--seed";
    if (!known || i + 1 == words.size() || !crash::ParseNumber(words[i + 1], &number)) {
      fmt::print(stderr, "usage: crash [--rounds N] [--seed S]\n");
      return 2;
    }
    if (words[i] == "--seed") options.seed = number;
    if (words[i] == "--rounds") options.rounds = static_cast<int>(number);
  }
  return crash::Run(options);
}
