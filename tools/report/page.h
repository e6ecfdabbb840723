// The page of a report as it was built: HTML with its styles and scripts inside, and one place that
// the data goes to.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "schema/status.h"
#include "tools/output/sink.h"

namespace obviews::tools {

/// What stands in the page where the data goes.
inline constexpr std::string_view kDataMarker = "@OBVIEWS_REPORT_DATA@";

/// The page without data; "" in a build without OBVIEWS_REPORT.
std::string_view PageTemplate();

/// `data` as text that may stand in a script element of type application/json: nothing in it ends
/// the element or begins a comment. Bytes that are not UTF-8 become U+FFFD.
std::string ScriptJson(const nlohmann::ordered_json& data);

/// Appends `page` with `data` in the place of its marker. kInternal for a page without a marker.
Status AppendPage(std::string_view page, const nlohmann::ordered_json& data, Sink& sink);

}  // namespace obviews::tools
