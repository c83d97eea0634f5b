/* Prints the thread's own KTLS block: what C sees of it through <ktls.h>. */
#define _GNU_SOURCE
#include <errno.h>
#include <ktls.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
    const char *name;
    int field;
} fields[] = {
    {"errno", KTLS_ERRNO}, {"tid", KTLS_TID},       {"lock_id", KTLS_LOCK_ID}, {"gate", KTLS_GATE},     {"flags", KTLS_FLAGS},
    {"rseq", KTLS_RSEQ},   {"cpu_id", KTLS_CPU_ID}, {"node_id", KTLS_NODE_ID}, {"mm_cid", KTLS_MM_CID},
};

int main(void)
{
    printf("block version %u, %zu bytes, provider: %s\n", ktls_version(), ktls_size(), ktls_provider());
    close(12345); /* fails, so that errno has something to show */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        ptrdiff_t offset = ktls_field_offset(fields[i].field);
        size_t size = ktls_field_size(fields[i].field);
        if (size == 0)
            printf("  %-8s this kernel has none\n", fields[i].name);
        else if (size == 4)
            printf("  %-8s fs:0x%03tx = %u\n", fields[i].name, offset, ktls__load(offset));
        else
            printf("  %-8s fs:0x%03tx, %zu bytes\n", fields[i].name, offset, size);
    }
    printf("  getpid %d, gettid %d, ktls_tid %u\n", getpid(), gettid(), ktls_tid());
    return 0;
}
