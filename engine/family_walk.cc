// Finding the way past damaged blocks; see family_walk.h.
#include "engine/family_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/key.h"

namespace obviews::engine {
namespace {

// Longer than any key of the store, so that keys are numbers one can halve the distance of.
constexpr size_t kWidth = 40;
constexpr int kBits = 8 * kWidth;

/// Big-endian addition of 2^bit; false if the sum has no room.
bool AddPowerOfTwo(std::string& number, int bit) {
  int carry = 1 << (bit % 8);
  for (size_t at = kWidth - 1 - static_cast<size_t>(bit / 8);; --at) {
    int sum = static_cast<unsigned char>(number[at]) + carry;
    number[at] = static_cast<char>(sum);
    carry = sum >> 8;
    if (carry == 0) return true;
    if (at == 0) return false;
  }
}

/// A key as people read it, where it is one; else its first bytes.
std::string NameKey(std::string_view key) {
  Key decoded;
  if (DecodeKey(key.substr(0, kKeySize), &decoded)) {
    return fmt::format("({}, {}, {})", decoded.tenant_id, decoded.job_id, decoded.task_id);
  }
  std::string out = "0x";
  for (char c : key) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

FamilyWalk::FamilyWalk(const Database& database, const rocksdb::ReadOptions& options, size_t family)
    : database_(database),
      options_(options),
      family_(family),
      iterator_(database.db().NewIterator(options, database.family(family))) {
  iterator_->SeekToFirst();
  SkipDamage();
  if (Valid() && key() == kStampKey) Next();
}

void FamilyWalk::Next() {
  last_ = key();
  iterator_->Next();
  SkipDamage();
}

bool FamilyWalk::Readable(const std::string& target) {
  // A new one each time: RocksDB's iterators do not always get over an error.
  iterator_.reset(database_.db().NewIterator(options_, database_.family(family_)));
  iterator_->Seek(target);
  return iterator_->status().ok();
}

void FamilyWalk::SkipDamage() {
  if (iterator_->status().ok()) return;
  std::string why = iterator_->status().ToString();
  std::string from = last_.empty() ? "its beginning" : NameKey(last_);
  std::string unreadable = last_;
  unreadable.resize(kWidth, '\0');
  // The end of the damage lies where seeking works again: first farther and farther away, then
  // halving the distance.
  for (int bit = 0; bit < kBits; ++bit) {
    std::string target = unreadable;
    if (!AddPowerOfTwo(target, bit)) break;
    if (!Readable(target)) {
      unreadable = target;
      continue;
    }
    for (int half = bit - 1; half >= 0; --half) {
      std::string middle = unreadable;
      AddPowerOfTwo(middle, half);
      if (!Readable(middle)) unreadable = middle;
    }
    AddPowerOfTwo(unreadable, 0);
    if (!Readable(unreadable)) break;
    damage_.push_back(
        fmt::format("column family {}: what lies between {} and {} cannot be read: {}",
                    FamilyNames()[family_], from, Valid() ? NameKey(key()) : "its end", why));
    return;
  }
  damage_.push_back(fmt::format("column family {}: what lies after {} cannot be read: {}",
                                FamilyNames()[family_], from, why));
}

}  // namespace obviews::engine
