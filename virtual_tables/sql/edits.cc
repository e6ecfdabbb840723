// Emits edited tokens, keeping neighbours apart that would otherwise read as one token.
#include "virtual_tables/sql/edits.h"

#include <algorithm>

namespace obviews::vtab::sql {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Emitter {
 public:
  explicit Emitter(OffsetMap* map) : map_(map) {}

  void Gap(std::string_view gap, size_t original, bool comment) {
    if (gap.empty()) return;
    Mark(original, !comment);
    out_ += comment ? std::string_view(" ") : gap;
  }

  void Typed(std::string_view piece, size_t original) { Put(piece, original, true); }
  void Made(std::string_view piece, size_t original) { Put(piece, original, false); }
  std::string Take() { return std::move(out_); }

 private:
  void Put(std::string_view piece, size_t original, bool typed) {
    if (piece.empty()) return;
    if (!out_.empty()) {
      const char last = out_.back();
      const char next = piece.front();
      // SQLite takes every "--" for a comment, MySQL only one before white space.
      const bool comment = last == '-' && next == '-';
      const bool word = IsWordByte(last) && (IsWordByte(next) || next == '\'');
      if (comment || (word && !(typed && typed_))) {
        Mark(original, false);
        out_ += ' ';
      }
    }
    Mark(original, typed);
    out_ += piece;
    typed_ = typed;
  }

  void Mark(size_t original, bool linear) {
    if (map_ != nullptr) map_->Add(out_.size(), original, linear);
  }

  OffsetMap* map_;
  std::string out_;
  bool typed_ = true;
};

}  // namespace

size_t OffsetMap::ToOriginal(size_t translated) const {
  const auto after = std::upper_bound(
      segments_.begin(), segments_.end(), translated,
      [](size_t offset, const Segment& segment) { return offset < segment.translated; });
  if (after == segments_.begin()) return translated;
  const Segment& segment = *(after - 1);
  return segment.original + (segment.linear ? translated - segment.translated : 0);
}

void OffsetMap::Add(size_t translated, size_t original, bool linear) {
  segments_.push_back({translated, original, linear});
}

std::string TokenEdits::Emit(size_t first, size_t last, OffsetMap* map) const {
  Emitter emitter(map);
  for (size_t i = first; i < last; ++i) {
    if (dropped(i) && edits_[i].before.empty() && edits_[i].after.empty()) continue;
    const Token& token = tokens_[i];
    if (i > first) {
      const size_t gap = tokens_[i - 1].end;
      emitter.Gap(text_.substr(gap, token.begin - gap), gap, token.after_comment);
    }
    emitter.Made(edits_[i].before, token.begin);
    if (edits_[i].replacement) {
      emitter.Made(*edits_[i].replacement, token.begin);
    } else {
      emitter.Typed(text_.substr(token.begin, token.end - token.begin), token.begin);
    }
    emitter.Made(edits_[i].after, token.begin);
  }
  if (map != nullptr && last > first) {
    std::string out = emitter.Take();
    map->Add(out.size(), tokens_[last - 1].end, false);
    return out;
  }
  return emitter.Take();
}

}  // namespace obviews::vtab::sql
