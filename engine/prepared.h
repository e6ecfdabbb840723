// Transactions that are prepared: their changes as one value, kept under their xid in the default
// family until they are committed or rolled back. Internal to engine/.
//
// Layout, version 1 (written to disk: do not change, add a version):
//   0      format version (1)
//   1..8   XXH3-64 of the key and of bytes 9..end, little endian
//   9      number of changes (varint), and each of them: record kind (1 byte), key (three signed
//          varints), size of the record plus 1 or 0 if it is deleted (varint), the record
//          (record_format.h), its long texts in the order of their fields
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/own_changes.h"
#include "engine/snapshot.h"

namespace obviews::engine {

/// Where the changes of a prepared transaction are kept.
std::string PreparedKey(std::string_view xid);
std::string EncodePrepared(std::string_view key, const OwnChanges& changes);
/// Sets the changes. What is wrong with the bytes, ""  if nothing is; then `changes` has some of
/// them.
std::string_view DecodePrepared(std::string_view key, std::string_view bytes, OwnChanges* changes);

/// What cannot be read of a prepared transaction.
Error PreparedDamage(std::string_view xid, std::string_view why);

/// The xids, in the order of their bytes.
Result<std::vector<std::string>> ListPrepared(const DatabaseSnapshot& snapshot);

/// Notes each prepared transaction in `report`, and what is damaged.
void CheckPrepared(const DatabaseSnapshot& snapshot, VerifyReport* report);

}  // namespace obviews::engine
