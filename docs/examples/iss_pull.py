#!/usr/bin/env python3
"""Pull an export of the portal, or its open synthetic sample, with Python's standard library alone.

    python iss_pull.py --sample -o sample                    # no account
    ISS_TOKEN=... python iss_pull.py EXPORT -o fold3         # an export of yours; `iss token create` makes a token

Run again, it goes on where it was: a file that is there with its checksum is kept, a part of one is continued.
ISS_URL names the server (http://localhost:4000 unless set). Every file is checked against its SHA-256; manifest.json comes last.
"""
import argparse
import hashlib
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

SERVER = os.environ.get("ISS_URL", "http://localhost:4000").rstrip("/")
TOKEN = os.environ.get("ISS_TOKEN")
PAGE = """query ExportFiles($id: ID!, $after: String) { export(id: $id) { state manifestSha256
  files(first: 200, after: $after) { nodes { path sha256 bytes file { url } } pageInfo { hasNextPage endCursor } } } }"""
TRIES = 6


class Problem(Exception):
    """Said to the person as it stands."""


def request(path, headers=None, body=None):
    """Opens an address of the server; waits where it says so. The token goes to the server and nowhere else."""
    url = SERVER + path
    headers = dict(headers or {})
    if TOKEN:
        headers["Authorization"] = "Bearer " + TOKEN
    if body is not None:
        headers["Content-Type"] = "application/json"
    for attempt in range(1, TRIES + 1):
        try:
            return urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=60)
        except urllib.error.HTTPError as error:
            if error.code in (429, 503) and attempt < TRIES:
                asked = error.headers.get("Retry-After") or ""
                error.close()
                time.sleep(min(60, int(asked)) if asked.isdigit() else attempt)
                continue
            raise
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if attempt == TRIES:
                raise Problem(f"No server answers at {SERVER}: {error}") from error
            time.sleep(attempt)


def inside(folder, path):
    """The place of a listed path in the folder; what would leave it is refused."""
    parts = path.split("/")
    if not path or "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        raise Problem(f"The list names a path outside the folder: {path!r}. Nothing of it is saved.")
    place = folder.joinpath(*parts)
    for parent in [place, *place.parents]:
        if parent == folder:
            break
        if parent.is_symlink():
            raise Problem(f"{parent} is a link: choose another folder.")
    return place


def digest(place):
    found = hashlib.sha256()
    with open(place, "rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def fetch(folder, entry, address):
    """Brings one file. @param address gives its path at the server, a new one each time it is called."""
    place = inside(folder, entry["path"])
    if place.exists():
        if digest(place) == entry["sha256"]:
            return False
        raise Problem(f"{place} is there and differs from the export: move it away, or choose another folder.")
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    for _ in range(TRIES):
        have = part.stat().st_size if part.exists() else 0
        if have >= entry["bytes"]:
            break
        try:
            with request(address(), {"Range": f"bytes={have}-"} if have else {}) as response:
                # A server that sends the whole anyway is begun anew.
                with open(part, "ab" if response.status == 206 else "wb") as file:
                    while block := response.read(1 << 20):
                        file.write(block)
        except urllib.error.HTTPError as error:
            if error.code == 410:  # the address has expired: another is asked for
                continue
            raise Problem(f"{entry['path']}: {error.code} {error.read().decode(errors='replace')[:300]}") from error
        except (ConnectionError, TimeoutError):
            continue
    if entry["bytes"] == 0:
        part.touch()
    if not part.exists() or digest(part) != entry["sha256"]:
        part.unlink(missing_ok=True)
        raise Problem(f"{entry['path']} did not arrive as listed. Run this again.")
    part.replace(place)
    return True


def page(export, after):
    body = json.dumps({"query": PAGE, "variables": {"id": export, "after": after}}).encode()
    with request("/graphql", body=body) as response:
        answer = json.load(response)
    if answer.get("errors"):
        raise Problem("; ".join(error["message"] for error in answer["errors"]))
    found = answer["data"]["export"]
    if found is None:
        raise Problem(f"There is no export {export} of yours.")
    if found["files"] is None:
        raise Problem(f"Export {export} is not made yet ({found['state']}).")
    return found["files"]


def files_of_export(export):
    """Every file with a way to its address: tickets live for minutes, so a page is asked for again when one has expired."""
    after = None
    while True:
        files = page(export, after)
        fresh = {node["path"]: node["file"]["url"] for node in files["nodes"]}

        def address_of(path, cursor=after, known=fresh):
            def address():
                url = known.pop(path, None) or {n["path"]: n["file"]["url"] for n in page(export, cursor)["nodes"]}[path]
                return url[url.index("/files/"):]
            return address

        for node in files["nodes"]:
            yield node, address_of(node["path"])
        if not files["pageInfo"]["hasNextPage"]:
            return
        after = files["pageInfo"]["endCursor"]


def files_of_sample():
    with request("/sample/manifest.json") as response:
        text = response.read()
    last = {"path": "manifest.json", "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    for entry in [*json.loads(text)["files"], last]:
        yield entry, lambda path=entry["path"]: "/sample/" + urllib.request.quote(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", nargs="?", help="id of an export")
    parser.add_argument("--sample", action="store_true", help="the open synthetic sample")
    parser.add_argument("-o", "--output", required=True, type=pathlib.Path, help="the folder to fill")
    options = parser.parse_args()
    if (options.export is None) != options.sample:
        parser.error("name an export, or --sample")
    options.output.mkdir(parents=True, exist_ok=True)
    came = kept = 0
    last = None
    for entry, address in files_of_sample() if options.sample else files_of_export(options.export):
        if entry["path"] == "manifest.json":
            last = (entry, address)
            continue
        if fetch(options.output, entry, address):
            came += 1
        else:
            kept += 1
        if sys.stderr.isatty():
            print(f"\r{came + kept} files", end="", file=sys.stderr)
    if last is None:
        raise Problem("The list has no manifest.json: the export is not whole.")
    came += fetch(options.output, *last)
    print(f"{options.output}: {came} files pulled, {kept} there already; every SHA-256 is the listed one.")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"iss_pull: {problem}")
    except urllib.error.HTTPError as error:
        sys.exit(f"iss_pull: the server answered {error.code}: {error.read().decode(errors='replace')[:300]}")
    except KeyboardInterrupt:
        sys.exit(130)
