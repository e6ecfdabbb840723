// The page of a report; see page.h.
#include "tools/report/page.h"

#ifdef OBVIEWS_REPORT
// The bytes of the page, put in by page_bytes.S.
extern "C" const char obviews_report_page[];
extern "C" const char obviews_report_page_end[];
#endif

namespace obviews::tools {

std::string_view PageTemplate() {
#ifdef OBVIEWS_REPORT
  return {obviews_report_page, static_cast<size_t>(obviews_report_page_end - obviews_report_page)};
#else
  return {};
#endif
}

std::string ScriptJson(const nlohmann::ordered_json& data) {
  const std::string text =
      data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  // All of these can only stand inside of a string, where an escape means the same.
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (text[i] == '<') {
      out += "\\u003c";
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Status AppendPage(std::string_view page, const nlohmann::ordered_json& data, Sink& sink) {
  const size_t at = page.find(kDataMarker);
  if (at == std::string_view::npos) {
    return Fail(ErrorCode::kInternal, "the page of reports has no place for its data");
  }
  sink.Append(page.substr(0, at));
  sink.Append(ScriptJson(data));
  sink.Append(page.substr(at + kDataMarker.size()));
  return {};
}

}  // namespace obviews::tools
