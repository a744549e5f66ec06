"""
Runs in a session: exchanges pairs of names, each in one step of the kernel's, as fast as it can, until there is a file
`stop` beside them. What is a directory in one moment is a symbolic link in the next.
  python3 swap-paths.py <folder> <name> <name> [<name> <name> ...] - prints how often.
"""
import ctypes, os, sys, time

RENAME_EXCHANGE = 2
longest_seconds = 120

libc = ctypes.CDLL(None, use_errno=True)
folder = os.open(sys.argv[1], os.O_RDONLY)
pairs = [(one.encode(), other.encode()) for one, other in zip(sys.argv[2::2], sys.argv[3::2])]
swaps = 0
ends_at = time.monotonic() + longest_seconds
while time.monotonic() < ends_at and not os.path.exists(f"{sys.argv[1]}/stop"):
    for _ in range(64):
        for one, other in pairs:
            if libc.renameat2(folder, one, folder, other, RENAME_EXCHANGE) != 0:
                sys.exit(os.strerror(ctypes.get_errno()))
            swaps += 1
# As they were.
if (swaps // len(pairs)) % 2 == 1:
    for one, other in pairs:
        libc.renameat2(folder, one, folder, other, RENAME_EXCHANGE)
print(swaps)
