/* Tables of file systems: read with all fields or few, cut lines, escapes both ways, options found. */
#define _GNU_SOURCE
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRE(c) do { if (!(c)) { printf("line %d: %s\n", __LINE__, #c); return 1; } } while (0)

static int is(const struct mntent *m, const char *device, const char *dir, const char *kind, const char *options, int freq, int pass) {
    return m && !strcmp(m->mnt_fsname, device) && !strcmp(m->mnt_dir, dir) && !strcmp(m->mnt_type, kind) &&
        !strcmp(m->mnt_opts, options) && m->mnt_freq == freq && m->mnt_passno == pass;
}

int main(void) {
    char path[] = "/tmp/mntentXXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fprintf(f, "# comment\n\n  \t\n/dev/a / ext4 rw,size=3,nosize 1 2\n\t proc\t/proc   proc\n/a\\040b /c\\011d\\134e x\\012y z 7\nlast");
    fclose(f);

    REQUIRE(setmntent("/nothing-here", "r") == NULL);
    f = setmntent(path, "r");
    REQUIRE(f);
    struct mntent *m = getmntent(f);
    REQUIRE(is(m, "/dev/a", "/", "ext4", "rw,size=3,nosize", 1, 2));
    REQUIRE(hasmntopt(m, "rw") == m->mnt_opts && hasmntopt(m, "size") == m->mnt_opts + 3);
    REQUIRE(hasmntopt(m, "nosize") == m->mnt_opts + 10 && !hasmntopt(m, "siz") && !hasmntopt(m, "w") && !hasmntopt(m, "ro"));
    REQUIRE(is(getmntent(f), "proc", "/proc", "proc", "", 0, 0));
    REQUIRE(is(getmntent(f), "/a b", "/c\td\\e", "x\ny", "z", 7, 0));
    REQUIRE(is(getmntent(f), "last", "", "", "", 0, 0));
    REQUIRE(!getmntent(f) && endmntent(f) == 1);

    f = setmntent(path, "r");
    struct mntent small;
    char buffer[12];
    REQUIRE(is(getmntent_r(f, &small, buffer, sizeof buffer), "/dev/a", "/", "ex", "", 0, 0));
    REQUIRE(is(getmntent_r(f, &small, buffer, sizeof buffer), "proc", "/pro", "", "", 0, 0));
    endmntent(f);

    f = setmntent(path, "w+");
    struct mntent odd = {"a b\t", "\\", "\n", "o", 3, -4};
    REQUIRE(addmntent(f, &odd) == 0 && addmntent(f, &odd) == 0);
    rewind(f);
    REQUIRE(is(getmntent(f), "a b\t", "\\", "\n", "o", 3, -4) && getmntent(f) && !getmntent(f));
    endmntent(f);
    unlink(path);

    f = setmntent("/proc/self/mounts", "r");
    int root = 0;
    while ((m = getmntent(f))) root |= !strcmp(m->mnt_dir, "/") || !strcmp(m->mnt_dir, "/proc");
    REQUIRE(root && endmntent(f) == 1);
    double load[5] = {-1, -1, -1, -1, -1};
    REQUIRE(getloadavg(load, 5) == 3 && load[0] >= 0 && load[2] >= 0 && load[3] == -1);
    REQUIRE(getloadavg(load, 1) == 1 && getloadavg(load, 0) == 0);
    return 0;
}
