// Records and tenants as lines of JSON: what `obviewsctl export` writes and `load` takes back,
// losslessly.
//
//   {"obviews_record":1,"kind":"import_task","tenant_id":1002,"task_id":1047,...}
//   {"obviews_record":1,"kind":"tenant","id":1002,"name":"t","mode":"mysql"}
//
// Every field of the record by its name; integers as numbers, texts as strings with the byte escape
// of docs/output.md, pairs of a key-value table as [name, value] arrays.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "engine/store.h"
#include "schema/record.h"
#include "tools/output/sink.h"

namespace obviews::tools {

/// Version of the lines; a higher one is refused.
inline constexpr int kRecordJsonVersion = 1;

/// Writes one line. `mask` hides secrets, as for a support ticket.
void WriteRecordJson(Sink& sink, const schema::Record& record, bool mask);
void WriteTenantJson(Sink& sink, const engine::Tenant& tenant);

/// Reads one line. Fields it does not name are unset. Errors (kInvalidArgument) begin with `place`.
Result<std::variant<schema::Record, engine::Tenant>> ReadRecordJson(std::string_view line,
                                                                    const std::string& place);

}  // namespace obviews::tools
