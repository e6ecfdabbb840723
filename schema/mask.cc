// Two finders, one for passwords and one for values of keys; masking and asking both use them.
#include "schema/mask.h"

#include <algorithm>
#include <array>
#include <optional>

namespace obviews::schema {
namespace {

// Lower case, without `_` and `-`; sorted.
constexpr std::array<std::string_view, 36> kSecretKeys = {"accessid",
                                                          "accesskey",
                                                          "accesskeyid",
                                                          "accesskeysecret",
                                                          "accesstoken",
                                                          "authtoken",
                                                          "awsaccesskeyid",
                                                          "awssecretaccesskey",
                                                          "encryptionkey",
                                                          "encryptkey",
                                                          "externalkmsinfo",
                                                          "kmsinfo",
                                                          "kmskey",
                                                          "kmspassword",
                                                          "kmssecret",
                                                          "kmstoken",
                                                          "ossaccesskeyid",
                                                          "passphrase",
                                                          "passwd",
                                                          "password",
                                                          "privatekey",
                                                          "pwd",
                                                          "refreshtoken",
                                                          "secret",
                                                          "secretaccesskey",
                                                          "secretid",
                                                          "secretkey",
                                                          "securitytoken",
                                                          "sessiontoken",
                                                          "sig",
                                                          "signature",
                                                          "ststoken",
                                                          "token",
                                                          "xamzcredential",
                                                          "xamzsecuritytoken",
                                                          "xamzsignature"};
static_assert(std::is_sorted(kSecretKeys.begin(), kSecretKeys.end()));
constexpr size_t kLongestKey = 18;
static_assert(std::all_of(kSecretKeys.begin(), kSecretKeys.end(),
                          [](std::string_view key) { return key.size() <= kLongestKey; }));

constexpr std::string_view kSchemeMark = "://";

bool IsAlpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A byte that can belong to the name before an `=`.
bool IsKeyByte(char c) { return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-' || c == '%'; }

// A part of a text, [begin, end).
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

// True if `scheme://` begins at `at`.
bool SchemeBegins(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && (IsAlpha(text[end]) || IsDigit(text[end]) || text[end] == '+' ||
                               text[end] == '-' || text[end] == '.')) {
    ++end;
  }
  return end > at && text.substr(end, kSchemeMark.size()) == kSchemeMark;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }
bool IsQuote(char c) { return c == '"' || c == '\'' || c == '`'; }

// Whether a text is `key=...` from its first byte, as options are. Anything else may be prose.
bool BeginsWithKey(std::string_view text) {
  constexpr size_t kLongest = 64;
  size_t at = 0;
  while (at < text.size() && at < kLongest && IsKeyByte(text[at])) ++at;
  if (at == 0) return false;
  while (at < text.size() && text[at] == ' ' && at < kLongest) ++at;
  return at < text.size() && text[at] == '=';
}

// Whether an `&`, or a comma before another URI, ends a value at `at`.
bool EndsOption(std::string_view text, size_t at) {
  if (text[at] != ',') return text[at] == '&';
  ++at;
  while (at < text.size() && text[at] == ' ') ++at;
  return SchemeBegins(text, at);
}

// Where the value beginning at `begin` ends in a text of options.
size_t OptionEnd(std::string_view text, size_t begin) {
  while (begin < text.size() && !EndsOption(text, begin)) ++begin;
  return begin;
}

// Where a value with a blank in it ends: before the next `&key=`, if no other URI, option or quote
// comes first; else at the blank.
size_t EndBehindBlank(std::string_view text, size_t blank) {
  size_t end = blank;
  while (end < text.size() && text[end] != '&') {
    if (IsQuote(text[end]) || IsControl(text[end]) || text[end] == '=' || text[end] == ':') {
      return blank;
    }
    ++end;
  }
  size_t key = end + 1;
  while (key < text.size() && IsKeyByte(text[key])) ++key;
  return key > end + 1 && key < text.size() && text[key] == '=' ? end : blank;
}

// The value beginning at `begin` in prose.
Span ProseValue(std::string_view text, size_t begin) {
  while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
  if (begin < text.size() && IsQuote(text[begin])) {
    const size_t close = text.find(text[begin], begin + 1);
    return {begin + 1, std::min(close, text.size())};
  }
  size_t end = begin;
  for (; end < text.size() && !EndsOption(text, end); ++end) {
    if (IsQuote(text[end]) || IsControl(text[end])) break;
    if (text[end] == ' ') return {begin, EndBehindBlank(text, end)};
  }
  return {begin, end};
}

// The key that ends right before the `=` at `equals`, blanks around it dropped.
std::string_view KeyBefore(std::string_view text, size_t floor, size_t equals) {
  size_t end = equals;
  while (end > floor && text[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > floor && IsKeyByte(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

// Where prose goes on behind a host: at the first blank or control byte if no password can have
// begun before it or one has ended: after an `@`, or if only a port follows the first colon.
size_t HostEnd(std::string_view authority) {
  size_t end = 0;
  while (end < authority.size() && authority[end] != ' ' && !IsControl(authority[end])) ++end;
  const std::string_view host = authority.substr(0, end);
  if (host.find('@') != std::string_view::npos) return end;
  const size_t colon = std::min(host.find(':'), host.size());
  return std::all_of(host.begin() + static_cast<std::ptrdiff_t>(std::min(colon + 1, host.size())),
                     host.end(), IsDigit)
             ? end
             : authority.size();
}

// The password of the authority beginning at `begin` (after `://`).
std::optional<Span> Password(std::string_view text, size_t begin) {
  std::string_view authority = text.substr(begin);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  authority = authority.substr(0, HostEnd(authority));
  // A comma before the next URI's scheme ends this one; that scheme's slashes were just cut off.
  const size_t comma = authority.rfind(',');
  if (comma != std::string_view::npos && SchemeBegins(text, begin + comma + 1)) {
    authority = authority.substr(0, comma);
  }
  const size_t at_sign = authority.rfind('@');
  if (at_sign == std::string_view::npos) return std::nullopt;
  const size_t colon = authority.substr(0, at_sign).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Span{begin + colon + 1, begin + at_sign};
}

// Both finders below give the first secret of their kind at or after `from` that is neither empty
// nor hidden already.
bool IsPlain(std::string_view text, const Span& secret) {
  return secret.begin != secret.end &&
         text.substr(secret.begin, secret.end - secret.begin) != kMaskedSecret;
}

std::optional<Span> NextPassword(std::string_view text, size_t from) {
  for (size_t at = text.find(kSchemeMark, from); at != std::string_view::npos;
       at = text.find(kSchemeMark, at + 1)) {
    const std::optional<Span> secret = Password(text, at + kSchemeMark.size());
    if (secret && IsPlain(text, *secret)) return secret;
  }
  return std::nullopt;
}

std::optional<Span> NextValue(std::string_view text, size_t from) {
  const bool options = BeginsWithKey(text);
  for (size_t at = text.find('=', from); at != std::string_view::npos;
       at = text.find('=', at + 1)) {
    if (!IsSecretKey(KeyBefore(text, from, at))) continue;
    const Span secret = options ? Span{at + 1, OptionEnd(text, at + 1)} : ProseValue(text, at + 1);
    if (IsPlain(text, secret)) return secret;
  }
  return std::nullopt;
}

using Finder = std::optional<Span> (*)(std::string_view, size_t);

void MaskFound(std::string& text, Finder next) {
  std::optional<Span> secret = next(text, 0);
  if (!secret) return;
  std::string out;
  size_t done = 0;
  for (; secret; secret = next(text, done)) {
    out.append(text, done, secret->begin - done).append(kMaskedSecret);
    done = secret->end;
  }
  text = out.append(text, done);
}

bool MayHoldSecret(std::string_view text) {
  return text.find('=') != std::string_view::npos || text.find('@') != std::string_view::npos;
}

}  // namespace

bool IsSecretKey(std::string_view key) {
  std::array<char, kLongestKey> plain{};
  size_t size = 0;
  for (size_t i = 0; i < key.size(); ++i) {
    char c = key[i];
    if (c == '%' && i + 2 < key.size() && HexDigit(key[i + 1]) >= 0 && HexDigit(key[i + 2]) >= 0) {
      c = static_cast<char>(HexDigit(key[i + 1]) * 16 + HexDigit(key[i + 2]));
      i += 2;
    }
    if (c == '_' || c == '-') continue;
    if (size == plain.size()) return false;
    plain[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return std::binary_search(kSecretKeys.begin(), kSecretKeys.end(),
                            std::string_view(plain.data(), size));
}

bool NeedsUriMask(std::string_view text) {
  return MayHoldSecret(text) && (NextPassword(text, 0) || NextValue(text, 0));
}

void MaskUriSecrets(std::string_view text, std::string& out) {
  out.assign(text);
  if (!MayHoldSecret(text)) return;
  // Passwords first: a hidden value could swallow the `@` that tells one. And once more, as hiding
  // a value with a slash in it can turn what follows into a password; so masking twice is masking
  // once.
  MaskFound(out, NextPassword);
  MaskFound(out, NextValue);
  MaskFound(out, NextPassword);
}

}  // namespace obviews::schema
