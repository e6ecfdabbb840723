// Walks over records kept in blocks: by the facts of the blocks to those that can hold what is
// wanted, and in them to the records of the wanted groups. Internal to engine/.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/database.h"
#include "engine/record_block.h"
#include "engine/task_groups.h"

namespace obviews::engine {

class BlockCursor final : public RecordCursor {
 public:
  BlockCursor(std::shared_ptr<Database> database, const rocksdb::ReadOptions& read, KeySpace space,
              ScanOptions options);

  Result<bool> Next() override;
  const RecordView& record() const override { return record_; }
  uint64_t records_read() const override { return read_; }
  Result<uint64_t> CountRest() override;
  Result<Rows> NextRows() override;

 private:
  /// Moves to the next block that may hold wanted records, and reads it unless only its codes are
  /// needed to `count`. False at the end.
  Result<bool> NextBlock(bool count);
  /// The tasks of the present block's job that are inside the stretch.
  schema::Range TasksOfStretch() const;
  /// Whether the facts just parsed leave any record that may be wanted.
  bool MayHold() const;
  /// Moves the facts to the first block at or behind the first key inside that is not below `from`.
  bool SeekFacts(const Key& from);
  /// Moves on to the next block of the space. False: no more.
  bool SkipTo(const Key& last);
  void AcceptGroups();
  /// Whether all records of the block are inside the key space.
  bool IsWhole() const;
  Status LoadBlock();
  /// Notes the wanted rows of the block.
  void SelectRows();
  void NoteWantedBytes();
  uint64_t CountCodes();
  Error Damage(const char* family, std::string_view why) const;

  std::shared_ptr<Database> database_;
  KeySpace space_;
  ScanOptions options_;
  rocksdb::ReadOptions read_options_;
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> facts_at_;
  std::unique_ptr<rocksdb::Iterator> blocks_at_;  ///< made when the first block is read
  bool started_ = false;
  bool done_ = false;
  Key last_;  ///< key of the present block
  BlockFacts facts_;
  std::vector<bool> accepted_;  ///< by group of the present block
  bool all_accepted_ = true;
  /// Which bytes of codes hold an accepted one, for the width and the groups noted.
  std::array<bool, 256> wanted_bytes_{};
  uint8_t noted_width_ = 0;
  std::vector<bool> noted_;
  RecordBlock block_;
  std::vector<uint32_t> rows_;  ///< wanted rows of the present block
  size_t next_row_ = 0;
  RecordView record_;
  uint64_t read_ = 0;
};

}  // namespace obviews::engine
