// Groups of tasks, those of one job with one status and one result, and how the store counts them.
// Internal to engine/, but for TaskGroup (store.h).
//
// Two forms are kept: for each block of history tasks its facts, which say of every record in which
// group it is, so that a scan by status looks only at the records it wants; and for each job the
// counts, so that its progress costs the same however many tasks it has.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/packed_column.h"
#include "engine/record_format.h"
#include "engine/store.h"
#include "schema/record.h"

namespace obviews::engine {

/// What of a task decides about its group. Borrows its texts.
struct TaskFacts {
  std::string_view status;
  std::optional<std::string_view> result = {};  ///< nullopt: NULL
  int64_t start = 0;
  int64_t completion = 0;
};
/// REQUIRES: a task whose status and result are not external, as ValidateRecord ensures.
TaskFacts FactsOf(const RecordView& task);
TaskFacts FactsOf(const schema::Record& task);

/// Counts a task into the group of its facts.
void AddTo(TaskGroup& group, const TaskFacts& task);
/// The times of `other` too.
void AddTimes(TaskGroup& group, const std::optional<int64_t>& min_start,
              const std::optional<int64_t>& max_completion);

// ---- facts of a block
//
//   0      format version (1)
//   1      width of a code
//   2..3   records n, little endian
//   4..7   zero
//   8..15  XXH3-64 of the encoded key, bytes 0..7 and bytes 16..end
//   16     first task id; smallest and largest start_ts; smallest and largest completion_ts; number
//          of groups, and of each: status, result, count, times; then a code a record, which group
//          it is in

/// One group of a block. Borrows its texts.
struct BlockGroup {
  std::string_view status;
  std::optional<std::string_view> result;
  uint32_t count = 0;
  std::optional<int64_t> min_start;
  std::optional<int64_t> max_completion;
};

/// The facts of one block, read in place. Reuse one object for many. Not thread-safe.
class BlockFacts {
 public:
  /// Borrows `bytes`. Returns why they are not the facts under this key, or "".
  std::string_view Parse(const Key& last, std::string_view bytes);

  uint32_t rows() const { return rows_; }
  int64_t first_task() const { return first_task_; }
  int64_t min_start() const { return times_[0]; }
  int64_t max_start() const { return times_[1]; }
  int64_t min_completion() const { return times_[2]; }
  int64_t max_completion() const { return times_[3]; }
  std::span<const BlockGroup> groups() const { return groups_; }
  /// Index into groups() of a record.
  uint32_t Code(uint32_t row) const { return static_cast<uint32_t>(Unpack(codes_, width_, row)); }
  /// Width of a code in bits, and the codes as they are packed.
  uint8_t code_width() const { return width_; }
  std::string_view codes() const;

 private:
  uint32_t rows_ = 0;
  int64_t first_task_ = 0;
  int64_t times_[4] = {};
  std::vector<BlockGroup> groups_;
  uint8_t width_ = 0;
  const unsigned char* codes_ = nullptr;
};

/// Collects the facts of a block, task by task in key order. Keeps no borrowed text.
class BlockFactsBuilder {
 public:
  void Add(int64_t task_id, const TaskFacts& task);
  std::span<const TaskGroup> groups() const { return groups_; }
  /// Appends the facts of the tasks so far, stored under the key of the last one.
  void Encode(const Key& last, std::string* out) const;

 private:
  std::vector<TaskGroup> groups_;
  std::vector<uint16_t> codes_;
  size_t last_ = 0;  ///< the group of the last task
  int64_t first_task_ = 0;
  int64_t times_[4] = {};
};

// ---- counts of a job

/// The groups of one job's live or history tasks.
struct JobCounts {
  struct Group : TaskGroup {
    uint32_t id = 0;  ///< live: its number in the status index
  };
  std::vector<Group> groups;

  /// The group of these texts, made with the smallest free number if there is none.
  Group& Find(std::string_view status, const std::optional<std::string_view>& result);
};

/// Adds the tasks of a group to those of a job.
void AddGroup(const TaskGroup& group, JobCounts* counts);

/// The counts as stored: a version, XXH3-64 over key and content, the groups.
std::string EncodeCounts(std::string_view key, const JobCounts& counts);
bool DecodeCounts(std::string_view key, std::string_view bytes, JobCounts* counts);

/// Key of a job's counts: 17 bytes, live and history side by side.
std::string CountsKey(int64_t tenant_id, int64_t job_id, schema::RecordKind kind);
bool DecodeCountsKey(std::string_view bytes, int64_t* tenant_id, int64_t* job_id,
                     schema::RecordKind* kind);

// ---- the status index of live tasks: (tenant_id, job_id, group, start_ts, task_id) ->
// completion_ts

struct StatusEntry {
  int64_t tenant_id = 0;
  int64_t job_id = 0;
  uint32_t group = 0;
  int64_t start = 0;
  int64_t task_id = 0;
};
std::string StatusKey(const StatusEntry& entry);
bool DecodeStatusKey(std::string_view bytes, StatusEntry* entry);

}  // namespace obviews::engine
