// What Swift cannot call: variadic functions, and structures hidden behind feature macros.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#pragma clang assume_nonnull begin

/// Bytes that can be read from `descriptor` now, or -1 with errno. (ioctl is variadic.)
int cplatform_readable_bytes(int descriptor);

/// Sets or clears O_NONBLOCK. 0, or -1 with errno. (fcntl is variadic.)
int cplatform_set_nonblocking(int descriptor, bool on);

/// Sets or clears FD_CLOEXEC. 0, or -1 with errno. (fcntl is variadic.)
int cplatform_set_close_on_exec(int descriptor, bool on);

/// Duplicates `descriptor` to the lowest free number from `minimum` up, close-on-exec.
int cplatform_duplicate(int descriptor, int minimum);

/// Opens a file with close-on-exec. (open is variadic.)
int cplatform_open(const char *path, int flags, mode_t mode);

/// The effective user at the other end of a Unix socket. 0, or -1 with errno.
/// (struct ucred needs _GNU_SOURCE, which Swift's C library module does not set.)
int cplatform_peer_user(int socket, uid_t *user);

/// Makes C's stdout line-buffered, so that text appears while a call runs. (stdout is a macro or a
/// mutable global, which Swift 6 refuses.)
void cplatform_line_buffer_stdout(void);

/// A place for a pointer of the current thread's own, NULL at first.
void *_Nullable *_Nonnull cplatform_thread_slot(void);

/// Where running functions return to, the innermost first. The rest is 0.
struct cplatform_addresses {
    uintptr_t addresses[10];
};

/// Where the functions that are running return to; none on platforms where that cannot be found out.
/// (Swift's own backtraces take a microsecond each; reading the chain of frame pointers takes some nanoseconds.)
struct cplatform_addresses cplatform_return_addresses(void);

/// Waits until `count` processes, of any parent, have ended, for `milliseconds` at most.
void cplatform_wait_for_ends(const pid_t *processes, int count, int milliseconds);

/// Flushes C's stdout and stderr.
void cplatform_flush_output(void);

/// One look at the pipes that the output of this process goes to, and at descriptors 0, 1 and 2.
///
/// Returns a set of bits: 1, 2 and 4 if descriptor 0, 1 or 2 is closed, 8 if a pipe holds bytes.
int cplatform_look_at_output(const int sources[_Nonnull 2]);

/// After the fatal signals SEGV, BUS, FPE, ILL and ABRT, moves what is left in the `count` pipes
/// `sources` to `destination` before the process dies, so that the last words are not lost.
/// (A signal handler may call async-signal-safe functions only; Swift cannot promise that.)
void cplatform_rescue_output(const int *sources, int count, int destination);

/// Adds to the text that moves there as well: the beginning of a line that is in no pipe any more. What exceeds a few
/// kilobytes is left out. For one thread at a time.
void cplatform_add_to_rescued(const void *_Nullable bytes, size_t count);

/// That text has been passed on. For one thread at a time.
void cplatform_forget_rescued(void);

/// Writes a byte to `descriptor` when the signal arrives. (A signal handler may call async-signal-safe
/// functions only; Swift cannot promise that.)
void cplatform_notify_on_signal(int signal_number, int descriptor);

/// The process at the other end of a Unix socket, or the one that listens there; 0 if it is not known.
/// (As above.)
pid_t cplatform_peer_process(int socket);

/// Whether a signal has its default action. (struct sigaction has a union in it.)
bool cplatform_signal_is_default(int signal_number);

/// Raises a signal in the current thread, even if it is blocked there, and then reads what its handler has
/// written to the other end of `descriptor`, which does not block. Returns the number of bytes.
/// (The handler runs between the two; sigset_t is a structure on one platform and a number on another.)
size_t cplatform_raise_and_read(
    int signal_number, int descriptor, void *_Nullable bytes, size_t count);

/// The environment of this process. (environ is a mutable global.)
char *_Nullable *_Nonnull cplatform_environment(void);

/// Starts a process in a new session with the given descriptors as 0, 1, 2, …
/// Returns 0 or an errno value. `directory` may be NULL.
/// (posix_spawn's extension for the working directory differs by platform and feature macro.)
int cplatform_spawn(
    pid_t *process, const char *path, char *_Nullable const *_Nonnull arguments,
    char *_Nullable const *_Nonnull environment, const char *_Nullable directory,
    const int *descriptors, int descriptor_count);

/// Creates two connected Unix sockets, both close-on-exec. Returns 0, or -1 with errno set.
int cplatform_socket_pair(int ends[_Nonnull 2]);

/// Creates a pipe whose ends are close-on-exec from the start. 0, or -1 with errno.
/// (pipe2 hides behind a feature macro, and macOS has none.)
int cplatform_pipe(int ends[_Nonnull 2]);

/// Accepts a connection, close-on-exec from the start where the system can, and closed in children that this
/// process forks, as by cplatform_close_in_forked_children. (As above: accept4.)
int cplatform_accept(int listener);

/// Sends bytes and, if `passed` is not negative, a descriptor with the first of them. As sendmsg.
/// (The macros for control messages.)
ssize_t cplatform_send(
    int socket, const void *bytes, size_t count, int flags, int passed);

/// Sends two ranges of bytes, one after the other. As sendmsg. (The structure's fields differ by platform.)
ssize_t cplatform_send_two(
    int socket, const void *_Nullable first, size_t first_count, const void *_Nullable second,
    size_t second_count, int flags);

/// How many of the bytes that were sent the other side has not received, or -1. What else than bytes they take
/// in memory may be counted. (ioctl is variadic.)
int cplatform_unread_bytes(int socket);

/// Receives bytes and, in `passed`, a descriptor that came with them, close-on-exec, or -1. As recvmsg.
/// More descriptors than one are closed. (The macros for control messages.)
ssize_t cplatform_receive(
    int socket, void *bytes, size_t count, int flags, int *passed);

/// Creates memory of `length` bytes, all there and zero, that has a descriptor and no name, and whose size
/// cannot change. The descriptor, or -1 with errno.
/// (memfd_create and the seals hide behind a feature macro; shm_open is variadic.)
int cplatform_create_segment(size_t length);

/// Whether what `descriptor` stands for has at least `length` bytes, all there, and cannot shrink: reading a
/// mapping of it can then not end in a SIGBUS. (As above.)
bool cplatform_is_segment(int descriptor, size_t length);

/// Says whether `descriptor` is to be closed in a child that this process forks. A child that goes on
/// without exec would otherwise keep connections and sockets of a dead parent alive.
/// (Such a handler may call async-signal-safe functions only; Swift cannot promise that.)
void cplatform_close_in_forked_children(int descriptor, bool on);

/// Lets this process have as many descriptors as the system allows it, 65,536 at most. 0, or -1 with errno.
/// (The constant's type differs by platform.)
int cplatform_raise_descriptor_limit(void);

/// How often this process has forked since the first descriptor was marked to be closed in children, each
/// counted before it happens. (As above.)
unsigned cplatform_fork_count(void);

/// Whether this process is such a child. (As above.)
bool cplatform_in_forked_child(void);

/// Starts a detached thread that calls `body` with `context`, if wanted with all signals blocked except
/// those of faults. Returns 0 or an errno value.
/// (Swift imports the types of pthread_create and of its callback differently on each platform.)
int cplatform_start_thread(
    size_t stack_size, bool blocks_signals, void (*body)(void *context), void *context);

#pragma clang assume_nonnull end
