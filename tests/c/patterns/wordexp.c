/* wordexp: words as the shell expands them, what may not be in them, and no command where none is wanted. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

static int failed;

/* The words of a text, each between brackets; or the number of the error. */
static void expect(int flags, const char *text, const char *wanted) {
    wordexp_t w = {0};
    char got[500] = "";
    int error = wordexp(text, &w, flags);
    if (error) snprintf(got, sizeof got, "%d", error);
    else {
        for (size_t i = 0; i < w.we_wordc; i++) strcat(strcat(strcat(got, "["), w.we_wordv[i]), "]");
        if (w.we_wordv && w.we_wordv[w.we_wordc]) strcat(got, "not ended");
        wordfree(&w);
    }
    if (strcmp(got, wanted)) printf("%s: %s, not %s\n", text, got, wanted), failed = 1;
}

int main(void) {
    setenv("A", "one two", 1), setenv("HOME", "/home/me", 1), unsetenv("NO"), setenv("E", "", 1);
    expect(0, "", "");
    expect(0, " a  b\tc ", "[a][b][c]");
    expect(0, "$A \"$A\" '$A' \\$A", "[one][two][one two][$A][$A]");
    expect(0, "${NO:-x y} ${A#one } ${#A} ~ ~/f \"~\"", "[x][y][two][7][/home/me][/home/me/f][~]");
    expect(0, "$((6 * 7)) $((2-9))", "[42][-7]");
    expect(0, "a$(echo b c)d `echo e`", "[ab][cd][e]");
    expect(0, "$NO '' \"\" $E x", "[][][x]");
    expect(0, "/et[c] /nothing-here* '/et*'", "[/etc][/nothing-here*][/et*]");
    expect(0, "'a\nb' \"c\nd\"", "[a\nb][c\nd]");
    expect(0, "-n -- -e", "[-n][--][-e]");
    setenv("IFS", ":", 1), setenv("P", "x:y z", 1);
    expect(0, "$P", "[x][y z]");
    unsetenv("IFS");

    const char *bad[] = {"a|b", "a;b", "a&b", "a>b", "a<b", "(a)", "{a}", "a\nb"};
    for (int i = 0; i < 8; i++) expect(0, bad[i], "2");
    expect(WRDE_UNDEF, "a $NO", "3");
    expect(WRDE_UNDEF, "a $A", "[a][one][two]");
    const char *open[] = {"'a", "\"a", "${A", "$((1", "$(a", "`a", "a\\", "\"${A\""};
    for (int i = 0; i < 8; i++) expect(0, open[i], "5");

    /* None of these may run the command, whatever the shell thinks of its quotes. */
    const char *hidden[] = {
        "$(touch ran)", "`touch ran`", "\"$(touch ran)\"", "a${NO:-$(touch ran)}", "\"${NO:-'$(touch ran)'}\"",
        "${NO:-'}'$(touch ran)'}'}", "$((`touch ran`))", "$(( $(touch ran) ))", "$((touch ran) )", "$((touch ran);(touch ran))",
        "\"$\\\n(touch ran)\"", "$'a\\'b' $(touch ran) '", "$(( ')) '$(touch ran)' ))'", "a #'\n$(touch ran)'", "a #'\n touch ran #'",
        "\"${HOME#'}\"'$(touch ran)'\"'}\"", "\"${NO:-'}\"'$(touch ran)'\"'}\"", "\"${NO:-\"'}\"'$(touch ran)'}\"}\"",
    };
    char place[] = "/tmp/wordexpXXXXXX";
    if (!mkdtemp(place) || chdir(place)) return 1;
    for (unsigned i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        wordexp_t w = {0};
        if (wordexp(hidden[i], &w, WRDE_NOCMD) == 0) wordfree(&w);
        if (access("ran", F_OK) == 0) printf("ran: %s\n", hidden[i]), failed = 1, unlink("ran");
    }
    expect(WRDE_NOCMD, "$(touch ran)", "4");
    expect(WRDE_NOCMD, "'$(touch ran)' \\`x\\` $((2+3)) ${A} '`'", "[$(touch ran)][`x`][5][one][two][`]");
    chdir("/"), rmdir(place);

    wordexp_t w = {.we_offs = 2};
    if (wordexp("a b", &w, WRDE_DOOFFS) || wordexp("c", &w, WRDE_DOOFFS | WRDE_APPEND)) return 1;
    if (w.we_wordc != 3 || w.we_wordv[0] || w.we_wordv[1] || strcmp(w.we_wordv[4], "c") || w.we_wordv[5]) return 1;
    if (wordexp("z", &w, WRDE_DOOFFS | WRDE_REUSE) || w.we_wordc != 1 || strcmp(w.we_wordv[2], "z")) return 1;
    wordfree(&w);
    wordfree(&w);
    return failed;
}
