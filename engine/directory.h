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
  friend auto operator<=>(const FileInfo&, const FileInfo&) = default;
};

/// The regular files of a directory, by name; files that vanish meanwhile are left out, and a
/// directory that cannot be read has none.
std::vector<FileInfo> ListFiles(const std::string& directory);

/// Makes sure that a database is at `directory`, or that one may be created there: then the
/// directory exists afterwards and only its owner can look in. Touches nothing without `create`.
Status CheckDirectory(const std::string& directory, bool create);

/// Whether `directory` holds a database of whatever kind.
bool HasDatabase(const std::string& directory);

/// What changes on disk with every change of a store: a reader whose state was opened at one
/// DirectoryState is up to date while that is the present one.
struct DirectoryState {
  std::string current;  ///< content of CURRENT: the manifest's name
  uint64_t manifest_size = 0;
  uint64_t manifest_inode = 0;
  std::vector<FileInfo> logs;

  /// Whether the same table files made up the store. Then nothing a reader of the one state needs
  /// was deleted before the other was seen: RocksDB deletes a file only after the manifest says
  /// that it is no longer used.
  bool SameTables(const DirectoryState& other) const {
    return current == other.current && manifest_size == other.manifest_size &&
           manifest_inode == other.manifest_inode;
  }
  uint64_t log_bytes() const;
  friend bool operator==(const DirectoryState&, const DirectoryState&) = default;
};
DirectoryState ReadDirectoryState(const std::string& directory);

/// Whether a process holds the store's lock; true where that cannot be found out.
bool IsLocked(const std::string& directory);

}  // namespace obviews::engine
