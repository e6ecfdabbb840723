// The record store: a RocksDB directory holding every record of table recoveries.
//
// A store is written by one process and read by any number. Readers open it as followers: they take
// no lock, write nothing into the directory, and every snapshot they take is one state across all
// record kinds (docs/storage.md says how that is ensured).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/field_set.h"
#include "engine/key_space.h"
#include "engine/record_format.h"
#include "engine/sample.h"
#include "schema/catalog.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::engine {

/// On-disk format of the whole store. A store of a higher version is refused.
inline constexpr uint32_t kStoreFormatVersion = 3;

enum class Access : uint8_t {
  kReadWrite,  ///< the one writer; takes the lock
  kReadOnly,   ///< takes no lock, sees the state at opening for ever
  kFollower,   ///< a store another process may be writing; every snapshot is as new as it can be
};

struct OpenOptions {
  Access access = Access::kFollower;
  bool create_if_missing = false;  ///< read-write only
  bool sync = true;                ///< a commit is on the disk when it returns
  bool for_rebuild = false;        ///< read-write only: also a store whose rebuild was cut short
};

/// A tenant the store knows of.
struct Tenant {
  int64_t id = 0;
  std::string name;  ///< "" while unknown
  bool mode_known = false;
  schema::Mode mode = schema::Mode::kMySql;
  friend bool operator==(const Tenant&, const Tenant&) = default;
};

/// What a tenant gives ids out of. The numbers are written to disk: do not change or reuse them.
enum class Sequence : uint8_t {
  kJob = 1,         ///< recover and import jobs
  kRestoreJob = 2,  ///< restore jobs; of the sys tenant alone
  kTask = 3,
};

/// The tasks of one job with one status and one result.
struct TaskGroup {
  std::string status;
  std::optional<std::string> result;  ///< nullopt: NULL
  uint64_t count = 0;
  /// Smallest start_ts that a view can show; microseconds. nullopt: no task has one.
  std::optional<int64_t> min_start;
  /// Largest completion_ts of the tasks that are done and that a view can show.
  std::optional<int64_t> max_completion;
};

/// Which commit a state is of.
struct CommitStamp {
  uint64_t number = 0;  ///< commits so far; 0 in a new store
  int64_t committed_usec =
      0;  ///< when the last one happened, microseconds since the epoch; 0: never
  friend bool operator==(const CommitStamp&, const CommitStamp&) = default;
};

/// Changes that are made together or not at all. Not thread-safe.
class Batch {
 public:
  /// Inserts, or replaces the record with the same key. A history record removes its live twin; a
  /// task removes the tenant's task of the same id in another job.
  void Put(schema::Record record);
  void Delete(schema::RecordKind kind, const Key& key);
  /// Sets fields of a record that the store has; the commit fails with kNotFound if it has not.
  /// Cheaper than reading the record and putting it. Made after all puts. REQUIRES: fields that are
  /// no part of the key.
  void Update(schema::RecordKind kind, const Key& key,
              std::vector<std::pair<size_t, schema::FieldValue>> fields);
  void PutTenant(Tenant tenant);

  /// The commit fails with kConflict, and changes nothing, unless the record is there and its field
  /// holds `value` when the changes are made. REQUIRES: `value` is no text longer than
  /// kMaxInlineText.
  void Expect(schema::RecordKind kind, const Key& key, size_t field, schema::FieldValue value);
  /// The same unless there is no such record.
  void ExpectAbsent(schema::RecordKind kind, const Key& key);
  /// Marks a live sys recover job, put by this batch, as one that is driven here. The mark goes
  /// with the record, and when the record is put without it.
  void Drive(const Key& job);
  /// Notes that ids up to `last` are given out.
  void UseIds(Sequence sequence, int64_t tenant_id, int64_t last);
  /// Takes a sample into those of a recovery, as SampleSeries::Add does. They go when their owner
  /// is deleted, not when it is put or moved to history.
  void PutSample(const SampleOwner& owner, const ProgressSample& sample);

