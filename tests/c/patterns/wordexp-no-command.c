/* wordexp with WRDE_NOCMD: what POSIX has passes; what runs a command in bash or another shell is refused, whatever /bin/sh is. */
/* harness: glibc no */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

static int failed;

/* The words of a text, each between brackets; or the number of the error. */
static void expect(const char *text, const char *wanted) {
    wordexp_t w = {0};
    char got[500] = "";
    int error = wordexp(text, &w, WRDE_NOCMD);
    if (error) snprintf(got, sizeof got, "%d", error);
    else {
        for (size_t i = 0; i < w.we_wordc; i++) strcat(strcat(strcat(got, "["), w.we_wordv[i]), "]");
        wordfree(&w);
    }
    if (strcmp(got, wanted)) printf("%s: %s, not %s\n", text, got, wanted), failed = 1;
}

int main(void) {
    setenv("A", "one two", 1), setenv("HOME", "/home/me", 1), unsetenv("NO"), setenv("E", "", 1);
    const char *of_bash[] = {
        "${NO:-<(echo ran >&2)}", "${NO:->(echo ran >&2)}", "${x:=\\$(echo ran >&2)} ${x@P}", "${x:=a[\\$(echo ran >&2)]} $((x))", "$((x))", "$(($x))",
        "$[x]", "\"$[x]\"", "$\\\n[x]", "${ echo ran >&2;}", "${|echo ran >&2;}", "${\techo ran >&2;}", "${y[x]}", "${HOME:x}", "${!x}", "${!x@}", "${x@\\\nP}",
        "${#y[x]}", "${HOME/o/x}", "${HOME^}", "$\"a\"", "${x\\\n@P}", "${}", "${:-a}", "$((1>2) )", "$((1)>2)", "$((1#2))", "$((\\1))",
    };
    setenv("x", "a[$(echo ran >&2)]", 1);
    for (unsigned i = 0; i < sizeof of_bash / sizeof *of_bash; i++) expect(of_bash[i], "4");
    unsetenv("x");
    expect("${NO-a} ${NO:-b} ${NO+c}${A:+d} ${HOME##*/} ${HOME%/*} ${#HOME} ${#} ${##} \"${NO:-x y}\""
           " ${\\\nE:\\\n-e}", "[a][b][d][me][/home][8][0][1][x y][e]");
    expect("$(((1 + 2) * 3 << 1)) $((1 ? 7 : 8)) ${NO:-$((4%3))}", "[18][7][1]");
    expect("${A", "5");
    expect("${A:", "5");
    return failed;
}
