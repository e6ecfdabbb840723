// Replacing single tokens of a statement, and finding the way back from the result's bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "virtual_tables/sql/lexer.h"

namespace obviews::vtab::sql {

/// Maps bytes of a rewritten statement to bytes of the original one. Copyable, thread-compatible.
class OffsetMap {
 public:
  /// The original byte that the byte at `translated` came from; for text that was put in, the
  /// token it stands for. Offsets beyond the end map to the end. An empty map is the identity.
  size_t ToOriginal(size_t translated) const;

  /// Says that translated text from `translated` on came from `original`: byte by byte if
  /// `linear`, else all of it from that one place. REQUIRES growing `translated`.
  void Add(size_t translated, size_t original, bool linear);

 private:
  struct Segment {
    size_t translated;
    size_t original;
    bool linear;
  };
  std::vector<Segment> segments_;
};

/// A statement's text with its tokens replaced, dropped or wrapped. Borrows text and tokens.
class TokenEdits {
 public:
  TokenEdits(std::string_view text, const std::vector<Token>& tokens)
      : text_(text), tokens_(tokens), edits_(tokens.size()) {}

  /// `text` stands in place of the token; an empty one drops the token and the gap before it.
  void Replace(size_t token, std::string text) { edits_[token].replacement = std::move(text); }
  void Drop(size_t token) { Replace(token, {}); }
  bool replaced(size_t token) const { return edits_[token].replacement.has_value(); }
  bool dropped(size_t token) const { return replaced(token) && edits_[token].replacement->empty(); }

  /// Puts text in front of the token and of everything put there earlier: the outer function of
  /// two that start at the same token is the one wrapped later.
  void PutBefore(size_t token, std::string_view text) { edits_[token].before.insert(0, text); }

  /// Puts text behind the token and behind everything put there earlier.
  void PutAfter(size_t token, std::string_view text) { edits_[token].after.append(text); }

  /// The tokens [first, last) as edited. Gaps between tokens stay as typed, but a gap holding a
  /// comment becomes one space. `map`, if given, is filled.
  std::string Emit(size_t first, size_t last, OffsetMap* map = nullptr) const;

 private:
  struct Edit {
    std::string before;
    std::optional<std::string> replacement;
    std::string after;
  };

  std::string_view text_;
  const std::vector<Token>& tokens_;
  std::vector<Edit> edits_;
};

}  // namespace obviews::vtab::sql