  /// Whether there is nothing to change.
  bool empty() const { return size() == 0; }
  size_t size() const {
    return puts_.size() + deletes_.size() + updates_.size() + tenants_.size() + samples_.size();
  }
  /// Roughly the bytes a commit will write.
  size_t bytes() const { return bytes_; }

  struct Deletion {
    schema::RecordKind kind;
    Key key;
  };
  struct FieldUpdate {
    schema::RecordKind kind;
    Key key;
    std::vector<std::pair<size_t, schema::FieldValue>> fields;
  };
  struct Expectation {
    schema::RecordKind kind;
    Key key;
    bool present;
    size_t field;  ///< of a record that is to be present
    schema::FieldValue value;
  };
  struct Ids {
    Sequence sequence;
    int64_t tenant_id;
    int64_t last;
  };
  /// What is expected is looked at first. Then deletions are made, then puts in their order, then
  /// updates.
  const std::vector<Expectation>& expectations() const { return expectations_; }
  const std::vector<Key>& driven() const { return driven_; }
  const std::vector<Ids>& ids() const { return ids_; }
  const std::vector<std::pair<SampleOwner, ProgressSample>>& samples() const { return samples_; }
  const std::vector<Deletion>& deletes() const { return deletes_; }
  const std::vector<schema::Record>& puts() const { return puts_; }
  const std::vector<FieldUpdate>& updates() const { return updates_; }
  const std::vector<Tenant>& tenants() const { return tenants_; }

 private:
  std::vector<schema::Record> puts_;
  std::vector<Deletion> deletes_;
  std::vector<FieldUpdate> updates_;
  std::vector<Tenant> tenants_;
  std::vector<Expectation> expectations_;
  std::vector<Key> driven_;
  std::vector<Ids> ids_;
  std::vector<std::pair<SampleOwner, ProgressSample>> samples_;
  size_t bytes_ = 0;
};

struct CommitResult {
  uint64_t inserted = 0;
  uint64_t replaced = 0;
  uint64_t live_removed = 0;  ///< live twins of history records
};

/// Which groups of tasks a scan wants. Asked by one cursor at a time.
class GroupFilter {
 public:
  virtual ~GroupFilter() = default;
  virtual bool Accepts(std::string_view status, std::optional<std::string_view> result) const = 0;
};

/// What a scan need not look at.
struct ScanOptions {
  /// The fields that will be read. Reading another one of a record is an error of the caller.
  FieldSet fields = FieldSet::All();
  /// Tasks only: the groups whose records are wanted; the others are left out. Default: all.
  std::shared_ptr<const GroupFilter> groups = {};
  /// Tasks only: records are wanted whose start_ts and completion_ts are in these sets. What is
  /// known to be outside is left out; the caller tests the others.
  schema::RangeSet start = schema::RangeSet::All();
  schema::RangeSet completion = schema::RangeSet::All();
  /// The stretch of the key order to walk over, such as Snapshot::Split makes; both included.
  Key first = {schema::RangeSet::kMin, schema::RangeSet::kMin, schema::RangeSet::kMin};
  Key last = {schema::RangeSet::kMax, schema::RangeSet::kMax, schema::RangeSet::kMax};
  /// Progress only: the time it is told for, microseconds since the epoch. Default: when the
  /// snapshot was taken.
  std::optional<int64_t> now_usec = {};
};

/// A stretch of the key order; see ScanOptions.
struct Stretch {
  Key first;
  Key last;
};

class RecordBlock;

/// Walks the records of one kind inside a key space, in key order, skipping over what lies outside
/// by seeking. Not thread-safe; must not outlive its snapshot.
class RecordCursor {
 public:
  virtual ~RecordCursor() = default;
  /// Moves to the next record. False at the end. A damaged record is an error naming family and
  /// key.
  virtual Result<bool> Next() = 0;
  /// The record moved to; its bytes live until the next call of Next.
  virtual const RecordView& record() const = 0;
  /// Records looked at so far, those outside the key space included. What was left out without
  /// looking, such as whole blocks, does not count.
  virtual uint64_t records_read() const = 0;
  /// Counts the records from here to the end, reading of them no more than that takes.
  virtual Result<uint64_t> CountRest();

