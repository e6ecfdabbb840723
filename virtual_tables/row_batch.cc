// Showing columns of blocks; see row_batch.h.
#include "virtual_tables/row_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include "engine/record_block.h"
#include "schema/time_texts.h"
#include "virtual_tables/time_columns.h"

namespace obviews::vtab {
namespace {

using engine::PackedColumn;
using engine::RecordBlock;
using engine::RecordView;
using schema::Conversion;
using Kind = engine::ColumnKind;

/// Rows of a batch made from single records, and the bytes that end one early.
constexpr size_t kRecordsPerBatch = 256;
constexpr size_t kBytesPerBatch = size_t{4} << 20;
constexpr size_t kTimeSize = 26;
constexpr size_t kMaxDigits = 20;

/// The empty text, which unlike NULL has data.
constexpr std::string_view kEmpty = "";

/// Decimal texts of the numbers most counts are.
class SmallNumbers {
 public:
  static constexpr int64_t kCount = 1000;
  constexpr SmallNumbers() {
    for (int i = 0; i < kCount; ++i) {
      auto& entry = digits_[static_cast<size_t>(i)];
      uint8_t size = 0;
      if (i >= 100) entry[size++] = static_cast<char>('0' + i / 100);
      if (i >= 10) entry[size++] = static_cast<char>('0' + i / 10 % 10);
      entry[size++] = static_cast<char>('0' + i % 10);
      entry[3] = static_cast<char>(size);
    }
  }
  std::string_view operator[](int64_t number) const {
    const auto& entry = digits_[static_cast<size_t>(number)];
    return {entry.data(), static_cast<size_t>(entry[3])};
  }

 private:
  std::array<std::array<char, 4>, kCount> digits_ = {};
};
constexpr SmallNumbers kSmallNumbers;

/// Shows one column of the rows of a block. Its texts live until the next batch.
class ColumnBatch {
 public:
  ColumnBatch(const Session& session, const schema::View& view, size_t column, Materialiser& shower)
      : column_(column),
        shown_(view.columns[column]),
        field_(view.record->fields[shown_.field]),
        shower_(shower),
        raw_text_(shower.ShowsRawText(column)),
        times_(session.time_zone) {
    out.number = shown_.kind != schema::ShownKind::kText;
    out.plain = out.number || IsMySqlTime(shown_.conversion);
  }

  ShownColumn out;

  size_t field() const { return shown_.field; }
  /// Whether two columns over the same packed column show the same.
  bool IsRawText() const { return raw_text_; }

  void Share(const ColumnBatch& other) { out = other.out; }

  Status Show(const RecordBlock& block, std::span<const uint32_t> rows) {
    const PackedColumn* packed = block.Column(shown_.field);
    bool plain_text = field_.is_text() && shown_.conversion == Conversion::kNone &&
                      shown_.kind == schema::ShownKind::kText;
    if (packed == nullptr || packed->externals != nullptr ||
        !(plain_text || IsInteger() || IsMySqlTime(shown_.conversion))) {
      return ShowEach(block, rows);
    }
    if (plain_text) {
      ShowTexts(*packed, rows);
    } else if (IsInteger()) {
      ShowIntegers(block, *packed, rows);
    } else {
      ShowTimes(block, *packed, rows);
    }
    return {};
  }

  /// Adds one value; Finish must follow the last.
  void Add(const Value& value) { sizes_.push_back(value.is_null() ? SIZE_MAX : AppendText(value)); }
  size_t bytes() const { return buffer_.size(); }
  void Begin() {
    buffer_.clear();
    sizes_.clear();
  }
  void Finish() {
    Resize(sizes_.size());
    const char* at = buffer_.data();
    for (size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] == SIZE_MAX) {
        texts_[i] = {};
        continue;
      }
      texts_[i] = sizes_[i] == 0 ? kEmpty : std::string_view(at, sizes_[i]);
      at += sizes_[i];
    }
    SetVarying();
  }

