// What a sink promises: every byte arrives in order, and each way of failing is told apart.
#include "tools/output/sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>
#include <thread>

namespace obviews::tools {
namespace {

// A pipe whose ends close themselves.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(fds_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return fds_[1]; }
  void CloseReader() { Close(0); }
  void CloseWriter() { Close(1); }

  std::string ReadAll() {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = ::read(fds_[0], part.data(), part.size())) > 0;) {
      all.append(part.data(), static_cast<size_t>(n));
    }
    return all;
  }

 private:
  void Close(size_t end) {
    if (fds_[end] >= 0) ::close(fds_[end]);
    fds_[end] = -1;
  }

  std::array<int, 2> fds_{-1, -1};
};

std::string Pattern(size_t size) {
  std::string text(size, ' ');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

bool SigpipePending() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGPIPE) == 1;
}

TEST(StringSink, KeepsTheOrderOfPiecesSmallerAndLargerThanItsBuffer) {
  for (const size_t buffer : {1, 2, 7, 64}) {
    StringSink sink(buffer);
    std::string expected;
    for (const size_t size : {0, 1, 6, 7, 8, 100, 3}) {
      sink.Append(Pattern(size));
      sink.Append('|');
      sink.Repeat('.', size);
      expected += Pattern(size) + '|' + std::string(size, '.');
    }
    EXPECT_EQ(sink.text(), expected) << "buffer of " << buffer;
  }
}

TEST(StringSink, IsUntouchedUntilTheFirstByte) {
  StringSink sink;
  sink.Append("");
  EXPECT_TRUE(sink.untouched());
  sink.Append('x');
  EXPECT_FALSE(sink.untouched());
  EXPECT_EQ(sink.text(), "x");
  EXPECT_FALSE(sink.untouched());
}

TEST(FdSink, WritesOnlyWhenFullOrFlushed) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  FdSink sink(pipe.writer(), "the pipe", 16);
  sink.Append("0123456789");
  sink.Append("abcdef");
  sink.Append("!");
  ASSERT_TRUE(sink.Flush());
  pipe.CloseWriter();
  EXPECT_EQ(pipe.ReadAll(), "0123456789abcdef!");
}

TEST(FdSink, FlushesWhenItGoes) {
  Pipe pipe;
  { FdSink(pipe.writer(), "the pipe").Append("rows before an error"); }
  pipe.CloseWriter();
  EXPECT_EQ(pipe.ReadAll(), "rows before an error");
}

TEST(FdSink, WaitsForASlowReaderOfANonBlockingPipe) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string text = Pattern(1'000'000);  // far more than a pipe holds
  std::string received;
  std::thread reader([&] { received = pipe.ReadAll(); });
  {
    FdSink sink(pipe.writer(), "the pipe");
    sink.Append(text);
    EXPECT_TRUE(sink.Flush());
  }
  pipe.CloseWriter();
  reader.join();
  EXPECT_EQ(received, text);
}

TEST(FdSink, SurvivesAReaderThatWentAway) {
  // Whatever the test was started with, here SIGPIPE would kill.
  struct sigaction deadly {};
  struct sigaction previous {};
  deadly.sa_handler = SIG_DFL;
  ASSERT_EQ(sigaction(SIGPIPE, &deadly, &previous), 0);
  Pipe pipe;
  pipe.CloseReader();
  FdSink sink(pipe.writer(), "the pipe", 16);
  sink.Append("more than sixteen bytes");
  EXPECT_FALSE(sink.ok());
  EXPECT_TRUE(sink.reader_gone());
  EXPECT_EQ(sink.Flush().error().message, "the reader of the pipe closed it after 0 bytes");
  EXPECT_FALSE(SigpipePending());
  sigaction(SIGPIPE, &previous, nullptr);
}

TEST(FdSink, LeavesASigpipeThatWasAlreadyPending) {
  sigset_t sigpipe;
  sigset_t previous;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &sigpipe, &previous), 0);
  ASSERT_EQ(raise(SIGPIPE), 0);
  {
    Pipe pipe;
    pipe.CloseReader();
    FdSink sink(pipe.writer(), "the pipe");
    sink.Append("x");
    EXPECT_FALSE(sink.Flush());
  }
  EXPECT_TRUE(SigpipePending());
  const timespec now{};
  EXPECT_EQ(sigtimedwait(&sigpipe, nullptr, &now), SIGPIPE);
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

TEST(FdSink, NamesAFullDisk) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    FdSink sink(full, "standard output");
    sink.Append("row");
    const Status flushed = sink.Flush();
    ASSERT_FALSE(flushed);
    EXPECT_FALSE(sink.reader_gone());
    EXPECT_EQ(flushed.error().message,
              "cannot write to standard output after 0 bytes: No space left on device; the output "
              "is incomplete: make room or choose another place, then run it again");
  }
  ::close(full);
}

TEST(FdSink, KeepsItsFirstErrorAndWritesNothingAfterIt) {
  Pipe pipe;
  FdSink broken(-1, "nowhere", 4);
  broken.Append("12345");
  const std::string first = broken.status().error().message;
  EXPECT_EQ(first,
            "cannot write to nowhere after 0 bytes: Bad file descriptor; the output is incomplete: "
            "check where the output goes, then run it again");
  broken.Append(Pattern(1000));
  broken.Repeat('x', 1000);
  EXPECT_EQ(broken.Flush().error().message, first);
}

}  // namespace
}  // namespace obviews::tools
