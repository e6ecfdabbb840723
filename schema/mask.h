// Hiding secrets in shown values: whole values, and the secret parts of URIs and option strings.
#pragma once

#include <string>
#include <string_view>

namespace obviews::schema {

/// What a hidden secret reads, whatever its length.
inline constexpr std::string_view kMaskedSecret = "******";

/// The shown form of a value that is a secret as a whole: kMaskedSecret; empty stays empty.
constexpr std::string_view MaskSecret(std::string_view text) {
  return text.empty() ? text : kMaskedSecret;
}

/// True if `key` names a secret in a URI or option string. The list is closed; case, `_`, `-` and
/// percent encoding do not matter: access_id, access_key, access_key_id, access_key_secret,
/// access_token, auth_token, aws_access_key_id, aws_secret_access_key, encrypt_key,
/// encryption_key, external_kms_info, kms_info, kms_key, kms_password, kms_secret, kms_token,
/// oss_access_key_id, passphrase, passwd, password, private_key, pwd, refresh_token, secret,
/// secret_access_key, secret_id, secret_key, security_token, session_token, sig, signature,
/// sts_token, token, x_amz_credential, x_amz_security_token, x_amz_signature. (kms_encrypt is a
/// switch, no secret.)
bool IsSecretKey(std::string_view key);

/// True if MaskUriSecrets would change the text. Does not allocate; a text without `=` and `@`
/// costs two memchr.
bool NeedsUriMask(std::string_view text);

/// Writes `text` to `out` (replacing it) with each secret replaced by kMaskedSecret and every other
/// byte kept. Secrets are the values of secret keys in `key=value` pairs, and the password of
/// `scheme://user:password@host`. A value ends at `&`, at a comma that begins another
/// `scheme://`, or at the end. Where secrets stand in prose (an error text with a URI in it; any
/// text that does not begin with `key=`) a value also ends at a blank, a quote or a control byte,
/// or at the quote that closes it if one opens it; URIs have those percent-encoded. But it goes on
/// behind a blank if an `&key=` follows: in doubt more is hidden, never less. So a blank ends the
/// search for a password too, unless what stands before it looks like the beginning of one. An
/// empty value stays empty.
/// REQUIRES: out does not own text's bytes.
void MaskUriSecrets(std::string_view text, std::string& out);

}  // namespace obviews::schema
