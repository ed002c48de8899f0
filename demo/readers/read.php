<?php
// Shows a Parlor room from the shared segment: php read.php ROOM [SEGMENT_KEY]. Needs shmop and sysvsem.
function fail(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}
[$room, $key] = [$argv[1] ?? '#lobby', intval($argv[2] ?? '0xff3', 0)];
$shm = @shmop_open($key, 'a', 0, 0) or fail('no segment');
$words = fn(string $bytes): array => array_values(unpack('P*', $bytes));
$word = fn(int $n): int => unpack('P', shmop_read($shm, $n * 8, 8))[1];
$text = fn(string $bytes): string => explode("\0", $bytes, 2)[0];
if (shmop_read($shm, 0, 8) !== 'PARLORSG' || $word(1) >> 16 !== 1) {
    fail('not a segment of layout 1');
}
$h = $words(shmop_read($shm, 0, 39 * 8)); // the geometry; the numbers are words of docs/segment.md
[$GEN, $INTENT, $SEMAPHORE_KEY] = [64, 65, 55];

// The room in the active copy of the counters, and its row and ring: nothing that is not needed.
$copy = function () use ($shm, $word, $words, $text, $h, $room, $GEN): array {
    $gen = $word($GEN);
    for ($slot = 0; $slot < $h[10]; $slot++) {
        $row = $h[35] + $slot * $h[36];
        [$tenure, , $tail] = $words(shmop_read($shm, $row, 24));
        $head = $word($row / 8 + 1);
        if ($tenure && $text(shmop_read($shm, $row + 64, 128)) === $room) {
            $counters = shmop_read($shm, $h[16] + ($gen & 1) * $h[17] + $h[20] + $slot * $h[21], $h[21]);
            $ring = shmop_read($shm, $h[37] + $slot * $h[11], $h[11]);
            [$same, $whole] = $words(shmop_read($shm, $row, 16));
            if ($same === $tenure) { // or the slot has just been given to another room
                return [$gen, $counters, max($head, $whole), $tail, $ring];
            }
        }
    }
    fail('no such room');
};
$guarded = function () use ($copy, $word, $SEMAPHORE_KEY): array {
    $guard = sem_get($word($SEMAPHORE_KEY), 1, 0660); // in a variable, or it is released at once
    $deadline = microtime(true) + 2;
    while (!sem_acquire($guard, true)) {
        microtime(true) < $deadline or fail('the guard is held');
        usleep(100);
    }
    $copied = $copy();
    sem_release($guard);
    return $copied;
};
$unguarded = function () use ($copy, $word, $INTENT): array {
    for ($attempt = 0; $attempt < 64; $attempt++) {
        $copied = $copy();
        if ($word($INTENT) - $copied[0] <= 1) {
            return $copied;
        }
    }
    fail('damaged segment');
};
foreach (['guarded' => $guarded, 'guard-free' => $unguarded] as $name => $read) {
    [, $counters, $head, $tail, $ring] = $read();
    $listed = min(unpack('P', $counters, 48)[1], $h[12]);
    echo "$name: $room, members:";
    for ($i = 0; $i < $listed; $i++) {
        $member = substr($counters, $h[33] + $i * $h[34], $h[34]);
        echo ' ' . $text(substr($member, 0, 8)) . $text(substr($member, 8));
    }
    echo "\n";
    $data = substr($ring, $head % $h[11]) . substr($ring, 0, $head % $h[11]);
    for ($i = 0; $head < $tail; $head += $size, $i += $size) {
        [$crc, $size, $sequence, $wall, , $lengths] = $words(substr($data, $i, 48));
        if ($size < 48 || $size > $h[11] || crc32(pack('P', $head) . substr($data, $i + 8, $size - 8)) !== $crc) {
            fail('damaged segment');
        }
        [$id, $from, $said] = [$lengths & 65535, $lengths >> 16 & 65535, $lengths >> 32];
        $sender = substr($data, $i + 48 + $id, $from);
        $line = substr($data, $i + 48 + $id + $from, $said);
        echo "$sequence " . gmdate('H:i:s', intdiv($wall, 1000)) . " <$sender> $line\n";
    }
}
