// The floor: 64 bytes back and forth between two processes over a Unix socket, blocking, in C.
// Prints one duration in nanoseconds a line.
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { message = 64, warmup = 2000 };

static void transfer(ssize_t (*move)(int, void *, size_t), int socket, char *bytes) {
    for (size_t done = 0; done < message;) {
        ssize_t count = move(socket, bytes + done, message - done);
        if (count <= 0) _exit(count == 0 ? 0 : 1);
        done += (size_t)count;
    }
}

static ssize_t send_some(int socket, void *bytes, size_t count) { return write(socket, bytes, count); }

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
    int runs = argc > 1 ? atoi(argv[1]) : 20000;
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return 1;
    char bytes[message] = {0};
    if (fork() == 0) {
        close(sockets[0]);
        for (;;) {
            transfer(read, sockets[1], bytes);
            transfer(send_some, sockets[1], bytes);
        }
    }
    close(sockets[1]);
    for (int i = -warmup; i < runs; i++) {
        long long start = now();
        transfer(send_some, sockets[0], bytes);
        transfer(read, sockets[0], bytes);
        if (i >= 0) printf("%lld\n", now() - start);
    }
    close(sockets[0]);
    wait(NULL);
    return 0;
}
