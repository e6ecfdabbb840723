// Which statement a listing of a transcript was printed by.
#include "tools/loader/statements.h"

#include <algorithm>
#include <array>

#include "tools/loader/listing.h"

namespace obviews::tools {

namespace {

constexpr size_t kMaxStatementLines = 1000;
constexpr size_t kShownStatement = 200;
constexpr size_t kLongestPrompt = 200;
constexpr auto kNone = std::string_view::npos;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view FirstWord(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsWordByte);
  return text.substr(0, static_cast<size_t>(end - text.begin()));
}

template <size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [word](std::string_view w) { return EqualsIgnoreCase(word, w); });
}

constexpr std::array<std::string_view, 7> kPrinting = {"SELECT",   "WITH",    "SHOW", "DESC",
                                                       "DESCRIBE", "EXPLAIN", "TABLE"};
constexpr std::array<std::string_view, 8> kOther = {"USE",    "SET",    "ALTER",  "CALL",
                                                    "INSERT", "UPDATE", "DELETE", "COMMIT"};
constexpr std::array<std::string_view, 13> kSeveralTables = {
    "JOIN", "INNER", "LEFT",      "RIGHT",  "CROSS", "NATURAL", "STRAIGHT_JOIN",
    "FULL", "OUTER", "INTERSECT", "EXCEPT", "MINUS", "UNION"};
constexpr std::array<std::string_view, 7> kAfterFrom = {"WHERE", "GROUP", "HAVING", "ORDER",
                                                        "LIMIT", "FETCH", "FOR"};
constexpr std::array<std::string_view, 6> kClients = {"obclient", "mysql", "mariadb",
                                                      "sqlite",   "SQL",   "dump-views"};

// One token of a statement: a word, a quoted name or text, or a single punctuation byte.
struct SqlToken {
  enum class Kind : uint8_t { kEnd, kWord, kQuotedName, kText, kPunctuation, kTerminator };
  Kind kind = Kind::kEnd;
  std::string_view text;  // of a quoted name what stands between the quotes
};

// Cuts SQL into tokens; knows just enough to find names, terminators and commas.
class SqlTokens {
 public:
  explicit SqlTokens(std::string_view text) : text_(text) {}

  size_t position() const { return pos_; }

  SqlToken Next() {
    SkipBlanksAndComments();
    if (pos_ >= text_.size()) return {};
    const char c = text_[pos_];
    if (c == '\'') return Quoted(c, SqlToken::Kind::kText);
    if (c == '"' || c == '`') return Quoted(c, SqlToken::Kind::kQuotedName);
    const size_t begin = pos_;
    if (IsWordByte(c)) {
      pos_ += FirstWord(text_.substr(pos_)).size();
      return {SqlToken::Kind::kWord, text_.substr(begin, pos_ - begin)};
    }
    if (c == '\\' && pos_ + 1 < text_.size() &&
        (text_[pos_ + 1] == 'G' || text_[pos_ + 1] == 'g')) {
      pos_ += 2;
      return {SqlToken::Kind::kTerminator, text_.substr(begin, 2)};
    }
    ++pos_;
    return {c == ';' ? SqlToken::Kind::kTerminator : SqlToken::Kind::kPunctuation,
            text_.substr(begin, 1)};
  }

 private:
  void SkipTo(std::string_view end) {
    const size_t found = text_.find(end, pos_);
    pos_ = found == kNone ? text_.size() : found + end.size();
  }

  void SkipBlanksAndComments() {
    while (pos_ < text_.size()) {
      const std::string_view rest = text_.substr(pos_);
      if (IsBlank(rest[0])) {
        ++pos_;
      } else if (rest[0] == '#' || rest.starts_with("-- ") || rest.starts_with("--\n") ||
                 rest == "--") {
        SkipTo("\n");
      } else if (rest.starts_with("/*")) {
        pos_ += 2;
        SkipTo("*/");
      } else {
        return;
      }
    }
  }

