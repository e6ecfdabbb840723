// The state of an open store. Internal to engine/.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/change_set.h"
#include "engine/database.h"
#include "engine/directory.h"
#include "engine/snapshot.h"

namespace obviews::engine {

struct Store::Impl {
  std::string directory;
  OpenOptions options;
  std::vector<std::string> notices;

  std::mutex mutex;  ///< held by who writes or closes; taken before `state_mutex`
  Stamps stamps;     ///< of the last commit; guarded by `mutex`, of a reader by `state_mutex`
  /// Why a write failed, after which nothing is written: RocksDB's log ends there, and, as Debian
  /// builds it, another write aborts the process. Guarded by `mutex`.
  std::optional<Error> failed;
  /// Guards the database's being there. Not held while a commit waits for the disk, so that
  /// snapshots need not.
  std::mutex state_mutex;
  std::shared_ptr<Database> database;  ///< changed only with both held
  DirectoryWatch watch;                ///< of a follower; guarded by `state_mutex`

  /// What becomes of a transaction that is prepared (prepared.h).
  struct Preparation {
    std::string key;
    std::optional<std::string> bytes;  ///< nullopt: it goes
  };
  /// A batch on its way to the log.
  struct Waiting {
    const Batch* batch = nullptr;
    const Preparation* preparation = nullptr;  ///< beside the batch's changes
    bool sync = true;                          ///< whether it must be on the disk
    Result<CommitResult> result = CommitResult();
    bool done = false;
  };
  std::mutex queue_mutex;  ///< guards the two below; never held while taking another
  std::condition_variable queue_changed;
  std::deque<Waiting*> queue;  ///< the first one, and some after it, are being committed

  /// Commits `mine` together with what others commit at the same time.
  Result<CommitResult> Commit(Waiting mine);
  /// Commits all of `group` with one write. If that cannot be, each by itself.
  void CommitGroup(std::span<Waiting* const> group);
  /// One write of all of `group`, which fills in the results, or an error and no change.
  Status Write(std::span<Waiting* const> group);

  /// Writes changes with the stamps of a new commit. REQUIRES: a writer.
  Status Write(ChangeSet& changes, bool sync = true);
  Error NotOpenForWriting() const;

  /// The present state; see Store::TakeSnapshot.
  Result<std::shared_ptr<const DatabaseSnapshot>> Take();
};

}  // namespace obviews::engine
