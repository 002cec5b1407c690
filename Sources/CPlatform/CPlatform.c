#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#include <crt_externs.h>
#include <sys/event.h>
#else
#include <sys/syscall.h>
#include <linux/magic.h>
#include <linux/sockios.h>
#include <sys/vfs.h>
#endif

int cplatform_readable_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}

int cplatform_set_nonblocking(int descriptor, bool on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int cplatform_set_close_on_exec(int descriptor, bool on) {
    return fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

/// Moves a new descriptor above 0, 1 and 2. One of those is free if Python code has closed it, and whoever writes
/// to standard output would write into a socket.
static int above_standard(int descriptor) {
    if (descriptor < 0 || descriptor > 2) return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(descriptor);
    errno = error;
    return moved;
}

int cplatform_duplicate(int descriptor, int minimum) {
    return fcntl(descriptor, F_DUPFD_CLOEXEC, minimum);
}

int cplatform_open(const char *path, int flags, mode_t mode) {
    return above_standard(open(path, flags | O_CLOEXEC, mode));
}

int cplatform_peer_user(int socket, uid_t *user) {
#ifdef __linux__
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
    *user = credentials.uid;
    return 0;
#else
    gid_t group;
    return getpeereid(socket, user, &group);
#endif
}

pid_t cplatform_peer_process(int socket) {
#ifdef __linux__
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return 0;
    return credentials.pid;
#else
    pid_t process = 0;
    socklen_t size = sizeof process;
    return getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, &process, &size) == 0 ? process : 0;
#endif
}

void cplatform_line_buffer_stdout(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
}

void cplatform_flush_output(void) {
    fflush(stdout);
    fflush(stderr);
}

int cplatform_look_at_output(const int sources[2]) {
    struct pollfd polled[5] = {{.fd = 0}, {.fd = 1}, {.fd = 2},
        {.fd = sources[0], .events = POLLIN}, {.fd = sources[1], .events = POLLIN}};
    if (poll(polled, 5, 0) <= 0) return 0;
    int found = 0;
    for (int i = 0; i < 3; i++) {
        if ((polled[i].revents & POLLNVAL) != 0) found |= 1 << i;
    }
    if (((polled[3].revents | polled[4].revents) & POLLIN) != 0) found |= 8;
    return found;
}

void **cplatform_thread_slot(void) {
    static _Thread_local void *slot;
    return &slot;
}

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
struct stack { uintptr_t start, end; };

/// The stack of the current thread; empty if it is not known.
static struct stack current_stack(void) {
    static _Thread_local struct stack stack;
    if (stack.end != 0) return stack;
    pthread_attr_t attributes;
    void *lowest;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack;
    if (pthread_attr_getstack(&attributes, &lowest, &size) == 0)
        stack = (struct stack){(uintptr_t)lowest, (uintptr_t)lowest + size};
    pthread_attr_destroy(&attributes);
    return stack;
}

// A frame begins with the caller's frame pointer and the return address, on both architectures. Code without frame
// pointers leaves any value in its place: what is read must be above the frame before and within the stack.
__attribute__((noinline, no_sanitize("address", "thread")))
struct cplatform_addresses cplatform_return_addresses(void) {
    struct cplatform_addresses found = {0};
    const size_t limit = sizeof found.addresses / sizeof *found.addresses;
    const size_t length = 2 * sizeof(uintptr_t);
    struct stack stack = current_stack();
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    for (size_t i = 0; i < limit && stack.end >= length; i++) {
        if (frame % sizeof(uintptr_t) != 0 || frame < stack.start || frame > stack.end - length) break;
        const uintptr_t *pair = (const uintptr_t *)frame;
        found.addresses[i] = pair[1];
        // That of an asynchronous function has a bit set that no address has: the loop ends.
        if (pair[0] <= frame) break;
        frame = pair[0];
    }
    return found;
}
#else
struct cplatform_addresses cplatform_return_addresses(void) {
    return (struct cplatform_addresses){0};
}
#endif

static long long monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

#ifdef __APPLE__
void cplatform_wait_for_ends(const pid_t *processes, int count, int milliseconds) {
    int queue = kqueue();
    if (queue < 0) return;
    int waiting = 0;
    for (int i = 0; i < count; i++) {
        struct kevent change;
        EV_SET(&change, processes[i], EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
        // It fails for one that has ended.
        if (kevent(queue, &change, 1, NULL, 0, NULL) == 0) waiting++;
    }
    long long end = monotonic_milliseconds() + milliseconds;
    while (waiting > 0) {
        long long rest = end - monotonic_milliseconds();
        if (rest <= 0) break;
        struct timespec time = {.tv_sec = rest / 1000, .tv_nsec = rest % 1000 * 1000000};
        struct kevent event;
        if (kevent(queue, NULL, 0, &event, 1, &time) == 1) waiting--;
    }
    close(queue);
}
#else
void cplatform_wait_for_ends(const pid_t *processes, int count, int milliseconds) {
    long long end = monotonic_milliseconds() + milliseconds;
    // One after the other: all have the same time.
    for (int i = 0; i < count; i++) {
        struct pollfd polled = {.fd = (int)syscall(SYS_pidfd_open, processes[i], 0), .events = POLLIN};
        if (polled.fd < 0) continue;
        int ready = 0;
        do {
            long long rest = end - monotonic_milliseconds();
            ready = poll(&polled, 1, rest > 0 ? (int)rest : 0);
        } while (ready < 0 && errno == EINTR);
        close(polled.fd);
    }
}
#endif

static pid_t rescue_process;
static int rescue_sources[4];
static int rescue_count;
static int rescue_destination;

static char rescued[4096];
static atomic_size_t rescued_count;

void cplatform_add_to_rescued(const void *bytes, size_t count) {
    size_t start = rescued_count;
    if (count > sizeof rescued - start) count = sizeof rescued - start;
    if (count == 0) return;
    memcpy(rescued + start, bytes, count);
    rescued_count = start + count;
}

void cplatform_forget_rescued(void) {
    rescued_count = 0;
}

/// "killed by signal 11", for clients that are not the parent and learn of the signal from the log.
static void write_epitaph(int signal_number) {
    char line[] = "\n[server] killed by signal 00\n";
    size_t end = sizeof line - 2;
    line[end - 2] = (char)('0' + signal_number / 10 % 10);
    line[end - 1] = (char)('0' + signal_number % 10);
    if (write(rescue_destination, line, sizeof line - 1) < 0) {}
}

static void rescue(int signal_number) {
    // A forked child has this handler too: what is in the pipes, and in the log, is the parent's.
    if (getpid() != rescue_process) {
        raise(signal_number);
        return;
    }
    if (write(rescue_destination, rescued, rescued_count) < 0) {}
    char bytes[4096];
    for (int i = 0; i < rescue_count; i++) {
        int available = 0;
        // The pipes may be in blocking mode: read no more than is there.
        while (ioctl(rescue_sources[i], FIONREAD, &available) == 0 && available > 0) {
            ssize_t count = read(rescue_sources[i], bytes, sizeof bytes);
            if (count <= 0 || write(rescue_destination, bytes, (size_t)count) < 0) break;
        }
    }
    write_epitaph(signal_number);
    // SA_RESETHAND has restored the default action, which now ends the process with this signal.
    raise(signal_number);
}

void cplatform_rescue_output(const int *sources, int count, int destination) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    rescue_count = count > 4 ? 4 : count;
    for (int i = 0; i < rescue_count; i++) rescue_sources[i] = sources[i];
    rescue_destination = destination;
    rescue_process = getpid();
    struct sigaction action = {0};
    action.sa_handler = rescue;
    // On the alternate stack, if the thread has one: the fault may be a stack overflow.
    action.sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &action, NULL);
}