  /// Records of one block, for readers that take columns whole. Live until the cursor moves.
  struct Rows {
    const RecordBlock* block = nullptr;
    std::span<const uint32_t> rows;
  };
  /// Moves over the next records that are in one block. No rows at the end; no block, without
  /// moving, where the kind is not kept in blocks.
  virtual Result<Rows> NextRows() { return Rows(); }
};

/// Fetches single records by key, one after the other; cheaper than a scan for each. Not
/// thread-safe; must not outlive its snapshot.
class RecordLookup {
 public:
  virtual ~RecordLookup() = default;
  /// Whether there is a record of this key; then record() is it, until the next call. Damage is an
  /// error naming family and key.
  virtual Result<bool> Find(const Key& key) = 0;
  virtual const RecordView& record() const = 0;
};

/// Walks the jobs that have tasks inside a key space, in the order of tenant and job, live before
/// history. The space's tasks are not looked at. Not thread-safe; must not outlive its snapshot.
class GroupCursor {
 public:
  virtual ~GroupCursor() = default;
  /// Moves to the next job, or from its live to its history tasks. False at the end.
  virtual Result<bool> Next() = 0;
  virtual int64_t tenant_id() const = 0;
  virtual int64_t job_id() const = 0;
  virtual bool history() const = 0;
  /// In no order; lives until Next.
  virtual std::span<const TaskGroup> groups() const = 0;
};

/// One state of the store, across all record kinds. Thread-safe. Keeps what it needs of the store
/// alive.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::unique_ptr<RecordCursor> Scan(schema::RecordKind kind, const KeySpace& space,
                                             const ScanOptions& options = {}) const = 0;
  /// The same records, found by their task ids: of live tasks in the order (tenant, task), of
  /// history tasks in key order. REQUIRES: a kind with tasks.
  virtual std::unique_ptr<RecordCursor> ScanByTask(schema::RecordKind kind, const KeySpace& space,
                                                   const ScanOptions& options = {}) const = 0;
  /// Stretches that hold about `records` records each and together all of the key space, in key
  /// order, for scans at the same time. Tasks only: other kinds are few, and one stretch.
  virtual Result<std::vector<Stretch>> Split(schema::RecordKind kind, const KeySpace& space,
                                             uint64_t records) const = 0;
  /// The groups of tasks, from the counts that are kept of them. Without `times` the groups' times
  /// are left out, which is cheaper.
  virtual std::unique_ptr<GroupCursor> ScanGroups(const KeySpace& space, bool times) const = 0;
  /// For records of one kind of which only `fields` will be read.
  virtual std::unique_ptr<RecordLookup> Lookup(schema::RecordKind kind, FieldSet fields) const = 0;
  /// A text that lives under a key of its own.
  virtual Status ReadText(const RecordView& record, size_t field, std::string* out) const = 0;
  /// One whole record; kNotFound if there is none.
  virtual Result<schema::Record> Get(schema::RecordKind kind, const Key& key) const = 0;
  /// All fields of a record, external texts included.
  virtual Result<schema::Record> Materialise(const RecordView& record) const = 0;

  /// Jobs of a kind with this initiator, in the order of their keys. By key, not by a scan.
  virtual Result<std::vector<Key>> JobsOf(schema::RecordKind kind, int64_t initiator_tenant,
                                          int64_t initiator_job) const = 0;
  /// The live sys recover jobs that are driven here; see Batch::Drive.
  virtual Result<std::vector<Key>> DrivenJobs() const = 0;
  /// The last id noted by Batch::UseIds; 0: none.
  virtual Result<int64_t> LastId(Sequence sequence, int64_t tenant_id) const = 0;

  /// The samples of a recovery that are kept under this record of it, in the order of their times.
  virtual Result<std::vector<ProgressSample>> Samples(const SampleOwner& owner) const = 0;
  /// Live tasks of a job that are in a group, at most `limit`: the one that started last comes
  /// first. By index.
  virtual Result<std::vector<Key>> LatestTasks(const Key& job, const GroupFilter& groups,
                                               size_t limit) const = 0;
  /// The same the other way round: the one that started first comes first. Tasks whose start is not
  /// after 1970 are left out, for nobody knows when they started.
  virtual Result<std::vector<Key>> EarliestTasks(const Key& job, const GroupFilter& groups,
                                                 size_t limit) const = 0;

  virtual Result<std::vector<Tenant>> Tenants() const = 0;
  virtual CommitStamp stamp() const = 0;
  /// When it was taken, by the system's clock; microseconds since the epoch.
  virtual int64_t taken_usec() const = 0;
};

