// Data in a page: what it holds cannot end the element it is in.
#include "tools/report/page.h"

#include <gtest/gtest.h>

#include <string>

namespace obviews::tools {
namespace {

using nlohmann::ordered_json;

TEST(ScriptJson, NothingInItEndsTheElementOrBeginsAComment) {
  struct Case {
    std::string text;
    std::string json;
  };
  const Case cases[] = {
      {"</script><script>", R"("\u003c/script>\u003cscript>")"},
      {"<!--", R"("\u003c!--")"},
      {"a\xE2\x80\xA8z\xE2\x80\xA9", R"("a\u2028z\u2029")"},
      {"\xE2\x80\xA7 \xE8\xA1\xA8", "\"\xE2\x80\xA7 \xE8\xA1\xA8\""},
      {std::string("\0\"\\\n", 4), R"("\u0000\"\\\n")"},
      {"not \xFF UTF-8", "\"not \xEF\xBF\xBD UTF-8\""},
  };
  for (const Case& c : cases) EXPECT_EQ(ScriptJson(c.text), c.json);
}

TEST(ScriptJson, ReadsBackAsItWas) {
  const ordered_json data = {{"<key>", "</script>"}, {"n", 1}, {"none", nullptr}};
  EXPECT_EQ(ordered_json::parse(ScriptJson(data)), data);
}

TEST(AppendPage, PutsTheDataInThePlaceOfTheMarker) {
  StringSink sink;
  ASSERT_TRUE(AppendPage("<p>@OBVIEWS_REPORT_DATA@</p>", {{"a", "$&"}}, sink));
  EXPECT_EQ(sink.text(), R"(<p>{"a":"$&"}</p>)");
}

TEST(AppendPage, RefusesAPageWithoutAMarker) {
  StringSink sink;
  auto done = AppendPage("<p></p>", {}, sink);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInternal);
}

TEST(PageTemplate, FetchesNothingAndHasOnePlaceForData) {
  const std::string_view page = PageTemplate();
  if (page.empty()) GTEST_SKIP() << "built without reports";
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_NE(page.find("default-src 'none'"), std::string_view::npos);
  EXPECT_EQ(page.find(kDataMarker), page.rfind(kDataMarker));
  for (const char* fetching : {" src=", "@import", "url(http", "sourceMappingURL"}) {
    EXPECT_EQ(page.substr(0, page.find(kDataMarker)).find(fetching), std::string_view::npos)
        << fetching;
  }
}

}  // namespace
}  // namespace obviews::tools
