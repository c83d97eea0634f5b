/* GET_KTLS_LAYOUT, SET_KTLS_OFFSET, SET_SIG: once, while single-threaded, and what is refused. */
#include "check.h"

static char elsewhere[64] __attribute__((aligned(64)));
static struct thread other;

static void until_told(struct thread *thread)
{
	while (!thread->seen[0])
		sleep_ms(1);
}

static const char *layout_answers(void)
{
	struct layout layout = {0, 0, 1};

	EXPECT(rseq(&layout, GET_KTLS_LAYOUT) == 0);
	EXPECT(layout.size >= offsetof(struct area, tid) + 4);
	EXPECT(layout.alignment >= 32 && (layout.alignment & (layout.alignment - 1)) == 0);
	EXPECT(layout.offset == 0);
	EXPECT(rseq((void *)8, GET_KTLS_LAYOUT) == -EFAULT);
	return NULL;
}

static const char *offset_set_once(void)
{
	struct layout layout;
	long offset = OFFSET;

	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == 0);
	EXPECT(tid_is_right());
	EXPECT((int)own()->cpu_id >= 0 && own()->cpu_id == own()->cpu_id_start);
	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == -EBUSY);
	EXPECT(rseq(&layout, GET_KTLS_LAYOUT) == 0 && (long)layout.offset == OFFSET);
	return NULL;
}

static const char *offset_invalid(void)
{
	long misaligned = OFFSET + 1, zero = 0, kernel_half = 1L << 62;

	EXPECT(rseq(&misaligned, SET_KTLS_OFFSET) == -EINVAL);
	EXPECT(rseq(&zero, SET_KTLS_OFFSET) == -EINVAL);
	EXPECT(rseq(&kernel_half, SET_KTLS_OFFSET) == -EINVAL);
	EXPECT(rseq((void *)8, SET_KTLS_OFFSET) == -EFAULT);
	EXPECT(set_offset(OFFSET) == 0);
	return NULL;
}

static const char *offset_busy_while_registered(void)
{
	long offset = OFFSET;

	EXPECT(rseq(elsewhere, 0) == 0);
	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == -EBUSY);
	EXPECT(rseq(elsewhere, RSEQ_UNREGISTER) == 0);
	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == 0);
	return NULL;
}

static const char *offset_busy_with_threads(void)
{
	long offset = OFFSET;

	EXPECT(start_thread(&other, THREAD_FLAGS, until_told) > 0);
	EXPECT(rseq(&offset, SET_KTLS_OFFSET) == -EBUSY);
	EXPECT(rseq(0, SET_SIG) == -EBUSY);
	other.seen[0] = 1;
	join(&other);
	return NULL;
}

static const char *signature_once(void)
{
	EXPECT(rseq(0, SET_SIG) == 0);
	EXPECT(rseq(0, SET_SIG) == -EPERM);
	return NULL;
}

static const char *flags_combined(void)
{
	long offset = OFFSET;

	EXPECT(rseq(&offset, SET_KTLS_OFFSET | SET_SIG) == -EINVAL);
	EXPECT(rseq(&offset, GET_KTLS_LAYOUT | RSEQ_UNREGISTER) == -EINVAL);
	EXPECT(rseq(&offset, 32) == -EINVAL);
	return NULL;
}

static const char *unregister(void)
{
	EXPECT(rseq(own(), RSEQ_UNREGISTER) == 0);
	EXPECT((int)own()->cpu_id == -1);
	EXPECT(rseq(0, SET_KTLS_THREAD) == 0);
	EXPECT(tid_is_right() && (int)own()->cpu_id >= 0);
	return NULL;
}

static void nothing(void *argument)
{
	(void)argument;
}

/* A plain area has no TID word: what lies behind it stays. */
static const char *plain_area_after_unregister(void)
{
	uint32_t *behind = (uint32_t *)(elsewhere + RSEQ_SIZE);

	EXPECT(rseq(own(), RSEQ_UNREGISTER) == 0);
	EXPECT(rseq(elsewhere, 0) == 0);
	*behind = 4711;
	wait_for(vfork_child(nothing, NULL));
	EXPECT(*behind == 4711);
	return NULL;
}

const struct check layout_checks[] = {
	{"layout-answers", layout_answers, .with = KTLS},
	{"offset-set-once", offset_set_once, .with = KTLS},
	{"offset-invalid", offset_invalid, .with = KTLS},
	{"offset-busy-while-registered", offset_busy_while_registered, .with = KTLS},
	{"offset-busy-with-threads", offset_busy_with_threads, .with = KTLS},
	{"signature-once", signature_once, .with = KTLS},
	{"flags-combined", flags_combined, .with = KTLS},
	{"unregister-and-join-again", unregister, .with = KTLS, REGISTERED},
	{"plain-area-after-unregister", plain_area_after_unregister, .with = KTLS, REGISTERED},
	{0},
};
