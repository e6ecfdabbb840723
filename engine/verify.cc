// Reading a whole store: every record, text and index entry (verify), and what it amounts to
// (stats).
#include <fmt/format.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "engine/family_walk.h"
#include "engine/link_check.h"
#include "engine/prepared.h"
#include "engine/sample_reader.h"
#include "engine/store.h"
#include "engine/store_impl.h"
#include "engine/task_check.h"
#include "schema/conversions.h"
#include "schema/state_machines.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::RecordKind;
using schema::RecordType;

/// Fields holding microseconds that a view shows as a time.
bool IsTime(const schema::Field& field) {
  return field.type == schema::FieldType::kTime || field.name == "start_ts" ||
         field.name == "end_ts" || field.name == "completion_ts";
}

/// The counters of an import job, the same in live and history jobs.
struct ImportFields {
  static constexpr size_t kTotal =
      schema::FieldIndex<schema::fields::kImportJob>("total_table_count");
  static constexpr size_t kFinished =
      schema::FieldIndex<schema::fields::kImportJob>("finished_table_count");
  static constexpr size_t kFailed =
      schema::FieldIndex<schema::fields::kImportJob>("failed_table_count");
  static constexpr size_t kResult = schema::FieldIndex<schema::fields::kImportJob>("result");
};

/// How many records a value is.
uint64_t RecordsIn(std::string_view value, bool block) { return block ? BlockRows(value) : 1; }

class Verifier {
 public:
  explicit Verifier(const DatabaseSnapshot& snapshot)
      : snapshot_(snapshot),
        database_(snapshot.database()),
        options_(WithoutCache(snapshot.options())),
        tasks_(database_, options_, &report_) {}

  VerifyReport Run() {
    if (auto stamps = database_.ReadStamps(options_); !stamps) Damage(stamps.error().message);
    for (const RecordType& type : schema::RecordTypes()) CheckRecords(type);
    if (!tasks_.Finish()) unreadable_ = true;
    CheckTexts();
    CheckTenants();
    CheckPrepared(snapshot_, &report_);
    if (!CheckLinks(database_, options_, &report_)) unreadable_ = true;
    if (!CheckSamples(database_, options_, &report_)) unreadable_ = true;
    CheckBlocks();
    return std::move(report_);
  }

 private:
  static rocksdb::ReadOptions WithoutCache(rocksdb::ReadOptions options) {
    options.fill_cache = false;
    return options;
  }

  void Damage(std::string text) { report_.damage.push_back(std::move(text)); }

  FamilyWalk Walk(size_t family) { return {database_, options_, family}; }

  void CheckEnd(const FamilyWalk& walk) {
    unreadable_ |= !walk.damage().empty();
    for (const std::string& line : walk.damage()) Damage(line);
  }

  /// kUnreadable is damage that the walk over its family reports.
  enum class Presence : uint8_t { kThere, kAbsent, kUnreadable };
  Presence Find(size_t family, std::string_view key, rocksdb::PinnableSlice* value) {
    rocksdb::Status read =
        database_.db().Get(options_, database_.family(family), AsSlice(key), value);
    if (read.ok()) return Presence::kThere;
    return read.IsNotFound() ? Presence::kAbsent : Presence::kUnreadable;
  }

  /// The same of a record that may be in a block.
  bool IsAbsentRecord(RecordKind kind, const Key& key) {
    if (kind != RecordKind::kImportTaskHistory) return IsAbsent(kind, key);
    auto record = snapshot_.Get(kind, key);
    return !record && record.error().code == ErrorCode::kNotFound;
  }

  bool IsAbsent(RecordKind kind, const Key& key) {
    EncodedKey encoded = EncodeKey(key);
    rocksdb::PinnableSlice value;
    return Find(FamilyOf(kind), AsView(encoded), &value) == Presence::kAbsent;
  }

  void CheckRecords(const RecordType& type) {
    FamilyWalk walk = Walk(FamilyOf(type.kind));
    looked_at_ = LookAt(type);
    for (; walk.Valid(); walk.Next()) {
      Key key;
      if (!DecodeKey(walk.key(), &key)) {
        Damage(fmt::format("column family {}: a key of {} bytes", type.name, walk.key().size()));
      } else if (type.kind == RecordKind::kImportTaskHistory) {
        CheckBlock(type, key, walk.value());
      } else {
        CheckRecord(type, key, walk.value());
      }
    }
    if (!walk.damage().empty() && type.per_task) tasks_.SetIncomplete(type.history);
    CheckEnd(walk);
  }

