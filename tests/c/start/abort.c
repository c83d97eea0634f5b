/* abort ends the process by SIGABRT. */
/* harness: signal 6 */
#include <stdlib.h>
int main(void) { abort(); }
