// peak PROGRAM ARGUMENTS... -- runs a program and prints its peak memory in KB.
//
// Small itself, because what a process had before exec counts as its peak too.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage = { 0 };
    int status = 1;
    const pid_t pid = fork();
    if (pid == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || argc < 2 || wait4(pid, &status, 0, &usage) != pid || status)
        return 1;
    fprintf(stderr, "%ld\n", usage.ru_maxrss);
    return 0;
}