  void CheckRecord(const RecordType& type, const Key& key, std::string_view bytes) {
    ++report_.records;
    RecordView record;
    std::string_view why = record.Parse(type, key, bytes);
    if (!why.empty()) {
      Damage(fmt::format("{} {}: {}", type.name, ToString(type, key), why));
      if (type.per_task) tasks_.SetIncomplete(false);
      return;
    }
    CheckRecord(record);
    if (type.per_task) {
      tasks_.AddLive(record);
    } else {
      CheckJob(record);
    }
  }

  void CheckBlock(const RecordType& type, const Key& last, std::string_view bytes) {
    std::string_view why = block_.Parse(type, last, bytes, FieldSet::All());
    if (!why.empty()) {
      Damage(fmt::format("block of {} ending at {}: {}", type.name, ToString(type, last), why));
      tasks_.SetIncomplete(true);
      return;
    }
    report_.records += block_.rows();
    for (uint32_t row = 0; row < block_.rows(); ++row) CheckRecord(RecordView(block_, row));
    tasks_.AddBlock(last, block_);
  }

  void CheckRecord(const RecordView& record) {
    CheckContent(record);
    CheckOwnTexts(record);
    CheckLink(record);
  }

  /// The fields whose content is looked at.
  struct Fields {
    std::optional<size_t> status;
    std::vector<size_t> checked;  ///< the status and the times
    std::vector<size_t> texts;
  };
  static Fields LookAt(const RecordType& type) {
    Fields out;
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const schema::Field& field = type.fields[i];
      if (field.name == "status") out.status = i;
      if (field.name == "status" || (IsTime(field) && !field.is_text())) out.checked.push_back(i);
      if (field.is_text()) out.texts.push_back(i);
    }
    return out;
  }

  static std::string NameOf(const RecordView& record) {
    return fmt::format("{} {}", record.type().name, ToString(record.type(), record.key()));
  }

  void CheckContent(const RecordView& record) {
    for (size_t field : looked_at_.checked) {
      if (record.IsNull(field)) continue;
      if (field != looked_at_.status) {
        CheckTime(record, field);
      } else if (!record.IsExternal(field)) {
        CheckStatus(record, record.Text(field));
      }
    }
  }

  static bool IsLegal(const RecordView& record, std::string_view status) {
    const auto& legal = record.type().statuses;
    return std::find(legal.begin(), legal.end(), status) != legal.end();
  }

  void CheckStatus(const RecordView& record, std::string_view status) {
    if (IsLegal(record, status)) return;
    report_.problems.push_back(
        fmt::format("{}: STATUS '{}' is not one a server writes", NameOf(record), status));
  }

  /// Whether the life of a job may have brought it to its status (BEHAVIOUR §2). Tasks are many,
  /// and all their legal statuses are those of one machine.
  void CheckJob(const RecordView& record) {
    size_t field = *looked_at_.status;
    if (record.IsNull(field) || record.IsExternal(field)) return;
    std::string_view status = record.Text(field);
    if (!IsLegal(record, status)) return;  // said already
    RecordKind kind = record.type().kind;
    if (kind == RecordKind::kRestoreJobHistory) return;  // only knows statuses that end a job
    schema::Machine machine = schema::MachineOf(kind, record.key().tenant_id);
    const schema::OutsideStatus* outside = schema::FindOutsideStatus(machine, status);
    if (record.type().history && !schema::IsFinished(machine, status)) {
      report_.problems.push_back(fmt::format("{}: no {} ends with STATUS '{}'", NameOf(record),
                                             schema::NameOf(machine), status));
    } else if (outside == nullptr && !schema::HasStatus(machine, status)) {
      report_.problems.push_back(fmt::format("{}: no {} has STATUS '{}'", NameOf(record),
                                             schema::NameOf(machine), status));
    } else if (outside != nullptr && outside->reason == schema::Outside::kNeverEntered) {
      report_.notices.push_back(fmt::format("{}: no {} goes through STATUS '{}'", NameOf(record),
                                            schema::NameOf(machine), status));
    }
    if (machine == schema::Machine::kImportJob && status == "IMPORT_FINISH") CheckTables(record);
  }

  /// The tables of an import job that ended have each finished or failed. Of one that was
  /// cancelled, or could not make its tasks, none is counted (BEHAVIOUR §2.3, §4).
  void CheckTables(const RecordView& record) {
    auto count = [&](size_t field) { return record.IsNull(field) ? 0 : record.Int(field); };
    int64_t total = count(ImportFields::kTotal);
    int64_t finished = count(ImportFields::kFinished);
    int64_t failed = count(ImportFields::kFailed);
    if (finished >= 0 && failed >= 0 && total >= finished && total - finished == failed) return;
    bool none_counted = finished == 0 && failed == 0;
    if (none_counted && IsFailed(record, ImportFields::kResult)) return;
    report_.notices.push_back(fmt::format("{}: ended with {} tables, but {} finished and {} failed",
                                          NameOf(record), total, finished, failed));
  }

  static bool IsFailed(const RecordView& record, size_t result) {
    // FAILED is written; the documentation says FAIL.
    return !record.IsNull(result) && !record.IsExternal(result) &&
           (record.Text(result) == "FAILED" || record.Text(result) == "FAIL");
  }

  void CheckTime(const RecordView& record, size_t field) {
    std::string_view name = record.type().fields[field].name;
    int64_t usec = record.Int(field);
    if (usec == schema::kZeroDatetimeUsec) return;  // shown as what it is, 0000-00-00
    if (usec == schema::kUnknownUsec) {
      report_.notices.push_back(
          fmt::format("{}: {} is not known; it displays NULL", NameOf(record), name));
    } else if (usec < schema::kMinLocalUsec || usec > schema::kMaxLocalUsec) {
      report_.problems.push_back(
          fmt::format("{}: {} = {} is outside the years a time can show; it displays NULL",
                      NameOf(record), name, usec));
    }
  }

  void CheckOwnTexts(const RecordView& record) {
    for (size_t at : looked_at_.texts) {
      if (!record.IsExternal(at)) continue;
      ExternalText text = record.External(at);
      std::string name = NameOf(record);
      rocksdb::PinnableSlice bytes;
      rocksdb::Status read =
          database_.db().Get(options_, database_.family(kTextFamily),
                             TextKey(record.type().kind, record.key(), text.field), &bytes);
      std::string_view field = record.type().fields[text.field].name;
      if (!read.ok()) {
        Damage(fmt::format("{}: its text {} cannot be read: {}", name, field, read.ToString()));
      } else if (bytes.size() != text.size || HashText(AsView(bytes)) != text.hash) {
        Damage(fmt::format("{}: its text {} has a wrong checksum", name, field));
      }
    }
  }

  /// Where a record says it comes from must exist, live or history (BEHAVIOUR §1).
  void CheckLink(const RecordView& record) {
    RecordKind kind = record.type().kind;
    Key parent{record.key().tenant_id, record.key().job_id, 0};
    RecordKind parent_kind = RecordKind::kImportJob;
    if (!record.type().per_task) {
      if (kind == RecordKind::kRestoreJob || kind == RecordKind::kRestoreJobHistory) return;
      auto value = [&](std::string_view field) {
        return record.Int(static_cast<size_t>(schema::FindField(record.type().fields, field)));
      };
      parent.tenant_id = value("initiator_tenant_id");
      parent.job_id = value("initiator_job_id");
      parent_kind = RecordKind::kRecoverJob;
      if (parent.job_id == 0) return;
    }
    // Tasks come job by job: ask once for each.
    if (parent_checked_ && parent == last_parent_ && parent_kind == last_parent_kind_) return;
    parent_checked_ = true;
    last_parent_ = parent;
    last_parent_kind_ = parent_kind;
    const RecordType& type = GetRecordType(parent_kind);
    if (!IsAbsent(parent_kind, parent) || !IsAbsent(type.twin, parent)) return;
    report_.notices.push_back(fmt::format("{}: its {} {} is not in the store", NameOf(record),
                                          record.type().per_task ? "import job" : "initiator job",
                                          ToString(type, parent)));
  }

  void CheckTexts() {
    FamilyWalk walk = Walk(kTextFamily);
    for (; walk.Valid(); walk.Next()) {
      ++report_.texts;
      RecordKind kind{};
      Key key;
      uint16_t field = 0;
      bool sound = DecodeTextKey(walk.key(), &kind, &key, &field) &&
                   static_cast<size_t>(kind) >= 1 &&
                   static_cast<size_t>(kind) <= schema::RecordTypes().size();
      if (!sound) {
        Damage(fmt::format("column family text: a malformed key of {} bytes", walk.key().size()));
      } else if (IsAbsentRecord(kind, key)) {
        Damage(fmt::format("column family text: a text of {} {}, which is not there",
                           GetRecordType(kind).name, ToString(GetRecordType(kind), key)));
      }
    }
    CheckEnd(walk);
  }

  void CheckTenants() {
    FamilyWalk walk = Walk(kTenantFamily);
    for (; walk.Valid(); walk.Next()) {
      Tenant tenant;
      if (DecodeTenant(walk.key(), walk.value(), &tenant)) continue;
      Damage(fmt::format("column family tenant: the record of {} is damaged",
                         NameTenantKey(walk.key())));
    }
    CheckEnd(walk);
  }

  /// Walking meets only the blocks that hold records: look at indexes and filters too, and at the
  /// disk rather than at cached blocks.
  void CheckBlocks() {
    if (unreadable_) return;
    for (const std::string& name : Tables()) {
      std::string path = database_.directory() + "/" + name;
      rocksdb::SstFileReader reader{rocksdb::Options()};
      rocksdb::Status checked = reader.Open(path);
      if (checked.ok()) checked = reader.VerifyChecksum(options_);
      if (checked.ok() || (!std::filesystem::exists(path) && IsReplaced(name))) continue;
      Damage(fmt::format("a table file is damaged: {}", checked.ToString()));
    }
  }

  std::vector<std::string> Tables() const {
    std::vector<rocksdb::LiveFileMetaData> tables;
    database_.db().GetLiveFilesMetaData(&tables);
    std::vector<std::string> names;
    names.reserve(tables.size());
    for (const auto& table : tables) names.push_back(table.relative_filename);
    return names;
  }

  /// Whether a table that has vanished since Tables() is no part of the store any more: the writer,
  /// in this process or another, replaced it, and a reader goes on with the file it holds open.
  bool IsReplaced(const std::string& name) const {
    const DirectoryState& opened = database_.opened_at();
    bool reader = !opened.current.empty();
    if (reader) return !ReadDirectoryState(database_.directory()).SameTables(opened);
    std::vector<std::string> now = Tables();
    return std::find(now.begin(), now.end(), name) == now.end();
  }

  const DatabaseSnapshot& snapshot_;
  const Database& database_;
  rocksdb::ReadOptions options_;
  VerifyReport report_;
  TaskCheck tasks_;
  Fields looked_at_;
  RecordBlock block_;
  bool unreadable_ = false;
  bool parent_checked_ = false;
  Key last_parent_;
  RecordKind last_parent_kind_ = RecordKind::kRecoverJob;
};

}  // namespace

