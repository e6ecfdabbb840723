// Facts, counts and the status index; see task_groups.h.
#include "engine/task_groups.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "engine/families.h"
#include "engine/varint.h"
#include "schema/conversions.h"

namespace obviews::engine {
namespace {

constexpr char kFactsVersion = 1;
constexpr char kCountsVersion = 1;
constexpr size_t kHeadSize = 16;
// What completion_ts holds until a task is done.
constexpr int64_t kUnset = -1;

/// Whether a view can show it as a time.
bool IsShown(int64_t usec) {
  return usec >= schema::kMinLocalUsec && usec <= schema::kMaxLocalUsec;
}

uint64_t Checksum(std::string_view key, std::string_view bytes) {
  uint64_t head = 0;
  std::memcpy(&head, bytes.data(), sizeof head);
  uint64_t seed = XXH3_64bits_withSeed(key.data(), key.size(), head);
  return XXH3_64bits_withSeed(bytes.data() + kHeadSize, bytes.size() - kHeadSize, seed);
}

void Seal(std::string_view key, size_t start, std::string* out) {
  uint64_t checksum = Checksum(key, std::string_view(*out).substr(start));
  std::memcpy(out->data() + start + 8, &checksum, sizeof checksum);
}

bool IsSealed(std::string_view key, char version, std::string_view bytes) {
  if (bytes.size() < kHeadSize || bytes[0] != version) return false;
  uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + 8, sizeof checksum);
  return checksum == Checksum(key, bytes);
}

void PutText(std::string* out, std::string_view text) {
  PutVarint(out, text.size());
  out->append(text);
}

/// NULL is 0, a text its size and one.
void PutNullableText(std::string* out, const std::optional<std::string>& text) {
  PutVarint(out, text ? text->size() + 1 : 0);
  if (text) out->append(*text);
}

void PutTime(std::string* out, const std::optional<int64_t>& time) {
  out->push_back(static_cast<char>(time.has_value()));
  if (time) PutSigned(out, *time);
}

bool GetText(std::string_view* bytes, uint64_t size, std::string_view* text) {
  if (size > bytes->size()) return false;
  *text = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return true;
}

bool GetTime(std::string_view* bytes, std::optional<int64_t>* time) {
  if (bytes->empty()) return false;
  bool present = bytes->front() != 0;
  bytes->remove_prefix(1);
  int64_t value = 0;
  if (present && !GetSigned(bytes, &value)) return false;
  *time = present ? std::optional(value) : std::nullopt;
  return true;
}

void PutGroup(std::string* out, const TaskGroup& group) {
  PutText(out, group.status);
  PutNullableText(out, group.result);
  PutVarint(out, group.count);
  PutTime(out, group.min_start);
  PutTime(out, group.max_completion);
}

bool GetGroup(std::string_view* bytes, BlockGroup* group, uint64_t* count) {
  uint64_t size = 0;
  if (!GetVarint(bytes, &size) || !GetText(bytes, size, &group->status)) return false;
  if (!GetVarint(bytes, &size)) return false;
  group->result.reset();
  if (size > 0 && !GetText(bytes, size - 1, &group->result.emplace())) return false;
  return GetVarint(bytes, count) && GetTime(bytes, &group->min_start) &&
         GetTime(bytes, &group->max_completion);
}

bool SameResult(const std::optional<std::string>& a, const std::optional<std::string_view>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b);
}

uint8_t CodeWidth(size_t groups) {
  return groups <= 1     ? 0
         : groups <= 2   ? 1
         : groups <= 4   ? 2
         : groups <= 16  ? 4
         : groups <= 256 ? 8
                         : 16;
}

size_t CodesSize(uint32_t rows, uint8_t width) { return (size_t{rows} * width + 7) / 8; }

}  // namespace

TaskFacts FactsOf(const RecordView& task) {
  TaskFacts facts{.status = task.Text(schema::TaskFields::kStatus),
                  .start = task.Int(schema::TaskFields::kStart),
                  .completion = task.Int(schema::TaskFields::kCompletion)};
  if (!task.IsNull(schema::TaskFields::kResult))
    facts.result = task.Text(schema::TaskFields::kResult);
  return facts;
}

