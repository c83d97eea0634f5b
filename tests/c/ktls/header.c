/* The inline accessors of <ktls.h> say what its functions and the kernel say; the oldest C takes it. */
/* harness: glibc no */
/* harness: flags -std=c89 -pedantic -Werror */
#include <ktls.h>
#include <stdio.h>

#define AGREE(what, value, field)                                                                  \
	do {                                                                                       \
		ptrdiff_t offset = ktls_field_offset(field);                                       \
		long there = offset < 0 || !ktls_gate() ? -1 : (long)ktls__load(offset);           \
		if ((long)(value) != there) {                                                      \
			printf("%s: %ld, at its offset %ld\n", what, (long)(value), there);        \
			wrong = 1;                                                                 \
		}                                                                                  \
	} while (0)

int main(void)
{
	int wrong = 0;
	int attempt;

	if (ktls_version() != 1 || ktls_offset() != 0 || ktls_size() < 1024) return 2;
	if (ktls_field_offset(99) != -1 || ktls_field_size(99) != 0) return 3;
	if (ktls_tid() != ktls__load(ktls_field_offset(KTLS_TID))) return 4;
	if (ktls_lock_id() != ktls__load(ktls_field_offset(KTLS_LOCK_ID))) return 5;
	if (ktls_flags() != 0) return 6;
	/* The thread may move to another CPU between two looks, but not each time. */
	for (attempt = 0; attempt < 100; attempt++) {
		wrong = 0;
		AGREE("cpu", ktls_cpu(), KTLS_CPU_ID);
		AGREE("node", ktls_node(), KTLS_NODE_ID);
		AGREE("mm_cid", ktls_mm_cid(), KTLS_MM_CID);
		if (!wrong) return 0;
	}
	return 1;
}
