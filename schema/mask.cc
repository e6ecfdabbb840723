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

// Where the value beginning at `begin` ends.
size_t ValueEnd(std::string_view text, size_t begin) {
  for (size_t at = text.find_first_of("&,", begin); at != std::string_view::npos;
       at = text.find_first_of("&,", at + 1)) {
    if (text[at] == '&') return at;
    size_t next = at + 1;
    while (next < text.size() && text[next] == ' ') ++next;
    if (SchemeBegins(text, next)) return at;
  }
  return text.size();
}

// The key that ends right before the `=` at `equals`, blanks around it dropped.
std::string_view KeyBefore(std::string_view text, size_t floor, size_t equals) {
  size_t end = equals;
  while (end > floor && text[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > floor && IsKeyByte(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

// The password of the authority beginning at `begin` (after `://`).
std::optional<Span> Password(std::string_view text, size_t begin) {
  std::string_view authority = text.substr(begin);
  authority = authority.substr(0, authority.find_first_of("/?#"));
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
  for (size_t at = text.find('=', from); at != std::string_view::npos;
       at = text.find('=', at + 1)) {
    if (!IsSecretKey(KeyBefore(text, from, at))) continue;
    const Span secret{at + 1, ValueEnd(text, at + 1)};
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
