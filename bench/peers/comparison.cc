// Loads, checks and times; see comparison.h.
#include "bench/peers/comparison.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <random>

#include "bench/peers/process.h"
#include "bench/peers/timing.h"

namespace obviews::bench {
namespace {

constexpr int64_t kInsertsARound = 50;
constexpr size_t kUpdatesABatch = 1000;
constexpr int64_t kFailedTenant = 1006;
constexpr int64_t kFailedJob = 20;
constexpr double kMilli = 1e3;
constexpr double kMicro = 1e6;
constexpr double kMebi = 1024 * 1024;

/// A file that grows by what a durable insert writes at least.
class Disk {
 public:
  explicit Disk(const std::string& directory)
      : path_(directory + "/fsync"),
        fd_(open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {}
  ~Disk() {
    close(fd_);
    std::remove(path_.c_str());
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  bool Append() {
    static constexpr std::array<char, 320> kBytes = {};
    return write(fd_, kBytes.data(), kBytes.size()) == static_cast<ssize_t>(kBytes.size()) &&
           fdatasync(fd_) == 0;
  }

 private:
  std::string path_;
  int fd_;
};

void Say(const std::string& text) { std::cerr << text << '\n'; }

}  // namespace

Peers MakePeers(const std::string& system, const PeerOptions& options) {
  if (system == "obviews") return MakeObviewsPeers(options);
  if (system == "sqlite") return MakeSqlitePeers(options);
#ifdef OBVIEWS_HAVE_DUCKDB
  if (system == "duckdb") return MakeDuckDbPeers(options);
#endif
#ifdef OBVIEWS_HAVE_MARIADB
  if (options.mariadb_socket.empty()) return {};
  if (system == "innodb") return MakeInnoDbPeers(options);
  if (system == "myrocks") return MakeMyRocksPeers(options);
#endif
  return {};
}

const std::vector<Comparison::Query>& Comparison::Queries() {
  static const std::vector<Query> queries = {
      {"q1", "Q1 count STATUS='DOING'", "ms"},
      {"q1_updated", "Q1 with fresh updates", "ms"},
      {"q1b", "Q1b the same rows, 6 columns", "ms"},
      {"q2", "Q2 every row, all 29 columns", "ms"},
      {"q3", "Q3 count failed of one job", "ms"},
      {"q4", "Q4 one row by full key", "µs"},
      {"q5", "Q5 counts by tenant, job, status", "ms"},
      {"q6", "Q6 durable insert", "µs"},
      {"updates", "durable updates, 1000 a batch", "rows/s", true},
      {"load", "bulk load", "rows/s", true},
      {"bytes", "bytes a row on disk", "B"},
      {"memory", "peak memory of Q2", "MiB"},
  };
  return queries;
}

void Comparison::Add(const std::string& query, const Peer& peer, double value) {
  measured_[query][std::string(peer.id())].push_back(value);
}

std::vector<Peer*> Comparison::Writers() {
  std::vector<Peer*> writers;
  for (auto& peer : peers_) {
    if (peer->writes()) writers.push_back(peer.get());
  }
  return writers;
}

void Comparison::OpenAll() {
  std::filesystem::create_directories(options_.peers.directory);
  for (const std::string& system : options_.systems) {
    Peers peers = MakePeers(system, options_.peers);
    Status opened;
    for (auto& peer : peers) {
      if (opened && peer->writes()) opened = peer->Open(true);
    }
    if (peers.empty() || !opened) {
      std::string reason =
          peers.empty() ? "not here, and could not be fetched or started" : opened.error().message;
      Say(fmt::format("{} is left out: {}", system, reason));
      missing_.emplace_back(system, reason);
      continue;
    }
    std::move(peers.begin(), peers.end(), std::back_inserter(peers_));
  }
}

Status Comparison::LoadAll() {
  for (Peer* peer : Writers()) {
    OBVIEWS_ASSIGN_OR_RETURN(double seconds, peer->BulkLoad({&data_, 0, data_.history()}));
    OBVIEWS_RETURN_IF_ERROR(peer->Settle());
    OBVIEWS_ASSIGN_OR_RETURN(uint64_t bytes, peer->DiskBytes());
    double rows = static_cast<double>(data_.history());
    Add("load", *peer, rows / seconds);
    Add("bytes", *peer, static_cast<double>(bytes) / rows);
    OBVIEWS_RETURN_IF_ERROR(peer->BulkLoad({&data_, data_.history(), data_.rows()}));
    OBVIEWS_RETURN_IF_ERROR(peer->Settle());
    Say(fmt::format("loaded {:12} {:6.1f} s", peer->title(), seconds));
  }
  return {};
}

Key Comparison::RandomKey(size_t n) const {
  std::mt19937_64 random(n);
  TaskRow row;
  data_.Make(static_cast<int64_t>(random() % static_cast<uint64_t>(data_.history())), &row);
  return {row.tenant_id(), row.job_id(), row.task_id()};
}

Status Comparison::Agree(const std::string& what, const Ask& ask) {
  Answer first;
  for (const auto& peer : peers_) {
    OBVIEWS_RETURN_IF_ERROR(peer->Prepare());
    OBVIEWS_ASSIGN_OR_RETURN(Answer answer, ask(*peer, 0));
    if (peer == peers_.front()) first = answer;
    if (answer != first) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("answers differ: {}: {} says {} rows, sum {}; {} says {} rows, sum "
                              "{}",
                              what, peers_.front()->title(), first.rows, first.sum, peer->title(),
                              answer.rows, answer.sum));
    }
  }
  return {};
}

Status Comparison::Check(const std::string& when, const Answer* expected) {
  OBVIEWS_RETURN_IF_ERROR(Agree("all values " + when, [&](Peer& peer, size_t) -> Result<Answer> {
    OBVIEWS_ASSIGN_OR_RETURN(Answer answer, peer.Fingerprint());
    if (expected != nullptr && answer != *expected) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("{} does not hold the rows it was given", peer.title()));
    }
    return answer;
  }));
  OBVIEWS_RETURN_IF_ERROR(Agree("Q1 " + when, [](Peer& p, size_t) { return p.CountStatus(); }));
  OBVIEWS_RETURN_IF_ERROR(Agree("Q1b " + when, [](Peer& p, size_t) { return p.ReadStatus(); }));
  OBVIEWS_RETURN_IF_ERROR(Agree("Q2 " + when, [](Peer& p, size_t) { return p.RenderAll(); }));
  OBVIEWS_RETURN_IF_ERROR(Agree(
      "Q3 " + when, [](Peer& p, size_t) { return p.CountFailedOfJob(kFailedTenant, kFailedJob); }));
  for (size_t n = 0; n < 20; ++n) {
    OBVIEWS_RETURN_IF_ERROR(
        Agree("Q4 " + when, [&](Peer& p, size_t) { return p.PointRow(RandomKey(n)); }));
  }
  return Agree("Q5 " + when, [](Peer& p, size_t) { return p.CountGroups(); });
}

