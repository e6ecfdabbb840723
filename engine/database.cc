// Opening and closing the database; see database.h.
#include "engine/database.h"

#include <fmt/format.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/utilities/transaction_db.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/info_log.h"
#include "engine/log_check.h"
#include "engine/process_end.h"

namespace obviews::engine {
namespace {

using Clock = std::chrono::steady_clock;

// A writer moves files while a reader opens; trying again is the cure.
constexpr std::chrono::seconds kOpenPatience{10};
constexpr std::chrono::milliseconds kOpenPause{5};
// Readers open within a fraction of this.
constexpr int kDeletionPatienceMs = 10000;
// So often a file may be missing from a store whose manifest stands still: an old log that is being
// deleted. A table would stay missing.
constexpr int kMissingFilePatience = 20;

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool SomeFileIsMissing(const rocksdb::Status& status) {
  return !status.ok() && Has(status.ToString(), "No such file");
}

/// Failures of the system rather than of stored bytes; RocksDB calls them corruption when it meets
/// them while reading its manifest.
bool IsSystemError(const std::string& text) {
  return Has(text, "Permission denied") || Has(text, "Too many open files") ||
         Has(text, "Input/output error") || Has(text, "Cannot allocate memory");
}

Error NotAStore(const std::string& directory) {
  return {ErrorCode::kStoreMissing,
          fmt::format("'{}' is a RocksDB database, but not a record store", directory)};
}

Error HalfCreated(const std::string& directory) {
  return {ErrorCode::kStoreMissing,
          fmt::format("the store at '{}' was never completely created; `obviewsctl load --db {} "
                      "FILE` completes it",
                      directory, directory)};
}

Error DamagedLog(const std::string& directory, const std::string& damage) {
  return {ErrorCode::kCorruption, fmt::format("opening store '{}': {}", directory, damage)};
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<std::vector<std::string>> ListFamilies(const std::string& directory) {
  std::vector<std::string> found;
  rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(DatabaseOptions(), directory, &found);
  if (!listed.ok()) return Fail(TranslateError(listed, directory, "opening"));
  return found;
}

/// The number of a table file; nullopt for other files.
std::optional<uint64_t> TableNumber(const std::string& name) {
  if (!name.ends_with(".sst")) return std::nullopt;
  uint64_t number = 0;
  auto parsed = std::from_chars(name.data(), name.data() + name.size() - 4, number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size() - 4) return std::nullopt;
  return number;
}

/// The number of the last commit that a table has something of; 0 if it cannot be told, as of a
/// table that is still being written.
uint64_t LastCommitIn(const std::string& path) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  if (!reader.Open(path).ok()) return 0;
  std::unique_ptr<rocksdb::Iterator> at(reader.NewIterator(rocksdb::ReadOptions()));
  at->Seek(AsSlice(kStampKey));
  uint64_t number = 0;
  // The stamps of the default family begin with that number too.
  bool stamped = at->Valid() && AsView(at->key()) == kStampKey && at->value().size() >= 8;
  return stamped && DecodeNumber(AsView(at->value()).substr(0, 8), &number) ? number : 0;
}

/// What a database with these families is: ours, one of ours whose creation was cut short, one that
/// may be either that or somebody else's (the first family comes first), or somebody else's.
enum class Kind : uint8_t { kStore, kFirstLayout, kSecondLayout, kHalfCreated, kBare, kForeign };
Kind KindOf(const std::vector<std::string>& found) {
  const auto& ours = FamilyNames();
  auto in_found = [&](const std::string& name) { return Contains(found, name); };
  if (std::all_of(ours.begin(), ours.end(), in_found)) return Kind::kStore;
  auto in_ours = [&](const std::string& name) { return Contains(ours, name); };
  if (!std::all_of(found.begin(), found.end(), in_ours)) return Kind::kForeign;
  auto all_but = [&](std::initializer_list<FamilyIndex> later) {
    return std::all_of(ours.begin(), ours.end(), [&](const std::string& name) {
      return in_found(name) || std::any_of(later.begin(), later.end(), [&](FamilyIndex family) {
               return name == FamilyNames()[family];
             });
    });
  };
  if (all_but({kLinkFamily})) return Kind::kSecondLayout;
  if (all_but({kTaskStatusFamily, kTaskFactsFamily, kTaskCountsFamily, kLinkFamily})) {
    return Kind::kFirstLayout;
  }
  return found.size() > 1 ? Kind::kHalfCreated : Kind::kBare;
}

bool IsOldLayout(Kind kind) { return kind == Kind::kFirstLayout || kind == Kind::kSecondLayout; }

Error OldLayout(const std::string& directory, Kind kind) {
  return {ErrorCode::kStoreUnreadable,
          fmt::format("store '{}' has format version {}, which this build no longer reads: write "
                      "it out with the `obviewsctl export` that made it, and load that into a new "
                      "store",
                      directory, kind == Kind::kFirstLayout ? 1 : 2)};
}

}  // namespace

Error TranslateError(const rocksdb::Status& status, std::string_view directory,
                     std::string_view doing) {
  std::string text = status.ToString();
  bool lock_refused = Has(text, "While lock file") && Has(text, "temporarily unavailable");
  if (lock_refused || Has(text, "lock hold by current process")) {
    std::string holder = LockHolder(std::string(directory));
    if (Has(text, "lock hold by current process")) {
      return {
          ErrorCode::kStoreLocked,
          fmt::format("store '{}' is open for writing in this process already: use that one, or "
                      "close it first",
                      directory)};
    }
    return {ErrorCode::kStoreLocked,
            fmt::format("store '{}' is being written by another process{}{}; stop it, or read the "
                        "store with dump-views, which needs no lock",
                        directory, holder.empty() ? "" : ", ", holder)};
  }
  if (status.IsNoSpace() || Has(text, "No space left") || Has(text, "File too large")) {
    return {ErrorCode::kStoreUnreadable,
            fmt::format("{} store '{}': no room on the disk; earlier changes are kept. Free some "
                        "room, then open the store anew ({})",
                        doing, directory, text)};
  }
  if (IsUnsynced(status)) {
    return {ErrorCode::kStoreUnreadable,
            fmt::format("{} store '{}': the disk fails; what was being written then may be kept or "
                        "not. Open the store anew ({})",
                        doing, directory, text)};
  }
  if (IsSystemError(text)) {
    return {ErrorCode::kStoreUnreadable,
            fmt::format("{} store '{}': {}{}", doing, directory, text,
                        Has(text, "Too many open files") ? "; raise `ulimit -n`" : "")};
  }
  if (SomeFileIsMissing(status)) {
    // RocksDB tries an old file ending last, and names that one.
    size_t ending = text.find(".ldb");
    if (ending != std::string::npos) text.replace(ending, 4, ".sst");
    return {ErrorCode::kCorruption, fmt::format("{} store '{}': a file of the store is missing: {}",
                                                doing, directory, text)};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::kCorruption,
            fmt::format("{} store '{}': stored data are damaged: {}", doing, directory, text)};
  }
  return {ErrorCode::kStoreUnreadable, fmt::format("{} store '{}': {}", doing, directory, text)};
}