TaskFacts FactsOf(const schema::Record& task) {
  TaskFacts facts{.status = std::get<std::string>(task[schema::TaskFields::kStatus]),
                  .start = std::get<int64_t>(task[schema::TaskFields::kStart]),
                  .completion = std::get<int64_t>(task[schema::TaskFields::kCompletion])};
  if (const auto* result = std::get_if<std::string>(&task[schema::TaskFields::kResult])) {
    facts.result = *result;
  }
  return facts;
}

void AddTimes(TaskGroup& group, const std::optional<int64_t>& min_start,
              const std::optional<int64_t>& max_completion) {
  if (min_start) group.min_start = std::min(group.min_start.value_or(*min_start), *min_start);
  if (max_completion) {
    group.max_completion =
        std::max(group.max_completion.value_or(*max_completion), *max_completion);
  }
}

void AddTo(TaskGroup& group, const TaskFacts& task) {
  ++group.count;
  AddTimes(group, IsShown(task.start) ? std::optional(task.start) : std::nullopt,
           task.completion != kUnset && IsShown(task.completion) ? std::optional(task.completion)
                                                                 : std::nullopt);
}

// ---- facts of a block

std::string_view BlockFacts::codes() const {
  return {reinterpret_cast<const char*>(codes_), CodesSize(rows_, width_)};
}

std::string_view BlockFacts::Parse(const Key& last, std::string_view bytes) {
  constexpr std::string_view kMalformed = "the facts of the block are malformed";
  EncodedKey key = EncodeKey(last);
  if (!IsSealed(AsView(key), kFactsVersion, bytes)) {
    return "the facts of the block have a wrong checksum or version";
  }
  width_ = static_cast<uint8_t>(bytes[1]);
  uint16_t rows = 0;
  std::memcpy(&rows, bytes.data() + 2, sizeof rows);
  rows_ = rows;
  std::string_view rest = bytes.substr(kHeadSize);
  uint64_t count = 0;
  if (!GetSigned(&rest, &first_task_)) return kMalformed;
  for (int64_t& time : times_) {
    if (!GetSigned(&rest, &time)) return kMalformed;
  }
  if (!GetVarint(&rest, &count) || count == 0 || count > rows_ || width_ != CodeWidth(count)) {
    return kMalformed;
  }
  groups_.resize(count);
  for (BlockGroup& group : groups_) {
    uint64_t tasks = 0;
    if (!GetGroup(&rest, &group, &tasks)) return kMalformed;
    group.count = static_cast<uint32_t>(tasks);
  }
  if (rest.size() != CodesSize(rows_, width_) + kUnpackSlack) return kMalformed;
  codes_ = reinterpret_cast<const unsigned char*>(rest.data());
  return {};
}

void BlockFactsBuilder::Add(int64_t task_id, const TaskFacts& task) {
  if (codes_.empty()) {
    first_task_ = task_id;
    times_[0] = times_[1] = task.start;
    times_[2] = times_[3] = task.completion;
  }
  times_[0] = std::min(times_[0], task.start);
  times_[1] = std::max(times_[1], task.start);
  times_[2] = std::min(times_[2], task.completion);
  times_[3] = std::max(times_[3], task.completion);
  auto is_it = [&](const TaskGroup& group) {
    return group.status == task.status && SameResult(group.result, task.result);
  };
  // Neighbours are often alike.
  size_t code = last_;
  if (code >= groups_.size() || !is_it(groups_[code])) {
    code =
        static_cast<size_t>(std::find_if(groups_.begin(), groups_.end(), is_it) - groups_.begin());
  }
  if (code == groups_.size()) {
    TaskGroup& group = groups_.emplace_back();
    group.status = task.status;
    if (task.result) group.result = *task.result;
  }
  last_ = code;
  AddTo(groups_[code], task);
  codes_.push_back(static_cast<uint16_t>(code));
}

void BlockFactsBuilder::Encode(const Key& last, std::string* out) const {
  size_t start = out->size();
  auto rows = static_cast<uint32_t>(codes_.size());
  uint8_t width = CodeWidth(groups_.size());
  out->push_back(kFactsVersion);
  out->push_back(static_cast<char>(width));
  auto count = static_cast<uint16_t>(rows);
  out->append(reinterpret_cast<const char*>(&count), sizeof count);
  out->append(kHeadSize - 4, '\0');
  PutSigned(out, first_task_);
  for (int64_t time : times_) PutSigned(out, time);
  PutVarint(out, groups_.size());
  for (const TaskGroup& group : groups_) PutGroup(out, group);
  AppendPacked(rows, width, codes_, out);
  out->append(kUnpackSlack, '\0');
  EncodedKey key = EncodeKey(last);
  Seal(AsView(key), start, out);
}

