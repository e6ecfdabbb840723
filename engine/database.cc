// Opening and closing the database; see database.h.
#include "engine/database.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace obviews::engine {
namespace fs = std::filesystem;
namespace {

// A writer may delete a log or roll its manifest while a follower opens; trying again is the cure.
constexpr int kOpenAttempts = 20;
constexpr std::chrono::milliseconds kOpenPause{15};

bool LooksLikeRace(const rocksdb::Status& status) {
  std::string text = status.ToString();
  return text.find("No such file") != std::string::npos ||
         text.find("MANIFEST may be corrupted") != std::string::npos ||
         text.find("Column family not found") != std::string::npos || status.IsTryAgain();
}

/// The directory must be a RocksDB database, or one that may be created.
Status CheckDirectory(const std::string& directory, bool create) {
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0) {
    int error = errno;
    if (error == ENOENT && create) {
      // Records hold secrets: nobody else may look in.
      if (mkdir(directory.c_str(), 0700) == 0) return {};
      return Fail(ErrorCode::kStoreUnreadable,
                  fmt::format("cannot create the store directory '{}': {}", directory,
                              std::strerror(errno)));
    }
    if (error == ENOENT) {
      return Fail(ErrorCode::kStoreMissing,
                  fmt::format("no record store at '{}': the directory does not exist; `obviewsctl "
                              "load --db {} FILE` makes one",
                              directory, directory));
    }
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot read '{}': {}", directory, std::strerror(error)));
  }
  if (!S_ISDIR(info.st_mode)) {
    return Fail(ErrorCode::kStoreMissing,
                fmt::format("'{}' is a file; a record store is a directory", directory));
  }
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  if (error) {
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot read '{}': {}", directory, error.message()));
  }
  if (fs::exists(fs::path(directory) / "CURRENT", error)) return {};
  bool empty = entries == fs::directory_iterator();
  if (empty && create) {
    chmod(directory.c_str(), 0700);
    return {};
  }
  return Fail(
      ErrorCode::kStoreMissing,
      empty ? fmt::format("no record store at '{}': the directory is empty", directory)
            : fmt::format("'{}' is not a record store: it has files, but no database", directory));
}

Result<std::string> MakeFollowerFolder() {
  const char* base = std::getenv("TMPDIR");
  std::string folder = fmt::format("{}/obviews-follower-XXXXXX", base != nullptr ? base : "/tmp");
  if (mkdtemp(folder.data()) == nullptr) {
    return Fail(ErrorCode::kStoreUnreadable,
                fmt::format("cannot make the temporary folder {}: {}; set TMPDIR to a writable "
                            "directory",
                            folder, std::strerror(errno)));
  }
  return folder;
}

}  // namespace

Error TranslateError(const rocksdb::Status& status, std::string_view directory,
                     std::string_view doing) {
  std::string text = status.ToString();
  auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  if (has("/LOCK") || has("lock hold by current process")) {
    return {ErrorCode::kStoreLocked,
            fmt::format("store '{}' is being written by another process; stop it, or read the "
                        "store with dump-views, which needs no lock",
                        directory)};
  }
  if (status.IsNoSpace() || has("No space left")) {
    return {ErrorCode::kStoreUnreadable,
            fmt::format("{} store '{}': the disk is full; nothing of this change was kept. Free "
                        "some room and do it again ({})",
                        doing, directory, text)};
  }
  if (status.IsCorruption()) {
    return {ErrorCode::kCorruption,
            fmt::format("{} store '{}': stored data are damaged: {}", doing, directory, text)};
  }
  return {ErrorCode::kStoreUnreadable, fmt::format("{} store '{}': {}", doing, directory, text)};
}

Database::~Database() {
  if (db_ != nullptr) {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    handles_.clear();
    db_->Close().PermitUncheckedError();
    db_.reset();
  }
  if (!follower_folder_.empty()) {
    std::error_code ignored;  // a leftover folder in the temporary directory harms nobody
    fs::remove_all(follower_folder_, ignored);
  }
}

