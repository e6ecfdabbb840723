// Scanning blocks; see block_cursor.h.
#include "engine/block_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace obviews::engine {
namespace {

constexpr auto kHistory = schema::RecordKind::kImportTaskHistory;

const schema::RecordType& Type() { return schema::GetRecordType(kHistory); }

/// How many of the codes packed in whole words are `code`. REQUIRES: a width of 1, 2 or 4.
uint64_t CountEqual(std::string_view words, uint8_t width, uint64_t code) {
  // The lowest bit of each code's place.
  const uint64_t lows = width == 1   ? ~uint64_t{0}
                        : width == 2 ? ~uint64_t{0} / 3
                                     : ~uint64_t{0} / 15;
  const uint64_t wanted = lows * code;
  uint64_t total = 0;
  for (size_t at = 0; at < words.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, words.data() + at, sizeof word);
    uint64_t differs = word ^ wanted;
    if (width >= 4) differs |= differs >> 2;
    if (width >= 2) differs |= differs >> 1;
    total += static_cast<uint64_t>(std::popcount(~differs & lows));
  }
  return total;
}

bool Intersects(const schema::RangeSet& set, int64_t low, int64_t high) {
  auto member = set.NextMember(low);
  return member && *member <= high;
}

}  // namespace

BlockCursor::BlockCursor(std::shared_ptr<Database> database, const rocksdb::ReadOptions& read,
                         KeySpace space, ScanOptions options)
    : database_(std::move(database)),
      space_(std::move(space)),
      options_(std::move(options)),
      read_options_(read) {
  if (!space_.IsEmpty()) {
    // A block that ends behind the last task of the space may begin before it.
    EncodedKey last = EncodeKey({space_.tenants.ranges().back().hi, space_.jobs.ranges().back().hi,
                                 schema::RangeSet::kMax});
    end_.assign(AsView(last)).push_back('\0');
    end_slice_ = end_;
    read_options_.iterate_upper_bound = &end_slice_;
  }
  facts_at_.reset(database_->db().NewIterator(read_options_, database_->family(kTaskFactsFamily)));
}

Error BlockCursor::Damage(const char* family, std::string_view why) const {
  return {ErrorCode::kCorruption,
          fmt::format("block ending at {} of column family {}: {}; the store is damaged there",
                      ToString(Type(), last_), family, why)};
}

bool BlockCursor::SeekFacts(const Key& from) {
  auto target = space_.NextInside(from);
  if (!target) return false;
  EncodedKey encoded = EncodeKey(*target);
  facts_at_->Seek(AsSlice(AsView(encoded)));
  return true;
}

bool BlockCursor::SkipTo(const Key& last) {
  bool in_job = space_.tenants.Contains(last.tenant_id) && space_.jobs.Contains(last.job_id);
  if (!in_job) return SeekFacts(last);
  // Behind this block, in the same job or a later one.
  if (last.task_id < schema::RangeSet::kMax && space_.tasks.Contains(last.task_id + 1)) {
    facts_at_->Next();
    return true;
  }
  if (last.task_id < schema::RangeSet::kMax) {
    return SeekFacts({last.tenant_id, last.job_id, last.task_id + 1});
  }
  facts_at_->Next();
  return true;
}

schema::Range BlockCursor::TasksOfStretch() const {
  auto in_job = [&](const Key& key) {
    return key.tenant_id == last_.tenant_id && key.job_id == last_.job_id;
  };
  return {in_job(options_.first) ? options_.first.task_id : schema::RangeSet::kMin,
          in_job(options_.last) ? options_.last.task_id : schema::RangeSet::kMax};
}

bool BlockCursor::MayHold() const {
  schema::Range stretch = TasksOfStretch();
  return stretch.lo <= last_.task_id &&
         Intersects(space_.tasks, facts_.first_task(), last_.task_id) &&
         Intersects(options_.start, facts_.min_start(), facts_.max_start()) &&
         Intersects(options_.completion, facts_.min_completion(), facts_.max_completion()) &&
         std::find(accepted_.begin(), accepted_.end(), true) != accepted_.end();
}