static int notified_descriptor;
static pid_t notified_process;

static void notify(int signal_number) {
    if (getpid() != notified_process) {
        // A forked child has inherited this handler: the signal is meant for the child.
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    int saved = errno;
    char byte = 0;
    // A full pipe already holds a notice.
    if (write(notified_descriptor, &byte, 1) < 0) {}
    errno = saved;
}

void cplatform_notify_on_signal(int signal_number, int descriptor) {
    notified_descriptor = descriptor;
    notified_process = getpid();
    struct sigaction action = {0};
    action.sa_handler = notify;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

bool cplatform_signal_is_default(int signal_number) {
    struct sigaction action;
    return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
}

size_t cplatform_raise_and_read(int signal_number, int descriptor, void *bytes, size_t count) {
    sigset_t wanted, previous;
    sigemptyset(&wanted);
    sigaddset(&wanted, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &wanted, &previous);
    // Delivered before this returns.
    pthread_kill(pthread_self(), signal_number);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    size_t total = 0;
    while (total < count) {
        ssize_t got = read(descriptor, (char *)bytes + total, count - total);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        total += (size_t)got;
    }
    return total;
}

static int both_above_standard(int ends[2]) {
    ends[0] = above_standard(ends[0]);
    ends[1] = above_standard(ends[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    int error = errno;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) close(ends[i]);
    }
    errno = error;
    return -1;
}

int cplatform_pipe(int ends[2]) {
#ifdef __linux__
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
#else
    if (pipe(ends) != 0) return -1;
    cplatform_set_close_on_exec(ends[0], true);
    cplatform_set_close_on_exec(ends[1], true);
#endif
    return both_above_standard(ends);
}

int cplatform_socket_pair(int ends[2]) {
#ifdef __linux__
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
        int on = 1;
        setsockopt(ends[i], SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
        cplatform_set_close_on_exec(ends[i], true);
    }
#endif
    return both_above_standard(ends);
}

/// As many as cplatform_raise_descriptor_limit allows.
enum { private_limit = 1 << 16 };
static _Atomic unsigned char private_descriptors[private_limit];
static pthread_once_t private_once = PTHREAD_ONCE_INIT;
/// Held while a descriptor is made that must not reach a child, and while this process forks.
static pthread_mutex_t fork_lock = PTHREAD_MUTEX_INITIALIZER;

int cplatform_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    rlim_t wanted = limit.rlim_max < private_limit ? limit.rlim_max : private_limit;
#ifdef __APPLE__
    // setrlimit(2): no more than OPEN_MAX, whatever the maximum says.
    if (wanted > OPEN_MAX) wanted = OPEN_MAX;
#endif
    if (limit.rlim_cur >= wanted) return 0;
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static void register_private_descriptors(void);

int cplatform_accept(int listener) {
    pthread_once(&private_once, register_private_descriptors);
    pthread_mutex_lock(&fork_lock);
#ifdef __linux__
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
#else
    int connection = accept(listener, NULL, NULL);
    if (connection >= 0) cplatform_set_close_on_exec(connection, true);
#endif
    connection = above_standard(connection);
    // Before anyone forks.
    if (connection >= 0) private_descriptors[connection % private_limit] = connection < private_limit;
    pthread_mutex_unlock(&fork_lock);
    return connection;
}

static void close_private_descriptors(void) {
    for (int i = 0; i < private_limit; i++) {
        if (private_descriptors[i]) close(i);
    }
}

static atomic_uint fork_count;
static atomic_bool in_forked_child;

static void prepare_fork(void) {
    fork_count++;
    pthread_mutex_lock(&fork_lock);
}

static void resume_after_fork(void) {
    pthread_mutex_unlock(&fork_lock);
}

static void enter_forked_child(void) {
    in_forked_child = true;
    close_private_descriptors();
    pthread_mutex_unlock(&fork_lock);
}

static void register_private_descriptors(void) {
    pthread_atfork(prepare_fork, resume_after_fork, enter_forked_child);
}

void cplatform_close_in_forked_children(int descriptor, bool on) {
    if (descriptor < 0 || descriptor >= private_limit) return;
    pthread_once(&private_once, register_private_descriptors);
    private_descriptors[descriptor] = on;
}

unsigned cplatform_fork_count(void) {
    return fork_count;
}

bool cplatform_in_forked_child(void) {
    return in_forked_child;
}

char **cplatform_environment(void) {
#ifdef __APPLE__
    return *_NSGetEnviron();
#else
    return environ;
#endif
}

int cplatform_spawn(
    pid_t *process, const char *path, char *const *arguments, char *const *environment,
    const char *directory, const int *descriptors, int descriptor_count) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);

    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
#ifdef __APPLE__
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    posix_spawnattr_setflags(&attributes, flags);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawnattr_setsigmask(&attributes, &none);
    // A host that ignores SIGCHLD or SIGPIPE must not hand that down: with SIGCHLD ignored,
    // Python's subprocess.run never learns that its child has ended.
    posix_spawnattr_setsigdefault(&attributes, &all);

    int error = 0;
    if (directory) {
#if defined(__APPLE__) && defined(__MAC_26_0)
        error = posix_spawn_file_actions_addchdir(&actions, directory);
#else
        error = posix_spawn_file_actions_addchdir_np(&actions, directory);
#endif
    }
    // The caller's descriptors are numbered above the targets, so no dup2 overwrites a later source.
    for (int i = 0; i < descriptor_count && !error; i++) {
        error = posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
    }
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    // A host may have descriptors that are not close-on-exec: a server that stays must not keep them.
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, descriptor_count);
#endif
    if (!error) error = posix_spawn(process, path, &actions, &attributes, arguments, environment);

    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

