// Charts of cost against size, side by side in one SVG.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace obviews::bench {

/// One system's line in one panel: (size, figure), ascending, all above zero.
struct Line {
  size_t system = 0;  ///< position in Chart::systems
  std::vector<std::pair<double, double>> points;
};

struct Panel {
  std::string title;
  std::string unit;
  std::vector<Line> lines;
};

struct Chart {
  std::string title;
  std::vector<std::string> systems;
  std::vector<Panel> panels;
};

/// Both axes of each panel are logarithmic.
std::string ToSvg(const Chart& chart);

}  // namespace obviews::bench
