#!/usr/bin/env python3
# tests/flame/hostile.py DIAG-FLAME DIAG-FOLD [INPUTS] - hostile inputs never change the structure of a flame graph
#
# Random inputs (300 without INPUTS; 10000 for a long run), and every payload in every place where a text can come from
# outside. A flame graph is well-formed, and has one script, the elements and attributes of a harmless one, no handler, no
# link, and nothing of the payload inside script or style.
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import folding
from picture import SVG, Picture

INPUTS = 300
BATCH = 100
PAYLOADS = [
    '</script><script>alert(1)</script>', '<script>alert(1)</script>', ']]>', ']]><script>alert(1)</script>', '-->',
    '<!--', '"><svg onload=alert(1)>', "'><img src=x onerror=alert(1)>", '" onmouseover="alert(1)', "' onclick='x",
    'javascript:alert(1)', '&lt;script&gt;', '&#x1b;', '&#0;', '&unknown;', '<![CDATA[', '<?xml version="1.0"?>',
    '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>', '&x;', '</svg>', '</title>', '</metadata>',
    '<metadata id="boxes">', '</style><style>*{display:none}', '}body{display:none}', '*/', '/*', '\\', '\\"', '"',
    "'", '`${alert(1)}`', '\x1b]52;c;aGk=\x07', '\x9b2J', '\u202egnp.exe', '\u2028', '\ufeff', '\uffff', '\x00', '%n%s',
    '=cmd()', '../../etc/passwd', '\ud800', '[1 merged frames]', '__proto__', 'constructor', 'hasOwnProperty',
]
BYTES = [payload.encode('utf-8', 'surrogatepass') for payload in PAYLOADS]
DICTIONARY = [b';', b' ', b'\t', b'\n', b'\r\n', b'1', b' 2\n', b'.5\n', b'a;b 3\n', b'##CGROUP:[x] 1\n', b'#@ 0x1 f (k)\n',
              b'##\n', b'**a;b 2\n', b'#* 0xff x (UNKNOWN)\n', b'c 1 [000] 1.0: 5 e:\n', b'\tffff00 f+0x1 (m)\n', b'\n\n',
              b'18446744073709551615\n', b'_[k]', b'_[j]'] + BYTES


def run(program, data, *options):
    return subprocess.run([program, *options], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def random_input(seed):
    random_ = random.Random(seed)
    if seed % 3 == 0:
        return bytes(random_.randrange(256) for _ in range(random_.randrange(2000)))
    pieces = []
    for _ in range(random_.randrange(200)):
        pieces.append(random_.choice(DICTIONARY) if random_.random() < 0.7 else bytes([random_.randrange(256)]))
    return b''.join(pieces)


def shape(root):
    """Element and attribute names, which no input may change."""
    return {(element.tag, *sorted(element.attrib)) for element in root.iter()}


def check_shape(svg, allowed, scripts=1):
    root = ET.fromstring(svg)
    extra = shape(root) - allowed
    assert not extra, extra
    assert len(list(root.iter(SVG + 'script'))) == scripts
    assert b'<!DOCTYPE' not in svg and b'<!ENTITY' not in svg
    for element in root.iter():
        for key, value in element.attrib.items():
            assert not key.lower().startswith('on') and 'href' not in key.lower(), (element.tag, key)
            assert 'javascript' not in value and 'url(' not in value, (element.tag, key, value)
    return root


def own_parts(root):
    return [''.join(element.itertext()) for kind in ('script', 'style') for element in root.iter(SVG + kind)]


def check_random(program, seed, allowed, folder):
    result = run(program, random_input(seed), '-q', '-')
    assert result.returncode in (0, 1, 3), (seed, result.returncode, result.stderr[-300:])
    assert not re.search(rb'[\x00-\x08\x0b-\x1f\x7f]', result.stderr), (seed, result.stderr)
    if result.stdout:
        check_shape(result.stdout, allowed, result.stdout.count(b'<script>'))
        with open(os.path.join(folder, f'{seed}.svg'), 'wb') as file:
            file.write(result.stdout)


def check_payload(program, fold, payload, allowed, calm):
    folded = payload.replace(b'\n', b' ').replace(b';', b':')
    texts = payload.replace(b'\x00', b'')
    data = b'a;' + folded + b' 3\n' + folded + b';b_[k] 9\n' + folded + b';' + folded + b'_[j] 40000\n'
    options = []
    for option in ('--title', '--subtitle', '--notes', '--countname', '--nametype'):
        options += [option.encode(), b'x' + texts]
    result = run(program, data, '-', *options)
    assert result.returncode == 0, (payload, result.stderr)
    root = check_shape(result.stdout, allowed)
    assert own_parts(root) == calm, payload
    picture = Picture(result.stdout)
    assert int(picture.info['total']) == 40012
    back = folding.fold_picture(fold, result.stdout)
    assert back.returncode == 0, (payload, back.stderr)
    assert folding.total(back.stdout) == 40012, payload
    text = run(program, data, '--text', '-', *options).stdout
    assert not re.search(rb'[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]', text), payload


def check_wellformed(folder):
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    for start in range(0, len(paths), BATCH):
        subprocess.run(['xmllint', '--noout', '--nonet', '--huge', *paths[start:start + BATCH]], check=True)
    return len(paths)


def check_damaged_pictures(fold, svg, count):
    """diag-fold prints all stacks of a damaged flame graph, or none and a message."""
    random_ = random.Random(1)
    start = svg.index(b'<metadata')
    end = svg.index(b'<rect class="page"')
    for _ in range(count):
        changed = bytearray(svg)
        for _ in range(random_.randrange(1, 4)):
            changed[random_.randrange(start, end)] = random_.randrange(256)
        if random_.random() < 0.3:
            del changed[random_.randrange(start, end):]
        result = folding.fold_picture(fold, bytes(changed))
        assert result.returncode in (0, 1), result
        assert (result.returncode == 0) == bool(result.stdout) == (not result.stderr), result


def main():
    program, fold = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    inputs = int(sys.argv[3]) if len(sys.argv) > 3 else INPUTS
    data = b'a;x 3\nx;b_[k] 9\nx;x_[j] 40000\nu;[unknown] 4\nl;libc.so.6 5\ny 1\n' + b'q;z%d 1\n' % 1
    calm_picture = run(program, data, '-', '--subtitle', 'x').stdout
    plain = run(program, b'', '-').stdout
    allowed = shape(ET.fromstring(calm_picture)) | shape(ET.fromstring(plain))
    many = b''.join(b'm;f%d;g%d %d\n' % (i, i, i * i % 9973) for i in range(5000))
    large = run(program, many, '-').stdout
    allowed |= shape(ET.fromstring(large))
    calm = own_parts(ET.fromstring(calm_picture))
    for payload in BYTES:
        check_payload(program, fold, payload, allowed, calm)
    folder = tempfile.mkdtemp(prefix='diag-flame-hostile-')
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda seed: check_random(program, seed, allowed, folder), range(inputs)))
        drawn = check_wellformed(folder)
    finally:
        shutil.rmtree(folder)
    check_damaged_pictures(fold, large, inputs)
    print(f'{len(BYTES)} payloads, {inputs} random inputs ({drawn} pictures), {inputs} damaged pictures')


if __name__ == '__main__':
    main()
