// Layout; see styled_text.h.
#include "tools/progress/styled_text.h"

#include <algorithm>
#include <utility>

namespace obviews::tools {
namespace {

constexpr std::string_view kAnsi[] = {"",         "\x1b[1m",    "\x1b[32m",
                                      "\x1b[36m", "\x1b[1;31m", "\x1b[2m"};

/// Collects pieces into lines of a width.
class Wrapper {
 public:
  Wrapper(size_t width, const WidthMeter& meter)
      : width_(std::max<size_t>(width, 1)), meter_(meter) {}

  void Add(const StyledText& piece) {
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const size_t blanks = std::min(rest.find_first_not_of(' '), rest.size());
      const size_t word = std::min(rest.find(' ', blanks), rest.size());
      pending_ += blanks;
      if (word > blanks) Place(rest.substr(blanks, word - blanks), piece.style);
      rest.remove_prefix(word);
    }
  }

  std::vector<StyledLine> Take() {
    Break();
    return std::move(lines_);
  }

 private:
  /// The blanks before a word are put with it, and go where a line ends.
  void Place(std::string_view word, Style style) {
    const size_t wide = meter_.Measure(word);
    const size_t blanks = std::exchange(pending_, 0);
    // Parts of one word in several styles are few, and may be parted.
    if (used_ > 0 && used_ + blanks + wide > width_) {
      Break();
    } else {
      Put(std::string(blanks, ' '), style);
    }
    if (used_ + wide <= width_) return Put(word, style);
    while (!word.empty()) {
      const size_t bytes = std::max<size_t>(DecodeUtf8(word).length, 1);
      const std::string_view character = word.substr(0, bytes);
      if (used_ > 0 && used_ + meter_.Measure(character) > width_) Break();
      Put(character, style);
      word.remove_prefix(bytes);
    }
  }

  void Put(std::string_view text, Style style) {
    if (text.empty()) return;
    used_ += meter_.Measure(text);
    if (!line_.empty() && line_.back().style == style) {
      line_.back().text += text;
    } else {
      line_.push_back({std::string(text), style});
    }
  }

  void Break() {
    if (line_.empty()) return;
    lines_.push_back(std::exchange(line_, {}));
    used_ = 0;
  }

  size_t width_;
  const WidthMeter& meter_;
  std::vector<StyledLine> lines_;
  StyledLine line_;
  size_t used_ = 0;
  size_t pending_ = 0;  ///< blanks not yet put
};

/// Draws branches.
class Drawer {
 public:
  Drawer(const Canvas& canvas, const WidthMeter& meter)
      : width_(std::max(canvas.width, Canvas::kLeastWidth)),
        meter_(meter),
        down_(canvas.utf8 ? "│  " : "|  "),
        branch_(canvas.utf8 ? "├─ " : "|- "),
        last_(canvas.utf8 ? "└─ " : "`- ") {}

  void Draw(const std::vector<TreeNode>& nodes, const std::string& before) {
    size_t labels = 0;
    for (const TreeNode& node : nodes) {
      labels = std::max(labels, meter_.Measure(node.label.text));
    }
    if (labels > 0) labels += 2;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const bool is_last = i + 1 == nodes.size();
      const std::string below = before + (is_last ? "   " : down_);
      DrawNode(nodes[i], before + (is_last ? last_ : branch_), below, labels);
      Draw(nodes[i].children, below);
    }
  }

  void Title(const std::vector<StyledLine>& title) {
    for (const StyledLine& line : title) {
      for (StyledLine& part : Wrap(line, width_, meter_)) lines_.push_back(std::move(part));
    }
  }

  std::vector<StyledLine> Take() { return std::move(lines_); }

 private:
  std::vector<StyledLine> Parts(const TreeNode& node, size_t room) const {
    constexpr size_t kGap = 2;
    StyledLine both = node.text;
    if (!node.more.empty() && !both.empty())
      both.push_back({std::string(kGap, ' '), Style::kPlain});
    both.insert(both.end(), node.more.begin(), node.more.end());
    std::vector<StyledLine> parts;
    if (node.text.empty() || node.more.empty() || WidthOf(both, meter_) <= room) {
      parts = Wrap(both, room, meter_);
    } else {
      parts = Wrap(node.text, room, meter_);
      for (StyledLine& part : Wrap(node.more, room, meter_)) parts.push_back(std::move(part));
    }
    if (parts.empty()) parts.emplace_back();
    return parts;
  }

  void DrawNode(const TreeNode& node, const std::string& first, const std::string& below,
                size_t labels) {
    const size_t indent = meter_.Measure(first) + labels;
    std::vector<StyledLine> parts = Parts(node, width_ > indent ? width_ - indent : 1);
    for (size_t i = 0; i < parts.size(); ++i) {
      const std::string label = i == 0 ? node.label.text : "";
      StyledLine line = {{i == 0                  ? first
                          : node.children.empty() ? below
                                                  : below + down_,
                          Style::kDim}};
      size_t blanks = labels - meter_.Measure(label);
      if (i > 0 && !node.children.empty()) blanks -= std::min<size_t>(blanks, 3);
      if (!label.empty()) line.push_back({label, node.label.style});
      if (blanks > 0 && !parts[i].empty())
        line.push_back({std::string(blanks, ' '), Style::kPlain});
      for (StyledText& piece : parts[i]) line.push_back(std::move(piece));
      lines_.push_back(std::move(line));
    }
  }

  size_t width_;
  const WidthMeter& meter_;
  std::string down_;
  std::string branch_;
  std::string last_;
  std::vector<StyledLine> lines_;
};

}  // namespace

std::vector<StyledLine> Wrap(const StyledLine& text, size_t width, const WidthMeter& meter) {
  Wrapper wrapper(width, meter);
  for (const StyledText& piece : text) wrapper.Add(piece);
  return wrapper.Take();
}

std::vector<StyledLine> DrawTree(const std::vector<StyledLine>& title,
                                 const std::vector<TreeNode>& nodes, const Canvas& canvas,
                                 const WidthMeter& meter) {
  Drawer drawer(canvas, meter);
  drawer.Title(title);
  drawer.Draw(nodes, "");
  return drawer.Take();
}

size_t WidthOf(const StyledLine& line, const WidthMeter& meter) {
  size_t width = 0;
  for (const StyledText& piece : line) width += meter.Measure(piece.text);
  return width;
}

std::string Render(std::span<const StyledLine> lines, bool colours) {
  std::string out;
  for (const StyledLine& line : lines) {
    for (const StyledText& piece : line) {
      const std::string_view on = colours ? kAnsi[static_cast<size_t>(piece.style)] : "";
      out += on;
      out += piece.text;
      if (!on.empty()) out += "\x1b[0m";
    }
    out += '\n';
  }
  return out;
}

}  // namespace obviews::tools
