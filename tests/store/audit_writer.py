"""A process of its own that writes lines into an audit log: ADDRESS NAME COUNT."""

import sys

from audit_support import Log

if __name__ == "__main__":
    address, name, count = sys.argv[1:]
    log = Log.at(address)
    log.begin()
    for number in range(int(count)):
        log.write(f"{name}-{number}")
    log.close()