Status Comparison::Time(const std::string& query, double scale, const Ask& ask) {
  for (int round = 0; round < options_.rounds; ++round) {
    for (size_t turn = 0; turn < peers_.size(); ++turn) {
      // Who comes first changes, so that nobody always follows the same neighbour.
      Peer& peer = *peers_[(turn + static_cast<size_t>(round)) % peers_.size()];
      OBVIEWS_RETURN_IF_ERROR(peer.Prepare());
      size_t n = static_cast<size_t>(round) * kMostAsked;
      OBVIEWS_ASSIGN_OR_RETURN(double seconds, TypicalSeconds([&]() -> Status {
                                 OBVIEWS_RETURN_IF_ERROR(ask(peer, n++));
                                 return {};
                               }));
      Add(query, peer, seconds * scale);
    }
  }
  Say(fmt::format("timed  {}", query));
  return {};
}

Status Comparison::TimeReads() {
  OBVIEWS_RETURN_IF_ERROR(Time("q1", kMilli, [](Peer& p, size_t) { return p.CountStatus(); }));
  OBVIEWS_RETURN_IF_ERROR(Time("q1b", kMilli, [](Peer& p, size_t) { return p.ReadStatus(); }));
  OBVIEWS_RETURN_IF_ERROR(Time("q2", kMilli, [](Peer& p, size_t) { return p.RenderAll(); }));
  OBVIEWS_RETURN_IF_ERROR(Time(
      "q3", kMilli, [](Peer& p, size_t) { return p.CountFailedOfJob(kFailedTenant, kFailedJob); }));
  // Made beforehand: making a key takes a good part of what finding its row does.
  std::vector<Key> keys;
  for (size_t n = 0; n < 4096; ++n) keys.push_back(RandomKey(n));
  OBVIEWS_RETURN_IF_ERROR(
      Time("q4", kMicro, [&](Peer& p, size_t n) { return p.PointRow(keys[n % keys.size()]); }));
  return Time("q5", kMilli, [](Peer& p, size_t) { return p.CountGroups(); });
}

