// Lines of text with colours, and trees of them, laid out for a width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/output/utf8.h"

namespace obviews::tools {

/// How a piece of text stands out.
enum class Style : uint8_t { kPlain, kBold, kGood, kBusy, kBad, kDim };

struct StyledText {
  std::string text;
  Style style = Style::kPlain;
};

/// One line of a terminal.
using StyledLine = std::vector<StyledText>;

/// One branch of a tree, whose texts may be broken at blanks.
struct TreeNode {
  StyledText label;  ///< "" or a word; labels of siblings stand under each other
  StyledLine text;
  StyledLine more;  ///< on the line of `text` if both fit there, else below it
  std::vector<TreeNode> children;
};

/// Where a tree is drawn.
struct Canvas {
  size_t width = 80;  ///< columns; narrower ones than kLeastWidth are taken as that
  bool utf8 = true;   ///< lines and bars may be drawn with more than ASCII

  static constexpr size_t kLeastWidth = 24;
};

/// Breaks a text into lines at most `width` wide, at blanks where that is possible. Blanks at a
/// break go.
std::vector<StyledLine> Wrap(const StyledLine& text, size_t width, const WidthMeter& meter);

/// Draws the nodes under a title. No line is wider than the canvas.
std::vector<StyledLine> DrawTree(const std::vector<StyledLine>& title,
                                 const std::vector<TreeNode>& nodes, const Canvas& canvas,
                                 const WidthMeter& meter);

/// Columns a line takes.
size_t WidthOf(const StyledLine& line, const WidthMeter& meter);

/// The lines, each with its end; `colours`: with the escapes of ANSI terminals.
std::string Render(std::span<const StyledLine> lines, bool colours);

}  // namespace obviews::tools
