// The open store: snapshots, commits, closing; see store.h.
#include "engine/store.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "engine/change_set.h"
#include "engine/database.h"
#include "engine/rebuild.h"
#include "engine/snapshot.h"
#include "engine/store_impl.h"
#include "engine/writer.h"

namespace obviews::engine {
namespace {

/// Batches that wait are written together up to so many bytes.
constexpr size_t kMaxGroupBytes = size_t{8} << 20;

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

void Batch::Update(schema::RecordKind kind, const Key& key,
                   std::vector<std::pair<size_t, schema::FieldValue>> fields) {
  for (const auto& [field, value] : fields) {
    const auto* text = std::get_if<std::string>(&value);
    bytes_ += text == nullptr ? sizeof(int64_t) : text->size();
  }
  updates_.push_back({kind, key, std::move(fields)});
}

void Batch::Expect(schema::RecordKind kind, const Key& key, size_t field,
                   schema::FieldValue value) {
  expectations_.push_back({kind, key, true, field, std::move(value)});
}

void Batch::ExpectAbsent(schema::RecordKind kind, const Key& key) {
  expectations_.push_back({kind, key, false, 0, {}});
}

void Batch::Drive(const Key& job) { driven_.push_back(job); }

void Batch::UseIds(Sequence sequence, int64_t tenant_id, int64_t last) {
  ids_.push_back({sequence, tenant_id, last});
}

void Batch::PutSample(const SampleOwner& owner, const ProgressSample& sample) {
  samples_.emplace_back(owner, sample);
}

void Batch::PutTenant(Tenant tenant) { tenants_.push_back(std::move(tenant)); }

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  // Errors of a close nobody waits for have no one to go to; the write-ahead log has everything.
  if (impl_ != nullptr) static_cast<void>(Close());
}

Result<std::unique_ptr<Store>> Store::Open(const std::string& path, const OpenOptions& options) {
  // One name for each directory: RocksDB knows by names what this process has open for writing, and
  // a relative one would lead elsewhere after a chdir.
  std::error_code unknown;
  std::filesystem::path canonical = std::filesystem::weakly_canonical(path, unknown);
  const std::string directory = unknown || canonical.empty() ? path : canonical.string();
  auto impl = std::make_shared<Impl>();
  impl->directory = directory;
  impl->options = options;
  bool writes = options.access == Access::kReadWrite;
  // A writer that opens the store takes the logs in: ask before.
  // Asking twice about the lock leaves out a writer that comes or goes at this moment.
  bool unclean =
      !IsLocked(directory) && ReadDirectoryState(directory).log_bytes() > 0 && !IsLocked(directory);
  OBVIEWS_ASSIGN_OR_RETURN(impl->database, writes ? Database::OpenWriter(directory, options)
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
  std::unique_lock<std::mutex> lock(state_mutex);
  if (database == nullptr) {
    return Fail(ErrorCode::kInternal, fmt::format("store '{}' is closed", directory));
  }
  if (options.access == Access::kReadWrite) {
    std::shared_ptr<Database> present = database;
    lock.unlock();
    return MakePinnedSnapshot(std::move(present));
  }
  // A reader's database never changes, so who follows a writer needs a new one for a new state.
  if (options.access == Access::kFollower && !watch.IsStill(directory, database->opened_at())) {
    OBVIEWS_ASSIGN_OR_RETURN(database, Database::OpenReader(directory));
    stamps = database->stamps();
  }
  return MakeSnapshot(database, stamps.commit);
}

Result<CommitResult> Store::Commit(const Batch& batch) {
  for (const schema::Record& record : batch.puts()) OBVIEWS_RETURN_IF_ERROR(ValidateRecord(record));
  return impl_->Commit({.batch = &batch});
}

Result<CommitResult> Store::Impl::Commit(Waiting mine) {
  std::unique_lock<std::mutex> lock(queue_mutex);
  queue.push_back(&mine);
  queue_changed.wait(lock, [&] { return mine.done || queue.front() == &mine; });
  if (mine.done) return std::move(mine.result);
  // Whoever is first writes for all who wait, so that they share one sync.
  std::vector<Waiting*> group;
  size_t bytes = 0;
  for (Waiting* waiting : queue) {
    bytes += waiting->batch->bytes();
    if (waiting->preparation != nullptr && waiting->preparation->bytes) {
      bytes += waiting->preparation->bytes->size();
    }
    if (!group.empty() && bytes > kMaxGroupBytes) break;
    group.push_back(waiting);
  }
  lock.unlock();
  CommitGroup(group);
  lock.lock();
  for (Waiting* waiting : group) waiting->done = true;
  queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(group.size()));
  lock.unlock();
  queue_changed.notify_all();
  return std::move(mine.result);
}

void Store::Impl::CommitGroup(std::span<Waiting* const> group) {
  std::lock_guard<std::mutex> lock(mutex);
  Status together = Write(group);
  if (together) return;
  if (group.size() == 1 || failed) {
    for (Waiting* waiting : group) waiting->result = Fail(together.error());
    return;
  }
  // One batch that cannot be written must not stop the others.
  for (Waiting* waiting : group) {
    if (Status alone = Write({&waiting, 1}); !alone) waiting->result = Fail(alone.error());
  }
}

Status Store::Impl::Write(ChangeSet& changes, bool sync) {
  if (failed) return Fail(*failed);
  Stamps next = stamps;
  next.commit = {stamps.commit.number + 1, NowUsec()};
  OBVIEWS_RETURN_IF_ERROR(changes.Stamp(&next));
  rocksdb::WriteOptions write;
  write.sync = options.sync && sync;
  rocksdb::Status written = database->Write(write, &changes.batch());
  if (!written.ok()) {
    failed = TranslateError(written, directory, "writing");
    return Fail(IsUnsynced(written) ? ErrorCode::kUndecided : failed->code, failed->message);
  }
  stamps = std::move(next);
  database->DeleteObsoleteFiles();
  return {};
}

Result<RebuildReport> Store::Rebuild() {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->options.access != Access::kReadWrite || impl_->database == nullptr) {
    return Fail(impl_->NotOpenForWriting());
  }
  return RebuildTasks(*impl_->database,
                      [this](ChangeSet& changes) { return impl_->Write(changes); });
}

