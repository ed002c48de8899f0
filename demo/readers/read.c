/* Shows a Parlor room from the shared segment: read ROOM [SEGMENT_KEY]. Build: cc -std=c11 -O2 -o read read.c */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

enum { SLOTS = 10, RING, MEMBERS, COPIES_AT = 16, COPY, ROOMS_AT = 20, ROOM, MEMBERS_AT = 33, MEMBER, TABLE_AT, ROW,
       RINGS_AT, SEMAPHORE_KEY = 55, GEN = 64, INTENT }; /* words of docs/segment.md */
static const _Atomic uint64_t *seg;
static uint64_t word(uint64_t n) { return atomic_load_explicit(&seg[n], memory_order_relaxed); }
static void acquire(void) { atomic_thread_fence(memory_order_acquire); }
static void fail(const char *why) { fprintf(stderr, "%s\n", why); exit(1); }
static void copy(uint64_t at, uint64_t bytes, void *to) { /* to private memory, word by word */
    for (uint64_t i = 0, w; i < bytes / 8; i++) w = word(at / 8 + i), memcpy((char *)to + i * 8, &w, 8);
}
static uint32_t crc32(uint32_t crc, const unsigned char *bytes, uint64_t count) {
    for (crc = ~crc; count--; bytes++)
        for (int bit = (crc ^= *bytes, 0); bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    return ~crc;
}
static char *counters, *ring;
static uint64_t head, tail;
static uint64_t take(const char *room) { /* the room in the active copy, and its ring; says the generation */
    uint64_t gen = word(GEN);
    char name[129] = "";
    acquire();
    for (uint64_t slot = 0; slot < word(SLOTS); slot++) {
        uint64_t row = (word(TABLE_AT) + slot * word(ROW)) / 8, tenure = word(row);
        acquire(), copy(row * 8 + 64, 128, name);
        if (!tenure || strcmp(name, room)) continue;
        copy(word(COPIES_AT) + (gen & 1) * word(COPY) + word(ROOMS_AT) + slot * word(ROOM), word(ROOM), counters);
        tail = word(row + 2), acquire(), head = word(row + 1);
        copy(word(RINGS_AT) + slot * word(RING), word(RING), ring), acquire();
        if (word(row + 1) > head) head = word(row + 1); /* what was overwritten meanwhile */
        if (word(row) == tenure) return gen; /* or the slot has just been given to another room */
    }
    return fail("no such room"), 0;
}
static void show(const char *how, const char *room) {
    uint64_t size = word(RING), n, w[6], listed;
    const char *member = counters + word(MEMBERS_AT);
    memcpy(&listed, counters + 48, 8);
    printf("%s: %s, members:", how, room);
    for (n = 0; n < listed && n < word(MEMBERS); n++, member += word(MEMBER)) printf(" %.8s%.56s", member, member + 8);
    putchar('\n');
    for (char *r = malloc(size); head < tail; head += w[1]) { /* each record unrolled */
        for (n = 0; n < size; n++) r[n] = ring[(head + n) % size];
        memcpy(w, r, 48);
        if (w[1] < 48 || w[1] > size || crc32(crc32(0, (void *)&head, 8), (void *)(r + 8), w[1] - 8) != w[0])
            fail("damaged segment");
        int id = w[5] & 65535, from = w[5] >> 16 & 65535, text = (int)(w[5] >> 32);
        time_t seconds = (time_t)(w[3] / 1000);
        char clock[9];
        strftime(clock, sizeof clock, "%H:%M:%S", gmtime(&seconds));
        printf("%llu %s <%.*s> %.*s\n", (unsigned long long)w[2], clock, from, r + 48 + id, text, r + 48 + id + from);
    }
}
int main(int argc, char **argv) {
    const char *room = argc > 1 ? argv[1] : "#lobby";
    int id = shmget((key_t)strtoul(argc > 2 ? argv[2] : "0xff3", 0, 0), 0, 0), tries = 0;
    if (id < 0 || (seg = shmat(id, 0, SHM_RDONLY)) == (void *)-1) fail("no segment");
    uint64_t magic = word(0), gen;
    if (memcmp(&magic, "PARLORSG", 8) || word(1) >> 16 != 1) fail("not a segment of layout 1");
    counters = malloc(word(ROOM)), ring = malloc(word(RING));
    int guard = semget((key_t)word(SEMAPHORE_KEY), 0, 0);
    struct sembuf take_it = {0, -1, SEM_UNDO}, give_back = {0, 1, SEM_UNDO};
    if (semtimedop(guard, &take_it, 1, &(struct timespec){2, 0})) fail("the guard is held");
    take(room), semop(guard, &give_back, 1), show("guarded", room);
    do gen = take(room), acquire(); while (word(INTENT) - gen > 1 && ++tries < 64);
    if (tries == 64) fail("damaged segment");
    show("guard-free", room);
}