bool IsUnsynced(const rocksdb::Status& status) {
  std::string text = status.ToString();
  return Has(text, "While fdatasync") || Has(text, "While fsync");
}

Database::~Database() { CloseFamilies(); }

void Database::CloseFamilies() {
  if (db_ == nullptr) return;
  // Closing deletes files too, unless it may not: then the next writer will.
  std::optional<DeletionLock> deleting;
  if (exchanges_ != nullptr) {
    deleting.emplace(directory_, DeletionLock::Mode::kExclusive, kDeletionPatienceMs);
    if (deleting->held()) db_->EnableFileDeletions(true).PermitUncheckedError();
  }
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  handles_.clear();
  db_->Close().PermitUncheckedError();
  db_.reset();
}

void Database::DeleteObsoleteFiles() {
  if (!exchanges_->happened()) return;
  DeletionLock deleting(directory_, DeletionLock::Mode::kExclusive, 0);
  if (!deleting.held()) return;
  exchanges_->Forget();
  db_->EnableFileDeletions(true).PermitUncheckedError();
  db_->DisableFileDeletions().PermitUncheckedError();
}

rocksdb::Status Database::OpenFamilies(const std::vector<std::string>& names, Access access,
                                       const rocksdb::DBOptions& options) {
  auto descriptors = FamilyDescriptors(names);
  rocksdb::DB* db = nullptr;
  handles_.clear();
  rocksdb::Status opened =
      access == Access::kReadWrite
          ? rocksdb::DB::Open(options, directory_, descriptors, &handles_, &db)
          : rocksdb::DB::OpenForReadOnly(options, directory_, descriptors, &handles_, &db);
  if (opened.ok() && access == Access::kReadWrite) {
    // TransactionDB::Open also turns compaction off and on again, which only its other write
    // policies need, and which writes the options anew for every family: 0.4 s.
    opened = rocksdb::TransactionDB::WrapDB(db, rocksdb::TransactionDBOptions(), {}, handles_,
                                            &transactions_);
    if (opened.ok()) db = transactions_;
  }
  db_.reset(db);
  static std::once_flag writers;
  static std::once_flag readers;
  std::call_once(access == Access::kReadWrite ? writers : readers, LetForkedChildrenEnd);
  return opened;
}

