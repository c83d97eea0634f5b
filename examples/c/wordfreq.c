/* wordfreq: the most frequent words of files, counted by several threads.
 *
 *     wordfreq [-n COUNT] [-t THREADS] [-i] FILE...
 *
 * Files are cut into pieces at white space. Each thread takes the next piece from a shared counter, counts it in a table of
 * its own, and adds that to the common table under a mutex.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, FIRST_CAPACITY = 1024 };

struct entry {
    char *word;
    size_t length;
    size_t count;
    size_t hash;
};

struct table {
    struct entry *entries;
    size_t capacity; /* a power of two */
    size_t used;
};

struct piece {
    const char *start;
    const char *end;
};

static struct {
    struct piece *pieces;
    size_t count;
    atomic_size_t next;
    int ignore_case;
    pthread_mutex_t lock;
    struct table words; /* guarded by lock */
} job = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void die(const char *what)
{
    fprintf(stderr, "wordfreq: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void *must(void *memory)
{
    if (!memory) die("out of memory");
    return memory;
}

/* FNV-1a */
static size_t hash_of(const char *word, size_t length)
{
    size_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * 0x100000001b3;
    return hash;
}

static void table_init(struct table *t)
{
    t->capacity = FIRST_CAPACITY;
    t->used = 0;
    t->entries = must(calloc(t->capacity, sizeof *t->entries));
}

static struct entry *table_slot(struct table *t, const char *word, size_t length, size_t hash)
{
    for (size_t i = hash & (t->capacity - 1);; i = (i + 1) & (t->capacity - 1)) {
        struct entry *e = &t->entries[i];
        if (!e->word || (e->hash == hash && e->length == length && memcmp(e->word, word, length) == 0)) return e;
    }
}

static void table_grow(struct table *t)
{
    struct table larger = {.capacity = t->capacity * 2, .used = t->used};
    larger.entries = must(calloc(larger.capacity, sizeof *larger.entries));
    for (size_t i = 0; i < t->capacity; i++) {
        struct entry *e = &t->entries[i];
        if (e->word) *table_slot(&larger, e->word, e->length, e->hash) = *e;
    }
    free(t->entries);
    *t = larger;
}

static void table_add(struct table *t, const char *word, size_t length, size_t hash, size_t count)
{
    if (t->used * 4 >= t->capacity * 3) table_grow(t);
    struct entry *e = table_slot(t, word, length, hash);
    if (!e->word) {
        char *copy = must(malloc(length + 1));
        memcpy(copy, word, length);
        copy[length] = 0;
        *e = (struct entry){.word = copy, .length = length, .hash = hash};
        t->used++;
    }
    e->count += count;
}

static void table_free(struct table *t)
{
    for (size_t i = 0; i < t->capacity; i++)
        free(t->entries[i].word);
    free(t->entries);
}

static int is_word(int c) { return isalnum(c) || c == '_' || c >= 0x80; }

static void count_piece(struct table *t, struct piece piece)
{
    char lower[256];
    const char *p = piece.start;
    while (p < piece.end) {
        while (p < piece.end && !is_word((unsigned char)*p)) p++;
        const char *start = p;
        while (p < piece.end && is_word((unsigned char)*p)) p++;
        size_t length = (size_t)(p - start);
        if (!length) break;
        if (job.ignore_case && length < sizeof lower) {
            for (size_t i = 0; i < length; i++)
                lower[i] = (char)tolower((unsigned char)start[i]);
            start = lower;
        }
        table_add(t, start, length, hash_of(start, length), 1);
    }
}

static void *worker(void *unused)
{
    (void)unused;
    struct table own;
    table_init(&own);
    for (size_t i; (i = atomic_fetch_add(&job.next, 1)) < job.count;)
        count_piece(&own, job.pieces[i]);
    pthread_mutex_lock(&job.lock);
    for (size_t i = 0; i < own.capacity; i++) {
        struct entry *e = &own.entries[i];
        if (e->word) table_add(&job.words, e->word, e->length, e->hash, e->count);
    }
    pthread_mutex_unlock(&job.lock);
    table_free(&own);
    return 0;
}

/* Maps a file and cuts it into pieces that end at white space. */
static void add_file(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(name);
    struct stat status;
    if (fstat(fd, &status) < 0) die(name);
    size_t size = (size_t)status.st_size;
    if (size == 0) {
        close(fd);
        return;
    }
    const char *text = mmap(0, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED) die(name);
    close(fd);
    for (const char *start = text, *end = text + size; start < end;) {
        const char *stop = end - start > PIECE ? start + PIECE : end;
        while (stop < end && is_word((unsigned char)*stop)) stop++;
        job.pieces = must(realloc(job.pieces, (job.count + 1) * sizeof *job.pieces));
        job.pieces[job.count++] = (struct piece){start, stop};
        start = stop;
    }
}

static int by_count_then_word(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->word, y->word);
}

static void print_top(size_t top)
{
    struct entry *sorted = must(malloc((job.words.used + 1) * sizeof *sorted));
    size_t n = 0;
    for (size_t i = 0; i < job.words.capacity; i++)
        if (job.words.entries[i].word) sorted[n++] = job.words.entries[i];
    qsort(sorted, n, sizeof *sorted, by_count_then_word);
    for (size_t i = 0; i < n && i < top; i++)
        printf("%8zu %s\n", sorted[i].count, sorted[i].word);
    free(sorted);
}

static size_t number(const char *text, const char *what)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value == 0) {
        fprintf(stderr, "wordfreq: %s: not a %s\n", text, what);
        exit(EXIT_FAILURE);
    }
    return value;
}

int main(int argc, char **argv)
{
    size_t top = 10, threads = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    for (int option; (option = getopt(argc, argv, "n:t:i")) != -1;) {
        switch (option) {
        case 'n': top = number(optarg, "count"); break;
        case 't': threads = number(optarg, "number of threads"); break;
        case 'i': job.ignore_case = 1; break;
        default: fprintf(stderr, "usage: wordfreq [-n COUNT] [-t THREADS] [-i] FILE...\n"); return EXIT_FAILURE;
        }
    }
    for (int i = optind; i < argc; i++)
        add_file(argv[i]);
    table_init(&job.words);
    pthread_t *ids = must(calloc(threads, sizeof *ids));
    for (size_t i = 0; i < threads; i++) {
        errno = pthread_create(&ids[i], 0, worker, 0);
        if (errno) die("cannot start a thread");
    }
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], 0);
    print_top(top);
    table_free(&job.words);
    free(job.pieces);
    free(ids);
    return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}
