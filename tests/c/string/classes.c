/* ctype.h, functions and macros, for all values, against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <ctype.h>
#include "../out.h"

#define IS(f) ((f(c) != 0) | ((f)(c) != 0) << 1)

int main(void) {
    for (volatile int i = -128; i < 256; i++) {
        int c = i;
        out_int(c);
        int bits[] = {IS(isalnum), IS(isalpha), IS(isblank), IS(iscntrl), IS(isdigit), IS(isgraph), IS(islower),
                      IS(isprint), IS(ispunct), IS(isspace), IS(isupper), IS(isxdigit), IS(isascii)};
        for (unsigned k = 0; k < sizeof bits / sizeof *bits; k++) out_int(bits[k]);
        out_int(tolower(c)), out_int(toupper(c)), out_int((tolower)(c)), out_int((toupper)(c)), out_int(toascii(c));
        out_int((*__ctype_b_loc())[c]), out_int((*__ctype_tolower_loc())[c]), out_line();
    }
    out_flush();
    return 0;
}