Status Database::OpenFamilies(Access access, bool create) {
  rocksdb::DBOptions options = DatabaseOptions(access);
  std::error_code ignored;
  bool exists = fs::exists(fs::path(directory_) / "CURRENT", ignored);
  options.create_if_missing = create && !exists;
  options.create_missing_column_families = create && !exists;
  auto descriptors = FamilyDescriptors();
  if (exists) {
    std::vector<std::string> found;
    rocksdb::Status listed;
    for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
      listed = rocksdb::DB::ListColumnFamilies(options, directory_, &found);
      if (listed.ok() || !LooksLikeRace(listed)) break;
      std::this_thread::sleep_for(kOpenPause);
    }
    if (!listed.ok()) return Fail(TranslateError(listed, directory_, "opening"));
    if (std::find(found.begin(), found.end(), descriptors.back().name) == found.end()) {
      return Fail(ErrorCode::kStoreMissing,
                  fmt::format("'{}' is a RocksDB database, but not a record store", directory_));
    }
    // A newer format may have more families; open them too, so that its version can be read.
    for (const std::string& name : found) {
      bool known = std::any_of(descriptors.begin(), descriptors.end(),
                               [&](const auto& d) { return d.name == name; });
      if (!known) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
  }
  rocksdb::Status opened;
  rocksdb::DB* db = nullptr;
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    handles_.clear();
    switch (access) {
      case Access::kReadWrite:
        opened = rocksdb::DB::Open(options, directory_, descriptors, &handles_, &db);
        break;
      case Access::kReadOnly:
        opened = rocksdb::DB::OpenForReadOnly(options, directory_, descriptors, &handles_, &db);
        break;
      case Access::kFollower:
        opened = rocksdb::DB::OpenAsSecondary(options, directory_, follower_folder_, descriptors,
                                              &handles_, &db);
        break;
    }
    if (opened.ok() || access == Access::kReadWrite || !LooksLikeRace(opened)) break;
    std::this_thread::sleep_for(kOpenPause);
  }
  if (!opened.ok()) return Fail(TranslateError(opened, directory_, "opening"));
  db_.reset(db);
  return {};
}

Status Database::CheckFormat(Access access) const {
  std::string text;
  rocksdb::Status read =
      db_->Get(rocksdb::ReadOptions(), handles_[kDefaultFamily], AsSlice(kFormatKey), &text);
  if (read.IsNotFound()) {
    if (access == Access::kReadWrite) {
      rocksdb::WriteOptions sync;
      sync.sync = true;
      rocksdb::Status written = db_->Put(sync, handles_[kDefaultFamily], AsSlice(kFormatKey),
                                         std::to_string(kStoreFormatVersion));
      if (written.ok()) return {};
      return Fail(TranslateError(written, directory_, "creating"));
    }
    return Fail(ErrorCode::kStoreMissing,
                fmt::format("the store at '{}' was never completely created", directory_));
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
  return {};
}

Result<std::shared_ptr<Database>> Database::Open(const std::string& directory, Access access,
                                                 bool create) {
  create = create && access == Access::kReadWrite;
  OBVIEWS_RETURN_IF_ERROR(CheckDirectory(directory, create));
  std::shared_ptr<Database> database(new Database(directory));
  if (access == Access::kFollower) {
    OBVIEWS_ASSIGN_OR_RETURN(database->follower_folder_, MakeFollowerFolder());
  }
  OBVIEWS_RETURN_IF_ERROR(database->OpenFamilies(access, create));
  OBVIEWS_RETURN_IF_ERROR(database->CheckFormat(access));
  return database;
}

Result<CommitStamp> Database::ReadStamp() const {
  CommitStamp first;
  for (size_t i = 0; i < FamilyNames().size(); ++i) {
    CommitStamp stamp;
    std::string bytes;
    rocksdb::Status read =
        db_->Get(rocksdb::ReadOptions(), handles_[i], AsSlice(kStampKey), &bytes);
    if (!read.ok() && !read.IsNotFound()) {
      return Fail(TranslateError(read, directory_, "reading"));
    }
    if (read.ok() && !DecodeStamp(bytes, &stamp)) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("store '{}': the commit stamp of column family {} is damaged",
                              directory_, FamilyNames()[i]));
    }
    if (i == 0) {
      first = stamp;
    } else if (stamp != first) {
      return Fail(ErrorCode::kNotFound, "families show different commits");
    }
  }
  return first;
}

}  // namespace obviews::engine