// ---- counts of a job

JobCounts::Group& JobCounts::Find(std::string_view status,
                                  const std::optional<std::string_view>& result) {
  for (Group& group : groups) {
    if (group.status == status && SameResult(group.result, result)) return group;
  }
  uint32_t id = 0;
  auto taken = [&](const Group& group) { return group.id == id; };
  while (std::any_of(groups.begin(), groups.end(), taken)) ++id;
  Group& group = groups.emplace_back();
  group.id = id;
  group.status = status;
  if (result) group.result = *result;
  return group;
}

void AddGroup(const TaskGroup& from, JobCounts* counts) {
  std::optional<std::string_view> result;
  if (from.result) result = *from.result;
  JobCounts::Group& group = counts->Find(from.status, result);
  group.count += from.count;
  AddTimes(group, from.min_start, from.max_completion);
}

std::string EncodeCounts(std::string_view key, const JobCounts& counts) {
  std::string out(kHeadSize, '\0');
  out[0] = kCountsVersion;
  PutVarint(&out, counts.groups.size());
  for (const JobCounts::Group& group : counts.groups) {
    PutVarint(&out, group.id);
    PutGroup(&out, group);
  }
  Seal(key, 0, &out);
  return out;
}

bool DecodeCounts(std::string_view key, std::string_view bytes, JobCounts* counts) {
  if (!IsSealed(key, kCountsVersion, bytes)) return false;
  std::string_view rest = bytes.substr(kHeadSize);
  uint64_t size = 0;
  if (!GetVarint(&rest, &size) || size > rest.size()) return false;
  counts->groups.clear();
  for (uint64_t i = 0; i < size; ++i) {
    BlockGroup group;
    uint64_t id = 0;
    uint64_t tasks = 0;
    if (!GetVarint(&rest, &id) || !GetGroup(&rest, &group, &tasks)) return false;
    JobCounts::Group& added = counts->groups.emplace_back();
    added.id = static_cast<uint32_t>(id);
    added.status = group.status;
    if (group.result) added.result = *group.result;
    added.count = tasks;
    added.min_start = group.min_start;
    added.max_completion = group.max_completion;
  }
  return rest.empty();
}

std::string CountsKey(int64_t tenant_id, int64_t job_id, schema::RecordKind kind) {
  std::string out(17, '\0');
  PutOrderedInt(out.data(), tenant_id);
  PutOrderedInt(out.data() + 8, job_id);
  out[16] = static_cast<char>(kind);
  return out;
}

bool DecodeCountsKey(std::string_view bytes, int64_t* tenant_id, int64_t* job_id,
                     schema::RecordKind* kind) {
  if (bytes.size() != 17) return false;
  *tenant_id = GetOrderedInt(bytes.data());
  *job_id = GetOrderedInt(bytes.data() + 8);
  *kind = static_cast<schema::RecordKind>(bytes[16]);
  return *kind == schema::RecordKind::kImportTask ||
         *kind == schema::RecordKind::kImportTaskHistory;
}

// ---- the status index

std::string StatusKey(const StatusEntry& entry) {
  std::string out(36, '\0');
  PutOrderedInt(out.data(), entry.tenant_id);
  PutOrderedInt(out.data() + 8, entry.job_id);
  for (int i = 0; i < 4; ++i)
    out[16 + static_cast<size_t>(i)] = static_cast<char>(entry.group >> (24 - 8 * i));
  PutOrderedInt(out.data() + 20, entry.start);
  PutOrderedInt(out.data() + 28, entry.task_id);
  return out;
}

bool DecodeStatusKey(std::string_view bytes, StatusEntry* entry) {
  if (bytes.size() != 36) return false;
  entry->tenant_id = GetOrderedInt(bytes.data());
  entry->job_id = GetOrderedInt(bytes.data() + 8);
  entry->group = 0;
  for (size_t i = 16; i < 20; ++i) {
    entry->group = entry->group << 8 | static_cast<unsigned char>(bytes[i]);
  }
  entry->start = GetOrderedInt(bytes.data() + 20);
  entry->task_id = GetOrderedInt(bytes.data() + 28);
  return true;
}

}  // namespace obviews::engine
