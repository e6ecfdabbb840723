// The screen, by ncurses, which redraws what is different; see watch_screen.h.
#include "tools/progress/watch_screen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <langinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

// Its functions, not its macros of short names.
#define NCURSES_NOMACROS 1
#include <curses.h>

namespace obviews::tools {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

short PairOf(Style style) { return static_cast<short>(static_cast<int>(style) + 1); }

void MakeColours() {
  start_color();
  use_default_colors();
  init_pair(PairOf(Style::kGood), COLOR_GREEN, -1);
  init_pair(PairOf(Style::kBusy), COLOR_CYAN, -1);
  init_pair(PairOf(Style::kBad), COLOR_RED, -1);
}

}  // namespace

struct WatchScreen::Terminal {
  /// Keys, where standard input is no terminal.
  std::unique_ptr<std::FILE, CloseFile> input;
  SCREEN* screen = nullptr;
  bool colours = false;

  ~Terminal() {
    if (screen == nullptr) return;
    endwin();
    delscreen(screen);
  }

  attr_t AttributesOf(Style style) const {
    switch (style) {
      case Style::kBold:
        return A_BOLD;
      case Style::kDim:
        return A_DIM;
      case Style::kGood:
      case Style::kBusy:
      case Style::kBad: {
        const attr_t weight = style == Style::kBad ? A_BOLD : A_NORMAL;
        return colours ? weight | static_cast<attr_t>(COLOR_PAIR(PairOf(style))) : weight;
      }
      default:
        return A_NORMAL;
    }
  }

  void Put(std::string_view text, attr_t attributes) const {
    attrset(static_cast<int>(attributes));
    addnstr(text.data(), static_cast<int>(text.size()));
  }
};

std::unique_ptr<WatchScreen> WatchScreen::Open(bool colours) {
  if (isatty(STDOUT_FILENO) == 0) return nullptr;
  auto terminal = std::make_unique<Terminal>();
  std::FILE* input = stdin;
  if (isatty(STDIN_FILENO) == 0) {
    terminal->input.reset(std::fopen("/dev/tty", "re"));
    if (terminal->input == nullptr) return nullptr;
    input = terminal->input.get();
  }
  terminal->screen = newterm(nullptr, stdout, input);
  if (terminal->screen == nullptr) return nullptr;
  if (tigetstr("cup") == nullptr) return nullptr;  // the cursor cannot be moved
  terminal->colours = colours && has_colors();
  if (terminal->colours) MakeColours();
  cbreak();
  noecho();
  keypad(stdscr, true);
  curs_set(0);
  return std::unique_ptr<WatchScreen>(new WatchScreen(std::move(terminal)));
}

WatchScreen::WatchScreen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {}

WatchScreen::~WatchScreen() = default;

Canvas WatchScreen::canvas() const {
  return {static_cast<size_t>(std::max(getmaxx(stdscr), 1)),
          std::string_view(nl_langinfo(CODESET)) == "UTF-8"};
}

size_t WatchScreen::height() const { return static_cast<size_t>(std::max(getmaxy(stdscr) - 1, 1)); }

void WatchScreen::Show(std::vector<StyledLine> lines, std::string status) {
  lines_ = std::move(lines);
  status_ = std::move(status);
  Draw();
}

void WatchScreen::Draw() {
  const size_t most = lines_.size() > height() ? lines_.size() - height() : 0;
  first_ = std::min(first_, most);
  const size_t end = std::min(lines_.size(), first_ + height());
  erase();
  for (size_t i = first_; i < end; ++i) {
    move(static_cast<int>(i - first_), 0);
    for (const StyledText& piece : lines_[i]) {
      terminal_->Put(piece.text, terminal_->AttributesOf(piece.style));
    }
  }
  if (getmaxy(stdscr) > 1) {
    std::string status = "q ends; ";
    if (most > 0) {
      status += fmt::format("lines {}-{} of {}, arrows scroll; ", first_ + 1, end, lines_.size());
    }
    status += status_;
    move(getmaxy(stdscr) - 1, 0);
    // The last column stays free: writing there would scroll some terminals.
    const auto room = static_cast<size_t>(std::max(getmaxx(stdscr) - 1, 0));
    terminal_->Put(std::string_view(status).substr(0, room), A_REVERSE);
  }
  wnoutrefresh(stdscr);
  doupdate();
}

void WatchScreen::ScrollTo(size_t first) {
  first_ = first;
  Draw();
}

WatchScreen::Event WatchScreen::Wait(std::chrono::milliseconds limit) {
  timeout(static_cast<int>(limit.count()));
  const size_t page = std::max<size_t>(height() - 1, 1);
  switch (getch()) {
    case 'q':
    case 'Q':
      return Event::kQuit;
    case KEY_RESIZE:
      return Event::kResized;
    case KEY_UP:
    case 'k':
      ScrollTo(first_ > 0 ? first_ - 1 : 0);
      break;
    case KEY_DOWN:
    case 'j':
      ScrollTo(first_ + 1);
      break;
    case KEY_PPAGE:
      ScrollTo(first_ > page ? first_ - page : 0);
      break;
    case KEY_NPAGE:
    case ' ':
      ScrollTo(first_ + page);
      break;
    case KEY_HOME:
      ScrollTo(0);
      break;
    case KEY_END:
      ScrollTo(lines_.size());
      break;
    default:
      break;
  }
  return Event::kNone;
}

}  // namespace obviews::tools
