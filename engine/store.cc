// The open store: snapshots, commits, closing; see store.h.
#include "engine/store.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>

#include "engine/database.h"
#include "engine/snapshot.h"
#include "engine/store_impl.h"
#include "engine/writer.h"

namespace obviews::engine {
namespace {

int64_t NowUsec() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
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
  bool writes = options.access == Access::kReadWrite;
  // A writer that opens the store takes the logs in: ask before.
  // Asking twice about the lock leaves out a writer that comes or goes at this moment.
  bool unclean =
      !IsLocked(directory) && ReadDirectoryState(directory).log_bytes() > 0 && !IsLocked(directory);
  OBVIEWS_ASSIGN_OR_RETURN(impl->database,
                           writes ? Database::OpenWriter(directory, options.create_if_missing)
                                  : Database::OpenReader(directory));
  impl->stamps = impl->database->stamps();
  if (unclean) {
    const std::string& torn = impl->database->torn_log();
    impl->notices.push_back(
        fmt::format("store '{}' was not closed by its last writer (a crash?); what that writer had "
                    "not yet synced is missing{}",
                    directory,
                    torn.empty() ? ""
                                 : fmt::format("; its write-ahead log {} ends in the middle of a "
                                               "commit, which is left out",
                                               torn)));
  }
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<std::shared_ptr<const Snapshot>> Store::TakeSnapshot() { return impl_->Take(); }

Result<std::shared_ptr<const DatabaseSnapshot>> Store::Impl::Take() {
  std::lock_guard<std::mutex> lock(mutex);
  if (database == nullptr) {
    return Fail(ErrorCode::kInternal, fmt::format("store '{}' is closed", directory));
  }
  // A reader's database never changes, so who follows a writer needs a new one for a new state.
  if (options.access == Access::kFollower &&
      ReadDirectoryState(directory) != database->opened_at()) {
    OBVIEWS_ASSIGN_OR_RETURN(database, Database::OpenReader(directory));
    stamps = database->stamps();
  }
  return MakeSnapshot(database, stamps.commit, options.access == Access::kReadWrite);
}

Result<CommitResult> Store::Commit(const Batch& batch) {
  for (const schema::Record& record : batch.puts()) OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->database == nullptr || impl_->options.access != Access::kReadWrite) {
    return Fail(ErrorCode::kInternal,
                fmt::format("store '{}' is not open for writing", impl_->directory));
  }
  Writer writer(*impl_->database);
  OBVIEWS_RETURN_IF_ERROR(writer.Apply(batch));
  Stamps stamps = impl_->stamps;
  stamps.commit = {stamps.commit.number + 1, NowUsec()};
  OBVIEWS_RETURN_IF_ERROR(writer.Stamp(&stamps));
  rocksdb::WriteOptions options;
  options.sync = impl_->options.sync;
  rocksdb::Status written = impl_->database->db().Write(options, &writer.batch());
  if (!written.ok()) return Fail(TranslateError(written, impl_->directory, "writing"));
  impl_->stamps = std::move(stamps);
  impl_->database->DeleteObsoleteFiles();
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
