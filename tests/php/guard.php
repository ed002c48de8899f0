<?php
// Holds the guard of a Parlor segment like any reader, only longer: php guard.php ROOM SEGMENT_KEY.
// Says what it reads, releases the guard with the next line that it is told, and says whether the server went on
// without waiting.
[, $room, $key] = $argv;
$shm = shmop_open(intval($key, 0), 'a', 0, 0) or exit("no segment\n");
$word = fn(int $n): int => unpack('P', shmop_read($shm, $n * 8, 8))[1];
$text = fn(string $bytes): string => explode("\0", $bytes, 2)[0];
$GEN = 64;
$h = array_values(unpack('P*', shmop_read($shm, 0, 39 * 8))); // the geometry: words of docs/segment.md

$guard = sem_get($word(55), 1, 0660);
while (!sem_acquire($guard, true)) {
    usleep(100);
}
$gen = $word($GEN);
$copy = $h[16] + ($gen & 1) * $h[17];
for ($slot = 0; $slot < $h[10]; $slot++) {
    $row = $h[35] + $slot * $h[36];
    if ($word($row / 8) && $text(shmop_read($shm, $row + 64, 128)) === $room) {
        break;
    }
}
$slot < $h[10] or exit("no such room\n");
$at = $copy + $h[20] + $slot * $h[21];
$listed = min($word(intdiv($at + 48, 8)), $h[12]);
for ($i = 0; $i < $listed; $i++) {
    $member = shmop_read($shm, $at + $h[33] + $i * $h[34], $h[34]);
    echo 'member ' . $text(substr($member, 0, 8)) . $text(substr($member, 8)) . "\n";
}
[$head, $tail] = [$word($row / 8 + 1), $word($row / 8 + 2)];
$ring = shmop_read($shm, $h[37] + $slot * $h[11], $h[11]);
$data = substr($ring, $head % $h[11]) . substr($ring, 0, $head % $h[11]);
for ($i = 0; $head + $i < $tail; $i += $size) {
    [, $size, , , , $lengths] = array_values(unpack('P6', substr($data, $i, 48)));
    $said = $i + 48 + ($lengths & 65535) + ($lengths >> 16 & 65535);
    echo 'said ' . substr($data, $said, $lengths >> 32) . "\n";
}
echo "holds\n";
fgets(STDIN);
$moved = $word($GEN) !== $gen;
sem_release($guard);
echo $moved ? "overrun\n" : "undisturbed\n";