Status Comparison::TimeUpdates(std::string_view status) {
  std::vector<Key> keys;
  TaskRow row;
  for (int64_t n = data_.history(); n < data_.rows(); ++n) {
    data_.Make(n, &row);
    keys.push_back({row.tenant_id(), row.job_id(), row.task_id()});
  }
  std::shuffle(keys.begin(), keys.end(), std::mt19937_64(static_cast<uint64_t>(pass_++)));
  for (Peer* peer : Writers()) {
    OBVIEWS_RETURN_IF_ERROR(peer->Prepare());
    Status updated;
    double seconds = Seconds([&] {
      for (size_t at = 0; at < keys.size() && updated; at += kUpdatesABatch) {
        size_t count = std::min(kUpdatesABatch, keys.size() - at);
        updated = peer->UpdateStatus(std::span(keys).subspan(at, count), status);
      }
    });
    OBVIEWS_RETURN_IF_ERROR(updated);
    Add("updates", *peer, static_cast<double>(keys.size()) / seconds);
  }
  return {};
}

Status Comparison::TimeInserts() {
  Disk disk(options_.peers.directory);
  next_insert_ = data_.rows();
  for (int round = 0; round < options_.rounds; ++round) {
    std::vector<double> times;
    for (int64_t i = 0; i < kInsertsARound; ++i) {
      bool written = false;
      times.push_back(Seconds([&] { written = disk.Append(); }));
      if (!written) return Fail(ErrorCode::kInternal, "cannot write to the disk");
    }
    measured_["q6"]["disk"].push_back(Median(times) * kMicro);
    for (Peer* peer : Writers()) {
      OBVIEWS_RETURN_IF_ERROR(peer->Prepare());
      times.clear();
      TaskRow row;
      for (int64_t i = 0; i < kInsertsARound; ++i) {
        data_.Make(next_insert_ + i, &row);
        Status inserted;
        times.push_back(Seconds([&] { inserted = peer->Insert(row); }));
        OBVIEWS_RETURN_IF_ERROR(inserted);
      }
      Add("q6", *peer, Median(times) * kMicro);
    }
    next_insert_ += kInsertsARound;
  }
  return {};
}

Status Comparison::TimeWrites() {
  OBVIEWS_RETURN_IF_ERROR(TimeUpdates("DOING"));
  OBVIEWS_RETURN_IF_ERROR(Check("after updates", nullptr));
  OBVIEWS_RETURN_IF_ERROR(
      Time("q1_updated", kMilli, [](Peer& p, size_t) { return p.CountStatus(); }));
  for (int round = 1; round < options_.rounds; ++round) {
    OBVIEWS_RETURN_IF_ERROR(TimeUpdates(round % 2 == 1 ? "INIT" : "DOING"));
  }
  Say("timed  updates");
  OBVIEWS_RETURN_IF_ERROR(TimeInserts());
  Say("timed  q6");
  return Check("after inserts", nullptr);
}

