// Samples of a recovery, and what `verify` says of them; see sample_reader.h.
#include "engine/sample_reader.h"

#include <fmt/format.h>

#include <optional>

#include "engine/family_walk.h"
#include "engine/task_groups.h"

namespace obviews::engine {
namespace {

std::string NameOf(const SampleOwner& owner) {
  const schema::RecordType& type = schema::GetRecordType(owner.kind);
  return fmt::format("{} {}", type.name, ToString(type, owner.job));
}

bool IsThere(const Database& database, const rocksdb::ReadOptions& options,
             const SampleOwner& owner) {
  using schema::RecordKind;
  // What cannot be read is there.
  auto has = [&](size_t family, std::string_view key) {
    rocksdb::PinnableSlice value;
    return !database.db().Get(options, database.family(family), AsSlice(key), &value).IsNotFound();
  };
  EncodedKey key = EncodeKey(owner.job);
  for (RecordKind kind : {owner.kind, schema::GetRecordType(owner.kind).twin}) {
    if (has(FamilyOf(kind), AsView(key))) return true;
  }
  if (owner.kind == RecordKind::kRestoreJob) {
    // Kept under the auxiliary tenant, whichever tenant's record there is.
    EncodedKey of_sys = EncodeKey({1, owner.job.job_id, 0});
    return has(FamilyOf(RecordKind::kRestoreJob), AsView(of_sys)) ||
           has(FamilyOf(RecordKind::kRestoreJobHistory), AsView(of_sys));
  }
  if (owner.kind != RecordKind::kImportJob) return false;
  // Tasks may be all there is of an import.
  for (RecordKind kind : {RecordKind::kImportTask, RecordKind::kImportTaskHistory}) {
    if (has(kTaskCountsFamily, CountsKey(owner.job.tenant_id, owner.job.job_id, kind))) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<ProgressSample>> ReadSamples(const Database& database,
                                                const rocksdb::ReadOptions& options,
                                                const SampleOwner& owner) {
  std::vector<ProgressSample> out;
  const std::string prefix = SamplePrefix(owner);
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(options, database.family(kSampleFamily)));
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    ProgressSample sample;
    if (!DecodeSample(AsView(at->key()), AsView(at->value()), &sample)) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("a progress sample of {} in column family sample is damaged; "
                              "`obviewsctl rebuild` removes it",
                              NameOf(owner)));
    }
    out.push_back(sample);
  }
  if (at->status().ok()) return out;
  return Fail(
      TranslateError(at->status(), database.directory(), "reading column family sample of"));
}

bool CheckSamples(const Database& database, const rocksdb::ReadOptions& options,
                  VerifyReport* report) {
  std::optional<SampleOwner> last;
  size_t count = 0;
  FamilyWalk walk(database, options, kSampleFamily);
  for (; walk.Valid(); walk.Next()) {
    SampleOwner owner;
    int64_t time = 0;
    ProgressSample sample;
    if (!DecodeSampleKey(walk.key(), &owner, &time)) {
      report->damage.push_back(
          fmt::format("column family sample: a malformed key of {} bytes", walk.key().size()));
      continue;
    }
    if (!DecodeSample(walk.key(), walk.value(), &sample)) {
      report->damage.push_back(
          fmt::format("column family sample: a sample of {} is damaged", NameOf(owner)));
    }
    bool first = last != owner;
    count = first ? 1 : count + 1;
    last = owner;
    if (first && !IsThere(database, options, owner)) {
      report->notices.push_back(
          fmt::format("column family sample: samples of {}, which is not there", NameOf(owner)));
    }
    if (count == kMaxSamples + 1) {
      report->problems.push_back(fmt::format("column family sample: more than {} samples of {}",
                                             kMaxSamples, NameOf(owner)));
    }
  }
  for (const std::string& line : walk.damage()) report->damage.push_back(line);
  return walk.damage().empty();
}

}  // namespace obviews::engine