 private:
  bool IsInteger() const { return shown_.conversion == Conversion::kNone && !field_.is_text(); }

  void Resize(size_t rows) {
    if (texts_.size() < rows) texts_.resize(rows);
    rows_ = rows;
  }
  void SetVarying() {
    out.constant = false;
    out.texts = {texts_.data(), rows_};
  }
  void SetConstant(std::string_view text) {
    out.constant = true;
    out.text = text;
  }

  size_t AppendText(const Value& value) {
    size_t before = buffer_.size();
    switch (value.kind()) {
      case Value::Kind::kText:
        buffer_.append(value.as_text());
        break;
      case Value::Kind::kReal:
        fmt::format_to(std::back_inserter(buffer_), "{:.2f}", value.as_real());
        break;
      case Value::Kind::kUint:
        fmt::format_to(std::back_inserter(buffer_), "{}", value.as_uint());
        break;
      default:
        fmt::format_to(std::back_inserter(buffer_), "{}", value.as_int());
        break;
    }
    return buffer_.size() - before;
  }

  /// As every host would see it, value by value.
  Status ShowEach(const RecordBlock& block, std::span<const uint32_t> rows) {
    Begin();
    for (uint32_t row : rows) {
      OBVIEWS_ASSIGN_OR_RETURN(Value value, shower_.Show(RecordView(block, row), column_));
      Add(value);
    }
    Finish();
    return {};
  }

  std::string_view FormatNumber(int64_t number, char* at) const {
    if (number >= 0 && number < SmallNumbers::kCount) return kSmallNumbers[number];
    auto end = field_.type == schema::FieldType::kUint
                   ? std::to_chars(at, at + kMaxDigits, static_cast<uint64_t>(number))
                   : std::to_chars(at, at + kMaxDigits, number);
    return {at, static_cast<size_t>(end.ptr - at)};
  }

  void ShowIntegers(const RecordBlock& block, const PackedColumn& packed,
                    std::span<const uint32_t> rows) {
    bool key = shown_.field < block.type().fields.size() &&
               (block.type().fields[shown_.field].key_part == schema::KeyPart::kTenant ||
                block.type().fields[shown_.field].key_part == schema::KeyPart::kJob);
    if (!key && packed.kind == Kind::kNull) return SetConstant({});
    if (key || packed.IsAlike()) {
      buffer_.resize(kMaxDigits);
      return SetConstant(FormatNumber(block.Int(shown_.field, 0), buffer_.data()));
    }
    Resize(rows.size());
    if (buffer_.size() < rows.size() * kMaxDigits) buffer_.resize(rows.size() * kMaxDigits);
    char* at = buffer_.data();
    for (size_t i = 0; i < rows.size(); ++i, at += kMaxDigits) {
      texts_[i] = packed.IsNull(rows[i]) ? std::string_view()
                                         : FormatNumber(block.RawInt(packed, rows[i]), at);
    }
    SetVarying();
  }

  std::string_view ShowTime(const RecordBlock& block, uint32_t row, int64_t usec, char* at) {
    if (ShowsNull(shown_.conversion, usec)) return {};
    schema::ShownText text = times_.Show(usec);
    if (!text) {
      shower_.CountOutOfRange(block.key(row), column_, usec);
      return {};
    }
    return {at, text->copy(at, kTimeSize)};
  }

  void ShowTimes(const RecordBlock& block, const PackedColumn& packed,
                 std::span<const uint32_t> rows) {
    if (packed.kind == Kind::kNull) return SetConstant({});
    Resize(rows.size());
    if (buffer_.size() < rows.size() * kTimeSize) buffer_.resize(rows.size() * kTimeSize);
    char* at = buffer_.data();
    for (size_t i = 0; i < rows.size(); ++i, at += kTimeSize) {
      texts_[i] = packed.IsNull(rows[i])
                      ? std::string_view()
                      : ShowTime(block, rows[i], block.RawInt(packed, rows[i]), at);
    }
    SetVarying();
  }

