// One commit; see writer.h.
#include "engine/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/record_lookup.h"
#include "engine/sample_reader.h"
#include "engine/sequence.h"
#include "engine/task_writer.h"
#include "schema/quote.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

std::string Shown(const schema::FieldValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* scn = std::get_if<uint64_t>(&value)) return fmt::format("{}", *scn);
  if (const auto* text = std::get_if<std::string>(&value)) return schema::QuoteForMessage(*text);
  return "NULL";
}

/// What a field holds; of a text with a key of its own, which nobody can expect, what it is.
schema::FieldValue ValueOf(const RecordView& record, size_t field) {
  if (record.IsNull(field)) return std::monostate();
  const schema::Field& type = record.type().fields[field];
  if (type.is_text()) {
    return record.IsExternal(field) ? std::string("(a long text)")
                                    : std::string(record.Text(field));
  }
  if (type.type == schema::FieldType::kUint) return static_cast<uint64_t>(record.Int(field));
  return record.Int(field);
}

}  // namespace

Status CheckExpectation(const Batch::Expectation& expected, const schema::FieldValue* found) {
  bool as_expected =
      expected.present ? found != nullptr && *found == expected.value : found == nullptr;
  if (as_expected) return {};
  const RecordType& type = GetRecordType(expected.kind);
  std::string name = fmt::format("{} {}", type.name, ToString(type, expected.key));
  if (found == nullptr) {
    return Fail(ErrorCode::kConflict, fmt::format("{} is not there any more", name));
  }
  if (!expected.present)
    return Fail(ErrorCode::kConflict, fmt::format("{} is there already", name));
  return Fail(ErrorCode::kConflict,
              fmt::format("{}: its {} is {}, not {} any more", name,
                          type.fields[expected.field].name, Shown(*found), Shown(expected.value)));
}

Status Writer::Apply(std::span<const Batch* const> batches, std::vector<CommitResult>* results) {
  results->assign(batches.size(), {});
  std::vector<TaskChange> tasks;
  for (size_t i = 0; i < batches.size(); ++i) {
    const Batch& batch = *batches[i];
    CommitResult* result = &(*results)[i];
    auto add = [&](RecordKind kind, const Key& key) -> TaskChange* {
      if (!GetRecordType(kind).per_task) return nullptr;
      TaskChange& change = tasks.emplace_back();
      change.kind = kind;
      change.key = key;
      change.result = result;
      return &change;
    };
    for (const Batch::Expectation& expected : batch.expectations()) {
      if (auto* task = add(expected.kind, expected.key)) task->expected = &expected;
    }
    for (const Batch::Deletion& deletion : batch.deletes()) add(deletion.kind, deletion.key);
    for (const Record& record : batch.puts()) {
      if (auto* task = add(record.kind(), record.key())) task->put = &record;
    }
    for (const Batch::FieldUpdate& update : batch.updates()) {
      if (auto* task = add(update.kind, update.key)) task->update = &update;
    }
    OBVIEWS_RETURN_IF_ERROR(ApplyJobs(batch, result));
  }
  OBVIEWS_RETURN_IF_ERROR(WriteSamples());
  return TaskWriter(changes_).Apply(tasks);
}

Status Writer::ApplyJobs(const Batch& batch, CommitResult* result) {
  for (const Batch::Expectation& expected : batch.expectations()) {
    if (!GetRecordType(expected.kind).per_task) OBVIEWS_RETURN_IF_ERROR(Check(expected));
  }
  for (const Batch::Deletion& deletion : batch.deletes()) {
    if (GetRecordType(deletion.kind).per_task) continue;
    auto removed = RemoveJob(deletion.kind, deletion.key);
    if (!removed) return Fail(removed.error());
  }
  for (const Record& record : batch.puts()) {
    if (!record.type().per_task) OBVIEWS_RETURN_IF_ERROR(PutJob(record, result));
  }
  // Behind the puts: a job that is deleted and whose twin is put only moves.
  for (const Batch::Deletion& deletion : batch.deletes()) {
    const RecordType& type = GetRecordType(deletion.kind);
    if (!type.per_task) OBVIEWS_RETURN_IF_ERROR(RemoveSamples(type, deletion.key));
  }
  for (const Batch::FieldUpdate& update : batch.updates()) {
    if (!GetRecordType(update.kind).per_task) OBVIEWS_RETURN_IF_ERROR(UpdateJob(update, result));
  }
  for (const Key& job : batch.driven()) {
    OBVIEWS_RETURN_IF_ERROR(changes_.Put(kLinkFamily, DrivenKey(job), ""));
  }
  for (const Batch::Ids& ids : batch.ids()) OBVIEWS_RETURN_IF_ERROR(UseIds(ids));
  for (const Tenant& tenant : batch.tenants()) OBVIEWS_RETURN_IF_ERROR(PutTenant(tenant));
  for (const auto& [owner, sample] : batch.samples()) {
    OBVIEWS_ASSIGN_OR_RETURN(SampleSeries * series, LoadSamples(owner));
    series->Add(sample);
  }
  return {};
}

