#!/usr/bin/env python3
"""Makes an OCI layout of images that share a base, from a seed, with layers that are real gzip.

usage: mirror-corpus.py FOLDER IMAGES LAYERS LAYER_KIB [SEED]

Prints the names of the images in the layout, one per line: app0:v1, app1:v1, ...
"""

import gzip
import hashlib
import io
import json
import pathlib
import random
import sys
import tarfile

folder = pathlib.Path(sys.argv[1])
images, layers, kib = (int(word) for word in sys.argv[2:5])
noise = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
blobs = folder / "blobs/sha256"
blobs.mkdir(parents=True)


def store(media_type, content):
    digest = hashlib.sha256(content).hexdigest()
    (blobs / digest).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}


def layer(name):
    content = noise.randbytes(kib * 1024)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    diff = hashlib.sha256(plain.getvalue()).hexdigest()
    packed = gzip.compress(plain.getvalue(), compresslevel=1, mtime=0)
    return f"sha256:{diff}", store("application/vnd.oci.image.layer.v1.tar+gzip", packed)


base = [layer(f"base{number}") for number in range(layers // 2)]
entries = []
for image in range(images):
    own = base + [layer(f"app{image}-{number}") for number in range(layers - len(base))]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": {"image": str(image)}},
        "rootfs": {"type": "layers", "diff_ids": [diff for diff, _ in own]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": store("application/vnd.oci.image.config.v1+json", json.dumps(config).encode()),
        "layers": [descriptor for _, descriptor in own],
    }
    entry = store(manifest["mediaType"], json.dumps(manifest, indent=1).encode())
    entry["annotations"] = {"org.opencontainers.image.ref.name": f"app{image}:v1"}
    entries.append(entry)
    print(f"app{image}:v1")
index = {"schemaVersion": 2, "manifests": entries}
(folder / "index.json").write_text(json.dumps(index))
(folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
