/* Groups that repeat and nest take no time that grows with the ways to divide the name; and memory that is short is -1. */
/* harness: glibc no */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int expect(const char *pattern, const char *name, int flags, int result) {
    int is = fnmatch(pattern, name, flags | FNM_EXTMATCH);
    if (is != result) printf("%s of %.40s: %d\n", pattern, name, is);
    return is != result;
}

int main(void) {
    enum { LENGTH = 120, LONG = 64 << 20 };
    char as[LENGTH + 2];
    memset(as, 'a', LENGTH), as[LENGTH] = 'x', as[LENGTH + 1] = 0;
    int wrong = 0;
    /* As many ways as there are sums of the length. */
    wrong += expect("+(*)y", as, 0, FNM_NOMATCH);
    wrong += expect("+(a|aa|aaa)", as, 0, FNM_NOMATCH);
    wrong += expect("+(a|aa|aaa)x", as, 0, 0);
    wrong += expect("*(+(*(+(a))))y", as, 0, FNM_NOMATCH);
    wrong += expect("*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)y", as, 0, FNM_NOMATCH);
    wrong += expect("*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)*(a)x", as, 0, 0);
    wrong += expect("!(*b*)!(*b*)!(*b*)y", as, 0, FNM_NOMATCH);
    /* Each level of these asks the next one several times. */
    wrong += expect("+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*+(*a)))))))))))))))))))))))y", as, 0, FNM_NOMATCH);
    wrong += expect("*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?*(?a?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)y", as, 0, FNM_NOMATCH);
    wrong += expect("*!(*!(*!(*!(*!(*!(*!(*!(*!(*!(*!(*!(b))))))))))))y", as, 0, FNM_NOMATCH);
    wrong += expect("!(*!(*!(a*x)))", as, 0, 0);
    wrong += expect("!(?!(?!(?)))", "ab", 0, 0);
    wrong += expect("!(?!(?!(?)))", "abc", 0, FNM_NOMATCH);
    /* What each kind means, alone and in others. */
    wrong += expect("@(a|b@(c|d))e", "bde", 0, 0);
    wrong += expect("@(a|b@(c|d))e", "be", 0, FNM_NOMATCH);
    wrong += expect("!(a|b)", "ab", 0, 0);
    wrong += expect("!(a|b)", "b", 0, FNM_NOMATCH);
    wrong += expect("*.!(c|h)", "x.o", 0, 0);
    wrong += expect("*.!(c|h)", "x.h", 0, FNM_NOMATCH);
    wrong += expect("?(a)?(b)", "", 0, 0);
    wrong += expect("+(a)", "", 0, FNM_NOMATCH);
    wrong += expect("+()", "", 0, 0);
    wrong += expect("*(a|b)/+([0-9])", "ab/12", FNM_PATHNAME, 0);
    wrong += expect("@(*)", "a/b", FNM_PATHNAME, FNM_NOMATCH);
    wrong += expect("@(*)", ".a", FNM_PERIOD, FNM_NOMATCH);
    wrong += expect("@(a|b)", "a/b", FNM_LEADING_DIR, 0);
    wrong += expect("a@(", "a@(", 0, 0);
    /* A bar or a parenthesis in a bracket expression is a character. */
    wrong += expect("@([|]|b)", "|", 0, 0);
    wrong += expect("@([|]|b)", "b", 0, 0);
    wrong += expect("@([|]|b)", "]", 0, FNM_NOMATCH);
    wrong += expect("@([)]|a)", "a", 0, 0);
    wrong += expect("@([)]|a)", ")", 0, 0);
    wrong += expect("@([(]|a)", "a", 0, 0);
    wrong += expect("@(b|@([|)]c|d))", ")c", 0, 0);
    wrong += expect("@([|b)", "b", 0, 0);
    wrong += expect("@(\\||b)", "|", 0, 0);
    /* Groups in groups, as deep as it goes, and deeper. */
    enum { DEEPEST = 100, FAR = 100000 };
    char *deep = malloc(3 * FAR + 2), *at = deep;
    for (int depth = 1; depth <= FAR; depth = depth <= DEEPEST ? depth + 1 : depth * 10) {
        at = deep;
        for (int i = 0; i < depth; i++) *at++ = '@', *at++ = '(';
        *at++ = 'a';
        for (int i = 0; i < depth; i++) *at++ = ')';
        *at = 0;
        errno = 0;
        wrong += expect(deep, "a", 0, depth <= DEEPEST ? 0 : -1);
        wrong += errno != (depth <= DEEPEST ? 0 : ENOMEM);
    }
    free(deep);

    char *name = malloc(LONG + 1);
    memset(name, 'a', LONG), name[LONG] = 0;
    struct rlimit limit = {LONG + (32 << 20), LONG + (32 << 20)};
    setrlimit(RLIMIT_AS, &limit);
    wrong += expect("+(a)", name, 0, -1);
    return wrong != 0;
}
