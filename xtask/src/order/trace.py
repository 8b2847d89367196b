# For gdb: writes the names of the program's functions that run into $ORDER, in the order in which each is first called.
import os
import subprocess

import gdb

for setting in ("pagination off", "confirm off", "breakpoint always-inserted on"):
    gdb.execute("set " + setting)
program = gdb.current_progspace().filename
gdb.execute("starti")
mappings = gdb.execute("info proc mappings", to_string=True).splitlines()
base = next(int(line.split()[0], 16) for line in mappings if line.endswith(program))

names = {}
for line in subprocess.check_output(["nm", "--defined-only", program], text=True).splitlines():
    offset, kind, name = line.split(" ", 2)
    if kind in "tTwW":
        names.setdefault(base + int(offset, 16), []).append(name)

called = []


class Entry(gdb.Breakpoint):
    def __init__(self, address, names):
        super().__init__(f"*{address:#x}", internal=True)
        self.silent, self.names = True, names

    def stop(self):
        called.extend(self.names)
        self.enabled = False
        return False


for address, those in names.items():
    Entry(address, those)
gdb.execute("continue")
with open(os.environ["ORDER"], "w") as file:
    file.write("".join(name + "\n" for name in called))
