"""Makes the virtual environment of a requirements.txt in the user's cache folder, once, and prints its path.

make-environment.py REQUIREMENTS

A second call at the same time waits for the first. Ends with 3 and a reason when the machine lacks what it takes.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

CANNOT = 3
# What pip says when it does not reach the package index, as opposed to a version that is not there.
UNREACHABLE = ("Retrying (Retry(", "NewConnectionError", "Name or service not known", "ConnectTimeoutError")

requirements = pathlib.Path(sys.argv[1])
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "slipway"
made_from = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
environment = cache / f"python-{made_from}"


def cannot(reason):
    print(reason, file=sys.stderr)
    sys.exit(CANNOT)


def pip(python, *arguments):
    command = [python, "-m", "pip", "--disable-pip-version-check", *arguments]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode == 0:
        return
    if any(sign in run.stdout for sign in UNREACHABLE):
        cannot("the package index (PyPI) cannot be reached")
    sys.exit(f"pip {' '.join(arguments)}:\n{run.stdout}")


def make(folder):
    try:
        venv.create(folder, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        cannot("this Python makes no virtual environment (Debian: apt-get install python3-venv)")
    python = str(folder / "bin" / "python")
    pip(python, "install", "-q", "--no-deps", "--only-binary", ":all:", "-r", str(requirements))
    pip(python, "check")


if sys.version_info < (3, 11):
    cannot(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
cache.mkdir(parents=True, exist_ok=True)
with open(cache / "python.lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not environment.exists():
        # Made under another name: what is there under the right one is complete.
        partial = environment.with_suffix(".partial")
        make(partial)
        shutil.move(partial, environment)
print(environment)
