// What the progress line says, when it is drawn and when it is not.
#include "tools/output/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

namespace obviews::tools {
namespace {

using namespace std::chrono_literals;

TEST(ProgressLine, SaysHowFarAndHowFast) {
  struct Case {
    ProgressState state;
    size_t width;
    const char* line;
  };
  const Case cases[] = {
      {{"load", 0, 0, 0, 0s}, 80, "load 0 rows  0 rows/s"},
      {{"load", 1234567, 0, 0, 2s}, 80, "load 1,234,567 rows  617,283 rows/s"},
      {{"load", 100, 50, 100, 10s},
       80,
       "load [##########----------]  50%  100 rows  10 rows/s  0:10 left"},
      {{"load", 999, 0, 100, 1s}, 80, "load [--------------------]   0%  999 rows  999 rows/s"},
      {{"load", 1000, 100, 100, 1s},
       80,
       "load [####################] 100%  1,000 rows  1,000 rows/s  0:00 left"},
      {{"load", 10, 120, 100, 1s},
       80,
       "load [####################] 100%  10 rows  10 rows/s  0:00 left"},
      {{"load", 10, 1, 1000, 10s},
       80,
       "load [--------------------]   0%  10 rows  1 rows/s  2:46:30 left"},
      {{"load", 100, 50, 100, 10s}, 50, "load  50%  100 rows  10 rows/s  0:10 left"},
      {{"load", 100, 50, 100, 10s}, 18, "load  50%  100 row"},
      {{"load", 100, 50, 100, 10s}, 0, ""},
      {{"simulate", 5, 5, 0, 10s, "tables"}, 80, "simulate 5 tables  0 tables/s"},
  };
  for (const Case& c : cases) EXPECT_EQ(ProgressLine(c.state, c.width), c.line);
}

// A pseudo terminal; what is drawn on it can be read back.
class Terminal {
 public:
  Terminal() {
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
    EXPECT_EQ(::fcntl(master_, F_SETFL, O_NONBLOCK), 0);
  }
  ~Terminal() {
    ::close(slave_);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  int fd() const { return slave_; }

  std::string Drawn() const {
    std::array<char, 1024> part{};
    const ssize_t n = ::read(master_, part.data(), part.size());
    return {part.data(), static_cast<size_t>(n > 0 ? n : 0)};
  }

 private:
  int master_ = -1;
  int slave_ = -1;
};

TEST(Progress, DrawsAtMostTenTimesASecondAndWipesAtTheEnd) {
  const Terminal terminal;
  const auto start = Progress::Clock::now();
  {
    Progress progress("load", 0, terminal.fd(), start);
    progress.Update(10, 0, start + 99ms);
    EXPECT_EQ(terminal.Drawn(), "");
    progress.Update(20, 0, start + 100ms);
    EXPECT_EQ(terminal.Drawn(), "\rload 20 rows  200 rows/s\x1b[K");
    progress.Update(30, 0, start + 199ms);
    EXPECT_EQ(terminal.Drawn(), "");
    progress.Update(40, 0, start + 200ms);
    EXPECT_EQ(terminal.Drawn(), "\rload 40 rows  200 rows/s\x1b[K");
    progress.Clear();
    EXPECT_EQ(terminal.Drawn(), "\r\x1b[K");
    progress.Update(100, 0, start + 500ms);
    EXPECT_EQ(terminal.Drawn(), "\rload 100 rows  200 rows/s\x1b[K");
  }
  EXPECT_EQ(terminal.Drawn(), "\r\x1b[K");
}

TEST(Progress, LeavesNoTraceOfAJobThatWasQuick) {
  const Terminal terminal;
  {
    Progress progress("load", 0, terminal.fd());
    progress.Update(10, 0);
  }
  EXPECT_EQ(terminal.Drawn(), "");
}

TEST(Progress, FitsTheTerminal) {
  const Terminal terminal;
  const winsize size{25, 30, 0, 0};
  ASSERT_EQ(ioctl(terminal.fd(), TIOCSWINSZ, &size), 0);
  const auto start = Progress::Clock::now();
  Progress progress("load", 100, terminal.fd(), start);
  progress.Update(100, 50, start + 10s);
  EXPECT_EQ(terminal.Drawn(), "\rload  50%  100 rows  10 rows/\x1b[K");
}

TEST(Progress, IsSilentOnAnythingButATerminal) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_NONBLOCK | O_CLOEXEC), 0);
  const auto start = Progress::Clock::now();
  {
    Progress progress("load", 0, pipe[1], start);
    progress.Update(10, 0, start + 5s);
  }
  char byte = 0;
  EXPECT_EQ(::read(pipe[0], &byte, 1), -1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace obviews::tools
