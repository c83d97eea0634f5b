/* read past its buffer ends the program, in one line. */
/* harness: flags -O2 -D_FORTIFY_SOURCE=2 -w */
/* harness: signal 6 */
/* harness: stderr *** buffer overflow detected ***: terminated */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

int main(int argc, char **argv) {
    volatile int v = 30;
    int n = v;
    char buf[5], format[10] = "%d%n";
    wchar_t wide[3], text[20] = {'a', 'b', 'c', 'd'};
    text[v - 26] = 0;
    format[0] = v > 3 ? '%' : 0;
    FILE *f = tmpfile();
    fputs("a longer line than that", f);
    rewind(f);
    read(0, buf, n);
    printf("%s %ls\n", buf, wide);
}