  /// What the column shows for a raw text, where it stays.
  std::string_view ShowText(std::string_view raw) {
    if (IsRawText() && !(raw.empty() && shower_.EmptyIsNull())) return raw.empty() ? kEmpty : raw;
    Value value = shower_.ShowRaw(raw, column_);
    if (value.is_null()) return {};
    if (value.as_text().empty()) return kEmpty;
    // Most often nothing had to be hidden.
    if (value.as_text().data() == raw.data()) return value.as_text();
    return own_.emplace_back(value.as_text());
  }

  void ShowTexts(const PackedColumn& packed, std::span<const uint32_t> rows) {
    own_.clear();
    switch (packed.kind) {
      case Kind::kText:
        return SetConstant(ShowText(packed.text));
      case Kind::kDict:
        return ShowDictionary(packed, rows);
      case Kind::kPlain:
        return ShowPlain(packed, rows);
      default:
        return SetConstant({});
    }
  }

  void ShowDictionary(const PackedColumn& packed, std::span<const uint32_t> rows) {
    dictionary_.clear();
    own_.reserve(packed.dictionary.size());
    for (std::string_view raw : packed.dictionary) dictionary_.push_back(ShowText(raw));
    Resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      texts_[i] = packed.IsNull(rows[i])
                      ? std::string_view()
                      : dictionary_[engine::Unpack(packed.packed, packed.width, rows[i])];
    }
    SetVarying();
  }

  void ShowPlain(const PackedColumn& packed, std::span<const uint32_t> rows) {
    Resize(rows.size());
    size_t prefix = packed.text.size();
    size_t total = 0;
    for (uint32_t row : rows) total += prefix + packed.Rest(row).size();
    if (prefix > 0 && buffer_.size() < total) buffer_.resize(total);
    own_.reserve(rows.size());
    char* at = buffer_.data();
    for (size_t i = 0; i < rows.size(); ++i) {
      if (packed.IsNull(rows[i])) {
        texts_[i] = {};
        continue;
      }
      std::string_view text = packed.Rest(rows[i]);
      if (prefix > 0) {
        char* begin = at;
        at += packed.text.copy(at, prefix);
        at += text.copy(at, text.size());
        text = {begin, static_cast<size_t>(at - begin)};
      }
      texts_[i] = ShowText(text);
    }
    SetVarying();
  }

  size_t column_;
  const schema::Column& shown_;
  const schema::Field& field_;
  Materialiser& shower_;
  bool raw_text_;  ///< raw texts are shown as they are
  schema::UsecTexts times_;
  size_t rows_ = 0;
  std::vector<std::string_view> texts_;
  std::string buffer_;            ///< what texts_ refers to
  std::vector<size_t> sizes_;     ///< of values added one by one; SIZE_MAX: NULL
  std::vector<std::string> own_;  ///< texts in which something is hidden
  std::vector<std::string_view> dictionary_;
};

}  // namespace

struct BatchCursor::Impl {
  Impl(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session, ScanRequest asked)
      : columns(asked.columns.value_or(AllColumns(*asked.view))),
        shower(snapshot, session, *asked.view),
        scan(std::move(snapshot), session, std::move(asked)) {
    batches.reserve(columns.size());
    for (size_t column : columns) batches.emplace_back(session, scan.view(), column, shower);
    shown.resize(columns.size());
  }

