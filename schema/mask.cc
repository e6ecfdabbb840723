// One scanner finds the secrets of a text from left to right; masking and asking both use it.
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
  size_t end = text.find_first_of("/?#", begin);
  if (end == std::string_view::npos) end = text.size();
  for (size_t comma = text.find(',', begin); comma < end; comma = text.find(',', comma + 1)) {
    if (SchemeBegins(text, comma + 1)) end = comma;
  }
  const std::string_view authority = text.substr(begin, end - begin);
  const size_t at_sign = authority.rfind('@');
  if (at_sign == std::string_view::npos) return std::nullopt;
  const size_t colon = authority.substr(0, at_sign).find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return Span{begin + colon + 1, begin + at_sign};
}

// The first secret at or after `from` that is neither empty nor hidden already.
std::optional<Span> NextSecret(std::string_view text, size_t from) {
  for (size_t at = text.find_first_of("=:", from); at != std::string_view::npos;
       at = text.find_first_of("=:", at + 1)) {
    std::optional<Span> secret;
    if (text[at] == '=') {
      if (IsSecretKey(KeyBefore(text, from, at))) secret = Span{at + 1, ValueEnd(text, at + 1)};
    } else if (text.substr(at, kSchemeMark.size()) == kSchemeMark) {
      secret = Password(text, at + kSchemeMark.size());
    }
    if (!secret || secret->begin == secret->end) continue;
    if (text.substr(secret->begin, secret->end - secret->begin) != kMaskedSecret) return secret;
  }
  return std::nullopt;
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
  return MayHoldSecret(text) && NextSecret(text, 0).has_value();
}

void MaskUriSecrets(std::string_view text, std::string& out) {
  out.clear();
  size_t done = 0;
  if (MayHoldSecret(text)) {
    for (auto secret = NextSecret(text, 0); secret; secret = NextSecret(text, done)) {
      out += text.substr(done, secret->begin - done);
      out += kMaskedSecret;
      done = secret->end;
    }
  }
  out += text.substr(done);
}

}  // namespace obviews::schema
