// Wrapping and trees.
#include "tools/progress/styled_text.h"

#include <gtest/gtest.h>

namespace obviews::tools {
namespace {

std::string Wrapped(const StyledLine& text, size_t width) {
  return Render(Wrap(text, width, WidthMeter()), /*colours=*/false);
}

TEST(WrapTest, BreaksAtBlanksAndDropsThem) {
  EXPECT_EQ(Wrapped({{"one two  three", Style::kPlain}}, 7), "one two\nthree\n");
  EXPECT_EQ(Wrapped({{"one, ", Style::kPlain}, {"two", Style::kBold}}, 4), "one,\ntwo\n");
  EXPECT_EQ(Wrapped({}, 10), "");
}

TEST(WrapTest, CutsAWordThatFitsNowhere) {
  EXPECT_EQ(Wrapped({{"a abcdefgh b", Style::kPlain}}, 4), "a\nabcd\nefgh\nb\n");
}

TEST(WrapTest, CountsColumnsNotBytes) {
  // Three characters of two columns each.
  EXPECT_EQ(Wrapped({{"\xE8\xA1\xA8\xE8\xA1\xA8\xE8\xA1\xA8", Style::kPlain}}, 5),
            "\xE8\xA1\xA8\xE8\xA1\xA8\n\xE8\xA1\xA8\n");
}

TEST(WrapTest, KeepsStylesAcrossLines) {
  EXPECT_EQ(Render(Wrap({{"good news", Style::kGood}}, 4, WidthMeter()), /*colours=*/true),
            "\x1b[32mgood\x1b[0m\n\x1b[32mnews\x1b[0m\n");
}

TEST(DrawTreeTest, AlignsLabelsAndIndentsWhatGoesOn) {
  const std::vector<TreeNode> nodes = {
      {{"a", Style::kPlain},
       {{"one two three four", Style::kPlain}},
       {},
       {{{"", Style::kPlain}, {{"child", Style::kPlain}}, {}, {}}}},
      {{"long", Style::kPlain}, {{"x", Style::kPlain}}, {{"more of it", Style::kPlain}}, {}}};
  const WidthMeter meter;
  EXPECT_EQ("\n" + Render(DrawTree({{{"title", Style::kPlain}}}, nodes, {24, true}, meter), false),
            R"(
title
├─ a     one two three
│  │     four
│  └─ child
└─ long  x  more of it
)");
  EXPECT_EQ("\n" + Render(DrawTree({}, {nodes[1]}, {24, false}, meter), false), R"(
`- long  x  more of it
)");
}

TEST(DrawTreeTest, PutsMoreBelowIfBothDoNotFitALine) {
  const std::vector<TreeNode> nodes = {
      {{"l", Style::kPlain}, {{"0123456789", Style::kPlain}}, {{"more of it", Style::kPlain}}, {}}};
  EXPECT_EQ("\n" + Render(DrawTree({}, nodes, {24, true}, WidthMeter()), false), R"(
└─ l  0123456789
      more of it
)");
}

}  // namespace
}  // namespace obviews::tools