Status Comparison::MeasureMemory() {
  for (const auto& peer : peers_) {
    if (int pid = peer->server_pid(); pid != 0) {
      ResetPeak(pid);
      OBVIEWS_RETURN_IF_ERROR(peer->RenderAll());
      Add("memory", *peer, static_cast<double>(ProcessMemory(pid, "VmHWM")) / kMebi);
    }
  }
  for (Peer* peer : Writers()) OBVIEWS_RETURN_IF_ERROR(peer->Close());
  for (const auto& peer : peers_) {
    if (peer->server_pid() != 0) continue;
    std::string command =
        fmt::format("'{}' --scan-memory {} --data '{}' --rows {} --live {}", options_.program,
                    peer->id(), options_.peers.directory, data_.history(), data_.live());
    FILE* child = popen(command.c_str(), "r");
    unsigned long long bytes = 0;
    bool read = child != nullptr && std::fscanf(child, "%llu", &bytes) == 1;
    if (child != nullptr && pclose(child) != 0) read = false;
    if (!read) return Fail(ErrorCode::kInternal, fmt::format("no memory of {}", peer->title()));
    Add("memory", *peer, static_cast<double>(bytes) / kMebi);
  }
  return {};
}

Status Comparison::Run() {
  OpenAll();
  if (peers_.empty()) return Fail(ErrorCode::kInternal, "no system is left");
  OBVIEWS_RETURN_IF_ERROR(LoadAll());
  Answer expected;
  TaskRow row;
  for (int64_t n = 0; n < data_.rows(); ++n) {
    RowHash hash;
    data_.Make(n, &row);
    hash.Add(row);
    ++expected.rows;
    expected.sum += hash.value();
  }
  OBVIEWS_RETURN_IF_ERROR(Check("after loading", &expected));
  Say("answers are equal");
  OBVIEWS_RETURN_IF_ERROR(TimeReads());
  OBVIEWS_RETURN_IF_ERROR(TimeWrites());
  Say("answers are still equal");
  return MeasureMemory();
}

nlohmann::json Comparison::ToJson() const {
  nlohmann::json out = {
      {"rows", data_.history()}, {"live_rows", data_.live()}, {"rounds", options_.rounds}};
  for (const auto& peer : peers_) {
    out["systems"].push_back(
        {{"id", peer->id()}, {"title", peer->title()}, {"version", peer->version()}});
  }
  out["missing"] = nlohmann::json::array();
  for (const auto& [system, reason] : missing_) {
    out["missing"].push_back({{"id", system}, {"reason", reason}});
  }
  for (const Query& query : Queries()) {
    nlohmann::json results;
    auto of_query = measured_.find(query.id);
    if (of_query == measured_.end()) continue;
    for (const auto& [system, values] : of_query->second) {
      results[system] = {{"median", Median(values)}, {"rounds", values}};
    }
    out["queries"].push_back({{"id", query.id},
                              {"title", query.title},
                              {"unit", query.unit},
                              {"more_is_better", query.more_is_better},
                              {"results", results}});
  }
  return out;
}

Result<uint64_t> ScanMemory(const std::string& peer_id, const ComparisonOptions& options) {
  uint64_t before = ProcessMemory(0, "VmRSS");
  for (const std::string system : {"obviews", "sqlite", "duckdb"}) {
    Peers peers = MakePeers(system, options.peers);
    bool is_here = std::any_of(peers.begin(), peers.end(),
                               [&](const auto& peer) { return peer->id() == peer_id; });
    if (!is_here) continue;
    for (auto& peer : peers) {
      if (peer->writes()) OBVIEWS_RETURN_IF_ERROR(peer->Open(false));
    }
    for (auto& peer : peers) {
      if (peer->id() != peer_id) continue;
      OBVIEWS_RETURN_IF_ERROR(peer->Prepare());
      OBVIEWS_RETURN_IF_ERROR(peer->RenderAll());
    }
    uint64_t peak = ProcessMemory(0, "VmHWM");
    for (auto& peer : peers) {
      if (peer->writes()) OBVIEWS_RETURN_IF_ERROR(peer->Close());
    }
    return peak - before;
  }
  return Fail(ErrorCode::kNotFound, fmt::format("no system {}", peer_id));
}

}  // namespace obviews::bench
