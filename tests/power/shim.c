/* Preloaded into a process: writes down, in their order, what the process does to the files of one folder, so that a test
 * can tell what a disk would have of them after a loss of power. Linux only; every call goes to the kernel directly.
 *
 *   SHIM_DIR       the folder, as the process names it
 *   SHIM_LOG       where the record goes; appended, so that several processes can follow each other
 *   SHIM_LOSE      set: no sync happens or is recorded, as with a disk that lies
 *   SHIM_SUFFIX    the end of the name of the file that the next two count the syncs of
 *   SHIM_EIO_AT    that sync, or the next one that has anything to write, fails with EIO
 *   SHIM_KILL_AT   instead of that sync the process is killed
 *
 * A record: kind (1 byte), three bytes nothing, length of the name (4), inode (8), token or offset (8), length of the data
 * (8), name, data. Numbers are the machine's own. Kinds:
 *   C created, W written, T truncated, U unlinked, R renamed (the data is the new name),
 *   B a sync began, E it ended well, F it failed; b and e the same for the folder.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static ino_t folder_inode;
static int record_fd = -1;
static int loses;
static const char *suffix;
static long eio_at, kill_at, syncs, tokens;
/* Whether anything is to be synced in the file that counts, and whether a sync has failed. */
static int is_dirty, has_failed;
/* By descriptor: the inode, 0 where it is none of ours, and whether its syncs count. */
static ino_t inodes[MOST];
static char counts[MOST];

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *log = getenv("SHIM_LOG");
  struct stat found;
  folder = getenv("SHIM_DIR");
  if (!folder || !log || stat(folder, &found)) {
    folder = NULL;
    return;
  }
  folder_length = strlen(folder);
  folder_inode = found.st_ino;
  loses = getenv("SHIM_LOSE") != NULL;
  suffix = getenv("SHIM_SUFFIX");
  eio_at = number("SHIM_EIO_AT");
  kill_at = number("SHIM_KILL_AT");
  record_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (record_fd < 0) abort();
}

static void put(const void *bytes, size_t length) {
  while (length > 0) {
    long done = syscall(SYS_write, record_fd, bytes, length);
    if (done < 0 && errno == EINTR) continue;
    /* A record with a hole would prove nothing. */
    if (done <= 0) abort();
    bytes = (const char *)bytes + done;
    length -= done;
  }
}

/* The lock is held. */
static void record(char kind, ino_t inode, uint64_t at, const char *name, const void *data, uint64_t length) {
  struct {
    char kind, nothing[3];
    uint32_t name_length;
    uint64_t inode, at, length;
  } head = {kind, {0}, name ? strlen(name) : 0, inode, at, length};
  int kept = errno;
  put(&head, sizeof head);
  if (name) put(name, head.name_length);
  if (length) put(data, length);
  errno = kept;
}

/* The name within the folder, or nothing where it is another's or the index that no disk keeps. */
static const char *ours(const char *path) {
  size_t length = strlen(path);
  if (!folder || strncmp(path, folder, folder_length) || path[folder_length] != '/') return NULL;
  if (length > 4 && !strcmp(path + length - 4, "-shm")) return NULL;
  return path + folder_length + 1;
}

static int ends_with(const char *text, const char *end) {
  size_t length = strlen(text), of_end = end ? strlen(end) : 0;
  return end && length >= of_end && !strcmp(text + length - of_end, end);
}