  SqlToken Quoted(char quote, SqlToken::Kind kind) {
    const size_t begin = ++pos_;
    while (pos_ < text_.size() && text_[pos_] != quote) {
      pos_ += text_[pos_] == '\\' && quote == '\'' ? 2 : 1;
    }
    const size_t end = std::min(pos_, text_.size());
    pos_ = std::min(end + 1, text_.size());
    return {kind, text_.substr(begin, end - begin)};
  }

  std::string_view text_;
  size_t pos_ = 0;
};

std::string OnOneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = IsBlank(c);
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if (line.size() == kShownStatement) break;
    line.push_back(blank ? ' ' : c);
  }
  return line;
}

bool IsName(const SqlToken& token) {
  return token.kind == SqlToken::Kind::kQuotedName ||
         (token.kind == SqlToken::Kind::kWord && !IsDigit(token.text[0]));
}

bool IsPunctuation(const SqlToken& token, std::string_view mark) {
  return token.kind == SqlToken::Kind::kPunctuation && token.text == mark;
}

bool IsWord(const SqlToken& token, std::string_view word) {
  return token.kind == SqlToken::Kind::kWord && EqualsIgnoreCase(token.text, word);
}

// Whether a token ends an item of a select list.
bool EndsItem(const SqlToken& token) {
  return token.kind == SqlToken::Kind::kEnd || token.kind == SqlToken::Kind::kTerminator ||
         IsPunctuation(token, ",") || IsWord(token, "FROM");
}

// Reads `[[a.]b.]name [[AS] name]` or `[a.]*` and the token behind it; "" or why it is neither.
std::string ReadSelectItem(SqlTokens& tokens, SqlToken& token, std::string_view& name) {
  const auto computed = [&token] {
    return EndsItem(token) ? std::string("computes columns")
                           : "computes columns (" + std::string(token.text) + ")";
  };
  name = {};
  while (IsName(token)) {
    name = token.text;
    const SqlToken column = token;
    token = tokens.Next();
    if (IsPunctuation(token, "(")) {
      token = column;
      return computed();
    }
    if (!IsPunctuation(token, ".")) break;
    name = {};
    token = tokens.Next();
  }
  if (name.empty()) {
    if (!IsPunctuation(token, "*")) return computed();
    token = tokens.Next();
    return EndsItem(token) ? std::string() : computed();
  }
  if (EndsItem(token)) return {};
  if (IsWord(token, "AS")) token = tokens.Next();
  if (!IsName(token)) return computed();
  const SqlToken alias = token;
  token = tokens.Next();
  if (!EndsItem(token)) return computed();
  if (EqualsIgnoreCase(alias.text, name)) return {};
  return "calls " + UpperAscii(name) + " " + UpperAscii(alias.text);
}

// What a SELECT lists: its columns, or why its rows are not those of the view it reads.
void ReadSelectList(SqlTokens tokens, PrintingStatement& statement) {
  SqlToken token = tokens.Next();
  while (IsWord(token, "DISTINCT") || IsWord(token, "ALL")) token = tokens.Next();
  bool has_star = false;
  for (;; token = tokens.Next()) {
    std::string_view name;
    statement.derived = ReadSelectItem(tokens, token, name);
    if (!statement.derived.empty()) return;
    has_star = has_star || name.empty();
    statement.columns.push_back(UpperAscii(name));
    if (!IsPunctuation(token, ",")) break;
  }
  if (has_star) statement.columns.clear();
  int depth = 0;
  for (; token.kind != SqlToken::Kind::kEnd; token = tokens.Next()) {
    depth += IsPunctuation(token, "(") ? 1 : IsPunctuation(token, ")") ? -1 : 0;
    if (depth == 0 && (IsWord(token, "GROUP") || IsWord(token, "HAVING"))) {
      statement.derived = "puts rows together (" + UpperAscii(token.text) + ")";
      return;
    }
  }
}