Result<Writer::Job*> Writer::Load(RecordKind kind, const Key& key) {
  size_t family = FamilyOf(kind);
  EncodedKey encoded = EncodeKey(key);
  auto [at, unknown] = jobs_.try_emplace({family, std::string(AsView(encoded))});
  if (!unknown) return &at->second;
  const Database& database = changes_.database();
  std::string bytes;
  rocksdb::Status read = database.db().Get(rocksdb::ReadOptions(), database.family(family),
                                           AsSlice(AsView(encoded)), &bytes);
  if (!read.IsNotFound()) OBVIEWS_RETURN_IF_ERROR(changes_.Check(read));
  if (read.ok()) at->second.bytes = std::move(bytes);
  return &at->second;
}

Result<Record> Writer::Read(const RecordType& type, const Key& key, const Job& job) {
  if (job.put) return *job.put;
  RecordView view;
  std::string_view why = view.Parse(type, key, *job.bytes);
  if (!why.empty()) return Fail(RecordDamage(type, key, why));
  return MaterialiseRecord(changes_.database(), rocksdb::ReadOptions(), view);
}

Status Writer::Check(const Batch::Expectation& expected) {
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(expected.kind, expected.key));
  if (!job->bytes) return CheckExpectation(expected, nullptr);
  if (job->put) return CheckExpectation(expected, &(*job->put)[expected.field]);
  // Of the field alone: the record may have texts that take longer to read than all else.
  const RecordType& type = GetRecordType(expected.kind);
  RecordView view;
  std::string_view why = view.Parse(type, expected.key, *job->bytes);
  if (!why.empty()) return Fail(RecordDamage(type, expected.key, why));
  schema::FieldValue found = ValueOf(view, expected.field);
  return CheckExpectation(expected, &found);
}

Result<bool> Writer::RemoveJob(RecordKind kind, const Key& key) {
  const RecordType& type = GetRecordType(kind);
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(kind, key));
  if (!job->bytes) return false;
  RecordView view;
  // Of a damaged record nobody knows which texts it had: remove all it may have had. Nor which
  // initiator: that its link leads nowhere then is for `verify` to say.
  bool damaged = !view.Parse(type, key, *job->bytes).empty();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    if (!damaged && !view.IsExternal(i)) continue;
    OBVIEWS_RETURN_IF_ERROR(
        changes_.Delete(kTextFamily, TextKey(kind, key, static_cast<uint16_t>(i))));
  }
  std::string link = damaged ? "" : LinkOf(view);
  if (!link.empty()) OBVIEWS_RETURN_IF_ERROR(changes_.Delete(kLinkFamily, link));
  if (kind == RecordKind::kRecoverJob && link.empty()) {
    OBVIEWS_RETURN_IF_ERROR(changes_.Delete(kLinkFamily, DrivenKey(key)));
  }
  *job = {};
  OBVIEWS_RETURN_IF_ERROR(changes_.Delete(FamilyOf(kind), AsView(EncodeKey(key))));
  return true;
}

Status Writer::PutJob(const Record& record, CommitResult* result) {
  const RecordType& type = record.type();
  Key key = record.key();
  OBVIEWS_ASSIGN_OR_RETURN(bool replaced, RemoveJob(type.kind, key));
  if (type.history) {
    OBVIEWS_ASSIGN_OR_RETURN(bool removed, RemoveJob(type.twin, key));
    if (removed) ++result->live_removed;
  }
  (replaced ? result->replaced : result->inserted) += 1;
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(type.kind, key));
  return WriteJob(record, job, [](size_t /*field*/) { return true; });
}

