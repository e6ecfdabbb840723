// Reading sequences; see sequence.h.
#include "engine/sequence.h"

#include <fmt/format.h>

namespace obviews::engine {

Result<int64_t> ReadLastId(const Database& database, const rocksdb::ReadOptions& options,
                           Sequence sequence, int64_t tenant_id) {
  std::string bytes;
  rocksdb::Status read = database.db().Get(options, database.family(kDefaultFamily),
                                           SequenceKey(sequence, tenant_id), &bytes);
  if (read.IsNotFound()) return 0;
  if (!read.ok()) {
    return Fail(TranslateError(read, database.directory(), "reading column family default of"));
  }
  uint64_t last = 0;
  if (!DecodeNumber(bytes, &last)) {
    return Fail(ErrorCode::kCorruption,
                fmt::format("store '{}': the last id of a sequence of tenant {} is damaged",
                            database.directory(), tenant_id));
  }
  return static_cast<int64_t>(last);
}

}  // namespace obviews::engine
