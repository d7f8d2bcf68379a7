// escape.c -- preloaded into lc3run --sandbox: what code that took over the process
// could still do.  As soon as the filter is there, everything is tried from another
// thread; standard error gets a line for what worked, then "tried N".
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int tried;

static void expect_refused(const char *what, long result)
{
    tried++;
    if (result == -1 && (errno == EPERM || errno == ENOSYS))
        return;
    dprintf(STDERR_FILENO, "escape: %s worked, or failed for another reason: %ld, %s\n", what, result,
            strerror(errno));
}

static void wait_for_filter(int status)
{
    char text[4096] = "";
    while (!strstr(text, "Seccomp:\t2")) {
        const ssize_t n = pread(status, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = 0;
        usleep(1000);
    }
}

static void *try(void *arg)
{
    char *const argv[] = { "true", NULL };
    int pair[2];
    wait_for_filter(*(int *)arg);
    if (getenv("ESCAPE_EXEC"))
        execve("/bin/true", argv, argv + 1);
    expect_refused("open for reading", open("/etc/passwd", O_RDONLY));
    expect_refused("open for writing", open("escaped", O_WRONLY | O_CREAT, 0600));
    expect_refused("the old open", syscall(SYS_open, "/etc/passwd", O_RDONLY));
    expect_refused("openat2", syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", "", 24));
    expect_refused("creat", syscall(SYS_creat, "escaped", 0600));
    expect_refused("socket", socket(AF_INET, SOCK_STREAM, 0));
    expect_refused("a local socket", socket(AF_UNIX, SOCK_STREAM, 0));
    expect_refused("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    expect_refused("a process", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    expect_refused("a process by clone3", syscall(SYS_clone3, NULL, 0));
    expect_refused("unlink", unlink("input"));
    expect_refused("rename", rename("input", "escaped"));
    expect_refused("mkdir", mkdir("escaped", 0700));
    expect_refused("chmod", chmod("input", 0777));
    expect_refused("symlink", symlink("input", "escaped"));
    expect_refused("kill", kill(getppid(), 0));
    expect_refused("tgkill of others", syscall(SYS_tgkill, getppid(), getppid(), 0));
    expect_refused("memfd_create", memfd_create("escaped", 0));
    expect_refused("pipe", pipe(pair));
    expect_refused("io_uring_setup", syscall(SYS_io_uring_setup, 1, NULL));
    expect_refused("chdir", chdir("/"));
    expect_refused("setuid", syscall(SYS_setuid, 0));
    expect_refused("bpf", syscall(SYS_bpf, 0, NULL, 0));
    dprintf(STDERR_FILENO, "escape: tried %d\n", tried);
    return NULL;
}

__attribute__((constructor)) static void start(void)
{
    static int status;
    pthread_t thread;
    status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (status < 0 || pthread_create(&thread, NULL, try, &status) || pthread_detach(thread))
        _exit(99);
}