Result<std::shared_ptr<Database>> Database::OpenReader(const std::string& directory) {
  OBVIEWS_RETURN_IF_ERROR(CheckDirectory(directory, false));
  std::shared_ptr<Database> database(new Database(directory, false));
  auto give_up = Clock::now() + kOpenPatience;
  int missing = 0;
  for (;; std::this_thread::sleep_for(kOpenPause)) {
    // Without the lock, on a file system that has none, unchanged tables prove as much.
    DeletionLock keeping(directory, DeletionLock::Mode::kShared, kDeletionPatienceMs);
    DirectoryState before = ReadDirectoryState(directory);
    LogCheck logs = CheckLogs(directory, before);
    rocksdb::Status opened;
    if (logs.damage.empty()) {
      opened = database->OpenFamilies(FamilyNames(), Access::kReadOnly, DatabaseOptions());
    }
    // Failures met while the writer exchanged files say nothing.
    bool good = opened.ok() && logs.damage.empty();
    if ((good && keeping.held()) || ReadDirectoryState(directory).SameTables(before)) {
      if (!logs.damage.empty()) return Fail(DamagedLog(directory, logs.damage));
      if (good) {
        database->opened_at_ = std::move(before);
        database->torn_log_ = std::move(logs.torn);
        break;
      }
      if (!SomeFileIsMissing(opened) || ++missing > kMissingFilePatience) {
        auto found = ListFamilies(directory);
        Kind kind = found ? KindOf(*found) : Kind::kStore;
        if (found) OBVIEWS_RETURN_IF_ERROR(database->CheckTablesAreNamed(*found));
        if (kind == Kind::kForeign || kind == Kind::kBare) return Fail(NotAStore(directory));
        if (IsOldLayout(kind)) return Fail(OldLayout(directory, kind));
        if (kind == Kind::kHalfCreated) return Fail(HalfCreated(directory));
        return Fail(TranslateError(opened, directory, "opening"));
      }
    } else if (Clock::now() > give_up) {
      return Fail(ErrorCode::kStoreUnreadable,
                  fmt::format("opening store '{}': its writer exchanges files faster than they can "
                              "be opened; try again",
                              directory));
    }
    database->CloseFamilies();
  }
  OBVIEWS_RETURN_IF_ERROR(database->CheckContent());
  // A writer that goes on meanwhile has later commits in its tables, and changes the directory.
  Status lost = database->CheckNothingIsLost();
  if (!lost && ReadDirectoryState(directory) == database->opened_at()) return Fail(lost.error());
  return database;
}

Result<std::shared_ptr<Database>> Database::OpenWriter(const std::string& directory,
                                                       const OpenOptions& how) {
  bool create = how.create_if_missing;
  OBVIEWS_RETURN_IF_ERROR(CheckDirectory(directory, create));
  std::shared_ptr<Database> database(new Database(directory, how.for_rebuild));
  rocksdb::DBOptions options = DatabaseOptions();
  options.info_log = std::make_shared<InfoLog>(directory);
  std::vector<std::string> names = FamilyNames();
  bool complete = create;
  if (HasDatabase(directory)) {
    OBVIEWS_ASSIGN_OR_RETURN(names, ListFamilies(directory));
    Kind kind = KindOf(names);
    complete = create && kind != Kind::kStore;
    if (kind == Kind::kForeign) return Fail(NotAStore(directory));
    if (IsOldLayout(kind)) return Fail(OldLayout(directory, kind));
    if (!IsLocked(directory)) {
      if (kind == Kind::kStore) {
        LogCheck logs = CheckLogs(directory, ReadDirectoryState(directory));
        if (!logs.damage.empty()) return Fail(DamagedLog(directory, logs.damage));
        database->torn_log_ = std::move(logs.torn);
      }
      OBVIEWS_RETURN_IF_ERROR(database->CheckTablesAreNamed(names));
    }
    if (kind == Kind::kBare && !create) return Fail(NotAStore(directory));
    if (kind == Kind::kHalfCreated && !create) return Fail(HalfCreated(directory));
    if (complete) {
      OBVIEWS_RETURN_IF_ERROR(database->CheckEmpty(names));
      names = FamilyNames();
    }
  }
  options.create_if_missing = complete;
  options.create_missing_column_families = complete;
  database->exchanges_ = std::make_shared<FileExchanges>();
  options.listeners.push_back(database->exchanges_);
  {
    // Opening takes the logs in and deletes them.
    DeletionLock deleting(directory, DeletionLock::Mode::kExclusive, kDeletionPatienceMs);
    if (deleting.refused()) {
      return Fail(ErrorCode::kStoreLocked,
                  fmt::format("store '{}': readers open it without a pause; try again", directory));
    }
    bool logs = ReadDirectoryState(directory).log_bytes() > 0;
    rocksdb::Status opened = database->OpenFamilies(names, Access::kReadWrite, options);
    if (opened.ok() && logs) opened = database->LetGoOfLogs();
    if (!opened.ok()) return Fail(TranslateError(opened, directory, "opening"));
    rocksdb::Status kept = database->db_->DisableFileDeletions();
    if (!kept.ok()) return Fail(TranslateError(kept, directory, "opening"));
  }
  OBVIEWS_RETURN_IF_ERROR(database->FinishCreation());
  OBVIEWS_RETURN_IF_ERROR(database->CheckContent());
  return database;
}

