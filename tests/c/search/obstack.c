/* Obstacks: objects that grow over chunks, freeing back to one of them, alignment, printing, and how much there is. */
#define _GNU_SOURCE
#include <obstack.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int chunks;

static void *get(long size) {
    chunks++;
    return malloc(size);
}

static void give_back(void *chunk) {
    chunks--;
    free(chunk);
}

#define obstack_chunk_alloc get
#define obstack_chunk_free give_back

static void fail(int line) {
    printf("line %d\n", line);
    exit(1);
}

#define CHECK(...) ((__VA_ARGS__) ? (void)0 : fail(__LINE__))

int main(void) {
    struct obstack stack;
    CHECK(obstack_init(&stack) == 1 && chunks == 1);
    char *texts[1000];
    for (int i = 0; i < 1000; i++) {
        char text[100];
        int n = sprintf(text, "object %d of %*d", i, i % 60, i);
        texts[i] = obstack_copy0(&stack, text, n);
        CHECK(((uintptr_t)texts[i] & 15) == 0);
    }
    CHECK(chunks > 5 && obstack_memory_used(&stack) > 30000);
    for (int i = 0; i < 1000; i++) {
        char text[100];
        sprintf(text, "object %d of %*d", i, i % 60, i);
        CHECK(strcmp(texts[i], text) == 0 && _obstack_allocated_p(&stack, texts[i]));
    }
    CHECK(!_obstack_allocated_p(&stack, &stack));
    int before = chunks;
    obstack_free(&stack, texts[500]);
    CHECK(chunks < before && obstack_alloc(&stack, 1) == texts[500]);
    /* An object much longer than a chunk, byte by byte. */
    for (int i = 0; i < 50000; i++) obstack_1grow(&stack, 'a' + i % 26);
    CHECK(obstack_object_size(&stack) == 50000);
    CHECK(obstack_printf(&stack, "<%d %s %5.2f>", 42, "text", 3.14159) == 15);
    obstack_1grow(&stack, 0);
    char *grown = obstack_finish(&stack);
    for (int i = 0; i < 50000; i++) CHECK(grown[i] == 'a' + i % 26);
    CHECK(strcmp(grown + 50000, "<42 text  3.14>") == 0);
    CHECK(strcmp(texts[499], "object 499 of                 499") == 0);
    obstack_blank(&stack, 100);
    obstack_free(&stack, NULL);
    CHECK(chunks == 0);
    obstack_begin(&stack, 100);
    obstack_alignment_mask(&stack) = 63;
    obstack_1grow(&stack, 'x');
    obstack_finish(&stack);
    CHECK(((uintptr_t)obstack_alloc(&stack, 5) & 63) == 0);
    obstack_free(&stack, NULL);
    CHECK(chunks == 0);
    return 0;
}
