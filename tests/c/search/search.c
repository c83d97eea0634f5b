/* search.h: tables, trees, arrays and queues against a plain model, and paths against glibc. */
/* harness: compare */
#define _GNU_SOURCE
#include <errno.h>
#include <libgen.h>
#include <libintl.h>
#include <search.h>
#include <stdlib.h>
#include "../out.h"

static int by_value(const void *a, const void *b) { return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b); }

static int count, previous, depth, sorted;

static void show(const void *node, VISIT visit, int level) {
    if (visit == postorder || visit == leaf) {
        int value = **(int *const *)node;
        sorted &= value > previous, previous = value, count++;
    }
    if (level > depth) depth = level;
}

static void show_with(const void *node, VISIT visit, void *sum) {
    if (visit == postorder || visit == leaf) *(long *)sum += **(int *const *)node;
}

static void release(void *element) { count += *(int *)element; }

int main(void) {
    static int values[2000], there[2000];
    void *root = NULL;
    for (int i = 0; i < 2000; i++) values[i] = i;
    int alive = 0;
    for (int round = 0; round < 40000; round++) {
        int i = round < 2000 ? round : (int)below(2000);
        if (below(2)) {
            int **node = tsearch(&values[i], &root, by_value);
            if (!node || **node != i) out_text("wrong insert\n");
            alive += !there[i], there[i] = 1;
        } else {
            void *parent = tdelete(&values[i], &root, by_value);
            if ((parent != NULL) != there[i]) out_text("wrong delete\n");
            alive -= there[i], there[i] = 0;
        }
        int key = below(2000);
        int **found = tfind(&key, &root, by_value);
        if ((found != NULL) != there[key]) out_text("wrong find\n");
        if (round % 1000 == 0) {
            count = 0, previous = -1, depth = 0, sorted = 1;
            twalk(root, show);
            if (count != alive || !sorted || depth > 22) out_text("wrong walk\n");
        }
    }
    long sum = 0;
    twalk_r(root, show_with, &sum), out_int(sum), count = 0, tdestroy(root, release), out_int(count == sum), out_line();

    char names[300][8];
    out_int(hcreate(300) != 0);
    for (int i = 0; i < 300; i++) {
        names[i][0] = 'k', names[i][1] = 'a' + i % 26, names[i][2] = 'a' + i / 26, names[i][3] = 0;
        ENTRY *e = hsearch((ENTRY){names[i], &values[i]}, ENTER);
        if (!e || e->data != &values[i]) out_text("wrong enter\n");
    }
    for (int i = 0; i < 300; i++)
        if (hsearch((ENTRY){names[i], NULL}, FIND)->data != &values[i]) out_text("wrong lookup\n");
    errno = 0, out_int(hsearch((ENTRY){"nosuch", NULL}, FIND) == NULL), out_int(errno == ESRCH), hdestroy();
    struct hsearch_data table = {0};
    ENTRY *e;
    out_int(hcreate_r(2, &table) != 0), out_int(hsearch_r((ENTRY){"a", "1"}, ENTER, &e, &table)), out_int(hsearch_r((ENTRY){"a", "2"}, ENTER, &e, &table));
    out_text(e->data), out_int(hsearch_r((ENTRY){"b", ""}, FIND, &e, &table)), hdestroy_r(&table), out_line();

    size_t n = 3;
    int array[5] = {5, 6, 7}, key = 7, other = 9;
    out_int((int *)lfind(&key, array, &n, 4, by_value) - array), out_int(lfind(&other, array, &n, 4, by_value) == NULL);
    out_int((int *)lsearch(&other, array, &n, 4, by_value) - array), out_int(n), out_int(array[3]);
    struct item { struct item *next, *prev; int v; } a = {0}, b = {0}, c = {0};
    insque(&a, NULL), insque(&b, &a), insque(&c, &a), out_int(a.next == &c && c.next == &b && b.prev == &c && !b.next), remque(&c), out_int(a.next == &b && b.prev == &a);
    out_text(gettext("x")), out_text(ngettext("one", "many", 1)), out_text(ngettext("one", "many", 2)), out_line();

    static const char *const paths[] = {"", "/", "//", "///", "a", "a/", "/a", "//a", "///a", "a/b", "a//b", "/a/b/", "//a//b//", "a/b///", ".", "..", "./a", "/a/", "//a/"};
    char text[40];
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
        out_text(paths[i]), out_char(' '), out_text(dirname(strcpy(text, paths[i]))), out_char(' '), out_text(basename(strcpy(text, paths[i]))), out_line();
    out_text(dirname(NULL)), out_text(basename(NULL));
    out_flush();
    return 0;
}