/// What `verify` found, each line naming the key.
struct VerifyReport {
  uint64_t records = 0;
  uint64_t texts = 0;
  std::vector<std::string> damage;    ///< bytes that are wrong, an index that disagrees
  std::vector<std::string> problems;  ///< sound bytes with a content no server writes
  std::vector<std::string> notices;   ///< worth knowing, harmless: links that lead nowhere
};

/// Facts for `stats`.
struct StoreStats {
  struct Family {
    std::string name;
    uint64_t records = 0;
    uint64_t value_bytes = 0;
    uint64_t disk_bytes = 0;
  };
  std::vector<Family> families;
  uint64_t disk_bytes = 0;
};

/// What a rebuild made anew.
struct RebuildReport {
  uint64_t live_tasks = 0;
  uint64_t history_tasks = 0;
  uint64_t blocks = 0;
};

/// An open store. Thread-safe.
class Store {
 public:
  /// Errors: kStoreMissing, kStoreLocked, kStoreUnreadable, kStoreNewer, kCorruption.
  /// A relative path is looked up once, here.
  static Result<std::unique_ptr<Store>> Open(const std::string& path, const OpenOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The present state. A follower catches up first.
  Result<std::shared_ptr<const Snapshot>> TakeSnapshot();

  /// Makes all changes of the batch, or none. Checks every record first (kInvalidArgument). Batches
  /// of several threads at the same time are written, and synced, together. Once writing has failed
  /// (kStoreUnreadable; kUndecided if it is only the sync) nothing can be committed until the store
  /// is opened anew; it can be read.
  /// REQUIRES: read-write access.
  Result<CommitResult> Commit(const Batch& batch);

  /// Writes everything out and closes; the destructor does the same and ignores errors.
  Status Close();

  /// What a person should know about this store, such as that its last writer did not close it.
  const std::vector<std::string>& notices() const;
  const std::string& directory() const;

  /// Reads every record and block. Errors are those that keep it from reading on.
  Result<VerifyReport> Verify();
  Result<StoreStats> Stats();

  /// Makes the indexes, facts and counts of tasks anew from the tasks. Readers are refused
  /// meanwhile, and after a crash until it was run again. kCorruption, and nothing is changed, if a
  /// task cannot be read. REQUIRES: read-write access.
  Result<RebuildReport> Rebuild();

  struct Impl;
  /// For engine/ alone: what a transaction keeps of the store.
  const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  explicit Store(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// Refuses what no store may hold: an SCN above 2^62-1, NULL in a NOT NULL field, a value of the
/// wrong type, a task whose STATUS or RESULT has more than kMaxInlineText bytes. kInvalidArgument
/// naming record and field.
Status ValidateRecord(const schema::Record& record);
/// Whether the value of a field, a number or the text of a pair, is an SCN above 2^62-1.
bool ScnTooLarge(const schema::Field& field, const schema::FieldValue& value);

}  // namespace obviews::engine
