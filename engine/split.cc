// Finding where to cut; see split.h.
#include "engine/split.h"

#include <fmt/format.h>

#include "engine/task_groups.h"

namespace obviews::engine {
namespace {

constexpr int64_t kMin = schema::RangeSet::kMin;
constexpr int64_t kMax = schema::RangeSet::kMax;

/// Collects stretches that follow each other without a gap.
class Stretches {
 public:
  explicit Stretches(uint64_t records) : wanted_(records) {}

  /// Adds records up to the key `last`, where a cut may be.
  void Add(const Key& last, uint64_t records) {
    count_ += records;
    if (count_ < wanted_ || last.task_id == kMax) return;
    out_.push_back({first_, last});
    first_ = {last.tenant_id, last.job_id, last.task_id + 1};
    count_ = 0;
  }

  std::vector<Stretch> Finish() {
    out_.push_back({first_, {kMax, kMax, kMax}});
    return std::move(out_);
  }

 private:
  uint64_t wanted_;
  uint64_t count_ = 0;
  Key first_{kMin, kMin, kMin};
  std::vector<Stretch> out_;
};

}  // namespace

Result<std::vector<Stretch>> SplitBlocks(const Database& database,
                                         const rocksdb::ReadOptions& options, const KeySpace& space,
                                         uint64_t records) {
  Stretches out(records);
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(options, database.family(kTaskFactsFamily)));
  BlockFacts facts;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    Key last;
    if (AsView(at->key()) == kStampKey) continue;
    // What is wrong with a key or with facts is for the scan to say.
    if (!DecodeKey(AsView(at->key()), &last)) continue;
    if (!space.tenants.Contains(last.tenant_id) || !space.jobs.Contains(last.job_id)) continue;
    if (facts.Parse(last, AsView(at->value())).empty()) out.Add(last, facts.rows());
  }
  if (!at->status().ok()) {
    return Fail(
        TranslateError(at->status(), database.directory(), "reading column family task_facts of"));
  }
  return out.Finish();
}

Result<std::vector<Stretch>> SplitJobs(GroupCursor& jobs, uint64_t records) {
  Stretches out(records);
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, jobs.Next());
    if (!more) return out.Finish();
    if (jobs.history()) continue;
    uint64_t count = 0;
    for (const TaskGroup& group : jobs.groups()) count += group.count;
    // The largest id of all is never a task of a server.
    out.Add({jobs.tenant_id(), jobs.job_id(), kMax - 1}, count);
  }
}

}  // namespace obviews::engine
