// The open store: snapshots, commits, closing; see store.h.
#include "engine/store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "engine/database.h"
#include "engine/snapshot.h"
#include "engine/store_impl.h"
#include "engine/writer.h"

namespace obviews::engine {
namespace fs = std::filesystem;
namespace {

// Families seldom differ, and a moment later they agree; past these something is wrong.
constexpr int kCatchUpAttempts = 200;
constexpr std::chrono::milliseconds kCatchUpPause{2};
// Followers of very long standing have been seen to miss rows (facebook/rocksdb #12190).
constexpr std::chrono::minutes kFollowerLifetime{10};

int64_t NowUsec() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Bytes in the write-ahead logs of a directory.
uint64_t LogBytes(const std::string& directory) {
  uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".log") total += entry.file_size(error);
  }
  return total;
}

/// Whether any process holds the store's lock. Asks the kernel's table: opening and closing the
/// lock file here would drop a lock this very process holds.
bool IsLocked(const std::string& directory) {
  struct stat info {};
  if (stat((directory + "/LOCK").c_str(), &info) != 0) return false;
  std::string suffix = fmt::format(":{}", info.st_ino);
  std::ifstream locks("/proc/locks");
  if (!locks) return true;  // unknown: say nothing rather than warn of a crash that may not be one
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word.ends_with(suffix)) return true;
    }
  }
  return false;
}

}  // namespace

void Batch::Put(schema::Record record) {
  for (size_t i = 0; i < record.size(); ++i) {
    const auto* text = std::get_if<std::string>(&record[i]);
    bytes_ += text == nullptr ? sizeof(int64_t) : text->size();
  }
  puts_.push_back(std::move(record));
}

void Batch::Delete(schema::RecordKind kind, const Key& key) { deletes_.push_back({kind, key}); }

void Batch::PutTenant(Tenant tenant) { tenants_.push_back(std::move(tenant)); }

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  // Errors of a close nobody waits for have no one to go to; the write-ahead log has everything.
  if (impl_ != nullptr) static_cast<void>(Close());
}

Result<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                           const OpenOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory;
  impl->options = options;
  bool unclean = LogBytes(directory) > 0 && !IsLocked(directory);
  OBVIEWS_ASSIGN_OR_RETURN(impl->database,
                           Database::Open(directory, options.access, options.create_if_missing));
  impl->opened = std::chrono::steady_clock::now();
  if (unclean) {
    impl->notices.push_back(
        fmt::format("store '{}' was not closed by its last writer (a crash?); what that writer had "
                    "not yet synced is missing",
                    directory));
  }
  if (options.access == Access::kReadWrite) {
    auto stamp = impl->database->ReadStamp();
    if (!stamp) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("store '{}': {}; some column families have lost commits", directory,
                              stamp.error().message));
    }
    impl->stamp = *stamp;
  }
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<std::shared_ptr<const Snapshot>> Store::TakeSnapshot() {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->database == nullptr) {
    return Fail(ErrorCode::kInternal, fmt::format("store '{}' is closed", impl_->directory));
  }
  if (impl_->options.access == Access::kReadWrite) {
    return MakeSnapshot(impl_->database, impl_->stamp, true);
  }
  if (impl_->options.access == Access::kReadOnly) {
    OBVIEWS_ASSIGN_OR_RETURN(CommitStamp stamp, impl_->database->ReadStamp());
    return MakeSnapshot(impl_->database, stamp, false);
  }
  return impl_->FollowerSnapshot();
}

Result<std::shared_ptr<const Snapshot>> Store::Impl::FollowerSnapshot() {
  // A state is fixed while anyone reads it; the next one then needs a database of its own.
  bool in_use = database.use_count() > 1;
  bool old = std::chrono::steady_clock::now() - opened > kFollowerLifetime;
  bool reopen = in_use || old;
  Error last;
  for (int attempt = 0; attempt < kCatchUpAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kCatchUpPause);
    if (reopen) {
      OBVIEWS_ASSIGN_OR_RETURN(database, Database::Open(directory, Access::kFollower, false));
      opened = std::chrono::steady_clock::now();
      reopen = false;
    } else {
      rocksdb::Status caught_up = database->CatchUp();
      if (!caught_up.ok()) {
        last = TranslateError(caught_up, directory, "following");
        // The writer may have moved files away; only a fresh open can tell that from damage.
        reopen = true;
        continue;
      }
    }
    auto stamp = database->ReadStamp();
    if (stamp) return MakeSnapshot(database, *stamp, false);
    last = stamp.error();
    if (last.code != ErrorCode::kNotFound) return Fail(last);
    reopen = attempt % 20 == 19;
  }
  if (last.code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kCorruption,
                fmt::format("store '{}': its column families show different commits and do not "
                            "come together; some have lost commits",
                            directory));
  }
  return Fail(last);
}

Result<CommitResult> Store::Commit(const Batch& batch) {
  for (const schema::Record& record : batch.puts_) OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->database == nullptr || impl_->options.access != Access::kReadWrite) {
    return Fail(ErrorCode::kInternal,
                fmt::format("store '{}' is not open for writing", impl_->directory));
  }
  Writer writer(*impl_->database);
  for (const Batch::Deletion& deletion : batch.deletes_) {
    OBVIEWS_RETURN_IF_ERROR(writer.Delete(deletion.kind, deletion.key));
  }
  for (const schema::Record& record : batch.puts_) OBVIEWS_RETURN_IF_ERROR(writer.Put(record));
  for (const Tenant& tenant : batch.tenants_) OBVIEWS_RETURN_IF_ERROR(writer.PutTenant(tenant));
  CommitStamp stamp{impl_->stamp.number + 1, NowUsec()};
  OBVIEWS_RETURN_IF_ERROR(writer.Stamp(stamp));
  rocksdb::WriteOptions options;
  options.sync = impl_->options.sync;
  rocksdb::Status written = impl_->database->db().Write(options, writer.batch().GetWriteBatch());
  if (!written.ok()) return Fail(TranslateError(written, impl_->directory, "writing"));
  impl_->stamp = stamp;
  return writer.result();
}

Status Store::Close() {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->database == nullptr) return {};
  Status status;
  if (impl_->options.access == Access::kReadWrite) {
    rocksdb::Status flushed =
        impl_->database->db().Flush(rocksdb::FlushOptions(), impl_->database->families());
    if (!flushed.ok()) status = Fail(TranslateError(flushed, impl_->directory, "closing"));
  }
  impl_->database.reset();
  return status;
}

const std::vector<std::string>& Store::notices() const { return impl_->notices; }
const std::string& Store::directory() const { return impl_->directory; }

}  // namespace obviews::engine