void BlockCursor::AcceptGroups() {
  // One for each code there can be, so that none needs to be looked at before it is used.
  accepted_.assign(size_t{1} << facts_.code_width(), false);
  all_accepted_ = true;
  for (size_t i = 0; i < facts_.groups().size(); ++i) {
    const BlockGroup& group = facts_.groups()[i];
    accepted_[i] =
        options_.groups == nullptr || options_.groups->Accepts(group.status, group.result);
    all_accepted_ = all_accepted_ && accepted_[i];
  }
}

bool BlockCursor::IsWhole() const {
  schema::Range stretch = TasksOfStretch();
  if (facts_.first_task() < stretch.lo || stretch.hi < last_.task_id) return false;
  for (const schema::Range& range : space_.tasks.ranges()) {
    if (range.lo <= facts_.first_task() && last_.task_id <= range.hi) return true;
  }
  return false;
}

Result<bool> BlockCursor::NextBlock(bool count) {
  if (done_) return false;
  bool more = started_ ? SkipTo(last_) : SeekFacts(options_.first);
  started_ = true;
  for (; more && facts_at_->Valid(); more = SkipTo(last_)) {
    if (AsView(facts_at_->key()) == kStampKey) {
      facts_at_->Next();
      if (!facts_at_->Valid()) break;
    }
    if (!DecodeKey(AsView(facts_at_->key()), &last_)) {
      return Fail(ErrorCode::kCorruption,
                  fmt::format("column family task_facts has a key of {} bytes; the store is "
                              "damaged there",
                              facts_at_->key().size()));
    }
    if (options_.last < Key{last_.tenant_id, last_.job_id, schema::RangeSet::kMin}) break;
    if (!space_.tenants.Contains(last_.tenant_id) || !space_.jobs.Contains(last_.job_id)) continue;
    std::string_view why = facts_.Parse(last_, AsView(facts_at_->value()));
    if (!why.empty()) return Fail(Damage("task_facts", why));
    if (options_.last < Key{last_.tenant_id, last_.job_id, facts_.first_task()}) break;
    AcceptGroups();
    if (!MayHold()) continue;
    if (count && IsWhole()) return true;
    OBVIEWS_RETURN_IF_ERROR(LoadBlock());
    SelectRows();
    if (!rows_.empty()) return true;
  }
  done_ = true;
  if (facts_at_->status().ok()) return false;
  return Fail(TranslateError(facts_at_->status(), database_->directory(),
                             "reading column family task_facts of"));
}

Status BlockCursor::LoadBlock() {
  if (blocks_at_ == nullptr) {
    blocks_at_.reset(
        database_->db().NewIterator(read_options_, database_->family(FamilyOf(kHistory))));
  }
  EncodedKey encoded = EncodeKey(last_);
  rocksdb::Slice wanted = AsSlice(AsView(encoded));
  // Most often the next one is wanted, which is cheaper to reach than any other.
  if (blocks_at_->Valid()) blocks_at_->Next();
  if (!blocks_at_->Valid() || blocks_at_->key() != wanted) blocks_at_->Seek(wanted);
  if (!blocks_at_->status().ok()) {
    return Fail(TranslateError(blocks_at_->status(), database_->directory(),
                               fmt::format("reading the block ending at {} of column family {} of",
                                           ToString(Type(), last_), Type().name)));
  }
  if (!blocks_at_->Valid() || blocks_at_->key() != wanted) {
    return Fail(Damage(Type().name.data(), "its facts are there, but it is not"));
  }
  std::string_view why = block_.Parse(Type(), last_, AsView(blocks_at_->value()), options_.fields);
  if (!why.empty()) return Fail(Damage(Type().name.data(), why));
  if (block_.rows() != facts_.rows() || block_.TaskId(0) != facts_.first_task()) {
    return Fail(Damage("task_facts", "the facts are not those of the block"));
  }
  return {};
}

