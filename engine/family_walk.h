// Walks over one column family from its first to its last entry, past what cannot be read: how
// `verify` finds all that is wrong and not just the first. Internal to engine/.
#pragma once

#include <rocksdb/iterator.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/database.h"

namespace obviews::engine {

/// An iterator that goes on behind damaged blocks. Skips the commit stamp. Not thread-safe; must
/// not outlive the database.
class FamilyWalk {
 public:
  FamilyWalk(const Database& database, const rocksdb::ReadOptions& options, size_t family);

  bool Valid() const { return iterator_->Valid(); }
  void Next();
  std::string_view key() const { return AsView(iterator_->key()); }
  std::string_view value() const { return AsView(iterator_->value()); }

  /// A line for each stretch of keys that could not be read so far.
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  /// Where the iterator stands now if it can be read there; else behind the damage.
  void SkipDamage();
  /// Whether the walk can go on from `target`.
  bool Readable(const std::string& target);

  const Database& database_;
  rocksdb::ReadOptions options_;
  size_t family_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string last_;  ///< the last key that was read
  std::vector<std::string> damage_;
};

}  // namespace obviews::engine
