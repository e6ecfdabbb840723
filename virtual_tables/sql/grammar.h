// The little grammar that rewriting needs: which tokens form one operand of an expression.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "schema/status.h"
#include "virtual_tables/sql/lexer.h"

namespace obviews::vtab::sql {

/// Which binary operators an operand may hold: none, * / % DIV MOD, or + - as well (and || in
/// Oracle mode). Signs always belong to the operand.
enum class Binding : uint8_t { kSignOnly, kMultiplicative, kAdditive };

/// The tokens of one statement with questions about them. Indexes out of range are allowed in the
/// predicates (also `i - 1` for i = 0) and answer false. Borrows the text.
class TokenList {
 public:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  /// Tokenizes `text`, which begins at `start`. Errors: as Tokenize; a parenthesis without partner.
  static Result<TokenList> Make(std::string_view text, schema::Mode mode, Position start);

  size_t size() const { return tokens_.size(); }
  const std::vector<Token>& tokens() const { return tokens_; }
  std::string_view statement() const { return text_; }
  schema::Mode mode() const { return mode_; }
  std::string_view text(size_t i) const {
    return text_.substr(tokens_[i].begin, tokens_[i].end - tokens_[i].begin);
  }

  bool Kind(size_t i, TokenKind kind) const { return i < size() && tokens_[i].kind == kind; }
  /// An unquoted word, whatever its case. `word` is upper case.
  bool Word(size_t i, std::string_view word) const;
  bool Op(size_t i, std::string_view op) const;
  /// A name, quoted or not.
  bool Name(size_t i) const;
  /// The value of a name, string or word, without quotes.
  std::string Unquoted(size_t i) const;

  /// The other parenthesis of the one at `i`.
  size_t partner(size_t i) const { return partners_[i]; }
  /// One behind `i`, or behind the closing parenthesis if `i` opens one.
  size_t Skip(size_t i) const { return Op(i, "(") ? partners_[i] + 1 : i + 1; }

  /// Whether an expression can end at `i`: a literal, a name, `)`, END.
  bool EndsOperand(size_t i) const;

  /// First token of the longest operand that ends at `last` and holds only operators of `binding`.
  size_t LeftOperand(size_t last, Binding binding) const;

  /// Last token of the longest such operand that begins at `first`; kNone if none does.
  size_t RightOperand(size_t first, Binding binding) const;

  /// Makes [interval, unit] one operand for LeftOperand.
  void MarkInterval(size_t interval, size_t unit) { intervals_[unit] = interval; }
  bool EndsInterval(size_t i) const { return intervals_[i] != kNone; }

  Error ErrorAt(std::string_view message, size_t i) const;

 private:
  TokenList(std::string_view text, schema::Mode mode, Position start, std::vector<Token> tokens);
  Status MatchParentheses();
  bool BinaryOperator(size_t i, Binding binding) const;
  bool Sign(size_t i) const;
  size_t PrimaryBegin(size_t last) const;
  size_t PrimaryEnd(size_t first) const;
  size_t NameBegin(size_t last) const;
  size_t CaseBegin(size_t end) const;
  size_t CaseEnd(size_t begin) const;

  std::string_view text_;
  schema::Mode mode_;
  Position start_;
  std::vector<Token> tokens_;
  std::vector<size_t> partners_;
  std::vector<size_t> intervals_;
};

}  // namespace obviews::vtab::sql