// The names after FROM, `[schema .] view`, if they are all the statement reads from.
bool FindView(SqlTokens tokens, PrintingStatement& statement) {
  using Kind = SqlToken::Kind;
  const auto is_name = [](const SqlToken& t) {
    return t.kind == Kind::kWord || t.kind == Kind::kQuotedName;
  };
  bool in_from = false;
  bool seen_from = false;
  int depth = 0;
  std::string_view schema;
  std::string_view view;
  for (SqlToken token = tokens.Next(); token.kind != Kind::kEnd; token = tokens.Next()) {
    if (token.text == "(" && token.kind == Kind::kPunctuation) ++depth;
    if (token.text == ")" && token.kind == Kind::kPunctuation) --depth;
    if (depth != 0) continue;
    if (token.kind == Kind::kWord && IsOneOf(token.text, kSeveralTables)) return false;
    if (token.kind == Kind::kWord && IsOneOf(token.text, kAfterFrom)) in_from = false;
    if (in_from && token.text == "," && token.kind == Kind::kPunctuation) return false;
    if (seen_from || token.kind != Kind::kWord || !EqualsIgnoreCase(token.text, "FROM")) continue;
    seen_from = in_from = true;
    SqlToken name = tokens.Next();
    SqlTokens ahead = tokens;
    if (is_name(name) && ahead.Next().text == ".") {
      schema = name.text;
      tokens = ahead;
      name = tokens.Next();
      ahead = tokens;
      if (ahead.Next().text == ".") return false;
    }
    if (!is_name(name)) return false;
    view = name.text;
  }
  if (view.empty()) return false;
  statement.view = UpperAscii(view);
  statement.schema = EqualsIgnoreCase(schema, "oceanbase") ? "oceanbase"
                     : EqualsIgnoreCase(schema, "SYS")     ? "SYS"
                                                           : std::string(schema);
  return true;
}

// Whether the name is one of a recovery view, as against a word of prose.
bool IsViewName(std::string_view name) {
  return (name.starts_with("CDB_OB_") || name.starts_with("DBA_OB_")) && name.size() > 7;
}

// Past a list item's mark: `- `, `* `, `1. `.
std::string_view WithoutListMark(std::string_view body) {
  size_t mark = 0;
  while (mark < body.size() && IsDigit(body[mark])) ++mark;
  const bool numbered = mark > 0;
  const std::string_view ends = numbered ? ".)" : "-*+";
  if (mark < body.size() && ends.find(body[mark]) != kNone) {
    ++mark;
    if (mark < body.size() && IsBlank(body[mark])) return Trim(body.substr(mark));
  }
  return body;
}

// Past the prompt of a statement's further lines: `    -> `, `    '> `.
std::string_view WithoutContinuationPrompt(std::string_view body) {
  for (const std::string_view prompt : {"->", "'>", "\">", "`>", "/*>"}) {
    if (body.starts_with(prompt)) return body.substr(prompt.size());
  }
  return body;
}

bool IsRuleOfDashes(std::string_view body) {
  return body.size() >= 8 && body.find_first_not_of('-') == kNone;
}

}  // namespace

bool ParseStatement(std::string_view text, PrintingStatement& statement) {
  statement.view.clear();
  statement.schema.clear();
  statement.columns.clear();
  statement.derived.clear();
  statement.text = OnOneLine(Trim(text));
  SqlTokens tokens(text);
  const SqlToken first = tokens.Next();
  if (first.text == "(") return true;
  if (first.kind != SqlToken::Kind::kWord || !IsOneOf(first.text, kPrinting)) return false;
  if (EqualsIgnoreCase(first.text, "SELECT")) {
    ReadSelectList(tokens, statement);
    FindView(tokens, statement);
  }
  return true;
}

size_t PrefixLength(std::string_view line) {
  // Every line of a transcript comes here several times; find_first_not_of() is far slower.
  size_t length = 0;
  while (length < line.size() &&
         (line[length] == ' ' || line[length] == '\t' || line[length] == '>')) {
    ++length;
  }
  return length;
}

