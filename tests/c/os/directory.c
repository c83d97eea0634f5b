/* Temporary files and directories, reading a directory, realpath and getcwd. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int only_n(const struct dirent *e) {
    return e->d_name[0] == 'n';
}

int main(void) {
    char dir[] = "/tmp/tidal-XXXXXX", path[PATH_MAX], want[PATH_MAX + 16];
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    for (int i = 0; i < 500; i++) {
        char name[8] = "n000";
        name[1] += i / 100, name[2] += i / 10 % 10, name[3] += i % 10;
        int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (fd < 0 || close(fd))
            return 2;
    }
    DIR *d = opendir(".");
    int count = 0;
    long middle = 0;
    char at_middle[256] = "";
    errno = 0;
    for (struct dirent *e; (e = readdir(d)); count++) {
        if (count == 100)
            middle = telldir(d);
        if (count == 101)
            strcpy(at_middle, e->d_name);
    }
    if (count != 502 || errno)
        return 3;
    seekdir(d, middle);
    if (strcmp(readdir(d)->d_name, at_middle))
        return 4;
    rewinddir(d);
    if (!readdir(d) || closedir(d))
        return 5;
    struct dirent **all;
    if (scandir(".", &all, only_n, alphasort) != 500 || strcmp(all[0]->d_name, "n000") ||
        strcmp(all[499]->d_name, "n499"))
        return 6;
    for (int i = 0; i < 500; i++)
        unlink(all[i]->d_name), free(all[i]);
    free(all);

    char *real = realpath(".", 0), *cwd = getcwd(0, 0);
    if (!real || !cwd || strcmp(real, cwd))
        return 7;
    if (mkdir("sub", 0755) || symlink("sub/../sub", "link") || symlink("loop", "loop"))
        return 8;
    strcpy(want, real);
    strcat(want, "/sub");
    if (!realpath("./link/.//", path) || strcmp(path, want))
        return 9;
    if (realpath("loop", path) || errno != ELOOP || realpath("none", path) || errno != ENOENT || realpath("", path))
        return 10;
    if (!realpath("/..", path) || strcmp(path, "/"))
        return 11;
    char file[] = "f-XXXXXX.c";
    int fd = mkstemps(file, 2);
    if (fd < 0 || access(file, R_OK | W_OK) || realpath("link/../n/..", path))
        return 12;
    strcpy(want, file);
    strcat(want, "/");
    if (realpath(want, path) || errno != ENOTDIR)
        return 13;
    char bad[] = "XXXXX";
    if (mkstemp(bad) != -1 || errno != EINVAL)
        return 14;
    if (opendir(file) || errno != ENOTDIR)
        return 15;
    unlink(file), unlink("loop"), unlink("link"), rmdir("sub");
    return chdir("/") || rmdir(dir) ? 16 : 0;
}
