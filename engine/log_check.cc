// Walking the lengths of write-ahead logs; see log_check.h.
#include "engine/log_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <cstring>
#include <fstream>
#include <string_view>

namespace obviews::engine {
namespace {

// RocksDB's log format: blocks of 32 KiB; a fragment is CRC-32C of type and payload (masked, 4
// bytes), length (2 bytes), type (1 byte), payload, and never crosses a block; less than a header
// at the end of a block is padding.
constexpr size_t kBlockSize = 32768;
constexpr size_t kHeaderSize = 7;
enum FragmentType : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

size_t LengthAt(std::string_view block, size_t at) {
  return static_cast<unsigned char>(block[at + 4]) |
         static_cast<size_t>(static_cast<unsigned char>(block[at + 5])) << 8;
}

uint8_t TypeAt(std::string_view block, size_t at) { return static_cast<uint8_t>(block[at + 6]); }

/// Whether the fragment at `at` is sound if its payload has `length` bytes.
bool IsSound(std::string_view block, size_t at, size_t length) {
  uint32_t stored = 0;
  std::memcpy(&stored, block.data() + at, sizeof stored);
  Crc32c crc;
  crc.process_bytes(block.data() + at + 6, length + 1);
  uint32_t sum = crc.checksum();
  return stored == ((sum >> 15) | (sum << 17)) + 0xA282EAD8U;
}

/// Whether the rest of the last block, where a fragment reaches beyond the end, is what a crash
/// leaves: then neither is the fragment whole but for its length, nor does another one follow.
bool LooksCut(std::string_view block, size_t at) {
  if (IsSound(block, at, block.size() - at - kHeaderSize)) return false;
  for (size_t next = at + 1; next + kHeaderSize <= block.size(); ++next) {
    size_t length = LengthAt(block, next);
    uint8_t type = TypeAt(block, next);
    if (type == kZero || type > kLast || next + kHeaderSize + length > block.size()) continue;
    if (IsSound(block, next, length)) return false;
  }
  return true;
}

/// Walks one log block by block.
class LogWalker {
 public:
  enum class End : uint8_t { kWhole, kTorn, kDamaged };

  explicit LogWalker(const std::string& path) : in_(path, std::ios::binary) {}

  End Walk() {
    for (std::string block = ReadBlock(); !block.empty();) {
      std::string next = ReadBlock();
      End end = WalkBlock(block, next.empty());
      if (end != End::kWhole) return end;
      offset_ += block.size();
      block = std::move(next);
    }
    return in_fragments_ ? End::kTorn : End::kWhole;
  }

  /// Where the walk ended, in bytes from the start of the log.
  uint64_t offset() const { return offset_; }

 private:
  std::string ReadBlock() {
    std::string block(kBlockSize, '\0');
    in_.read(block.data(), kBlockSize);
    block.resize(static_cast<size_t>(std::max<std::streamsize>(in_.gcount(), 0)));
    return block;
  }

  End WalkBlock(std::string_view block, bool last) {
    size_t at = 0;
    auto stop = [&](End end) {
      offset_ += at;
      return end;
    };
    while (at + kHeaderSize <= block.size()) {
      size_t length = LengthAt(block, at);
      uint8_t type = TypeAt(block, at);
      if (type == kZero && length == 0) return stop(RestIsZero(block.substr(at)));
      // Recycled logs, which have other types, are not made here; RocksDB would take such a
      // fragment for the end of the log before it looks at the checksum.
      if (type > kLast) return stop(End::kDamaged);
      if (at + kHeaderSize + length > block.size()) {
        bool cut = last && block.size() < kBlockSize && LooksCut(block, at);
        return stop(cut ? End::kTorn : End::kDamaged);
      }
      in_fragments_ = type == kFirst || type == kMiddle;
      at += kHeaderSize + length;
    }
    bool padding = block.size() == kBlockSize || at == block.size();
    return padding ? End::kWhole : stop(End::kTorn);
  }

  /// A file system may have made room for what it never wrote; but nothing comes after such room.
  End RestIsZero(std::string_view rest) {
    auto zero = [](std::string_view bytes) {
      return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
    };
    if (!zero(rest)) return End::kDamaged;
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset_ + kBlockSize));
    for (std::string block = ReadBlock(); !block.empty(); block = ReadBlock()) {
      if (!zero(block)) return End::kDamaged;
    }
    return End::kTorn;
  }

  std::ifstream in_;
  uint64_t offset_ = 0;
  bool in_fragments_ = false;
};

}  // namespace

LogCheck CheckLogs(const std::string& directory, const DirectoryState& state) {
  LogCheck check;
  auto damaged = [&](const char* what, const std::string& name, uint64_t offset) {
    check.damage = fmt::format(
        "the {} {} is damaged at byte {}: a record's type, its length or an empty stretch does not "
        "fit "
        "what follows it",
        what, name, offset);
    return check;
  };
  // A manifest cut short by a crash is harmless: what it does not name yet is still in the logs.
  LogWalker manifest(directory + "/" + state.current);
  if (manifest.Walk() == LogWalker::End::kDamaged) {
    return damaged("manifest", state.current, manifest.offset());
  }
  for (const FileInfo& log : state.logs) {
    if (log.size == 0) continue;
    if (!check.torn.empty()) {
      check.damage = fmt::format(
          "the write-ahead log {} ends in the middle of a record, but {} goes on after it: the "
          "commits between are lost",
          check.torn, log.name);
      return check;
    }
    LogWalker walker(directory + "/" + log.name);
    LogWalker::End end = walker.Walk();
    if (end == LogWalker::End::kDamaged) {
      return damaged("write-ahead log", log.name, walker.offset());
    }
    if (end == LogWalker::End::kTorn) check.torn = log.name;
  }
  return check;
}

}  // namespace obviews::engine
