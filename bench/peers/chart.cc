// Draws the panels; see chart.h.
#include "bench/peers/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace obviews::bench {
namespace {

constexpr int kPanelsARow = 4;
constexpr double kPanelWidth = 300;
constexpr double kPanelHeight = 240;
constexpr double kHeadHeight = 80;
constexpr double kLeft = 58;
constexpr double kRight = 14;
constexpr double kTop = 34;
constexpr double kBottom = 30;

// Okabe and Ito's colours, told apart by nearly everyone; marks differ too.
constexpr std::array kColours = {"#d55e00", "#e69f00", "#0072b2", "#009e73",
                                 "#56b4e9", "#cc79a7", "#000000", "#999999"};

std::string Escape(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

/// 1000000 as "1 M", 0.01 as "0.01".
std::string Short(double number) {
  if (number >= 1e6) return fmt::format("{:g} M", number / 1e6);
  if (number >= 1e3) return fmt::format("{:g} k", number / 1e3);
  return fmt::format("{:g}", number);
}

std::string Mark(size_t system, double x, double y) {
  const char* colour = kColours[system % kColours.size()];
  switch (system % 3) {
    case 0:
      return fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3.5' fill='{}'/>\n", x, y, colour);
    case 1:
      return fmt::format("<rect x='{:.1f}' y='{:.1f}' width='6' height='6' fill='{}'/>\n", x - 3,
                         y - 3, colour);
    default:
      return fmt::format("<path d='M{:.1f} {:.1f}l4 7h-8z' fill='{}'/>\n", x, y - 4, colour);
  }
}

/// An axis from one power of ten to another, and where a number lies on it.
struct Axis {
  double low = 0;   // exponents
  double high = 1;  // above low
  double from = 0;  // pixels
  double to = 1;

  Axis(double least, double most, double from_pixel, double to_pixel)
      : low(std::floor(std::log10(least) + 1e-9)),
        high(std::ceil(std::log10(most) - 1e-9)),
        from(from_pixel),
        to(to_pixel) {
    if (high <= low) high = low + 1;
  }
  double At(double number) const {
    return from + (std::log10(number) - low) / (high - low) * (to - from);
  }
};

void DrawPanel(const Panel& panel, double left, double top, std::string* out) {
  double least_x = 1e300, most_x = 0, least_y = 1e300, most_y = 0;
  for (const Line& line : panel.lines) {
    for (auto [x, y] : line.points) {
      least_x = std::min(least_x, x);
      most_x = std::max(most_x, x);
      least_y = std::min(least_y, y);
      most_y = std::max(most_y, y);
    }
  }
  if (most_x == 0) return;
  Axis across(least_x, most_x, left + kLeft, left + kPanelWidth - kRight);
  Axis up(least_y, most_y, top + kPanelHeight - kBottom, top + kTop);
  *out += fmt::format("<text x='{:.1f}' y='{:.1f}' class='t'>{} ({})</text>\n", left + kLeft,
                      top + kTop - 12, Escape(panel.title), Escape(panel.unit));
  for (double power = up.low; power <= up.high; ++power) {
    double y = up.At(std::pow(10, power));
    *out += fmt::format("<path d='M{:.1f} {:.1f}H{:.1f}' class='g'/>\n", across.from, y, across.to);
    *out += fmt::format("<text x='{:.1f}' y='{:.1f}' class='y'>{}</text>\n", across.from - 6, y + 4,
                        Short(std::pow(10, power)));
  }
  for (double power = across.low; power <= across.high; ++power) {
    double x = across.At(std::pow(10, power));
    *out += fmt::format("<path d='M{:.1f} {:.1f}V{:.1f}' class='g'/>\n", x, up.from, up.to);
    *out += fmt::format("<text x='{:.1f}' y='{:.1f}' class='x'>{}</text>\n", x, up.from + 16,
                        Short(std::pow(10, power)));
  }
  // The first system is drawn last, above the others.
  for (auto line = panel.lines.rbegin(); line != panel.lines.rend(); ++line) {
    std::string path;
    for (auto [x, y] : line->points) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', across.At(x), up.At(y));
    }
    *out += fmt::format("<path d='{}' class='l' stroke='{}'/>\n", path,
                        kColours[line->system % kColours.size()]);
    for (auto [x, y] : line->points) *out += Mark(line->system, across.At(x), up.At(y));
  }
}

}  // namespace

std::string ToSvg(const Chart& chart) {
  size_t rows = (chart.panels.size() + kPanelsARow - 1) / kPanelsARow;
  double width = kPanelsARow * kPanelWidth + 20;
  double height = kHeadHeight + static_cast<double>(rows) * kPanelHeight + 10;
  std::string out = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {0} {1}' width='{0}' height='{1}'>\n"
      "<style>text{{font:12px sans-serif;fill:#222}}.h{{font-size:16px}}.t{{font-weight:bold}}"
      ".y{{text-anchor:end}}.x{{text-anchor:middle}}.g{{stroke:#ddd}}"
      ".l{{fill:none;stroke-width:1.8}}</style>\n"
      "<rect width='100%' height='100%' fill='#fff'/>\n"
      "<text x='20' y='28' class='h'>{2}</text>\n",
      width, height, Escape(chart.title));
  double at = 20;
  for (size_t system = 0; system < chart.systems.size(); ++system) {
    out += fmt::format("<path d='M{} 54h20' class='l' stroke='{}'/>\n", at,
                       kColours[system % kColours.size()]);
    out += Mark(system, at + 10, 54);
    out += fmt::format("<text x='{}' y='58'>{}</text>\n", at + 26, Escape(chart.systems[system]));
    at += 50 + 7.5 * static_cast<double>(chart.systems[system].size());
  }
  for (size_t i = 0; i < chart.panels.size(); ++i) {
    size_t row = i / kPanelsARow;
    size_t column = i % kPanelsARow;
    DrawPanel(chart.panels[i], static_cast<double>(column) * kPanelWidth,
              kHeadHeight + static_cast<double>(row) * kPanelHeight, &out);
  }
  return out + "</svg>\n";
}

}  // namespace obviews::bench