Error Store::Impl::NotOpenForWriting() const {
  return {ErrorCode::kInternal, fmt::format("store '{}' is not open for writing", directory)};
}

Status Store::Impl::Write(std::span<Waiting* const> group) {
  if (options.access != Access::kReadWrite || database == nullptr) return Fail(NotOpenForWriting());
  if (failed) return Fail(*failed);
  std::vector<const Batch*> batches;
  batches.reserve(group.size());
  for (const Waiting* waiting : group) batches.push_back(waiting->batch);
  ChangeSet changes(*database);
  std::vector<CommitResult> results;
  OBVIEWS_RETURN_IF_ERROR(Writer(changes).Apply(batches, &results));
  bool sync = false;
  for (const Waiting* waiting : group) {
    sync |= waiting->sync;
    const Preparation* preparation = waiting->preparation;
    if (preparation == nullptr) continue;
    OBVIEWS_RETURN_IF_ERROR(preparation->bytes
                                ? changes.Put(kDefaultFamily, preparation->key, *preparation->bytes)
                                : changes.Delete(kDefaultFamily, preparation->key));
  }
  OBVIEWS_RETURN_IF_ERROR(Write(changes, sync));
  for (size_t i = 0; i < group.size(); ++i) group[i]->result = results[i];
  return {};
}

Status Store::Close() {
  std::lock_guard<std::mutex> lock(impl_->mutex);
  std::lock_guard<std::mutex> state_lock(impl_->state_mutex);
  if (impl_->database == nullptr) return {};
  Status status;
  if (impl_->options.access == Access::kReadWrite && !impl_->failed) {
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
