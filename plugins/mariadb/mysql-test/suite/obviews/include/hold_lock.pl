# Holds a lock of a whole file for some seconds, as a process that has a store open does.
use strict;
use Fcntl qw(:DEFAULT :seek);

my ($path, $seconds) = @ARGV;
open(my $file, '+<', $path) or die "$path: $!";
my $lock = pack('s s x4 q q i x4', F_WRLCK, SEEK_SET, 0, 0, 0);
fcntl($file, F_SETLK, $lock) or die "$path: $!";
sleep $seconds;
