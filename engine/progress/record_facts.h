// From the records of a recovery to plain values. Internal to engine/progress.
#pragma once

#include <optional>
#include <string_view>

#include "engine/progress/facts.h"
#include "schema/record.h"

namespace obviews::engine::progress {

/// The number in a field that may hold it as text; nullopt if there is none.
std::optional<int64_t> NumberIn(const schema::Record& record, std::string_view field);
/// A time of a record, if it is one: 0, -1 and what no view can show are not.
std::optional<int64_t> TimeIn(const schema::Record& record, std::string_view field);

RecoverFacts RecoverOf(const schema::Record& job, bool history);
ImportFacts ImportOf(const schema::Record& job, bool history);
/// Adds one of the two records of a restore. Add that of the auxiliary tenant first.
void AddRestore(const schema::Record& job, bool history, RestoreFacts* facts);

/// Whether two records may be of one recovery by their names of the auxiliary tenant; one that has
/// none may be of any.
bool SameAux(std::string_view a, std::string_view b);

}  // namespace obviews::engine::progress