struct thread_start {
    void (*body)(void *);
    void *context;
};

static void *run_thread(void *argument) {
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    // A handler of SIGSEGV has no room on a stack that has overflowed.
    stack_t alternate = {.ss_size = 1 << 16};
    alternate.ss_sp = malloc(alternate.ss_size);
    if (alternate.ss_sp) sigaltstack(&alternate, NULL);
    start.body(start.context);
    if (alternate.ss_sp) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        free(alternate.ss_sp);
    }
    return NULL;
}

int cplatform_start_thread(
    size_t stack_size, bool blocks_signals, void (*body)(void *context), void *context) {
    struct thread_start *start = malloc(sizeof *start);
    if (!start) return ENOMEM;
    *start = (struct thread_start){body, context};

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);

    // The new thread inherits the mask, and hands it down to the processes that it starts.
    sigset_t blocked, previous;
    sigfillset(&blocked);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    if (!blocks_signals) sigemptyset(&blocked);
    pthread_sigmask(SIG_SETMASK, &blocked, &previous);
    pthread_t thread;
    int error = pthread_create(&thread, &attributes, run_thread, start);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);

    pthread_attr_destroy(&attributes);
    if (error) free(start);
    return error;
}

ssize_t cplatform_send(int socket, const void *bytes, size_t count, int flags, int passed) {
    if (passed < 0) return send(socket, bytes, count, flags);
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof passed);
    return sendmsg(socket, &message, flags);
}