bool IsFence(std::string_view line) {
  const std::string_view body = WithoutListMark(Trim(line.substr(PrefixLength(line))));
  if (!body.starts_with("```") && !body.starts_with("~~~")) return false;
  const size_t info = std::min(body.find_first_not_of(body[0]), body.size());
  return body.find('`', info) == kNone;
}

size_t PromptLength(std::string_view line) {
  const size_t prefix = PrefixLength(line);
  const std::string_view body = line.substr(prefix);
  const size_t arrow = body.substr(0, kLongestPrompt).find('>');
  if (arrow == kNone) return 0;
  // Between the client's name and the arrow may stand `(user@tenant)` and ` [schema]`.
  const std::string_view prompt = body.substr(0, arrow);
  const size_t bracket = prompt.find_first_of("([");
  const std::string_view name = Trim(prompt.substr(0, bracket));
  const bool brackets_close = bracket == kNone || prompt.find_last_of("])") + 1 == prompt.size();
  const bool is_client = IsOneOf(name, kClients);
  const bool has_schema = prompt.ends_with(']') && !name.empty() && name.find(' ') == kNone;
  if (!brackets_close || (!is_client && !has_schema)) return 0;
  size_t end = prefix + arrow + 1;
  if (end < line.size() && !IsBlank(line[end]) && !is_client) return 0;
  while (end < line.size() && IsBlank(line[end])) ++end;
  return end;
}

bool SaysEmptySet(std::string_view line) {
  return line.substr(PrefixLength(line)).starts_with("Empty set");
}

bool SaysNoRows(std::string_view line) {
  if (SaysEmptySet(line)) return true;
  const std::string_view body = line.substr(PrefixLength(line));
  return body.starts_with("ERROR ") && body.size() > 6 && (IsDigit(body[6]) || body[6] == '-');
}

void StatementTracker::ReadLine(std::string_view line, uint64_t number) {
  const size_t prefix = PrefixLength(line);
  const std::string_view body = Trim(line.substr(prefix));
  if (body.empty()) {
    if (fence_ == '\0') EndPending(trusted_);
    return;
  }
  if (IsFence(line)) return ReadFence(WithoutListMark(body));
  if (IsRuleOfDashes(body)) return EndPending(true);
  if (SaysNoRows(line)) {
    EndPending(trusted_);
    return EndOfStatementWithoutRows();
  }
  if (const size_t prompt = PromptLength(line); prompt > 0) {
    EndPending(trusted_);
    const std::string_view typed = Trim(line.substr(prompt));
    if (typed.empty()) return;
    group_open_ = false;
    return Begin(typed, {number, prompt + 1}, true);
  }
  if (is_pending_) return Append(WithoutContinuationPrompt(body));
  if (ReadShellCommand(line, number)) return;
  const std::string_view text = WithoutListMark(body);
  const std::string_view word = FirstWord(text);
  const bool in_fence = fence_ != '\0';
  // Prose may begin with Select or With; outside of a block only a plain SELECT counts.
  const bool starts_statement = in_fence ? IsOneOf(word, kPrinting) || IsOneOf(word, kOther)
                                         : word == "SELECT" || word == "select";
  if (starts_statement) {
    return Begin(text, {number, static_cast<size_t>(text.data() - line.data()) + 1}, in_fence);
  }
  const bool comment = in_fence && (body.starts_with("--") || body.starts_with("#"));
  if (comment) return;
  group_open_ = false;
  ReadInlineCode(line, number);
}

PrintingStatement StatementTracker::NameListing(bool& repeated) {
  EndPending(trusted_);
  group_open_ = false;
  repeated = false;
  if (!group_.empty()) {
    current_ = std::move(group_.front());
    group_.pop_front();
    has_current_ = true;
  } else {
    repeated = has_current_;
  }
  return current_;
}

void StatementTracker::Begin(std::string_view text, Position at, bool trusted) {
  is_pending_ = true;
  trusted_ = trusted;
  pending_.clear();
  pending_lines_ = 0;
  pending_at_ = at;
  Append(text);
}