rocksdb::Status Database::Write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch* batch) {
  rocksdb::TransactionDBWriteOptimizations alone;
  alone.skip_concurrency_control = true;
  return transactions_->Write(options, alone, batch);
}

rocksdb::Status Database::LetGoOfLogs() {
  std::string version;
  auto* family = handles_[kDefaultFamily];
  rocksdb::Status read = db_->Get(rocksdb::ReadOptions(), family, AsSlice(kFormatKey), &version);
  if (!read.ok()) return read.IsNotFound() ? rocksdb::Status() : read;
  rocksdb::Status written = db_->Put(rocksdb::WriteOptions(), family, AsSlice(kFormatKey), version);
  return written.ok() ? db_->Flush(rocksdb::FlushOptions(), handles_) : written;
}

Status Database::CheckTablesAreNamed() const {
  std::vector<rocksdb::LiveFileMetaData> named;
  db_->GetLiveFilesMetaData(&named);
  if (!named.empty() || !HasTables(directory_)) return {};
  return Fail(ErrorCode::kCorruption,
              fmt::format("opening store '{}': the manifest names no table, but tables are there: "
                          "it was cut short. Restore it from a copy; nothing was changed",
                          directory_));
}

Status Database::CheckNothingIsLost() const {
  std::vector<rocksdb::LiveFileMetaData> named;
  db_->GetLiveFilesMetaData(&named);
  uint64_t newest = 0;
  for (const auto& table : named) newest = std::max(newest, table.file_number);
  for (const FileInfo& file : ListFiles(directory_)) {
    auto number = TableNumber(file.name);
    if (!number || *number <= newest) continue;
    uint64_t commit = LastCommitIn(directory_ + "/" + file.name);
    if (commit <= stamps_.commit.number) continue;
    return Fail(ErrorCode::kCorruption,
                fmt::format("opening store '{}': {} holds commit {}, but the manifest ends at "
                            "commit {}: the manifest was cut short. Restore it from a copy; "
                            "nothing was changed",
                            directory_, file.name, commit, stamps_.commit.number));
  }
  return {};
}

Status Database::CheckTablesAreNamed(const std::vector<std::string>& names) {
  if (!HasTables(directory_)) return {};
  rocksdb::Status opened = OpenFamilies(names, Access::kReadOnly, DatabaseOptions());
  // A manifest without content; other hindrances are for the caller to meet.
  if (opened.IsCorruption() && KindOf(names) != Kind::kStore) {
    return Fail(TranslateError(opened, directory_, "opening"));
  }
  if (!opened.ok()) return {};
  Status checked = CheckTablesAreNamed();
  if (checked && KindOf(names) == Kind::kStore) {
    checked = CheckContent();
    // A creation that was cut short has no content yet.
    if (!checked && checked.error().code == ErrorCode::kStoreMissing) checked = {};
    if (checked) checked = CheckNothingIsLost();
  }
  CloseFamilies();
  return checked;
}

Status Database::CheckEmpty(const std::vector<std::string>& names) {
  rocksdb::Status opened = OpenFamilies(names, Access::kReadOnly, DatabaseOptions());
  if (!opened.ok()) return Fail(TranslateError(opened, directory_, "opening"));
  for (auto* family : handles_) {
    std::unique_ptr<rocksdb::Iterator> any(db_->NewIterator(rocksdb::ReadOptions(), family));
    any->SeekToFirst();
    if (any->Valid() || !any->status().ok()) return Fail(NotAStore(directory_));
  }
  CloseFamilies();
  return {};
}

