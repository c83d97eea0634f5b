/* regcomp and regexec on random patterns and texts, with the places of groups, against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <locale.h>
#include <regex.h>
#include "../out.h"

static const char *const extended[] = {"a", "b", "c", "ab", ".", "a*", "b+", "c?", "[ab]", "[^a]", "(a)", "(ab)", "(a|b)", "(a|ab)(c|bcd)", "(a*)", "(b+)", "|b", "^", "$",
    "x{2}", "a{1,2}", "b{0,2}", "[[:alpha:]]", "[a-c]*", "(a|b|c)*", "\\w", "\\.", "(ab?)(bc)?", "d", "\\<", "\\b", "(a*)(ab)*(b*)", "(a+|b)"};
static const char *const basic[] = {"a", "b", "ab", ".", "a*", "\\(a\\)", "\\(ab*\\)", "\\(a\\|b\\)", "^", "$", "[ab]*", "[^b]", "a\\{1,2\\}", "b\\+", "a\\?", "*", "\\(a*\\)",
    "c", "x", "{", "+", "\\(^a\\)", "\\*"};
static const char *const wrong[] = {"(", ")", "a{1", "a{1x", "a{2,1}", "a{99999}", "[a", "[[:nosuch:]]", "[b-a]", "a\\", "*a", "a|*b", "(*a)", "+", "?", "{1}", "a**", "a{,2}",
    "a{,}", "()", "(|a)", "a||b", "[]a]", "[^]a]", "[]", "[a-", "\\1", "(a)\\1", "(a)\\2", "^*", "[[.a.]]", "[[.nosuch.]]", "[[=a=]]", "[[:alpha:]-z]", "[a-a]", "\\(", "\\)",
    "\\{", "a\\{1", "\\(a", "a\\)", "[[:alpha:", "((((a))))", "a{0}", "(a{0})b", "[\\n]", "$a", "a^b", "a\\|b"};

static void try(const char *pattern, const char *text, int cflags, int eflags) {
    regex_t r;
    regmatch_t m[6];
    out_text(pattern), out_char(' '), out_text(text), out_char(' '), out_int(cflags), out_int(eflags);
    int status = regcomp(&r, pattern, cflags);
    out_int(status);
    if (status == 0) {
        out_int(r.re_nsub), memset(m, 7, sizeof m), status = regexec(&r, text, 6, m, eflags), out_int(status);
        if (status == 0 && !(cflags & REG_NOSUB))
            for (int i = 0; i < 6; i++) out_int(m[i].rm_so), out_int(m[i].rm_eo);
        regfree(&r);
    } else {
        char message[100];
        out_int(regerror(status, &r, message, sizeof message)), out_text(message);
    }
    out_line();
}

int main(void) {
    char pattern[200], text[60];
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (int flags = 0; flags < 2; flags++) try(wrong[i], "aabbcab{1}*()", flags, 0);
    for (int round = 0; round < 30000; round++) {
        if (round == 20000) setlocale(LC_ALL, "C.UTF-8");
        int flags = round % 3 == 0 ? 0 : REG_EXTENDED;
        if (below(6) == 0) flags |= REG_ICASE;
        if (below(6) == 0) flags |= REG_NEWLINE;
        if (below(9) == 0) flags |= REG_NOSUB;
        pattern[0] = 0;
        for (int i = 1 + below(4); i > 0; i--) {
            const char *piece = flags & REG_EXTENDED ? extended[below(sizeof extended / sizeof *extended)] : basic[below(sizeof basic / sizeof *basic)];
            /* Which of two branches matched when both are empty, nobody says. */
            if (*piece != '|' || *pattern) strcat(pattern, piece);
        }
        /* Without REG_NEWLINE glibc lets ^ and $ match beside a newline that a dot takes. */
        random_text(text, 12, round % 5 ? "abc" : flags & REG_NEWLINE ? "abcdABx. \n*" : "abcdABx. *");
        if (flags & REG_EXTENDED && below(5) == 0) strcat(pattern, below(2) ? "*" : "{1,3}");
        try(pattern, text, flags, below(5) ? 0 : below(4));
    }
    static const char *const known[][2] = {{"(a*)\\1", "aaaa"}, {"(.*)b\\1", "xaabaay"}, {"([a-z]+) \\1", "this is is it"}, {"(wee|week)(knights|night)", "weeknights"},
        {"\xc3\xa9+", "caf\xc3\xa9\xc3\xa9!"}, {"^.$", "\xe2\x82\xac"}, {"x*", "aaa"}, {"((a)|(b))*", "abab"}, {"(a{2}){2}", "aaaaa"}, {"(ab)+++", "xababab"}, {"a+*+b", "aab"}};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) try(known[i][0], known[i][1], REG_EXTENDED, 0);
    /* A part of a text, and a large one. */
    regex_t r;
    regmatch_t m[2] = {{2, 6}};
    regcomp(&r, "^b*$", 0), out_int(regexec(&r, "aabbbbcc", 2, m, REG_STARTEND)), regfree(&r), regcomp(&r, "b*$", 0), out_int(regexec(&r, "aabbbbcc", 2, m, REG_STARTEND)), out_int(m[0].rm_so), out_int(m[0].rm_eo), regfree(&r);
    static char large[20001];
    memset(large, 'a', 20000), large[19999] = 'b';
    regcomp(&r, "(a|aa)*(b)", REG_EXTENDED), out_int(regexec(&r, large, 2, m, 0)), out_int(m[0].rm_eo), out_int(m[1].rm_so), regfree(&r);
    out_flush();
    return 0;
}
