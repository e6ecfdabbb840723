// Rendering TSV; see tsv_batch.h.
#include "tools/output/tsv_batch.h"

#include <cstring>

#include "tools/output/escape.h"
#include "tools/output/sink.h"

namespace obviews::tools {
namespace {

constexpr std::string_view kNull = "NULL";

/// Whether a text may have to be escaped: it has a backslash or a control character, or reads like
/// NULL. Looks at eight bytes at once.
bool MayNeedEscape(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  constexpr uint64_t kBackslashes = kOnes * '\\';
  auto suspicious = [](uint64_t word) {
    uint64_t control = (word - kOnes * 0x20) & ~word;
    uint64_t other = word ^ kBackslashes;
    uint64_t backslash = (other - kOnes) & ~other;
    return ((control | backslash) & kHighs) != 0;
  };
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (suspicious(word)) return true;
  }
  for (; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) < 0x20 || text[at] == '\\') return true;
  }
  return text == kNull;
}

void AppendEscaped(std::string_view text, std::string* out) {
  StringSink cell;
  AppendBatchCell(cell, text);
  out->append(cell.text());
}

void AppendCell(const vtab::ShownColumn& column, std::string_view text, std::string* out) {
  if (text.data() == nullptr) {
    out->append(kNull);
  } else if (column.plain || !MayNeedEscape(text)) {
    out->append(text);
  } else {
    AppendEscaped(text, out);
  }
}

}  // namespace

void TsvBatch::MakeSegments(std::span<const vtab::ShownColumn> columns) {
  size_t used = 0;
  std::string* bytes = nullptr;
  auto next = [&] {
    if (segments_.size() == used) segments_.emplace_back();
    bytes = &segments_[used].bytes;
    bytes->clear();
  };
  next();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) bytes->push_back('\t');
    if (columns[i].constant) {
      AppendCell(columns[i], columns[i].text, bytes);
      continue;
    }
    segments_[used++].column = &columns[i];
    next();
  }
  end_ = *bytes + '\n';
  segments_.resize(used);
}

void TsvBatch::Append(std::span<const vtab::ShownColumn> columns, size_t rows, std::string* out) {
  MakeSegments(columns);
  for (size_t row = 0; row < rows; ++row) {
    size_t most = end_.size();
    for (const Segment& segment : segments_) {
      most += segment.bytes.size() + segment.column->texts[row].size() + kNull.size();
    }
    size_t size = out->size();
    // Grows by doubling, so that the bytes are not cleared again and again.
    if (out->capacity() < size + most) out->reserve(2 * (size + most));
    for (const Segment& segment : segments_) {
      out->append(segment.bytes);
      AppendCell(*segment.column, segment.column->texts[row], out);
    }
    out->append(end_);
  }
}

}  // namespace obviews::tools