Status Database::FinishCreation() {
  std::string text;
  auto* family = handles_[kDefaultFamily];
  rocksdb::Status read = db_->Get(rocksdb::ReadOptions(), family, AsSlice(kFormatKey), &text);
  if (!read.IsNotFound()) return {};
  OBVIEWS_ASSIGN_OR_RETURN(Stamps stamps, ReadStamps(rocksdb::ReadOptions()));
  if (stamps.commit != CommitStamp()) return {};
  rocksdb::WriteOptions sync;
  sync.sync = true;
  rocksdb::Status written =
      db_->Put(sync, family, AsSlice(kFormatKey), std::to_string(kStoreFormatVersion));
  // Into a table at once: a log's tail may be lost, this must not.
  if (written.ok()) written = db_->Flush(rocksdb::FlushOptions(), handles_);
  if (!written.ok()) return Fail(TranslateError(written, directory_, "creating"));
  return {};
}

Status Database::CheckContent() {
  std::string text;
  rocksdb::Status read =
      db_->Get(rocksdb::ReadOptions(), handles_[kDefaultFamily], AsSlice(kFormatKey), &text);
  if (read.IsNotFound()) {
    OBVIEWS_ASSIGN_OR_RETURN(stamps_, ReadStamps(rocksdb::ReadOptions()));
    if (stamps_.commit == CommitStamp()) {
      OBVIEWS_RETURN_IF_ERROR(CheckTablesAreNamed());
      return Fail(HalfCreated(directory_));
    }
    return Fail(ErrorCode::kCorruption,
                fmt::format("store '{}': its format version, key 'format' of column family "
                            "default, is missing; the store is damaged there",
                            directory_));
  }
  if (!read.ok()) return Fail(TranslateError(read, directory_, "opening"));
  uint32_t version = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || version == 0) {
    return Fail(ErrorCode::kCorruption,
                fmt::format("store '{}': its format version '{}' is not a number; key 'format' of "
                            "column family default is damaged",
                            directory_, text));
  }
  if (version > kStoreFormatVersion) {
    return Fail(ErrorCode::kStoreNewer,
                fmt::format("store '{}' has format version {}; this build reads up to version {}: "
                            "use a newer obviews",
                            directory_, version, kStoreFormatVersion));
  }
  OBVIEWS_ASSIGN_OR_RETURN(stamps_, ReadStamps(rocksdb::ReadOptions()));
  read = db_->Get(rocksdb::ReadOptions(), handles_[kDefaultFamily], AsSlice(kRebuildKey), &text);
  if (read.ok() && !for_rebuild_) {
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("the indexes of store '{}' are being made anew, or that was cut short; "
                            "`obviewsctl rebuild --db {}` does it again",
                            directory_, directory_));
  }
  return {};
}

Result<CommitStamp> Database::StampOf(const rocksdb::Snapshot& snapshot) {
  uint64_t sequence = snapshot.GetSequenceNumber();
  std::lock_guard<std::mutex> lock(last_stamp_lock_);
  if (last_sequence_ == sequence) return last_stamp_;
  rocksdb::ReadOptions options;
  options.snapshot = &snapshot;
  std::string bytes;
  Stamps stamps;  // those of a new store, which has none
  rocksdb::Status read = db_->Get(options, family(kDefaultFamily), AsSlice(kStampKey), &bytes);
  if (!read.IsNotFound() && (!read.ok() || !DecodeStamps(bytes, &stamps))) {
    return Fail(ErrorCode::kCorruption,
                fmt::format("store '{}': the commit stamps are damaged", directory_));
  }
  last_sequence_ = sequence;
  last_stamp_ = stamps.commit;
  return last_stamp_;
}

Result<Stamps> Database::ReadStamps(const rocksdb::ReadOptions& options) const {
  Stamps stamps;
  for (size_t i = 0; i < FamilyNames().size(); ++i) {
    std::string bytes;
    rocksdb::Status read = db_->Get(options, handles_[i], AsSlice(kStampKey), &bytes);
    if (!read.ok() && !read.IsNotFound()) {
      return Fail(TranslateError(read, directory_,
                                 fmt::format("reading column family {} of", FamilyNames()[i])));
    }
    uint64_t number = 0;
    bool sound = i == kDefaultFamily ? DecodeStamps(bytes, &stamps) : DecodeNumber(bytes, &number);
    if (read.ok() && !sound) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("store '{}': the commit stamp of column family {} is damaged",
                              directory_, FamilyNames()[i]));
    }
    if (i != kDefaultFamily && number != stamps.families[i]) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("store '{}': column family {} should show commit {}, but shows {}: "
                              "writes are lost",
                              directory_, FamilyNames()[i], stamps.families[i], number));
    }
  }
  return stamps;
}

}  // namespace obviews::engine
