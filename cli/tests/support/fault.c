/* Preloaded into the program: counts what it does with files under a folder, and with its standard input and output if
 * that is asked for; fails one of these calls, and tells of which file, or of which files all were if none fails. Or kills
 * the program where a name is given or taken away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define MOST 65536

static atomic_int done;
/* What each open file is called; none for those that are not watched. */
static char *_Atomic watched[MOST];
static char *_Atomic failed;
static char *_Atomic called[MOST];

static int fails(const char *name) {
    const char *at = getenv("VM_FAULT_AT");
    int number = atomic_fetch_add(&done, 1);
    if (at && number == atoi(at)) {
        failed = strdup(name);
        errno = EIO;
        return 1;
    }
    if (!at && number < MOST) called[number] = strdup(name);
    return 0;
}

/* Paths in the working folder, and absolute ones below the folder that is watched. */
static int ours(const char *path) {
    const char *folder = getenv("VM_FAULT_FOLDER");
    if (!folder || !path) return 0;
    return path[0] != '/' || strncmp(path, folder, strlen(folder)) == 0;
}

__attribute__((constructor)) static void begin(void) {
    if (!getenv("VM_FAULT_STREAMS")) return;
    watched[0] = "standard input";
    watched[1] = "standard output";
}

__attribute__((destructor)) static void tell(void) {
    const char *to = getenv("VM_FAULT_COUNT");
    FILE *file = to ? fopen(to, "w") : NULL;
    if (file) {
        fprintf(file, "%d\n%s", atomic_load(&done), failed ? failed : "");
        for (int number = 0; number < MOST && called[number]; number++) fprintf(file, "%s\n", called[number]);
        fclose(file);
    }
}

static int opened(int fd, const char *name) {
    if (fd >= 0 && fd < MOST) watched[fd] = name ? strdup(name) : NULL;
    return fd;
}

#define NEXT(name) static __typeof__(name) *next; if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAILS(fd) ((fd) >= 0 && (fd) < MOST && watched[fd] && fails(watched[fd]))

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        NEXT(name);                                                     \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        int mode = flags & O_CREAT ? va_arg(rest, int) : 0;             \
        va_end(rest);                                                   \
        const char *watch = ours(path) ? path : NULL;                   \
        if (watch && fails(watch)) return -1;                           \
        return opened(next(path, flags, mode), watch);                  \
    }
OPEN(open)
OPEN(open64)

ssize_t read(int fd, void *to, size_t len) {
    NEXT(read);
    return FAILS(fd) ? -1 : next(fd, to, len);
}
ssize_t pread64(int fd, void *to, size_t len, off64_t at) {
    NEXT(pread64);
    return FAILS(fd) ? -1 : next(fd, to, len, at);
}
ssize_t write(int fd, const void *from, size_t len) {
    NEXT(write);
    return FAILS(fd) ? -1 : next(fd, from, len);
}
int fsync(int fd) {
    NEXT(fsync);
    return FAILS(fd) ? -1 : next(fd);
}

/* Kills the program if the name ends as this variable says. */
static void kills(const char *variable, const char *name) {
    const char *end = getenv(variable);
    if (!end) return;
    size_t length = strlen(end), whole = strlen(name);
    if (whole >= length && strcmp(name + whole - length, end) == 0) raise(SIGKILL);
}

#define GIVES(name, call)                                               \
    kills("VM_KILL_BEFORE", name);                                      \
    int gave = call;                                                    \
    if (gave == 0) kills("VM_KILL_AFTER", name);                        \
    return gave

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (ours(from) && fails(from)) return -1;
    GIVES(to, next(from, to));
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    NEXT(linkat);
    GIVES(to, next(from_folder, from, to_folder, to, flags));
}
int unlink(const char *name) {
    NEXT(unlink);
    GIVES(name, next(name));
}
