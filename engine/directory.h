// What the file system tells of a store without opening it. Internal to engine/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schema/status.h"

namespace obviews::engine {

struct FileInfo {
  std::string name;
  uint64_t size = 0;
  friend bool operator==(const FileInfo&, const FileInfo&) = default;
};

/// The regular files of a directory, by name; files that vanish meanwhile are left out, and a
/// directory that cannot be read has none.
std::vector<FileInfo> ListFiles(const std::string& directory);

/// Makes sure that a database is at `directory`, or that one may be created there: then the
/// directory exists afterwards and only its owner can look in. Touches nothing without `create`.
Status CheckDirectory(const std::string& directory, bool create);

/// Whether `directory` holds a database of whatever kind.
bool HasDatabase(const std::string& directory);

/// Whether table files lie in `directory`, named by its manifest or not.
bool HasTables(const std::string& directory);

/// What changes on disk with every change of a store: a reader whose state was opened at one
/// DirectoryState is up to date while that is the present one.
struct DirectoryState {
  std::string current;  ///< content of CURRENT: the manifest's name
  uint64_t manifest_size = 0;
  uint64_t manifest_inode = 0;
  std::vector<FileInfo> logs;

  /// Whether the same files made up the store: RocksDB deletes one only after the manifest says
  /// that it is no longer used.
  bool SameTables(const DirectoryState& other) const {
    return current == other.current && manifest_size == other.manifest_size &&
           manifest_inode == other.manifest_inode;
  }
  uint64_t log_bytes() const;
  friend bool operator==(const DirectoryState&, const DirectoryState&) = default;
};
DirectoryState ReadDirectoryState(const std::string& directory);

/// Tells whether a directory is still in a state that was read, without listing it each time.
/// Not thread-safe.
class DirectoryWatch {
 public:
  /// Whether the present state is `known`.
  bool IsStill(const std::string& directory, const DirectoryState& known);

 private:
  /// When files last came or went, if no other moment can show the same time; 0 otherwise.
  int64_t entries_of_ns_ = 0;
};

/// Keeps files from vanishing while a reader opens them. Readers hold it shared while they open the
/// store, the writer holds it whenever it lets RocksDB delete files. It is an flock of the
/// directory itself, so that nothing need be written, and has nothing to do with the store's own
/// lock.
class DeletionLock {
 public:
  enum class Mode : uint8_t { kShared, kExclusive };
  /// Waits as long as `patience_ms` allows. Check held().
  DeletionLock(const std::string& directory, Mode mode, int patience_ms);
  ~DeletionLock();
  DeletionLock(const DeletionLock&) = delete;
  DeletionLock& operator=(const DeletionLock&) = delete;
  bool held() const { return held_; }
  /// Others held it all the time. Neither held nor refused: this file system has no such locks.
  bool refused() const { return refused_; }

 private:
  int descriptor_;
  bool held_ = false;
  bool refused_ = false;
};

/// The process that holds the store's lock, such as "1234 (obviewsctl)"; "" where that cannot be
/// found out.
std::string LockHolder(const std::string& directory);

/// Whether a process holds the store's lock; true where that cannot be found out.
bool IsLocked(const std::string& directory);

}  // namespace obviews::engine
