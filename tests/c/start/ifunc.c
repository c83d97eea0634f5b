/* GNU indirect functions are resolved before main, in static and static-pie programs. */
static int seven(void) { return 7; }
static int (*resolve(void))(void) { return seven; }
int number(void) __attribute__((ifunc("resolve")));
int (*volatile pointer)(void) = number;

int main(void) { return number() != 7 || pointer() != 7; }
