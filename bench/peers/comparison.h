// One run of the comparison at one size: load, check that all systems answer the same, time them in
// turn, and hand over what was measured.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/peers/peer.h"

namespace obviews::bench {

struct ComparisonOptions {
  PeerOptions peers;
  int64_t history = 0;  ///< rows of finished jobs
  int64_t live = 0;     ///< rows of running jobs, all updated once before the second counting
  int rounds = 3;
  std::vector<std::string> systems;  ///< obviews, sqlite, duckdb, innodb, myrocks
  std::string program;               ///< this program, to be started again for measuring memory
};

/// The ways into one system; nothing if this program was built without it.
Peers MakePeers(const std::string& system, const PeerOptions& options);

/// Bytes of memory at the peak of a full scan above those before the store was opened. To be called
/// in a fresh process.
Result<uint64_t> ScanMemory(const std::string& peer_id, const ComparisonOptions& options);

/// Runs. Not thread-safe.
class Comparison {
 public:
  explicit Comparison(ComparisonOptions options)
      : options_(std::move(options)), data_(options_.history, options_.live) {}

  /// Errors: a system failed after it was opened, or answers differ.
  Status Run();
  /// What was measured, for the report.
  nlohmann::json ToJson() const;

 private:
  /// One thing that is measured.
  struct Query {
    std::string id;
    std::string title;
    std::string unit;
    bool more_is_better = false;
  };
  using Ask = std::function<Result<Answer>(Peer&, size_t)>;

  void OpenAll();
  Status LoadAll();
  Status TimeReads();
  Status TimeWrites();
  Status TimeUpdates(std::string_view status);
  Status TimeInserts();
  Status MeasureMemory();
  /// Every system holds these rows and answers every query alike. `expected`: hashes of all rows.
  Status Check(const std::string& when, const Answer* expected);
  /// The same answer from everyone, or an error naming who differs.
  Status Agree(const std::string& what, const Ask& ask);
  /// Asks all in turn, several rounds; the median time of a question is a round's figure.
  Status Time(const std::string& query, double scale, const Ask& ask);
  void Add(const std::string& query, const Peer& peer, double value);
  Key RandomKey(size_t n) const;
  std::vector<Peer*> Writers();

  ComparisonOptions options_;
  TaskData data_;
  Peers peers_;
  std::vector<std::pair<std::string, std::string>> missing_;
  std::map<std::string, std::map<std::string, std::vector<double>>> measured_;
  int64_t next_insert_ = 0;
  int pass_ = 0;

  static const std::vector<Query>& Queries();
};

}  // namespace obviews::bench
