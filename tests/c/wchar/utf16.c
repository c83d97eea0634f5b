/* uchar.h on all planes, back and forth, against glibc. */
/* harness: compare */
#include <locale.h>
#include <uchar.h>
#include <wchar.h>
#include "../out.h"

int main(void) {
    setlocale(LC_ALL, "C.UTF-8");
    static const char *const texts[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "", "\xf4\x8f\xbf\xbf"};
    for (int i = 0; i < 6; i++) {
        char16_t unit[2] = {7, 7};
        char32_t whole = 7;
        mbstate_t state = {0}, other = {0};
        size_t n = strlen(texts[i]) + 1;
        size_t first = mbrtoc16(&unit[0], texts[i], n, &state);
        out_int(first), out_int(unit[0]), out_int(mbrtoc32(&whole, texts[i], n, &other)), out_int(whole);
        int pair = unit[0] >= 0xd800 && unit[0] < 0xdc00;
        if (pair) out_int(mbrtoc16(&unit[1], texts[i] + first, n - first, &state)), out_int(unit[1]);
        out_int(mbsinit(&state) != 0);
        char text[8] = "zzzzzzz";
        memset(&state, 0, sizeof state), out_int(c16rtomb(text, unit[0], &state));
        if (pair) out_int(c16rtomb(text, unit[1], &state));
        out_bytes(text, 7), out_int(c32rtomb(text, whole, &other)), out_bytes(text, 7), out_line();
    }
    out_flush();
    return 0;
}
