# query-database.py SECONDS ARGUMENT REQUIRED QUERY...
#
# Reads a copy of a database, COORD_COPY, as its user: nobody else's rights are at stake if it is made
# to break SQLite. Writes one line for each query: '+' and the value in hexadecimal, or '-' if there is
# none; then 'still'. In place of a line, with nothing after it: 'lasting WHY' or 'later WHY'.
import os
import sys
import time


def end(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    # Without closing the database, which would write its log into it.
    os._exit(0)


try:
    import sqlite3
except ImportError:
    end("later cannot be read: python3 has no module 'sqlite3'")

MAX_VALUE = 200
UNTIL = time.monotonic() + float(sys.argv[1])
ARGUMENT, REQUIRED, QUERIES = sys.argv[2], int(sys.argv[3]), sys.argv[4:]
# What the database itself is the cause of. Anything else may pass, and says nothing about the experiment.
ABSENT = ("no such table", "no such column", "malformed JSON", "bad JSON path", "no such function")


def value(database, query):
    try:
        row = database.execute(query, (ARGUMENT,) * query.count("?")).fetchone()
    except sqlite3.OperationalError as error:
        if not any(word in str(error) for word in ABSENT):
            raise
        return None
    return None if row is None else row[0]


try:
    database = sqlite3.connect(os.environ["COORD_COPY"], isolation_level=None)
    database.text_factory = bytes
    database.set_progress_handler(lambda: time.monotonic() > UNTIL, 10000)
    if hasattr(database, "setlimit"):
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 8 << 20)
    # Exclusive: no shared memory beside the copy. The schema is not trusted.
    for pragma in ("locking_mode = EXCLUSIVE", "trusted_schema = OFF", "cell_size_check = ON",
                   "query_only = ON", "temp_store = MEMORY", "mmap_size = 0"):
        database.execute("PRAGMA " + pragma)
    for number, query in enumerate(QUERIES):
        found = value(database, query)
        if found is None:
            sys.stdout.write("-\n")
            if number < REQUIRED:
                break
        else:
            text = found if isinstance(found, bytes) else str(found).encode()
            sys.stdout.write("+" + text[:4 * MAX_VALUE].hex() + "\n")
    end("still")
except sqlite3.OperationalError as error:
    if str(error) == "interrupted":
        end("later cannot be read in time")
    end("later cannot be read: " + ascii(str(error))[1:-1][:150])
except sqlite3.DatabaseError as error:
    if "not a database" in str(error):
        end("lasting is not an SQLite database")
    if "malformed" in str(error):
        end("lasting is corrupt")
    end("lasting cannot be read: " + ascii(str(error))[1:-1][:150])