Status Writer::UpdateJob(const Batch::FieldUpdate& update, CommitResult* result) {
  const RecordType& type = GetRecordType(update.kind);
  OBVIEWS_ASSIGN_OR_RETURN(Job * job, Load(update.kind, update.key));
  if (!job->bytes) {
    return Fail(ErrorCode::kNotFound,
                fmt::format("no {} record {} to update", type.name, ToString(type, update.key)));
  }
  OBVIEWS_ASSIGN_OR_RETURN(Record record, Read(type, update.key, *job));
  auto is_long = [&](size_t field) {
    const auto* text = std::get_if<std::string>(&record[field]);
    return text != nullptr && text->size() > kMaxInlineText;
  };
  std::string old_link = LinkOf(record);
  for (const auto& [field, value] : update.fields) {
    if (is_long(field)) {
      OBVIEWS_RETURN_IF_ERROR(changes_.Delete(
          kTextFamily, TextKey(type.kind, update.key, static_cast<uint16_t>(field))));
    }
    record[field] = value;
  }
  OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  if (!old_link.empty()) OBVIEWS_RETURN_IF_ERROR(changes_.Delete(kLinkFamily, old_link));
  ++result->replaced;
  return WriteJob(record, job, [&](size_t field) {
    return std::any_of(update.fields.begin(), update.fields.end(),
                       [&](const auto& set) { return set.first == field; });
  });
}

template <class Changed>
Status Writer::WriteJob(const Record& record, Job* job, const Changed& changed) {
  RecordKind kind = record.kind();
  Key key = record.key();
  std::string bytes;
  std::vector<ExternalText> texts;
  EncodeRecord(record, &bytes, &texts);
  OBVIEWS_RETURN_IF_ERROR(changes_.Put(FamilyOf(kind), AsView(EncodeKey(key)), bytes));
  for (const ExternalText& text : texts) {
    if (!changed(text.field)) continue;
    OBVIEWS_RETURN_IF_ERROR(changes_.Put(kTextFamily, TextKey(kind, key, text.field),
                                         std::get<std::string>(record[text.field])));
  }
  std::string link = LinkOf(record);
  if (!link.empty()) OBVIEWS_RETURN_IF_ERROR(changes_.Put(kLinkFamily, link, ""));
  job->bytes = std::move(bytes);
  job->put = record;
  return {};
}

Status Writer::PutTenant(const Tenant& tenant) {
  std::string key(8, '\0');
  PutOrderedInt(key.data(), tenant.id);
  return changes_.Put(kTenantFamily, key, EncodeTenant(tenant));
}

Status Writer::UseIds(const Batch::Ids& ids) {
  std::string key = SequenceKey(ids.sequence, ids.tenant_id);
  auto [at, unknown] = last_ids_.try_emplace(key);
  if (unknown) {
    OBVIEWS_ASSIGN_OR_RETURN(at->second, ReadLastId(changes_.database(), rocksdb::ReadOptions(),
                                                    ids.sequence, ids.tenant_id));
  }
  if (ids.last <= at->second) return {};
  at->second = ids.last;
  return changes_.Put(kDefaultFamily, key, EncodeNumber(static_cast<uint64_t>(ids.last)));
}

Result<SampleSeries*> Writer::LoadSamples(const SampleOwner& owner) {
  auto at = samples_.find(owner);
  if (at == samples_.end()) {
    OBVIEWS_ASSIGN_OR_RETURN(auto there,
                             ReadSamples(changes_.database(), rocksdb::ReadOptions(), owner));
    SampleSeries series(there);
    at = samples_.emplace(owner, Samples{std::move(there), std::move(series)}).first;
  }
  return &at->second.after;
}

Status Writer::RemoveSamples(const RecordType& type, const Key& key) {
  OBVIEWS_ASSIGN_OR_RETURN(Job * twin, Load(type.twin, key));
  if (twin->bytes) return {};
  SampleOwner owner{type.history ? type.twin : type.kind, key};
  OBVIEWS_ASSIGN_OR_RETURN(SampleSeries * series, LoadSamples(owner));
  *series = SampleSeries();
  return {};
}

Status Writer::WriteSamples() {
  for (const auto& [owner, samples] : samples_) {
    auto after = samples.after.samples();
    for (const ProgressSample& old : samples.before) {
      bool stays = std::binary_search(
          after.begin(), after.end(), old,
          [](const auto& a, const auto& b) { return a.time_usec < b.time_usec; });
      if (stays) continue;
      OBVIEWS_RETURN_IF_ERROR(changes_.Delete(kSampleFamily, SampleKey(owner, old.time_usec)));
    }
    for (const ProgressSample& sample : after) {
      const auto& before = samples.before;
      if (std::find(before.begin(), before.end(), sample) != before.end()) continue;
      std::string key = SampleKey(owner, sample.time_usec);
      OBVIEWS_RETURN_IF_ERROR(changes_.Put(kSampleFamily, key, EncodeSample(key, sample)));
    }
  }
  return {};
}

}  // namespace obviews::engine
