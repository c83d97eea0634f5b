/* The canary is random: its first byte is 0, the rest is not, and a protected program runs. */
/* harness: flags -fstack-protector-all */
int main(void)
{
    unsigned long canary;
    __asm__("mov %%fs:0x28, %0" : "=r"(canary));
    return (canary & 0xff) != 0 || canary == 0;
}
