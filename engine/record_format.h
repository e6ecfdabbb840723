// The bytes of one record. Layout, version 1 (written to disk: do not change, add a version):
//
//   0      format version (1)
//   1      record kind
//   2..3   number of fields n, little endian
//   4      width w of an offset: 1, 2 or 4 bytes
//   5      flags: bit 0 = some text lives under a key of its own
//   6..7   zero
//   8..15  XXH3-64 of the encoded key, bytes 0..7 and bytes 16..end, little endian
//   16     NULL bitmap, (n + 7) / 8 bytes
//          external bitmap, as long, only if flag bit 0
//          n end offsets of w bytes, little endian, into the payload
//          payload: integers in the fewest little-endian two's-complement bytes (0 has none), texts
//          raw, an external text as its length and XXH3-64 (8 bytes each)
//
// Any field is found without decoding another. The key's own fields take no payload. Fields a
// record was written without (an older writer) read as unset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/key.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::engine {

inline constexpr uint8_t kRecordFormatVersion = 1;

/// Texts longer than this live in the text column family, so that a scan that does not show them
/// never reads them. Large enough for every VARCHAR of the base tables in ASCII.
inline constexpr size_t kMaxInlineText = 4096;

/// A text kept under a key of its own.
struct ExternalText {
  uint16_t field = 0;
  uint64_t size = 0;
  uint64_t hash = 0;  ///< XXH3-64 of the text
};

/// Bytes of an external text's reference, which stands in the place of the text.
inline constexpr size_t kExternalRefSize = 16;
void AppendReference(const ExternalText& text, std::string* out);
/// REQUIRES: kExternalRefSize bytes.
ExternalText ParseReference(uint16_t field, std::string_view bytes);

/// Appends the bytes of `record` to `out` and names the texts that must be written beside it.
void EncodeRecord(const schema::Record& record, std::string* out,
                  std::vector<ExternalText>* external);

/// XXH3-64 of a text, as external texts carry it.
uint64_t HashText(std::string_view text);

class RecordBlock;

/// One stored record, read in place: bytes of its own, or a row of a block. Borrows what it was
/// made of; trivially copyable; thread-compatible.
class RecordView {
 public:
  RecordView() = default;
  /// Row `row` of `block`. Only fields that the block was parsed for may be read.
  RecordView(const RecordBlock& block, uint32_t row);

  /// Checks version, kind, checksum and structure; nothing is copied. On failure returns why, in
  /// words that fit "record (key) of column family F: ...", and leaves the view unusable; on
  /// success "".
  std::string_view Parse(const schema::RecordType& type, const Key& key, std::string_view bytes);

  const schema::RecordType& type() const { return *type_; }
  const Key& key() const { return key_; }

  bool IsNull(size_t field) const;
  /// A text that ReadText of the snapshot must fetch. REQUIRES: the field is a text.
  bool IsExternal(size_t field) const;
  ExternalText External(size_t field) const;
  /// REQUIRES: an integer field that is not NULL. SCNs come as their bit pattern.
  int64_t Int(size_t field) const;
  /// REQUIRES: a text field that is neither NULL nor external. Lives as long as the record's bytes;
  /// of a row of a block, only until the same field of another row of it is read.
  std::string_view Text(size_t field) const;

  /// Texts of this record that live under keys of their own.
  std::vector<ExternalText> ExternalTexts() const;

 private:
  std::string_view Payload(size_t field) const;
  uint32_t Offset(size_t index) const;

  const schema::RecordType* type_ = nullptr;
  const RecordBlock* block_ = nullptr;
  uint32_t row_ = 0;
  Key key_;
  uint32_t count_ = 0;
  uint8_t width_ = 1;
  const unsigned char* nulls_ = nullptr;
  const unsigned char* externals_ = nullptr;
  const unsigned char* offsets_ = nullptr;
  const char* payload_ = nullptr;
};

}  // namespace obviews::engine