ssize_t cplatform_send_two(
    int socket, const void *first, size_t first_count, const void *second, size_t second_count,
    int flags) {
    struct iovec parts[2] = {
        {.iov_base = (void *)first, .iov_len = first_count},
        {.iov_base = (void *)second, .iov_len = second_count}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(socket, &message, flags);
}

int cplatform_unread_bytes(int socket) {
    int count = 0;
#ifdef __linux__
    return ioctl(socket, SIOCOUTQ, &count) == 0 ? count : -1;
#else
    socklen_t size = sizeof count;
    return getsockopt(socket, SOL_SOCKET, SO_NWRITE, &count, &size) == 0 ? count : -1;
#endif
}

ssize_t cplatform_receive(int socket, void *bytes, size_t count, int flags, int *passed) {
    *passed = -1;
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    union {
        // Room for a few more than one, so that those can be closed and are not lost.
        char bytes[CMSG_SPACE(8 * sizeof(int))];
        struct cmsghdr alignment;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
#ifdef MSG_CMSG_CLOEXEC
    flags |= MSG_CMSG_CLOEXEC;
#endif
    ssize_t received = recvmsg(socket, &message, flags);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t descriptors = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < descriptors; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            if (*passed >= 0) {
                close(descriptor);
                continue;
            }
            *passed = above_standard(descriptor);
#ifndef MSG_CMSG_CLOEXEC
            fcntl(*passed, F_SETFD, FD_CLOEXEC);
#endif
        }
    }
    // A descriptor came and did not find a place: this process has as many as it may.
    if (*passed < 0 && (message.msg_flags & MSG_CTRUNC) != 0) {
        errno = EMFILE;
        return -1;
    }
    return received;
}

#ifdef __linux__
int cplatform_create_segment(size_t length) {
    int descriptor = above_standard(memfd_create("pyproxy", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (descriptor < 0) return -1;
    // Reserves the pages: without that, a machine out of memory would say so with a SIGBUS later.
    int error = posix_fallocate(descriptor, 0, (off_t)length);
    if (error == 0 && fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        error = errno;
    }
    if (error == 0) return descriptor;
    close(descriptor);
    errno = error;
    return -1;
}

bool cplatform_is_segment(int descriptor, size_t length) {
    struct stat status;
    struct statfs system;
    int seals = fcntl(descriptor, F_GET_SEALS);
    // Huge pages are not reserved by a mapping of their file, and pages that are not there yet cost the
    // sender nothing: both could run out when they are read.
    return seals >= 0 && (seals & F_SEAL_SHRINK) != 0 && fstat(descriptor, &status) == 0 &&
           (size_t)status.st_size >= length && (size_t)status.st_blocks * 512 >= length &&
           fstatfs(descriptor, &system) == 0 && system.f_type == TMPFS_MAGIC;
}
#else
int cplatform_create_segment(size_t length) {
    char name[32];
    int descriptor = -1;
    // The name exists only for a moment; another process may have the same idea.
    for (int attempt = 0; attempt < 100 && descriptor < 0; attempt++) {
        snprintf(name, sizeof name, "/pyproxy.%08x", arc4random());
        descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (descriptor < 0 && errno != EEXIST) return -1;
    }
    if (descriptor < 0) return -1;
    shm_unlink(name);
    descriptor = above_standard(descriptor);
    if (descriptor < 0) return -1;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    if (ftruncate(descriptor, (off_t)length) == 0) return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

// The size of a POSIX shared memory object can be set only once on macOS.
bool cplatform_is_segment(int descriptor, size_t length) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode) &&
           (size_t)status.st_size >= length;
}
#endif
