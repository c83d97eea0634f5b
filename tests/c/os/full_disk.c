/* A full file system: ENOSPC from each call that has bytes to write, and what a stream accepted is written once there is room. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Whether the test may mount: in a namespace of its own, so that nobody else sees it. */
static int small_disk(const char *folder) {
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("none", folder, "tmpfs", 0, "size=65536") == 0;
}

int main(void) {
    char folder[] = "/tmp/tidal-full-XXXXXX", path[100];
    CHECK(mkdtemp(folder) != NULL);
    if (!small_disk(folder)) {
        puts("may not mount: a full disk is not tried");
        rmdir(folder);
        return 0;
    }
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *f = fopen(path, "w+");
    CHECK(f != NULL);
    size_t accepted = 0;
    char piece[1000];
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 100 && !ferror(f); i++) {
        errno = 0;
        accepted += fwrite(piece, 1, sizeof piece, f);
    }
    CHECK(ferror(f) && errno == ENOSPC && accepted >= 64000 && accepted < 80000);
    FAILS(ENOSPC, EOF, fflush(f));
    struct stat about;
    CHECK(stat(path, &about) == 0 && about.st_size == 65536);
    char other[100];
    snprintf(other, sizeof other, "%s/other", folder);
    FILE *g = fopen(other, "w");
    CHECK(g != NULL && fputs("more", g) >= 0);
    FAILS(ENOSPC, EOF, fclose(g));
    g = fopen(other, "w");
    setvbuf(g, NULL, _IONBF, 0);
    FAILS(ENOSPC, EOF, fputc('x', g));
    CHECK(ferror(g) && fprintf(g, "%d", 5) < 0 && fclose(g) == 0);
    int fd = open(other, O_RDWR);
    CHECK(posix_fallocate(fd, 0, 1 << 20) == ENOSPC);
    close(fd);
    /* What the stream accepted is written once there is room. */
    CHECK(truncate(other, 0) == 0);
    CHECK(mount("none", folder, "tmpfs", MS_REMOUNT, "size=1048576") == 0);
    clearerr(f);
    CHECK(fflush(f) == 0);
    rewind(f);
    size_t n = 0;
    while (getc(f) == 'a') n++;
    CHECK(feof(f) && n == accepted);
    fclose(f);
    umount2(folder, MNT_DETACH);
    rmdir(folder);
    return 0;
}
