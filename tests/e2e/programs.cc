// Child processes and files for the end-to-end tests; see programs.h.
#include "programs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace obviews::e2e {
namespace {

constexpr uid_t kNobody = 65534;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseRead() { Close(read_end); }
  void CloseWrite() { Close(write_end); }

 private:
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

[[noreturn]] void Become(const std::string& program, const std::vector<std::string>& arguments,
                         const Given& given, const Pipe& in, const Pipe& out, const Pipe& err) {
  dup2(in.read_end, STDIN_FILENO);
  int output = given.output_file.empty()
                   ? out.write_end
                   : open(given.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(err.write_end, STDERR_FILENO);
  unsetenv("OBVIEWS_DB");
  for (const std::string& setting : given.environment) {
    size_t equals = setting.find('=');
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
  }
  if (given.nobody && getuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(126);
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

/// Reads what there is; false at the end.
bool Drain(int fd, std::string& into) {
  char buffer[65536];
  ssize_t count = read(fd, buffer, sizeof buffer);
  if (count > 0) into.append(buffer, static_cast<size_t>(count));
  return count > 0;
}

void Talk(const Given& given, Pipe& in, Pipe& out, Pipe& err, Ran& ran) {
  size_t sent = 0;
  if (given.input.empty()) in.CloseWrite();
  fcntl(in.write_end, F_SETFL, O_NONBLOCK);
  while (out.read_end >= 0 || err.read_end >= 0) {
    pollfd waits[] = {
        {in.write_end, POLLOUT, 0}, {out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}};
    poll(waits, 3, -1);
    if (in.write_end >= 0 && waits[0].revents != 0) {
      ssize_t count = write(in.write_end, given.input.data() + sent, given.input.size() - sent);
      if (count > 0) sent += static_cast<size_t>(count);
      if (sent == given.input.size() || (waits[0].revents & POLLERR) != 0) in.CloseWrite();
    }
    if (out.read_end >= 0 && waits[1].revents != 0) {
      if (!Drain(out.read_end, ran.out)) out.CloseRead();
      if (given.stop_reading_at > 0 && ran.out.size() >= given.stop_reading_at) out.CloseRead();
    }
    if (err.read_end >= 0 && waits[2].revents != 0 && !Drain(err.read_end, ran.err)) {
      err.CloseRead();
    }
  }
}

}  // namespace

Ran Run(const std::string& program, const std::vector<std::string>& arguments, const Given& given) {
  signal(SIGPIPE, SIG_IGN);
  auto start = std::chrono::steady_clock::now();
  Ran ran;
  Pipe in;
  Pipe out;
  Pipe err;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    Become(program, arguments, given, in, out, err);
  }
  in.CloseRead();
  out.CloseWrite();
  err.CloseWrite();
  Talk(given, in, out, err, ran);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  ran.code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  ran.peak_kib = usage.ru_maxrss;
  ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return ran;
}

Ran DumpViews(const std::vector<std::string>& arguments, const Given& given) {
  return Run(OBVIEWS_DUMP_VIEWS, arguments, given);
}

Ran Obviewsctl(const std::vector<std::string>& arguments, const Given& given) {
  return Run(OBVIEWS_OBVIEWSCTL, arguments, given);
}

bool LongTests() {
  const char* wanted = std::getenv("OBVIEWS_LONG_TESTS");
  return wanted != nullptr && std::string(wanted) == "1";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string DataPath(const std::string& name) {
  return std::string(OBVIEWS_TEST_DATA) + "/" + name;
}

}  // namespace obviews::e2e
