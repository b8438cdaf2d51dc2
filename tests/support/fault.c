/* Preloaded into the program: counts what it does with files under a folder, and fails one of these calls. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int done;
static atomic_char watched[65536];

static int fails(void) {
    const char *at = getenv("VM_FAULT_AT");
    int number = atomic_fetch_add(&done, 1);
    if (at && number == atoi(at)) {
        errno = EIO;
        return 1;
    }
    return 0;
}

/* Paths in the working folder, and absolute ones below the folder that is watched. */
static int ours(const char *path) {
    const char *folder = getenv("VM_FAULT_FOLDER");
    if (!folder || !path) return 0;
    return path[0] != '/' || strncmp(path, folder, strlen(folder)) == 0;
}

__attribute__((destructor)) static void tell(void) {
    const char *to = getenv("VM_FAULT_COUNT");
    FILE *file = to ? fopen(to, "w") : NULL;
    if (file) {
        fprintf(file, "%d", atomic_load(&done));
        fclose(file);
    }
}

static int opened(int fd, int is_ours) {
    if (fd >= 0 && fd < 65536) watched[fd] = (char)is_ours;
    return fd;
}

#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define WATCHED(fd) ((fd) >= 0 && (fd) < 65536 && watched[fd])

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        NEXT(name);                                                     \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        int mode = flags & O_CREAT ? va_arg(rest, int) : 0;             \
        va_end(rest);                                                   \
        int is_ours = ours(path);                                       \
        if (is_ours && fails()) return -1;                              \
        return opened(next(path, flags, mode), is_ours);                \
    }
OPEN(open)
OPEN(open64)

ssize_t read(int fd, void *to, size_t len) {
    NEXT(read);
    return WATCHED(fd) && fails() ? -1 : next(fd, to, len);
}
ssize_t pread64(int fd, void *to, size_t len, off64_t at) {
    NEXT(pread64);
    return WATCHED(fd) && fails() ? -1 : next(fd, to, len, at);
}
ssize_t write(int fd, const void *from, size_t len) {
    NEXT(write);
    return WATCHED(fd) && fails() ? -1 : next(fd, from, len);
}
int fsync(int fd) {
    NEXT(fsync);
    return WATCHED(fd) && fails() ? -1 : next(fd);
}
int rename(const char *from, const char *to) {
    NEXT(rename);
    return ours(from) && fails() ? -1 : next(from, to);
}
