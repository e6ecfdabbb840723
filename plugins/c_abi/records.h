// Records and their fields, between a host and the store.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/c_abi/handles.h"
#include "plugins/include/obviews_plugin.h"
#include "schema/record.h"
#include "schema/status.h"

namespace obviews::c_abi {

/// Immutable.
class HeldRecord final : public Object {
 public:
  using Handle = obviews_record;
  static constexpr std::string_view kName = "record";

  explicit HeldRecord(schema::Record record);

  const schema::Record& record() const { return record_; }
  /// Ends with a zero byte.
  const std::string& name(size_t field) const { return names_[field]; }

 private:
  schema::Record record_;
  std::vector<std::string> names_;
};

/// A record kind by its name. kInvalidArgument if there is none.
Result<const schema::RecordType*> KindOf(const char* name);
/// The same of live records alone.
Result<const schema::RecordType*> LiveKindOf(const char* name);

/// What the host sets, checked to be fields of the kind that may be set so: neither of the key, nor
/// the status, which takes a step. kInvalidArgument naming the field.
Result<std::vector<std::pair<std::string_view, schema::FieldValue>>> ToFields(
    const obviews_field* fields, size_t count, const schema::RecordType& type);

/// Borrows the record's texts.
obviews_value ToValue(const schema::FieldValue& value);

}  // namespace obviews::c_abi
