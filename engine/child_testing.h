// Test work in a process of its own: writers to be killed, readers that damage may abort. The child
// runs the test program again, for a fork of a process that has used RocksDB lacks its threads.
// Header-only; for tests of engine/ alone.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace obviews::engine::testing {

/// Returns the exit code. Whatever it writes to standard output the parent reads.
using ChildWork = int (*)(const std::vector<std::string>& arguments);

inline std::map<std::string, ChildWork>& ChildWorks() {
  static std::map<std::string, ChildWork> works;
  return works;
}

/// Makes work known by a name: `const ChildRegistration kWriter("writer", RunWriter);`
struct ChildRegistration {
  ChildRegistration(const char* name, ChildWork work) { ChildWorks()[name] = work; }
};

inline constexpr const char* kChildFlag = "--child";

/// In a child: whether the parent is gone or wants no more.
inline bool ParentIsDone() {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  return poll(&in, 1, 0) > 0;
}

/// In a child: tells the parent a line at once.
inline void Tell(const std::string& line) {
  std::string text = line + "\n";
  if (write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(3);
}

/// A running child. Killed on destruction.
class Child {
 public:
  Child(const std::string& work, const std::vector<std::string>& arguments) {
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
    std::vector<std::string> words = {"engine_test", kChildFlag, work};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      execv("/proc/self/exe", argv.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_child_ = in[1];
    from_child_ = fdopen(out[0], "r");
  }
  ~Child() {
    if (pid_ > 0) Kill();
    if (to_child_ >= 0) close(to_child_);
    if (from_child_ != nullptr) fclose(from_child_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line the child tells; "" when it has ended.
  std::string Line() {
    std::string line;
    for (int c = fgetc(from_child_); c != EOF && c != '\n'; c = fgetc(from_child_)) {
      line.push_back(static_cast<char>(c));
    }
    return line;
  }
  /// Lets the child know that it may stop (see ParentIsDone) and waits for it. Its exit code, or
  /// minus the signal that ended it.
  int Finish() {
    if (to_child_ >= 0) close(std::exchange(to_child_, -1));
    return Wait();
  }
  int Kill() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    return Wait();
  }
  int Wait() {
    int status = 0;
    if (pid_ > 0) waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_ = -1;
  int to_child_ = -1;
  FILE* from_child_ = nullptr;
};

}  // namespace obviews::engine::testing
