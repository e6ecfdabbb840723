// Links and marks against jobs; see link_check.h.
#include "engine/link_check.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/family_walk.h"

namespace obviews::engine {
namespace {

using schema::RecordKind;
using schema::RecordType;

class LinkCheck {
 public:
  LinkCheck(const Database& database, const rocksdb::ReadOptions& options, VerifyReport* report)
      : database_(database), options_(options), report_(*report) {}

  bool Run() {
    for (const RecordType& type : schema::RecordTypes()) {
      if (!type.per_task) Expect(type);
    }
    // Damaged records are reported elsewhere; which links they had nobody knows.
    FamilyWalk walk(database_, options_, kLinkFamily);
    for (; walk.Valid(); walk.Next()) Look(walk.key());
    for (const std::string& line : walk.damage()) Damage(line);
    if (walk.damage().empty()) {
      for (const auto& [link, job] : expected_) Damage(fmt::format("{}: its link is missing", job));
    }
    return walk.damage().empty();
  }

 private:
  void Damage(std::string text) { report_.damage.push_back(std::move(text)); }

  void Expect(const RecordType& type) {
    FamilyWalk walk(database_, options_, FamilyOf(type.kind));
    for (; walk.Valid(); walk.Next()) {
      Key key;
      RecordView job;
      if (!DecodeKey(walk.key(), &key) || !job.Parse(type, key, walk.value()).empty()) {
        incomplete_ = true;
        continue;
      }
      if (type.kind == RecordKind::kRecoverJob) live_.insert(key);
      std::string link = LinkOf(job);
      if (!link.empty()) expected_[link] = fmt::format("{} {}", type.name, ToString(type, key));
    }
    incomplete_ |= !walk.damage().empty();
  }

  void Look(std::string_view entry) {
    Key job;
    if (!DecodeLinkKey(entry, &job)) {
      Damage(fmt::format("column family link: a malformed key of {} bytes", entry.size()));
    } else if (entry.starts_with(kDrivenPrefix)) {
      if (live_.contains(job) || incomplete_) return;
      Damage(
          fmt::format("column family link: recover job ({}, {}) is marked as driven, but is not "
                      "live",
                      job.tenant_id, job.job_id));
    } else if (expected_.erase(std::string(entry)) == 0 && !incomplete_) {
      Damage(fmt::format("column family link: a link to job ({}, {}), which has it not",
                         job.tenant_id, job.job_id));
    }
  }

  const Database& database_;
  rocksdb::ReadOptions options_;
  VerifyReport& report_;
  std::map<std::string, std::string> expected_;  ///< link -> the job it leads to
  std::set<Key> live_;                           ///< recover jobs
  bool incomplete_ = false;
};

}  // namespace

bool CheckLinks(const Database& database, const rocksdb::ReadOptions& options,
                VerifyReport* report) {
  return LinkCheck(database, options, report).Run();
}

}  // namespace obviews::engine
