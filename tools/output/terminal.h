// The size of a terminal.
#pragma once

#include <sys/ioctl.h>

#include <cstddef>

namespace obviews::tools {

/// Columns of the terminal behind `fd`; 0 if it is none, or does not tell.
inline size_t TerminalColumns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace obviews::tools
