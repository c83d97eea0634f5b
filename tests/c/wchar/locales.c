/* setlocale, locale objects, localeconv and nl_langinfo, against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>
#include "../out.h"

static void langinfo(void) {
    static const nl_item items[] = {CODESET, RADIXCHAR, THOUSEP, YESEXPR, NOEXPR, CRNCYSTR, D_T_FMT, D_FMT, T_FMT, T_FMT_AMPM, ERA, ERA_D_FMT, AM_STR, PM_STR};
    for (unsigned i = 0; i < sizeof items / sizeof *items; i++) out_text(nl_langinfo(items[i])), out_char('|');
    for (nl_item i = ABDAY_1; i <= MON_12; i++) out_text(nl_langinfo(i)), out_char('|');
    out_line();
}

int main(void) {
    struct lconv *c = localeconv();
    out_text(c->decimal_point), out_text(c->thousands_sep), out_text(c->grouping), out_int(c->frac_digits), out_int(c->int_n_sign_posn);
    langinfo();
    static const char *const names[] = {"C", "POSIX", "C.UTF-8", "C.utf8", "xx_XX", "", NULL, "LC_CTYPE=C;LC_NUMERIC=C.UTF-8"};
    unsetenv("LC_ALL"), unsetenv("LANG"), unsetenv("LC_CTYPE"), unsetenv("LC_TIME");
    for (int i = 0; i < 300; i++) {
        int category = i % 15 - 1;
        if (i == 150) setenv("LC_TIME", "C.UTF-8", 1), setenv("LANG", "POSIX", 1);
        const char *name = names[below(8)];
        if ((category < 0 || category > 12) && i > 15) continue;
        out_int(category), out_text(name), out_char('>'), out_text(setlocale(category, name)), out_char('>'), out_text(setlocale(LC_ALL, NULL));
        out_int(MB_CUR_MAX), out_text(nl_langinfo(CODESET)), out_line();
    }
    setlocale(LC_ALL, "C");
    locale_t u = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL), old;
    out_int(u != NULL), out_int(uselocale(NULL) == LC_GLOBAL_LOCALE), old = uselocale(u), out_int(old == LC_GLOBAL_LOCALE);
    out_int(MB_CUR_MAX), out_text(nl_langinfo(CODESET)), langinfo();
    wchar_t w;
    out_int(mbrtowc(&w, "\xc3\xa9", 2, NULL)), out_int(w), out_int(iswalpha(0xe9) != 0), out_int(towupper(0xe9));
    locale_t d = duplocale(u), g = duplocale(LC_GLOBAL_LOCALE);
    out_text(nl_langinfo_l(CODESET, d)), out_int(iswalpha_l(0xe9, d) != 0), out_int(iswalpha_l(0xe9, g) != 0);
    out_int(isalpha_l('x', d) != 0), out_int(uselocale(LC_GLOBAL_LOCALE) == u), out_int(MB_CUR_MAX);
    out_int(newlocale(LC_ALL_MASK, "xx_XX", NULL) == NULL), freelocale(d), freelocale(g), freelocale(u);
    out_int(wctype("alpha") != 0), out_int(wctype("nosuch") == 0), out_int(iswctype('a', wctype("alpha")) != 0), out_int(towctrans('a', wctrans("toupper")));
    out_line();
    for (int locale = 0; locale < 2; locale++) {
        setlocale(LC_ALL, locale ? "C.UTF-8" : "C");
        /* Latin: the same in every version of Unicode of the last decade. */
        for (wint_t i = 0; i < 0x300; i++) {
            if (i == 0x19b || i == 0x264 || i == 0x295) continue; /* They changed in Unicode 15 to 17. */
            out_int(i), out_int(!!iswalpha(i) | !!iswdigit(i) << 1 | !!iswspace(i) << 2 | !!iswprint(i) << 3 | !!iswcntrl(i) << 4 | !!iswgraph(i) << 5);
            out_int(!!iswpunct(i) | !!iswupper(i) << 1 | !!iswlower(i) << 2 | !!iswblank(i) << 3 | !!iswxdigit(i) << 4 | !!iswalnum(i) << 5);
            out_int(towupper(i)), out_int(towlower(i)), out_int(wcwidth(i)), out_line();
        }
        static const wchar_t wide[] = {0x4e2d, 0x1f600, 0x301, 0x200b, 0xac00, 0x3000, 0xfeff, 0xe000, 0xd800, 0x110000, 0x2028, 0x3042, 0xff21, 0x5d0};
        for (unsigned i = 0; i < sizeof wide / sizeof *wide; i++) out_int(wide[i]), out_int(wcwidth(wide[i])), out_int(!!iswprint(wide[i])), out_line();
        out_int(wcswidth(L"a\x4e2d", 2)), out_int(wcswidth(L"ab\n", 3)), out_line();
    }
    out_flush();
    return 0;
}
