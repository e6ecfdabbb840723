// `dump-views progress --watch` on a terminal: typed into tmux, at several sizes, and resized.
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "stores.h"

namespace obviews::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

/// A shell in a terminal of its own.
class Terminal {
 public:
  Terminal(std::string socket, int columns, int rows) : socket_(std::move(socket)) {
    Tmux({"-f", "/dev/null", "new-session", "-d", "-x", std::to_string(columns), "-y",
          std::to_string(rows), "env LC_ALL=C.UTF-8 PS1='$ ' /bin/sh"});
  }
  ~Terminal() { Tmux({"kill-server"}); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  static bool Available() { return e2e::Run("/bin/sh", {"-c", "command -v tmux"}).code == 0; }

  void Type(const std::string& line) { Tmux({"send-keys", "-l", line}), Press("Enter"); }
  void Press(const std::string& key) { Tmux({"send-keys", key}); }
  void Resize(int columns, int rows) {
    Tmux({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
  }

  /// What is on the screen once it fits, or after ten seconds.
  std::string ScreenWith(const std::string& text) {
    return ScreenWhen([&](const std::string& now) { return now.find(text) != std::string::npos; });
  }
  std::string ScreenWhen(const std::function<bool(const std::string&)>& fits) {
    constexpr int kTries = 100;
    std::string now;
    for (int i = 0; i < kTries; ++i) {
      now = Tmux({"capture-pane", "-p"});
      if (fits(now)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return now;
  }

 private:
  std::string Tmux(std::vector<std::string> arguments) const {
    std::string command = "exec tmux -u -S '" + socket_ + "'";
    for (const std::string& argument : arguments) {
      std::string quoted;
      for (char c : argument) quoted += c == '\'' ? "'\\''" : std::string(1, c);
      command += " '" + quoted + "'";
    }
    return e2e::Run("/bin/sh", {"-c", command}).out;
  }

  std::string socket_;
};

class TerminalTest : public StoreTest {
 protected:
  void SetUp() override {
    if (!Terminal::Available()) GTEST_SKIP() << "tmux is not installed";
  }
  std::string Watch() const {
    return "\"" OBVIEWS_DUMP_VIEWS "\" --db '" + db() + "' progress --watch 0.2; echo code $?";
  }
  void StartRecovery() const {
    Ran ran = Ctl("exec", {"ALTER SYSTEM RECOVER TABLE *.* TO TENANT shop FROM 'file:///backup' "
                           "WITH 'pool_list=p'"});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
};

TEST_F(TerminalTest, FitsTheTerminalAndGivesItBack) {
  StartRecovery();
  struct Size {
    int columns;
    int rows;
    const char* title;
    const char* status;
  };
  const Size sizes[] = {
      {40, 12, "recovery 1/1 of tenant shop (1002)\nPREPARE    0.00 %\n", "q ends; lines 1-11 of "},
      {80, 24, "recovery 1/1 of tenant shop (1002)                             PREPARE    0.00 %\n",
       "q ends; "},
      {200, 50,
       "recovery 1/1 of tenant shop (1002)                                                 PREPARE "
       " "
       "  0.00 %\n",
       "q ends; "}};
  for (const Size& size : sizes) {
    Terminal terminal(Path("tmux" + std::to_string(size.rows)), size.columns, size.rows);
    terminal.Type("clear; echo before");
    terminal.ScreenWith("before\n");
    terminal.Type(Watch());
    std::string screen = terminal.ScreenWith("q ends; ");
    EXPECT_THAT(screen, AllOf(::testing::StartsWith(size.title), HasSubstr(size.status),
                              Not(HasSubstr("before"))));
    terminal.Press("q");
    screen = terminal.ScreenWith("code 5");
    EXPECT_THAT(screen,
                AllOf(Not(HasSubstr("q ends")), HasSubstr("waits for"), HasSubstr("code 5\n")));
    // On the smallest one the tree that is left at the end has pushed it out.
    EXPECT_EQ(screen.find("before") != std::string::npos, size.rows > 12);
  }
}

TEST_F(TerminalTest, FollowsAChangeOfSizeAndScrolls) {
  StartRecovery();
  Terminal terminal(Path("tmux"), 80, 24);
  terminal.Type(Watch());
  terminal.ScreenWith("q ends; ");
  terminal.Resize(40, 12);
  std::string screen = terminal.ScreenWith("lines 1-11 of ");
  EXPECT_THAT(screen, AllOf(HasSubstr("(1002)\nPREPARE    0.00 %\n"), Not(HasSubstr("waits for"))));
  terminal.Press("End");
  EXPECT_THAT(terminal.ScreenWith("waits for"), Not(HasSubstr("recovery 1/1")));
  terminal.Press("Home");
  EXPECT_THAT(terminal.ScreenWith("recovery 1/1"), HasSubstr("lines 1-11 of "));
  terminal.Press("Down");
  EXPECT_THAT(terminal.ScreenWith("lines 2-12 of "), Not(HasSubstr("recovery 1/1")));
  terminal.Resize(200, 50);
  EXPECT_THAT(terminal.ScreenWith("recovery 1/1"),
              AllOf(HasSubstr("waits for"), Not(HasSubstr("lines "))));
}

TEST_F(TerminalTest, CtrlCGivesTheTerminalBackToo) {
  StartRecovery();
  Terminal terminal(Path("tmux"), 80, 24);
  terminal.Type(Watch());
  terminal.ScreenWith("q ends; ");
  terminal.Press("C-c");
  // The shell may drop the rest of the line.
  EXPECT_THAT(terminal.ScreenWhen(
                  [](const std::string& now) { return now.find("q ends") == std::string::npos; }),
              HasSubstr("waits for"));
  terminal.Type("stty -a | grep -o ' echo '");
  EXPECT_THAT(terminal.ScreenWith("\n echo"), HasSubstr("\n echo"));
}

TEST_F(TerminalTest, MovesAndEndsWithTheRecovery) {
  Terminal terminal(Path("tmux"), 100, 40);
  terminal.Type(Watch());
  EXPECT_THAT(terminal.ScreenWith("q ends; "), HasSubstr("waiting: no record store at "));
  Ran ran = e2e::Run("/bin/sh", {"-c", "\"" OBVIEWS_OBVIEWSCTL "\" simulate --db '" + db() +
                                           "' --tables 150 --speed 20 --fail-rate 0.1 --seed 3 "
                                           "</dev/null >/dev/null 2>&1 &"});
  ASSERT_EQ(ran.code, 0);
  EXPECT_THAT(terminal.ScreenWith("not begun; "),
              AllOf(ContainsRegex("import     running .*  \\[.*\\]  +[0-9]+ %"),
                    HasSubstr("ends       in 0:")));
  const std::string last = terminal.ScreenWith("code 0");
  EXPECT_THAT(last, AllOf(HasSubstr("COMPLETED  100.00 %"), HasSubstr("failed  "),
                          Not(HasSubstr("q ends"))));
}

}  // namespace
}  // namespace obviews::e2e