  static std::vector<size_t> AllColumns(const schema::View& view) {
    std::vector<size_t> all(view.columns.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }

  Result<bool> Next() {
    if (in_blocks) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, NextOfBlock());
      if (more || in_blocks) return more;
    }
    return NextRecords();
  }

  /// Rows of one block; in_blocks becomes false where there are no blocks.
  Result<bool> NextOfBlock() {
    while (rest.empty()) {
      OBVIEWS_ASSIGN_OR_RETURN(auto next, scan.NextRows());
      if (next.end) return false;
      if (next.block == nullptr) {
        in_blocks = false;
        return false;
      }
      block = next.block;
      rest = next.rows;
      // Texts kept elsewhere may be of any size: one row at a time.
      one_by_one = std::any_of(columns.begin(), columns.end(), [&](size_t column) {
        const PackedColumn* packed = block->Column(scan.view().columns[column].field);
        return packed != nullptr && packed->externals != nullptr;
      });
    }
    std::span<const uint32_t> rows = one_by_one ? rest.first(1) : rest;
    rest = rest.subspan(rows.size());
    count = rows.size();
    for (size_t i = 0; i < batches.size(); ++i) {
      if (const ColumnBatch* same = FindSame(i)) {
        batches[i].Share(*same);
      } else {
        OBVIEWS_RETURN_IF_ERROR(batches[i].Show(*block, rows));
      }
      shown[i] = batches[i].out;
    }
    return true;
  }

  /// An earlier column that shows the same texts.
  const ColumnBatch* FindSame(size_t i) const {
    if (!batches[i].IsRawText()) return nullptr;
    const PackedColumn* packed = block->Column(batches[i].field());
    for (size_t j = 0; j < i; ++j) {
      if (batches[j].IsRawText() && packed != nullptr &&
          block->Column(batches[j].field()) == packed) {
        return &batches[j];
      }
    }
    return nullptr;
  }

  Result<bool> NextRecords() {
    if (ended) return false;
    for (ColumnBatch& batch : batches) batch.Begin();
    count = 0;
    for (size_t bytes = 0; count < kRecordsPerBatch && bytes < kBytesPerBatch; ++count) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, scan.Next());
      if (!more) {
        ended = true;
        break;
      }
      bytes = 0;
      for (size_t i = 0; i < columns.size(); ++i) {
        OBVIEWS_ASSIGN_OR_RETURN(Value value, scan.Column(columns[i]));
        batches[i].Add(value);
        bytes += batches[i].bytes();
      }
    }
    for (size_t i = 0; i < batches.size(); ++i) {
      batches[i].Finish();
      shown[i] = batches[i].out;
    }
    return count > 0;
  }

  std::vector<size_t> columns;
  Materialiser shower;
  ViewCursor scan;
  std::vector<ColumnBatch> batches;
  std::vector<ShownColumn> shown;
  bool in_blocks = true;
  bool ended = false;
  const RecordBlock* block = nullptr;
  std::span<const uint32_t> rest;  ///< rows of the block that are not shown yet
  bool one_by_one = false;
  size_t count = 0;
};

BatchCursor::BatchCursor(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
                         ScanRequest request)
    : impl_(std::make_unique<Impl>(std::move(snapshot), session, std::move(request))) {}
BatchCursor::~BatchCursor() = default;
BatchCursor::BatchCursor(BatchCursor&&) noexcept = default;
BatchCursor& BatchCursor::operator=(BatchCursor&&) noexcept = default;

Result<bool> BatchCursor::Next() { return impl_->Next(); }
size_t BatchCursor::rows() const { return impl_->count; }
std::span<const ShownColumn> BatchCursor::columns() const { return impl_->shown; }
const Plan& BatchCursor::plan() const { return impl_->scan.plan(); }
ScanStats BatchCursor::stats() const { return impl_->scan.stats(); }

std::string BatchCursor::warning() const {
  return DescribeOutOfRange(out_of_range_count(), first_out_of_range());
}
uint64_t BatchCursor::out_of_range_count() const {
  return impl_->shower.out_of_range_count() + impl_->scan.out_of_range_count();
}
const std::string& BatchCursor::first_out_of_range() const {
  const auto& shown = impl_->shower.first_out_of_range_at();
  const auto& tested = impl_->scan.first_out_of_range_at();
  bool by_test = tested && (!shown || *tested < *shown);
  return by_test ? impl_->scan.first_out_of_range() : impl_->shower.first_out_of_range();
}

}  // namespace obviews::vtab