Result<VerifyReport> Store::Verify() {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->Take());
  return Verifier(*snapshot).Run();
}

Result<StoreStats> Store::Stats() {
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, impl_->Take());
  const Database& database = snapshot->database();
  StoreStats stats;
  rocksdb::ReadOptions options = snapshot->options();
  options.fill_cache = false;
  for (size_t i = kTaskIndexFamily; i < FamilyNames().size(); ++i) {
    StoreStats::Family family;
    family.name = FamilyNames()[i];
    std::unique_ptr<rocksdb::Iterator> iterator(
        database.db().NewIterator(options, database.family(i)));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
      if (AsView(iterator->key()) == kStampKey) continue;
      family.records +=
          RecordsIn(AsView(iterator->value()), i == FamilyOf(RecordKind::kImportTaskHistory));
      family.value_bytes += iterator->value().size();
    }
    if (!iterator->status().ok()) {
      return Fail(TranslateError(iterator->status(), impl_->directory,
                                 fmt::format("reading column family {} of", family.name)));
    }
    database.db().GetIntProperty(database.family(i), rocksdb::DB::Properties::kTotalSstFilesSize,
                                 &family.disk_bytes);
    stats.families.push_back(std::move(family));
  }
  for (const FileInfo& file : ListFiles(impl_->directory)) stats.disk_bytes += file.size;
  return stats;
}

}  // namespace obviews::engine
