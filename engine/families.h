// Column families, their keys and the RocksDB options every open uses. Internal to engine/.
//
//   default      "format" -> store format version; "\0" -> commit stamps; ("sequence", which,
//                tenant_id) -> the last id given out; ("prepared", xid) -> changes (prepared.h)
//   <kind>       one per record kind: key triple -> record; of history tasks: the key triple of the
//                last record of a block -> block (record_block.h)
//   task_index   live tasks: (tenant_id, task_id, kind) -> job_id
//   task_status  live tasks: (tenant_id, job_id, group, start_ts, task_id) -> completion_ts
//   task_facts   history tasks: key of a block -> what a scan must know to skip it (task_groups.h)
//   task_counts  (tenant_id, job_id, kind) -> how many tasks of which status and result
//   link         (kind, initiator tenant_id and job_id, tenant_id, job_id) -> nothing: jobs by
//   their
//                initiator; (0, tenant_id, job_id) -> nothing: sys recover jobs that are driven
//                here
//   sample       (kind, tenant_id, job_id, time) -> what a recovery had reached (sample.h)
//   text         (kind, key triple, field) -> a text too long to live in its record
//   tenant       tenant_id -> mode and name
//
// Every commit leaves its number under the key "\0" of each family it changes, and a list of these
// numbers in the default family, so that a family that lost commits is noticed. "\0" sorts before
// every record key.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"

namespace obviews::engine {

/// Positions in the list of families; record kinds follow in the order of RecordKind.
enum FamilyIndex : size_t {
  kDefaultFamily = 0,
  kTaskIndexFamily,
  kTextFamily,
  kTenantFamily,
  kTaskStatusFamily,
  kTaskFactsFamily,
  kTaskCountsFamily,
  kLinkFamily,
  kSampleFamily,
  kFirstKind
};

inline size_t FamilyOf(schema::RecordKind kind) {
  return kFirstKind + static_cast<size_t>(kind) - 1;
}

/// Names of all families, in the order of FamilyIndex.
const std::vector<std::string>& FamilyNames();

inline constexpr std::string_view kFormatKey = "format";
/// In the default family while the indexes are being made anew.
inline constexpr std::string_view kRebuildKey = "rebuild";
inline constexpr std::string_view kStampKey = std::string_view("\0", 1);

/// Which commits made a state: the newest, and of each family the newest that changed it. Kept in
/// the default family; every other family keeps its own number beside its records, where a family
/// that loses writes loses it too.
struct Stamps {
  CommitStamp commit;
  std::vector<uint64_t> families = std::vector<uint64_t>(FamilyNames().size());
};
std::string EncodeStamps(const Stamps& stamps);
bool DecodeStamps(std::string_view bytes, Stamps* stamps);
std::string EncodeNumber(uint64_t number);
bool DecodeNumber(std::string_view bytes, uint64_t* number);

/// Key of a task in the index: 17 bytes.
std::string TaskIndexKey(int64_t tenant_id, int64_t task_id, schema::RecordKind kind);
bool DecodeTaskIndexKey(std::string_view bytes, int64_t* tenant_id, int64_t* task_id,
                        schema::RecordKind* kind);

/// What leads from an initiator to its jobs: keys of the link family. All links of one initiator
/// begin with LinkPrefix.
std::string LinkPrefix(schema::RecordKind kind, int64_t initiator_tenant, int64_t initiator_job);
std::string LinkKey(schema::RecordKind kind, int64_t initiator_tenant, int64_t initiator_job,
                    const Key& job);
/// The link of a job record; "" if it has no initiator, as tasks and sys recover jobs.
std::string LinkOf(const RecordView& record);
std::string LinkOf(const schema::Record& record);
/// Marks a sys recover job that is driven here.
std::string DrivenKey(const Key& job);
inline constexpr std::string_view kDrivenPrefix = std::string_view("\0", 1);
/// The job a link leads to, or a mark is of. False if the key is neither.
bool DecodeLinkKey(std::string_view bytes, Key* job);

/// Where the last id that a sequence of a tenant gave out is kept.
std::string SequenceKey(Sequence sequence, int64_t tenant_id);

/// Key of an external text.
std::string TextKey(schema::RecordKind kind, const Key& key, uint16_t field);
bool DecodeTextKey(std::string_view bytes, schema::RecordKind* kind, Key* key, uint16_t* field);

std::string EncodeTenant(const Tenant& tenant);
/// "tenant 1002", or what is wrong with the key.
std::string NameTenantKey(std::string_view key);
bool DecodeTenant(std::string_view key, std::string_view value, Tenant* tenant);

/// Without a log of RocksDB's own.
rocksdb::DBOptions DatabaseOptions();
/// Of the families named, which those of a newer format may be among. Every open has a block cache
/// of its own.
std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors(
    const std::vector<std::string>& names);

}  // namespace obviews::engine