void StatementTracker::Append(std::string_view text) {
  if (++pending_lines_ > kMaxStatementLines) {
    is_pending_ = false;
    return;
  }
  if (!pending_.empty()) pending_.push_back('\n');
  pending_.append(text);
  TakeComplete();
}

void StatementTracker::TakeComplete() {
  std::string_view rest = pending_;
  for (;;) {
    SqlTokens tokens(rest);
    SqlToken token = tokens.Next();
    while (token.kind != SqlToken::Kind::kEnd && token.kind != SqlToken::Kind::kTerminator) {
      token = tokens.Next();
    }
    if (token.kind == SqlToken::Kind::kEnd) break;
    const size_t end = tokens.position();
    const std::string_view text = rest.substr(0, end - token.text.size());
    rest = Trim(rest.substr(end));
    Add(text, trusted_ || rest.empty());
  }
  pending_.erase(0, static_cast<size_t>(rest.data() - pending_.data()));
  is_pending_ = !Trim(pending_).empty();
}

void StatementTracker::EndPending(bool trusted) {
  if (!is_pending_) return;
  is_pending_ = false;
  Add(pending_, trusted);
}

void StatementTracker::Add(std::string_view text, bool trusted) {
  PrintingStatement statement;
  const bool prints = ParseStatement(text, statement);
  if (!trusted && !IsViewName(statement.view)) return;
  if (!group_open_) StartGroup();
  if (!prints) return;
  statement.at = pending_at_;
  group_.push_back(std::move(statement));
}

void StatementTracker::StartGroup() {
  group_.clear();
  current_ = {};
  has_current_ = false;
  group_open_ = true;
}

void StatementTracker::EndOfStatementWithoutRows() {
  if (!group_.empty()) group_.pop_front();
  current_ = {};
  has_current_ = false;
  group_open_ = false;
}

void StatementTracker::ReadFence(std::string_view body) {
  const char mark = body[0];
  const size_t length = std::min(body.find_first_not_of(mark), body.size());
  const bool closes = mark == fence_ && length >= fence_length_ && length == body.size();
  if (fence_ != '\0' && !closes) return;
  EndPending(closes);
  group_open_ = false;
  fence_ = closes ? '\0' : mark;
  fence_length_ = length;
}

// Statements in a line of prose: `SELECT ...` between backticks.
void StatementTracker::ReadInlineCode(std::string_view line, uint64_t number) {
  for (size_t tick = line.find('`'); tick != kNone; tick = line.find('`', tick + 1)) {
    const size_t end = line.find('`', tick + 1);
    if (end == kNone) return;
    const std::string_view code = line.substr(tick + 1, end - tick - 1);
    PrintingStatement statement;
    if (EqualsIgnoreCase(FirstWord(code), "SELECT")) {
      ParseStatement(code.substr(0, code.find_first_of(";\\")), statement);
    }
    if (IsViewName(statement.view)) {
      StartGroup();
      group_open_ = false;
      statement.at = {number, tick + 2};
      group_.push_back(std::move(statement));
    }
    tick = end;
  }
}

// A client started from a shell: `$ dump-views --db D -e 'SELECT ...\G'`.
bool StatementTracker::ReadShellCommand(std::string_view line, uint64_t number) {
  for (const std::string_view option : {" -e '", " -e \"", " -e\"", " -e'", " --execute='",
                                        " --execute=\"", " --execute '", " --execute \""}) {
    const size_t found = line.find(option);
    if (found == kNone) continue;
    const size_t begin = found + option.size();
    const size_t end = line.find(option.back(), begin);
    const std::string_view text = line.substr(begin, end - begin);
    if (!IsOneOf(FirstWord(Trim(text)), kPrinting) && !IsOneOf(FirstWord(Trim(text)), kOther)) {
      continue;
    }
    group_open_ = false;
    Begin(text, {number, begin + 1}, true);
    if (end != kNone) EndPending(true);
    return true;
  }
  return false;
}

}  // namespace obviews::tools
