"""An upload that outlives its server: half of it goes to one process, the rest to the next one."""

import os
import random
import subprocess
import sys
from pathlib import Path

from tusclient.client import TusClient

SIZE = 6 * 1024 * 1024 + 1
CHUNK = 1024 * 1024
HALF = 3


def start(program, files, bind):
    """Runs the server, and says where it listens."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MANAGER_")}
    environment |= {"MANAGER_FILES": str(files), "MANAGER_BIND": bind}
    server = subprocess.Popen(
        [program], env=environment, cwd=files.parent, stderr=subprocess.PIPE, text=True
    )
    for line in server.stderr:
        if line.startswith("listening on http://"):
            return server, line.removeprefix("listening on http://").strip()
    sys.exit("tus: the server does not start")


def main(program, work):
    files = work / "files"
    content = random.Random(1).randbytes(SIZE)
    source = work / "film.bin"
    source.write_bytes(content)
    server, address = start(program, files, "127.0.0.1:0")
    try:
        client = TusClient(f"http://{address}/stream/tus")
        uploader = client.uploader(
            str(source), chunk_size=CHUNK, metadata={"filename": "film.bin"}, upload_checksum=True
        )
        for _ in range(HALF):
            uploader.upload_chunk()
        server.kill()
        server.wait()
        assert not (files / "film.bin").exists(), "half a file is in its place"

        try:
            uploader.upload_chunk()
        except Exception:
            pass
        else:
            sys.exit("tus: a server that was killed took a part")

        server, _ = start(program, files, address)
        resumed = client.uploader(
            str(source), url=uploader.url, chunk_size=CHUNK, upload_checksum=True
        )
        assert resumed.offset == HALF * CHUNK, f"it goes on at {resumed.offset}"
        resumed.upload()
        stored = (files / "film.bin").read_bytes()
        assert stored == content, f"{len(stored)} bytes are there, and other ones"
    finally:
        server.kill()
        server.wait()
    print(f"tus: {SIZE} bytes through a server that was killed, resumed at {HALF * CHUNK}, by tuspy")


main(os.path.abspath(sys.argv[1]), Path(sys.argv[2]))
