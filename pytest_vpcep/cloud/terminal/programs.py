"""What is put into a terminal's private root besides the host's system: programs and settings."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

USER = "ec2-user"
USER_ID = 1000
HOME = "/home/ec2-user"
DIRECTORY = "/opt/vpcep"
SOCKET = "/run/vpcep/terminal"
GATE_SOCKET = "/run/vpcep/gate"
PATH = f"{DIRECTORY}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Looked up on the host: the virtual environment's link to it is not in the private root.
PYTHON = os.path.realpath(sys.executable)

# Runs under a bare interpreter, so it takes the C module below `socket`: half the start-up time.
_CLIENT = """\
#!{python} -IS
import os, sys, _socket
for file in 0, 1, 2:
    try:
        os.fstat(file)
    except OSError:
        os.open("/dev/null", os.O_RDWR)
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
server.connect("{socket}")
umask = os.umask(0)
head = [{program!r}, os.getcwd(), str(umask), str(len(sys.argv) - 1)]
fields = [os.fsencode(field) for field in head + sys.argv[1:]]
data = b"\\0".join(fields + [n + b"=" + v for n, v in os.environb.items()])
files = b"".join(file.to_bytes(4, sys.byteorder) for file in (0, 1, 2))
size = len(data).to_bytes(4, "big")
server.sendmsg([size], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
server.sendall(data)
answer = server.recv(4)
if len(answer) < 4:
    sys.exit("{program}: ended by the terminal")
sys.exit(int.from_bytes(answer, "big", signed=True))
"""

_PASSWD = f"""\
root:x:0:0:root:/root:{{shell}}
host:x:65533:65533:Owner of what the host lends:/:/usr/sbin/nologin
nobody:x:65534:65534:Kernel Overflow User:/:/usr/sbin/nologin
{USER}:x:{USER_ID}:{USER_ID}:EC2 Default User:{HOME}:{{shell}}
"""
_GROUP = f"""\
root:x:0:
adm:x:4:{USER}
wheel:x:10:{USER}
host:x:65533:
nobody:x:65534:
{USER}:x:{USER_ID}:
"""


def shell() -> str:
    """Name the shell that runs commands: bash, as on the lab's instance, where there is one."""
    return "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"


def write_clients(directory: Path, socket: str, python: str) -> None:
    """Write the programs ``aws`` and ``sudo``, which ask the terminal's agent to do the work.

    Args:
        directory: where to write them.
        socket: the agent's socket, as the programs see it.
        python: the interpreter, as the programs see it; its path has no blanks.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for program in ("aws", "sudo"):
        file = directory / program
        file.write_text(_CLIENT.format(python=python, socket=socket, program=program))
        file.chmod(0o755)


def furnish(hostname: str, made: Iterable[str], home_owner: int) -> None:
    """Write accounts, names, homes and programs into the private root this process is in.

    Args:
        hostname: the instance's host name.
        made: directories and links that bubblewrap has made and that are to be root's.
        home_owner: user and group id that ec2-user's home belongs to.
    """
    for path in made:
        os.chown(path, 0, 0, follow_symlinks=False)
        if not os.path.islink(path):  # noqa: PTH114
            Path(path).chmod(0o755)
    files = {
        "/etc/passwd": _PASSWD.format(shell=shell()),
        "/etc/group": _GROUP,
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "/etc/hostname": f"{hostname}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n::1 localhost\n{_own_address(hostname)}",
        "/etc/resolv.conf": "",
    }
    Path("/etc").mkdir(exist_ok=True)
    for name, text in files.items():
        Path(name).write_text(text)
    if Path("/usr/lib/os-release").exists():
        Path("/etc/os-release").symlink_to("../usr/lib/os-release")
    Path(DIRECTORY).mkdir(parents=True, exist_ok=True)
    Path(DIRECTORY, "python").symlink_to(PYTHON)
    write_clients(Path(DIRECTORY, "bin"), SOCKET, f"{DIRECTORY}/python")
    Path("/var").mkdir(exist_ok=True)
    if Path("/var/tmp").is_dir():  # noqa: S108
        # The host's Python lies under it, so bubblewrap has made it.
        Path("/var/tmp").chmod(0o1777)  # noqa: S108
    else:
        Path("/var/tmp").symlink_to("/tmp")  # noqa: S108
    Path(SOCKET).parent.mkdir()
    _own_directories(home_owner)


def _own_address(hostname: str) -> str:
    match = re.match(r"ip-(\d+)-(\d+)-(\d+)-(\d+)(\.|$)", hostname)
    return f"{'.'.join(match.groups()[:4])} {hostname}\n" if match else ""


def _own_directories(home_owner: int) -> None:
    Path(HOME).mkdir(mode=0o700)
    os.chown(HOME, home_owner, home_owner)
    # /root may hold the host's Python: passing through is allowed, looking is not.
    Path("/root").chmod(0o711)
    Path("/tmp").chmod(0o1777)  # noqa: S108


def environment(home: str, path: str) -> dict[str, str]:
    """Give the whole environment that a command of ec2-user starts with."""
    return {
        "HOME": home,
        "USER": USER,
        "LOGNAME": USER,
        "SHELL": shell(),
        "PATH": path,
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    }