static int opened(int at, const char *path, int flags, mode_t mode) {
  const char *name = ours(path);
  struct stat found;
  int fd, is_new;
  if (!name) return syscall(SYS_openat, at, path, flags, mode);
  pthread_mutex_lock(&lock);
  is_new = (flags & O_CREAT) && stat(path, &found);
  fd = syscall(SYS_openat, at, path, flags, mode);
  if (fd >= 0 && fd < MOST && !fstat(fd, &found)) {
    inodes[fd] = found.st_ino;
    counts[fd] = ends_with(name, suffix);
    if (is_new) record('C', found.st_ino, 0, name, NULL, 0);
    else if (flags & O_TRUNC) record('T', found.st_ino, 0, NULL, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE(flags, mode)              \
  mode_t mode = 0;                     \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest;                      \
    va_start(rest, flags);             \
    mode = va_arg(rest, mode_t);       \
    va_end(rest);                      \
  }

int open(const char *path, int flags, ...) {
  MODE(flags, mode)
  return opened(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE(flags, mode)
  return opened(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
  MODE(flags, mode)
  return opened(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
  MODE(flags, mode)
  return opened(at, path, flags, mode);
}

int close(int fd) {
  if (fd >= 0 && fd < MOST) inodes[fd] = 0;
  return syscall(SYS_close, fd);
}

static int is_ours(int fd) { return fd >= 0 && fd < MOST && inodes[fd]; }

ssize_t write(int fd, const void *bytes, size_t length) {
  long done;
  uint64_t at;
  if (!is_ours(fd)) return syscall(SYS_write, fd, bytes, length);
  pthread_mutex_lock(&lock);
  at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
  done = syscall(SYS_write, fd, bytes, length);
  if (done > 0) record('W', inodes[fd], at, NULL, bytes, done);
  is_dirty |= counts[fd];
  pthread_mutex_unlock(&lock);
  return done;
}

static ssize_t written_at(int fd, const void *bytes, size_t length, off_t at) {
  long done;
  if (!is_ours(fd)) return syscall(SYS_pwrite64, fd, bytes, length, at);
  pthread_mutex_lock(&lock);
  done = syscall(SYS_pwrite64, fd, bytes, length, at);
  if (done > 0) record('W', inodes[fd], at, NULL, bytes, done);
  is_dirty |= counts[fd];
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return written_at(fd, bytes, length, at); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return written_at(fd, bytes, length, at); }

static int truncated(int fd, off_t length) {
  int failed;
  if (!is_ours(fd)) return syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&lock);
  failed = syscall(SYS_ftruncate, fd, length);
  if (!failed) record('T', inodes[fd], length, NULL, NULL, 0);
  pthread_mutex_unlock(&lock);
  return failed;
}

int ftruncate(int fd, off_t length) { return truncated(fd, length); }

int ftruncate64(int fd, off64_t length) { return truncated(fd, length); }

/* The sync itself is only written down: a disk is what the test makes of the record. */
static int synced(int fd, int call) {
  struct stat found;
  int is_folder = 0, fails = 0;
  ino_t inode;
  uint64_t token;
  if (!folder) return syscall(call, fd);
  if (!is_ours(fd)) {
    is_folder = !fstat(fd, &found) && S_ISDIR(found.st_mode) && found.st_ino == folder_inode;
    if (!is_folder) return syscall(call, fd);
  }
  if (loses) return 0;
  pthread_mutex_lock(&lock);
  inode = is_folder ? folder_inode : inodes[fd];
  token = ((uint64_t)getpid() << 32) + ++tokens;
  if (!is_folder && counts[fd]) {
    syncs++;
    if (syncs == kill_at) kill(getpid(), SIGKILL);
    fails = eio_at && syncs >= eio_at && is_dirty && !has_failed;
    has_failed |= fails;
    is_dirty = 0;
  }
  record(is_folder ? 'b' : 'B', inode, token, NULL, NULL, 0);
  pthread_mutex_unlock(&lock);
  /* Others go on while a disk syncs. */
  usleep(300);
  pthread_mutex_lock(&lock);
  record(is_folder ? 'e' : fails ? 'F' : 'E', inode, token, NULL, NULL, 0);
  pthread_mutex_unlock(&lock);
  if (fails) errno = EIO;
  return fails ? -1 : 0;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }

int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int unlinked(int at, const char *path, int flags) {
  const char *name = ours(path);
  int failed;
  if (!name) return syscall(SYS_unlinkat, at, path, flags);
  pthread_mutex_lock(&lock);
  failed = syscall(SYS_unlinkat, at, path, flags);
  if (!failed) record('U', 0, 0, name, NULL, 0);
  pthread_mutex_unlock(&lock);
  return failed;
}

int unlink(const char *path) { return unlinked(AT_FDCWD, path, 0); }

int unlinkat(int at, const char *path, int flags) { return unlinked(at, path, flags); }

int rename(const char *from, const char *to) {
  const char *old = ours(from), *new = ours(to);
  int failed;
  pthread_mutex_lock(&lock);
  failed = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (!failed && old && new) record('R', 0, 0, old, new, strlen(new));
  pthread_mutex_unlock(&lock);
  return failed;
}
