"""What a measurement was made on."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from deploy.runtime.mongo import SERVER, find_server

VECTOR_EXTENSIONS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8")
LIBRARIES = ("aiokafka", "faststream", "pydantic", "orjson", "motor", "onnxruntime")


def description() -> list[str]:
    """One line for each: processor, memory, system, Python, libraries, how busy it is."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return [
        f"Processor: {_processor()}, {os.cpu_count()} cores",
        f"Memory: {pages * size / 1024**3:.0f} GiB",
        f"System: {platform.system()} {platform.release()}",
        f"Python: {platform.python_version()} ({platform.python_implementation()})",
        f"Libraries: {libraries}",
        f"Embedded database: {_database()}",
        f"Load when it ended, five minutes' average: {os.getloadavg()[1]:.1f}",
    ]


def load() -> str:
    """How busy the machine is as a part begins, in words: what is measured on it has to share."""
    one, five, _ = os.getloadavg()
    return f"Load when it began: {one:.1f} (one minute's average), {five:.1f} (five minutes')."


def vector_extensions() -> list[str]:
    """Which of the processor's instructions for vectors of small numbers there are."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return []
    return [name for name in VECTOR_EXTENSIONS if name in flags]


def _database() -> str:
    """Which of the servers, whose speeds differ by factors."""
    server = find_server()
    if Path(server).name == SERVER:
        return f"{SERVER} {version('SecantusDB')}"
    told = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.partition("\n")[0] or server


def _processor() -> str:
    """Its name and model, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in told.items()}
    name = fields.get("model name", platform.machine())
    return f"{name} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"
