// Messages on standard error; see messages.h.
#include "tools/cli/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace obviews::tools {
namespace {

void Print(std::string_view label, std::string_view text) {
  fmt::print(stderr, "{}: {}\n", label, text);
}

extern "C" void OnAbort(int /*signal*/) {
  // Only what is safe in a signal handler.
  constexpr std::string_view kMessage =
      "ERROR: the store's engine gave up in the middle of a read; the stored data are probably "
      "damaged. `obviewsctl verify` names the place\n";
  ssize_t ignored = write(STDERR_FILENO, kMessage.data(), kMessage.size());
  (void)ignored;
  _exit(kExitDamage);
}

}  // namespace

void PrintNotice(std::string_view text) { Print("Notice", text); }
void PrintWarning(std::string_view text) { Print("Warning", text); }

ExitCode PrintError(const Error& error) {
  Print("ERROR", error.message);
  return ExitCodeOf(error.code);
}

void ReportAbortsAsDamage() {
  struct sigaction action {};
  action.sa_handler = OnAbort;
  sigaction(SIGABRT, &action, nullptr);
}

}  // namespace obviews::tools
