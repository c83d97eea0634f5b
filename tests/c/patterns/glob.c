/* glob in a tree made for it, with many patterns and all flags, against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../out.h"

static const char *const folders[] = {"dir", "dir/sub", "dir/sub/.hidden", "other", ".dot", "a b", "closed"};
static const char *const files[] = {"a.c", "b.c", "c.h", ".profile", "dir/a.c", "dir/x.txt", "dir/sub/deep.c", "other/a.c", "other/[x]", "star*", "a b/c d", ".dot/in", "Z.c", "back\\slash"};

static const char *const patterns[] = {"*", "*.c", "*.[ch]", "?.c", "dir/*", "*/*.c", "*/*/*", "d*/s*/*", ".*", "*/.*", "nosuch", "nosuch*", "a.c", "dir", "dir/", "d*/a.c",
    "{a,b}.c", "{dir,other}/*.c", "{a,b,{c,d}}.*", "{nosuch,a}.c", "x{,y}", "{}", "{a.c", "\\*", "star\\*", "[*]", "other/\\[x\\]", "other/[[]x]", "./*.c", "dir/../*/a.c", "[!a]*.c", "*b", "a b/*",
    "dir/sub/../*.c", "/nosuch*", "~/x.txt", "~", "back\\\\slash", "**/a.c", "closed/*", "dir/*/deep.c", "*/sub"};

static int errors;

static int on_error(const char *path, int number) {
    (void)path, (void)number;
    errors++;
    return 0;
}

int main(void) {
    char home[] = "/tmp/glob-test-XXXXXX", at[64];
    if (!mkdtemp(home) || chdir(home)) return 77;
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) mkdir(folders[i], 0777);
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) close(open(files[i], O_CREAT | O_WRONLY, 0666));
    symlink("dir", "link"), symlink("nowhere", "broken"), strcpy(at, home), strcat(at, "/dir"), setenv("HOME", at, 1);
    static const int all[] = {0, GLOB_MARK, GLOB_NOCHECK, GLOB_PERIOD, GLOB_BRACE, GLOB_NOMAGIC, GLOB_TILDE, GLOB_TILDE_CHECK, GLOB_ONLYDIR, GLOB_NOESCAPE, GLOB_DOOFFS,
        GLOB_BRACE | GLOB_NOCHECK, GLOB_BRACE | GLOB_MARK | GLOB_TILDE, GLOB_MARK | GLOB_ONLYDIR | GLOB_PERIOD, GLOB_ERR};
    for (unsigned p = 0; p < sizeof patterns / sizeof *patterns; p++)
        for (unsigned f = 0; f < sizeof all / sizeof *all; f++) {
            /* What is a folder behind a backslash, glibc sees otherwise. */
            if (all[f] & GLOB_ONLYDIR && strchr(patterns[p], '\\')) continue;
            glob_t g = {.gl_offs = 2};
            int status = glob(patterns[p], all[f], on_error, &g);
            out_text(patterns[p]), out_char(' '), out_int(all[f]), out_int(status), out_int(strchr(patterns[p], '\\') ? 0 : g.gl_flags & GLOB_MAGCHAR);
            if (status == 0) {
                out_int(g.gl_pathc);
                size_t skip = all[f] & GLOB_DOOFFS ? 2 : 0;
                for (size_t i = 0; i <= g.gl_pathc; i++) {
                    const char *path = g.gl_pathv[skip + i];
                    if (path && strncmp(path, home, strlen(home)) == 0) path += strlen(home), out_char('@');
                    out_text(path), out_char('|');
                }
                if (skip) out_int(!g.gl_pathv[0] && !g.gl_pathv[1]);
                globfree(&g);
            }
            out_line();
        }
    glob_t g = {0};
    glob("*.c", 0, NULL, &g), glob("d*", GLOB_APPEND, NULL, &g), glob("nosuch", GLOB_APPEND, NULL, &g);
    for (size_t i = 0; i <= g.gl_pathc; i++) out_text(g.gl_pathv[i]), out_char('|');
    globfree(&g), out_int(glob_pattern_p("a\\*", 1)), out_int(glob_pattern_p("a\\*", 0) != 0), out_int(glob_pattern_p("[a", 1)), out_int(errors);
    out_flush();
    for (unsigned i = sizeof files / sizeof *files; i-- > 0;) unlink(files[i]);
    unlink("link"), unlink("broken");
    for (unsigned i = sizeof folders / sizeof *folders; i-- > 0;) rmdir(folders[i]);
    chdir("/"), rmdir(home);
    return 0;
}
