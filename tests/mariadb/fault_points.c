/* Preloaded into a server by tests/mariadb/faults: counts the steps by which transactions reach the disk, and ends
 * the process, or lets the store's disk be full or not sync, at one of them.
 *
 * A step is a write to, or a sync of, RocksDB's log in the store, InnoDB's log, the binlog or tc.log. The file that
 * the environment's FAULT_POINTS names is `struct control`, shared with the test, which sets it while the server runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { kOff, kKill, kFull, kSync };
enum { kStepSize = 24, kSteps = 160 };

/* Four numbers of 32 bits, then names of steps, ended by zeros. */
struct control {
  _Atomic int32_t action;
  _Atomic int32_t at;   /* the step, from 1 on, before which the process ends, or from which on the store's disk fails */
  _Atomic int32_t seen; /* steps since `action` was set */
  _Atomic int32_t refused; /* calls that failed */
  char steps[kSteps][kStepSize];
};

static struct control *control;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_POINTS");
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) control = mapped;
}

static const char *name_of(const char *path) {
  const char *name = strrchr(path, '/');
  name = name == NULL ? path : name + 1;
  size_t length = strlen(name);
  if (strstr(path, "/store/") != NULL) {
    return length > 4 && strcmp(name + length - 4, ".log") == 0 ? "store" : NULL;
  }
  if (strncmp(name, "ib_logfile", 10) == 0) return "innodb";
  if (strncmp(name, "binlog.", 7) == 0 && strcmp(name, "binlog.index") != 0 && strcmp(name, "binlog.state") != 0) {
    return "binlog";
  }
  return NULL;
}

/* Notes a step, and does what is to be done there. */
static void step(const char *call, const char *name) {
  int32_t number = atomic_fetch_add(&control->seen, 1) + 1;
  if (number <= kSteps) snprintf(control->steps[number - 1], kStepSize, "%s %s", call, name);
  if (atomic_load(&control->action) == kKill && number == atomic_load(&control->at)) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

/* Whether a call of a file may go on; it fails with `error` where the action `fails_with` says so. */
static int passes(const char *call, int file, int fails_with, int error) {
  if (control == NULL || atomic_load(&control->action) == kOff) return 1;
  int before = errno;
  char link[40];
  char path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length <= 0) return 1;
  path[length] = '\0';
  const char *name = name_of(path);
  if (name != NULL) step(call, name);
  int fails = atomic_load(&control->action) == fails_with && strstr(path, "/store/") != NULL &&
              atomic_load(&control->seen) >= atomic_load(&control->at);
  if (!fails) return 1;
  atomic_fetch_add(&control->refused, 1);
  errno = error;
  return 0;
}

#define REAL(type, name) \
  static type real;      \
  if (real == NULL) real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef int (*sync_call)(int);
typedef int (*msync_call)(void *, size_t, int);

ssize_t write(int file, const void *bytes, size_t size) {
  REAL(write_call, "write");
  return passes("write", file, kFull, ENOSPC) ? real(file, bytes, size) : -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  REAL(pwrite_call, "pwrite");
  return passes("write", file, kFull, ENOSPC) ? real(file, bytes, size, at) : -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off_t at) {
  REAL(pwrite_call, "pwrite64");
  return passes("write", file, kFull, ENOSPC) ? real(file, bytes, size, at) : -1;
}

int fsync(int file) {
  REAL(sync_call, "fsync");
  return passes("sync", file, kSync, EIO) ? real(file) : -1;
}

int fdatasync(int file) {
  REAL(sync_call, "fdatasync");
  return passes("sync", file, kSync, EIO) ? real(file) : -1;
}

int msync(void *from, size_t size, int how) {
  REAL(msync_call, "msync");
  if (control != NULL && atomic_load(&control->action) != kOff) step("sync", "tc.log");
  return real(from, size, how);
}
