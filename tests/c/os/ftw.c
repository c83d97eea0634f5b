/* nftw walks a tree in either order, with links, and stops when told. */
#define _GNU_SOURCE
#include <ftw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int files, folders, links, depth, last_kind, last_level, stop_at;

static int see(const char *path, const struct stat *about, int kind, struct FTW *place) {
    (void)about;
    files += kind == FTW_F, folders += kind == FTW_D || kind == FTW_DP, links += kind == FTW_SL;
    if (place->level > depth)
        depth = place->level;
    last_kind = kind, last_level = place->level;
    return stop_at && strcmp(path + place->base, "f") == 0 ? stop_at : 0;
}

static int clear(const char *path, const struct stat *about, int kind, struct FTW *place) {
    (void)about, (void)place;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

int main(void) {
    char dir[] = "/tmp/tidal-XXXXXX", path[128];
    mkdtemp(dir);
    snprintf(path, sizeof path, "%s/a", dir), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/a/b", dir), mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/a/b/f", dir), close(creat(path, 0600));
    snprintf(path, sizeof path, "%s/loop", dir), symlink(".", path);
    if (nftw(dir, see, 10, FTW_PHYS) || files != 1 || folders != 3 || links != 1 || depth != 3)
        return 1;
    files = folders = links = 0;
    if (nftw(dir, see, 10, FTW_DEPTH | FTW_PHYS) || files != 1 || folders != 3 || last_kind != FTW_DP || last_level)
        return 2;
    files = folders = 0;
    if (nftw(dir, see, 10, 0) || files != 1 || folders != 3)
        return 3;
    stop_at = 7;
    if (nftw(dir, see, 10, FTW_PHYS) != 7)
        return 4;
    if (nftw(dir, clear, 10, FTW_DEPTH | FTW_PHYS) || nftw(dir, see, 10, 0) != -1)
        return 5;
    return 0;
}