void BlockCursor::SelectRows() {
  rows_.clear();
  next_row_ = 0;
  uint8_t width = facts_.code_width();
  // Bytes of codes without a wanted one are passed over.
  const bool skips = !all_accepted_ && width > 0 && width < 8;
  const uint32_t per_byte = skips ? 8U / width : 1;
  if (skips) NoteWantedBytes();
  const schema::Range stretch = TasksOfStretch();
  for (schema::Range range : space_.tasks.ranges()) {
    range = {std::max(range.lo, stretch.lo), std::min(range.hi, stretch.hi)};
    if (range.hi < range.lo || range.hi < facts_.first_task()) continue;
    if (range.lo > last_.task_id) break;
    uint32_t end = range.hi >= last_.task_id ? block_.rows() : block_.LowerBound(range.hi + 1);
    for (uint32_t row = block_.LowerBound(range.lo); row < end; ++row) {
      if (skips && row % per_byte == 0) {
        const auto* codes = reinterpret_cast<const uint8_t*>(facts_.codes().data());
        while (row < end && !wanted_bytes_[codes[row / per_byte]]) row += per_byte;
        if (row >= end) break;
      }
      if (all_accepted_ || accepted_[facts_.Code(row)]) rows_.push_back(row);
    }
  }
}

void BlockCursor::NoteWantedBytes() {
  uint8_t width = facts_.code_width();
  if (noted_width_ == width && noted_ == accepted_) return;
  noted_width_ = width;
  noted_ = accepted_;
  for (uint32_t byte = 0; byte < wanted_bytes_.size(); ++byte) {
    wanted_bytes_[byte] = false;
    for (uint32_t shift = 0; shift < 8; shift += width) {
      if (accepted_[byte >> shift & ((1U << width) - 1U)]) wanted_bytes_[byte] = true;
    }
  }
}

Result<bool> BlockCursor::Next() {
  if (next_row_ == rows_.size()) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextBlock(false));
    if (!more) {
      rows_.clear();
      next_row_ = 0;
      return false;
    }
  }
  record_ = RecordView(block_, rows_[next_row_++]);
  ++read_;
  return true;
}

Result<RecordCursor::Rows> BlockCursor::NextRows() {
  if (next_row_ == rows_.size()) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextBlock(false));
    if (!more) {
      rows_.clear();
      next_row_ = 0;
    }
  }
  Rows out{&block_, std::span(rows_).subspan(next_row_)};
  next_row_ = rows_.size();
  read_ += out.rows.size();
  return out;
}

uint64_t BlockCursor::CountCodes() {
  if (all_accepted_) return facts_.rows();
  uint64_t total = 0;
  uint8_t width = facts_.code_width();
  uint32_t rows = facts_.rows();
  uint32_t counted = 0;
  if (width <= 4) {
    std::string_view codes = facts_.codes();
    size_t words = size_t{rows} * width / 64;
    for (size_t code = 0; code < accepted_.size(); ++code) {
      if (accepted_[code]) total += CountEqual(codes.substr(0, words * 8), width, code);
    }
    counted = static_cast<uint32_t>(words * 64 / width);
  }
  for (; counted < rows; ++counted) total += accepted_[facts_.Code(counted)] ? 1 : 0;
  return total;
}

Result<uint64_t> BlockCursor::CountRest() {
  uint64_t total = rows_.size() - next_row_;
  next_row_ = rows_.size();
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, NextBlock(true));
    if (!more) break;
    if (IsWhole()) {
      total += CountCodes();
    } else {
      total += rows_.size();
      read_ += rows_.size();
    }
  }
  rows_.clear();
  next_row_ = 0;
  return total;
}

}  // namespace obviews::engine
